/** What is known of a source's objects: each noted beside what was known of it, and sealed. */
import { seal, unseal } from "../secrets.ts";
import {
  lockSource,
  readLinkedObjects,
  readSourceObjects,
  type SourceObjectRow,
  upsertSourceObject,
} from "../store/sourceObjects.ts";
import type { SourceName } from "../store/sources.ts";
import { purposes, type SourceContext } from "./context.ts";

interface Named {
  readonly id: string;
  readonly what: string;
}

export function factsOf<Fact extends Named>(
  { database, config }: SourceContext,
  campaignId: string,
  source: SourceName,
  merge: (known: Fact | undefined, heard: Fact) => Fact,
  linksOf: (fact: Fact) => string[] = () => [],
) {
  const purpose = purposes.fact(campaignId, source);
  const open = (row: SourceObjectRow): Fact => JSON.parse(unseal(config.RELAYER_SECRET, purpose, row.fact));
  return {
    byId: async (ids: readonly string[]) => (await readSourceObjects(database, campaignId, source, ids)).map(open),
    linked: async (ids: readonly string[]) => (await readLinkedObjects(database, campaignId, source, ids)).map(open),

    /** Notes what an object says. @returns what is known of it now */
    note: (heard: Fact, receivedAt: Date): Promise<Fact> =>
      database.transaction(async (sql) => {
        await lockSource(sql, campaignId, source);
        const [known] = await readSourceObjects(sql, campaignId, source, [heard.id]);
        const merged = merge(known && open(known), heard);
        const fact = seal(config.RELAYER_SECRET, purpose, JSON.stringify(merged));
        const object = { id: merged.id, what: merged.what, links: linksOf(merged), fact, receivedAt };
        await upsertSourceObject(sql, campaignId, source, object);
        return merged;
      }),
  };
}
