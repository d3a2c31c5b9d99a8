import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as rules from "../support/architecture.ts";
import { parseSource, readSources } from "../support/sources.ts";

const sources = readSources();
/** Where what runs for others is, and so has to be easy to read. */
const KEPT_SHORT = /^(relayer|service|attester|sdk|protocol|portal)\//;
const kept = sources.filter(({ path }) => KEPT_SHORT.test(path));

/** What a rule says of one file that breaks it. */
const broken = <T>(rule: (files: ReturnType<typeof parseSource>[]) => T, path: string, text: string) =>
  rule([parseSource(path, text)]);

describe("docs/architecture.md", () => {
  const text = readFileSync(new URL("../../docs/architecture.md", import.meta.url), "utf8");
  const [, graph = ""] = /## Who may import whom\s+```mermaid\n([^`]+)```/.exec(text) ?? [];
  const drawn = [...graph.matchAll(/^ +(\S+) --> (\S+)$/gm)].map(([, from = "", to = ""]) => ({ from, to }));

  it("shows who imports whom: each arrow is needed, and none is missing", () => {
    expect(drawn.map(({ from, to }) => `${from} --> ${to}`).sort()).to.deep.equal(rules.arrowsOf(sources));
  });

  it("shows imports that point one way", () => {
    const arrows = Map.groupBy(drawn, ({ from }) => from);
    const edges = new Map([...arrows].map(([from, list]) => [from, list.map(({ to }) => to)]));
    expect(rules.cycleOf(edges)).to.equal(undefined);
    expect(edges.has("protocol"), "protocol imports nothing of ours").to.equal(false);
  });
});

describe("the rooms", () => {
  it("have no cycle of imports, types and lazy imports included", () => {
    expect(rules.importCycle(sources)).to.equal(undefined);
    const round = [
      parseSource("portal/app/a.ts", 'export const b = () => import("./b.ts");'),
      parseSource("portal/app/b.ts", 'import type { b } from "#portal/app/a.ts"; export type B = typeof b;'),
    ];
    expect(rules.importCycle(round)).to.equal("portal/app/a.ts → portal/app/b.ts → portal/app/a.ts");
  });

  it("keep domain/ pure: nothing in it reaches a network, a disk, a database or a clock", () => {
    expect(rules.impureDomain(sources)).to.deep.equal([]);
    expect(
      broken(rules.impureDomain, "relayer/domain/x.ts", 'import "ethers"; export const now = () => Date.now();'),
    ).to.have.lengthOf(2);
  });

  it("keep sources/ a reading: only its client reaches anything", () => {
    expect(rules.impureSources(sources)).to.deep.equal([]);
    expect(
      broken(rules.impureSources, "sources/x/orders.ts", 'import "stripe"; import "#relayer/x.ts"; fetch(Date.now());'),
    ).to.have.lengthOf(4);
    const asks = 'import "node:crypto"; import "node:timers/promises"; fetch("https://shop.example");';
    expect(broken(rules.impureSources, "sources/x/orders.ts", asks)).to.have.lengthOf(3);
    expect(broken(rules.impureSources, "sources/x/api.ts", asks)).to.deep.equal([
      "sources/x/api.ts imports node:crypto",
    ]);
  });

  it("have SQL in their stores only", () => {
    expect(rules.sqlOutsideStores(sources)).to.deep.equal([]);
    expect(
      broken(rules.sqlOutsideStores, "relayer/http/x.ts", "export const s = `SELECT 1 FROM links`;"),
    ).to.have.lengthOf(1);
    expect(
      broken(rules.sqlOutsideStores, "attester/x.ts", "export const s = (d: any) => d.query(t);"),
    ).to.have.lengthOf(1);
  });

  it("have lines of SQL that fit beside other things", () => {
    expect(rules.wideSql(sources)).to.deep.equal([]);
    expect(
      broken(rules.wideSql, "relayer/store/x.ts", `export const s = "SELECT ${"a, ".repeat(40)}";`),
    ).to.have.lengthOf(1);
  });

  it("have ethers, on the server, where a chain is talked to", () => {
    expect(rules.ethersOutsideChain(sources)).to.deep.equal([]);
    expect(
      broken(rules.ethersOutsideChain, "relayer/http/x.ts", 'import { id } from "ethers"; id("");'),
    ).to.have.lengthOf(1);
  });

  it("have a key's bytes in the signer only", () => {
    expect(rules.keysOutsideSigner(sources)).to.deep.equal([]);
    expect(
      broken(rules.keysOutsideSigner, "relayer/intake/x.ts", "export const k = (w: any) => w.privateKey;"),
    ).to.have.lengthOf(1);
  });

  it("have one door to a conversion's state, its moves and what is promised", () => {
    expect(rules.secondWriters(sources)).to.deep.equal([]);
    for (const sql of [
      "INSERT INTO conversion_moves (conversion_id, state) VALUES ($1, 'x')",
      "UPDATE conversions SET note = $1, state = 'reversed' WHERE id = $2",
      "UPDATE campaigns SET promised = promised - $1",
    ])
      expect(
        broken(rules.secondWriters, "relayer/store/refunds.ts", `export const s = ${JSON.stringify(sql)};`),
      ).to.have.lengthOf(1);
    expect(
      broken(
        rules.secondWriters,
        "relayer/store/refunds.ts",
        `export const s = "UPDATE conversions SET refunded = 1 WHERE state = 'x'";`,
      ),
    ).to.deep.equal([]);
  });

  it("say in a line at the top of each file what it is for", () => {
    expect(rules.withoutHeader(sources)).to.deep.equal([]);
    expect(broken(rules.withoutHeader, "sdk/x.ts", 'import "./y.ts";\n/** Too late. */')).to.deep.equal(["sdk/x.ts"]);
  });

  it("have functions of at most 120 lines and files of at most 400, half of them below 90", () => {
    expect(rules.longFunctions(kept, 120)).to.deep.equal([]);
    expect(rules.longFiles(kept, 400)).to.deep.equal([]);
    expect(rules.medianLines(kept)).to.be.below(90);
    const long = parseSource("sdk/x.ts", `export function f() {\n${"g();\n".repeat(400)}}`);
    expect(rules.longFunctions([long], 120)).to.deep.equal(["sdk/x.ts:1 f: 402 lines"]);
    expect(rules.longFiles([long], 400)).to.deep.equal(["sdk/x.ts: 402 lines"]);
  });

  it("recount with nothing of what is recounted", () => {
    expect(rules.sharedWithTheChecked(sources)).to.deep.equal([]);
    for (const [path, module] of [
      ["harness/recount.ts", "@partner-programs/protocol/commission"],
      ["scripts/audit/rules.ts", "@partner-programs/protocol/lineTree"],
      ["scripts/audit/new/x.ts", "#relayer/store/lines.ts"],
    ] as const)
      expect(broken(rules.sharedWithTheChecked, path, `import { x } from "${module}"; x();`)).to.have.lengthOf(1);
  });

  it("call a bound MAX_…", () => {
    expect(rules.oddNames(sources)).to.deep.equal([]);
    expect(broken(rules.oddNames, "sdk/x.ts", "export const MOST_ROWS = 1;")).to.have.lengthOf(1);
  });
});
