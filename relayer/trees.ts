/** The trees of batches, as they stand: built once, kept for as long as there is room, and shared by whoever proves a line. */
import type { LineTree } from "@partner-programs/protocol/lineTree";
import type { Sql } from "#service/database.ts";
import { readTreeName } from "./store/batchViews.ts";
import { readLineTree } from "./store/lines.ts";

/** A line takes 100 bytes in a tree: so 200 MB at most. */
const MAX_LINES = 2_000_000;

export interface Trees {
  /** The tree of a batch as reversals left it, not to be changed; undefined: its lines are not known here. */
  read(digest: string): Promise<LineTree | undefined>;
}

export function createTrees(database: Sql, maxLines = MAX_LINES): Trees {
  /** The one asked for last comes last. */
  const kept = new Map<string, LineTree>();
  const building = new Map<string, Promise<LineTree>>();
  let lines = 0;

  function keep(name: string, tree: LineTree): void {
    kept.set(name, tree);
    lines += tree.count;
    for (const [oldest, other] of kept) {
      if (lines <= maxLines || oldest === name) break;
      kept.delete(oldest);
      lines -= other.count;
    }
  }

  /** However many ask at once, it is built once. */
  function build(name: string, digest: string): Promise<LineTree> {
    const known = building.get(name);
    if (known !== undefined) return known;
    const built = readLineTree(database, digest).finally(() => building.delete(name));
    building.set(name, built);
    return built.then((tree) => {
      if (!kept.has(name)) keep(name, tree);
      return tree;
    });
  }

  return {
    async read(digest) {
      const name = await readTreeName(database, digest);
      if (name === undefined) return undefined;
      const tree = kept.get(name);
      if (tree === undefined) return build(name, digest);
      kept.delete(name);
      kept.set(name, tree);
      return tree;
    },
  };
}
