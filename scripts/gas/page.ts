/** Puts the figures of snapshots/ into the documentation: tables of docs/gas.md, and every row of a page that names an operation. */
import { type Calldata, FLOORS, floorOf } from "./floors.ts";

export interface Figures {
  readonly gas: Readonly<Record<string, number>>;
  readonly calldata: Readonly<Record<string, Calldata>>;
}

const number = (value: number) => value.toLocaleString("en-US");
const BLOCK = /(<!-- gas: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;
/** What a page of an operation says of gas, up to its next section. */
const SECTION = /^## Gas\n(?:(?!## ).*\n)*/m;
/** A row of two cells, the second of them figures. */
const ROW = /^\| ([^|]+) \| [\d,]+ \|$/gm;

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function operations({ gas }: Figures): string {
  return table(
    ["operation", "gas"],
    Object.entries(gas).map(([name, value]) => [name, number(value)]),
  );
}

/** @throws Error for an operation without a floor, and for one that costs less than its floor: then the floor is wrong. */
function floors({ gas, calldata }: Figures): string {
  const rows = Object.entries(gas).map(([name, measured]) => {
    const [bytes, work] = [calldata[name], FLOORS[name]];
    if (bytes === undefined) throw new Error(`snapshots/calldata.json has no "${name}". Run: npm run bench:gas`);
    if (work === undefined) throw new Error(`scripts/gas/floors.ts has no "${name}". Say what it has to do at least.`);
    const floor = floorOf(bytes, work);
    if (floor.total > measured)
      throw new Error(
        `"${name}" costs ${measured}, less than its floor of ${floor.total}: scripts/gas/floors.ts is wrong.`,
      );
    const above = measured - floor.total;
    const parts = [floor.intrinsic, floor.calldata, floor.slots, floor.calls, floor.logs, floor.total].map(number);
    return [name, ...parts, number(measured), `${number(above)} (${((100 * above) / floor.total).toFixed(1)} %)`];
  });
  const head = ["operation", "intrinsic", "calldata", "slots", "calls", "logs", "floor", "measured", "above it"];
  return table(head, rows);
}

/** Peers' figures in millions, for the same work; whence they are is said on the page. */
const PEERS = {
  "one partner": ["24.1", "39.2", "28.8"],
  "ten partners": ["22.0", "39.4; again 39.2", "29.0; again 28.8"],
  "a thousand partners, first time": ["152.4", "61.1", "50.7"],
  "a thousand partners, again": ["–", "44.0", "33.6"],
  "one claim": ["none: pushed at once", "0.136", "0.062"],
};

function peers({ gas }: Figures): string {
  const of = (name: string) => {
    const value = gas[name];
    if (value === undefined) throw new Error(`snapshots/gas.json has no "${name}".`);
    return (value / 1e6).toPrecision(3).replace(/(\.\d*[1-9])0+$/, "$1");
  };
  const ours: Record<keyof typeof PEERS, string> = {
    "one partner": of("1,000 conversions, one returning partner: attest + release"),
    "ten partners": of("1,000 conversions, ten returning partners: attest + release"),
    "a thousand partners, first time": of("1,000 conversions, 1,000 new partners: attest + release"),
    "a thousand partners, again": of("1,000 conversions, 1,000 returning partners that claimed: attest + release"),
    "one claim": `${of("claim one token")}; to a new account ${of("claim one token to a new account")}`,
  };
  const head = ["", "here: attest + release", "Flywheel (AdConversion)", "Fuul", "Divvi (RewardPool)"];
  return table(
    head,
    Object.entries(PEERS).map(([name, theirs]) => [name, ours[name as keyof typeof PEERS], ...theirs]),
  );
}

const BLOCKS: Readonly<Record<string, (figures: Figures) => string>> = { operations, floors, peers };

/**
 * A page with the figures of today.
 * @throws Error for a block that there is not, or a row below "## Gas" that names no operation.
 */
export function pageWith(text: string, figures: Figures): string {
  const written = text.replace(BLOCK, (_, begin: string, name: string, end: string) => {
    const block = BLOCKS[name];
    if (block === undefined)
      throw new Error(`There is no block "${name}": there are ${Object.keys(BLOCKS).join(", ")}.`);
    return `${begin}${block(figures)}\n${end}`;
  });
  return written.replace(SECTION, (section) =>
    section.replace(ROW, (_, name: string) => {
      const value = figures.gas[name];
      if (value === undefined) throw new Error(`snapshots/gas.json has no "${name}", which a page names.`);
      return `| ${name} | ${number(value)} |`;
    }),
  );
}
