/**
 * What is proved of the libraries that price, judge and sum: on the code that the compiler makes of `contracts/libraries/`, with the
 * settings of what is deployed, for all values at once. Each claim says beside it what it means for the money.
 *
 * Together they are the premises of the proof that no set of proofs settles more than a batch's total. A node is bound by the hash
 * above it, sum and all (keccak256 has no known collision), so two ways that lead to one root agree on every node that they share.
 * A way adds up exactly, and sums are not negative. So of a root with a total, by induction from the root down: what can be led
 * there from below a node is together worth that node's sum at most, and so all of it the total.
 */
import { id } from "ethers";
import { run, type Way } from "./evm.ts";
import * as t from "./terms.ts";

export interface Claim {
  readonly text: string;
  readonly proved: boolean;
}

type Call = (signature: string, ...words: readonly (bigint | t.Term)[]) => Way[];

const NODE = 48;
const UINT128 = (1n << 128n) - 1n;
const HASH = (1n << 256n) - 1n;
const TEN_THOUSAND = t.constant(10_000n);

/** Calls a contract's code with words that are known or not. A word of `undefined` length is 32 bytes. */
export const caller =
  (code: Uint8Array): Call =>
  (signature, ...words) => {
    const selector = Buffer.from(id(signature).slice(2, 10), "hex");
    const bytes = words.flatMap((word) => bigEndian(typeof word === "bigint" ? t.constant(word) : word));
    return run(code, [...selector, ...bytes]);
  };

const bigEndian = (word: t.Term) => [...t.bytesOf(word)].reverse();
const wordAt = (way: Way, index: number) => t.wordOf(way.returned.slice(32 * index, 32 * index + 32).toReversed());
const field = (line: t.Term, from: number, bytes: number) =>
  t.and(t.shr(t.constant(BigInt(from)), line), t.constant((1n << BigInt(8 * bytes)) - 1n));

const LINE = t.unknown("line", HASH);
const FACTS = {
  flatAmount: t.unknown("flatAmount", (1n << 96n) - 1n),
  volumeRate: t.unknown("volumeRate", 10_000n * 10n ** 21n),
  feeBps: t.unknown("feeBps", 2_000n),
  capUnits: t.unknown("capUnits", (1n << 56n) - 1n),
  conversions: t.unknown("conversions", (1n << 32n) - 1n),
  open: t.unknown("open", 1n),
};
const facts = Object.values(FACTS);

/** count x flatAmount + volume x rate / 10,000, and the fee on top. A term of these operations is exact: none of them wraps. */
function priceOf(line: t.Term): { commission: t.Term; fee: t.Term } {
  const volume = t.div(t.mul(field(line, 0, 7), FACTS.volumeRate), TEN_THOUSAND);
  const commission = t.add(t.mul(field(line, 56, 3), FACTS.flatAmount), volume);
  return { commission, fee: t.div(t.mul(commission, FACTS.feeBps), TEN_THOUSAND) };
}

/** Of every way that is not reverted; there has to be one. */
const always = (ways: readonly Way[], holds: (way: Way) => boolean) =>
  ways.length > 0 && ways.every((way) => !way.reverted && holds(way));

function commission(call: Call): Claim[] {
  const { commission, fee } = priceOf(LINE);
  const { flatAmount, volumeRate, feeBps } = FACTS;
  return [
    {
      text: "a line of any offer is worth count x flat + volume x rate / 10,000, rounded down once, and its fee, rounded down, on top",
      proved: always(
        call("ofLineDown(bytes32,uint256,uint256,uint256)", LINE, flatAmount, volumeRate, feeBps),
        (way) => wordAt(way, 0) === commission && wordAt(way, 1) === fee,
      ),
    },
    {
      text: "that is less than 2^127, and nothing on the way to it wraps",
      proved: t.add(commission, fee).max < 1n << 127n,
    },
  ];
}

/** What decides whether a line holds; the rest of its word is its commission. */
function atomsOf(line: t.Term): { missing: t.Term; above: t.Term; often: t.Term } {
  const count = field(line, 56, 3);
  return {
    missing: t.isZero(field(line, 80, 20)),
    above: t.lt(t.mul(count, FACTS.capUnits), field(line, 0, 7)),
    often: t.lt(FACTS.conversions, count),
  };
}

/** All values of some terms that are 0 or 1. */
const valuesOf = (terms: readonly t.Term[]) =>
  Array.from(
    { length: 2 ** terms.length },
    (_, bits) => new Map(terms.map((term, i) => [term, BigInt((bits >> i) & 1)])),
  );

function judging(call: Call): Claim[] {
  const { missing, above, often } = atomsOf(LINE);
  const holds = (values: ReadonlyMap<t.Term, bigint>) =>
    [missing, above, often].every((term) => values.get(term) === 0n);
  const ways = call("numbersHold(bytes32,uint256,uint256)", LINE, FACTS.capUnits, FACTS.conversions);
  const agrees = (values: ReadonlyMap<t.Term, bigint>) => {
    const taken = ways.filter((way) =>
      [...way.conditions].every(([term, is]) => (t.given(term, values).value !== 0n) === is),
    );
    const expected = t.constant(holds(values) ? 1n : 0n);
    return taken.length > 0 && taken.every((way) => !way.reverted && t.given(wordAt(way, 0), values) === expected);
  };
  return [
    {
      text: "a line's numbers hold if it has a partner, its volume is within its count's caps, and its count within the batch's",
      proved: valuesOf([missing, above, often]).every(agrees),
    },
  ];
}

function leaves(call: Call): Claim[] {
  const signature = "leaf(bytes32[],(uint256,uint256,uint256,uint256,uint256,bool),uint256)";
  const proved = [1, 2, 3].every((count) =>
    Array.from({ length: count }, (_, index) => index).every((index) => {
      const lines = Array.from({ length: count }, (_, i) => t.unknown(`line ${i}`, HASH));
      const head = [BigInt(32 * 8), ...facts, BigInt(index)];
      return call(signature, ...head, BigInt(count), ...lines).every((way) => isLeaf(way, lines, index));
    }),
  );
  return [
    {
      text: "the leaves of lines of one offer are those lines with that worth, and are judged by those numbers; they end with the offer",
      proved,
    },
  ];
}

function isLeaf(way: Way, lines: readonly t.Term[], index: number): boolean {
  const next = wordAt(way, 0).value;
  const first = lines[0];
  const line = lines[index];
  if (way.reverted || next === undefined || first === undefined || line === undefined) return false;
  // A row ends where the conditions of this way say that the offer is another.
  const differs = lines.map((other) => t.xor(field(other, 240, 2), field(first, 240, 2)));
  const end = differs.findIndex((term) => term.value === undefined && way.conditions.get(term) === true);
  if (Number(next) !== (end < 0 ? lines.length : end)) return false;
  if (index >= Number(next)) return true;
  const { commission, fee } = priceOf(line);
  const { missing, above, often } = atomsOf(line);
  const judged = valuesOf([missing, above, often, FACTS.open]).every((values) => {
    const holds = values.get(FACTS.open) === 1n && [missing, above, often].every((term) => values.get(term) === 0n);
    const expected = t.or(commission, t.shl(t.constant(255n), t.constant(holds ? 1n : 0n)));
    return t.given(wordAt(way, 1), values) === t.given(expected, values);
  });
  return judged && wordAt(way, 2) === line && wordAt(way, 3) === t.add(commission, fee);
}

interface Node {
  readonly hash: t.Term;
  readonly sum: t.Term;
}

/** A node in memory: 32 bytes of hash and the lower 16 of its sum. */
const bytesOfNode = ({ hash, sum }: Node) => [...bigEndian(hash), ...bigEndian(sum).slice(16)];
const NOTHING: Node = { hash: t.ZERO, sum: t.ZERO };
const parentOf = (left: Node, right: Node): Node => ({
  hash: t.hash([...bytesOfNode(left), ...bytesOfNode(right)]),
  sum: t.add(left.sum, right.sum),
});
const nodeOf = (name: string, most: bigint): Node => ({
  hash: t.unknown(`hash ${name}`, HASH),
  sum: t.unknown(`sum ${name}`, most),
});

function folding(call: Call): Claim[] {
  const signature = "fold(bytes32[],uint128[],uint256)";
  const fold = (nodes: readonly Node[], height: number) => {
    const count = BigInt(nodes.length);
    const [hashes, sums] = [nodes.map(({ hash }) => hash), nodes.map(({ sum }) => sum)];
    return call(signature, 96n, 96n + 32n * (count + 1n), BigInt(height), count, ...hashes, count, ...sums);
  };
  const exact = Array.from({ length: 17 }, (_, i) => i + 1).every((count) =>
    [0, 1, 2].every((above) => {
      // So small that no sum of them has more than 128 bits.
      const nodes = Array.from({ length: count }, (_, i) => nodeOf(`${i}`, (1n << 120n) - 1n));
      const height = Math.ceil(Math.log2(count)) + above;
      let level: readonly Node[] = nodes;
      for (let k = 0; k < height; k++)
        level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
          parentOf(level[2 * i] ?? NOTHING, level[2 * i + 1] ?? NOTHING),
        );
      const top = level[0] ?? NOTHING;
      return always(fold(nodes, height), (way) => wordAt(way, 0) === top.hash && wordAt(way, 1) === top.sum);
    }),
  );
  return [
    {
      text: "up to 17 lines fold, at any height, to the hash and the exact sum that the definition says",
      proved: exact,
    },
    {
      text: "where a sum on the way has more than 128 bits, they fold to more than any total, and stay so on any way up",
      proved: [2, 3, 4, 5, 8].every((count) => isGuarded(count, fold)),
    },
  ];
}

/** With sums of 128 bits: if any of the sums on the way up has more, what comes out is above every total, by far. */
function isGuarded(count: number, fold: (nodes: readonly Node[], height: number) => Way[]): boolean {
  const nodes = Array.from({ length: count }, (_, i) => nodeOf(`${i}`, UINT128));
  const sums: t.Term[] = [];
  let level: t.Term[] = nodes.map(({ sum }) => sum);
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      t.add(level[2 * i] ?? t.ZERO, level[2 * i + 1] ?? t.ZERO),
    );
    sums.push(...level);
    // What is written of it: its lower 128 bits.
    level = level.map((sum) => t.and(sum, t.constant(UINT128)));
  }
  const tooLarge = t.shr(t.constant(128n), sums.reduce(t.or, t.ZERO));
  const ways = fold(nodes, Math.ceil(Math.log2(count)));
  return (
    ways.length === 2 &&
    ways.every((way) => {
      const [[condition, is] = []] = way.conditions;
      const sum = wordAt(way, 1);
      const isTooLarge = condition === tooLarge ? is : condition === t.isZero(tooLarge) ? !is : undefined;
      if (way.reverted || way.conditions.size !== 1 || isTooLarge === undefined) return false;
      if (!isTooLarge) return sum === level[0];
      return sum.value !== undefined && sum.value > UINT128 && sum.value < 1n << 255n;
    })
  );
}

function climbing(call: Call): Claim[] {
  const climb = (levels: number, position: bigint) => {
    // What `fold` gives is at most so much.
    const own = nodeOf("own", 1n << 136n);
    const siblings = Array.from({ length: levels }, (_, i) => nodeOf(`sibling ${i}`, UINT128));
    const path = siblings.flatMap(bytesOfNode);
    const padded = [...path, ...Array<t.Byte>((32 - (path.length % 32)) % 32).fill(0)];
    const words = Array.from({ length: padded.length / 32 }, (_, i) =>
      t.wordOf(padded.slice(32 * i, 32 * i + 32).toReversed()),
    );
    const length = BigInt(NODE * levels);
    const ways = call("climb(uint256,bytes32,uint256,bytes)", position, own.hash, own.sum, 128n, length, ...words);
    const top = siblings.reduce<Node>(
      (node, sibling, i) => ((position >> BigInt(i)) & 1n ? parentOf(sibling, node) : parentOf(node, sibling)),
      own,
    );
    return always(
      ways,
      (way) => wordAt(way, 0) === top.hash && wordAt(way, 1) === top.sum && top.sum.op === (levels ? "+" : own.sum.op),
    );
  };
  const everywhere = [0, 1, 2, 3, 4, 5, 6].every((levels) =>
    Array.from({ length: 2 ** levels }, (_, position) => BigInt(position)).every((position) => climb(levels, position)),
  );
  const high = Array.from({ length: 26 }, (_, i) => i + 7).every((levels) =>
    [0n, 1n << BigInt(levels - 1), (1n << BigInt(levels)) - 1n, 0x55555555n % (1n << BigInt(levels))].every(
      (position) => climb(levels, position),
    ),
  );
  return [
    {
      text: "a way of up to 6 levels leads from every place to the hash that binds each sibling and its sum, and adds up exactly",
      proved: everywhere,
    },
    {
      text: "and so do ways of 7 to 32 levels, from the first, the middle, the last and an alternating place",
      proved: high,
    },
  ];
}

function depths(call: Call): Claim[] {
  const counts = [
    ...Array.from({ length: 300 }, (_, i) => BigInt(i + 1)),
    ...Array.from({ length: 24 }, (_, i) => 1n << BigInt(i + 8)),
  ];
  const around = counts
    .flatMap((count) => [count - 1n, count, count + 1n])
    .filter((count) => count > 0n && count < 1n << 32n);
  const least = (count: bigint) => (count === 1n ? 0n : BigInt((count - 1n).toString(2).length));
  return [
    {
      text: "a tree is as deep as its lines need: for 1 to 300, and about every power of two up to 2^32",
      proved: around.every((count) =>
        always(call("depth(uint256)", count), (way) => wordAt(way, 0).value === least(count)),
      ),
    },
  ];
}

/** All claims about the libraries, of the runtime code of `test/proofs/Libraries.sol`. */
export function claimsOf(code: Uint8Array): Claim[] {
  const call = caller(code);
  return [commission, judging, leaves, folding, climbing, depths].flatMap((claims) => claims(call));
}
