/** The tree over the lines of a batch, which also sums: its root is signed, and a path through it is what settles a line. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { getBytes, hexlify } from "ethers";
import { type Line, writeLine } from "./line.ts";
import { toEnd, toEndInSlices } from "./steps.ts";

/** A node of the tree. */
export interface Node {
  readonly hash: string;
  readonly sum: bigint;
}

/** A line as it stands in the tree: with what it is worth, commission and fee (`worthOfLineDown`). */
export interface PricedLine {
  readonly line: Line;
  readonly worth: bigint;
}

/** A line with its place in the tree: the siblings on its way to the root, from the leaf up, 48 bytes each. */
export interface LineProof {
  readonly index: number;
  readonly line: string;
  readonly path: string;
}

/** Consecutive lines that are a subtree, with the siblings on its way to the root. */
export interface LineChunk {
  readonly first: number;
  readonly lines: string[];
  readonly path: string;
}

/** A chunk has at most 2^8 lines: those whose marks stand in one word of the contract's storage. */
export const CHUNK_HEIGHT = 8;
export const MAX_CHUNK = 2 ** CHUNK_HEIGHT;
export const MAX_TOTAL = 2n ** 128n - 1n;

/** Bytes of a node: 32 of its hash, 16 of its sum. Two neighbours stand side by side, just as their parent hashes them. */
export const NODE = 48;

/**
 * The tree over the lines of a batch, which also sums (contracts/libraries/LineTree.sol). A node is a hash and a sum:
 *
 *     leaf i:   (line i, what line i is worth)
 *     parent:   (keccak256(left node, right node), left sum + right sum)
 *     nothing:  (0, 0), to the right of the last line, on every level
 *
 * A level is one buffer, so that a million lines take 100 MB and seconds, and a proof is read where it stands.
 */
export class LineTree {
  readonly count: number;
  /** From the leaves to the root. */
  readonly #levels: Uint8Array[];

  private constructor(levels: Uint8Array[], count: number) {
    this.#levels = levels;
    this.count = count;
  }

  /** @throws RangeError if there is no line, or they are worth more than any budget can be. */
  static of(lines: Iterable<PricedLine> & { readonly length: number }): LineTree {
    return toEnd(LineTree.#steps(lines));
  }

  /** The same in slices, with a breath after each: a server answers others meanwhile, where `of` would take seconds. */
  static inSlices(
    lines: Iterable<PricedLine> & { readonly length: number },
    breathe: () => Promise<void>,
  ): Promise<LineTree> {
    return toEndInSlices(LineTree.#steps(lines), breathe);
  }

  static *#steps(lines: Iterable<PricedLine> & { readonly length: number }): Generator<void, LineTree> {
    const count = lines.length;
    if (count === 0) throw new RangeError("A batch has at least one line; none was given.");
    let level: Uint8Array = new Uint8Array(count * NODE);
    let at = 0;
    for (const { line, worth } of lines) {
      writeLine(line, level, at);
      writeSum(worth, level, at + 32);
      at += NODE;
      yield;
    }
    const levels = [level];
    while (level.length > NODE) {
      level = yield* parentsOf(level);
      levels.push(level);
    }
    return new LineTree(levels, count);
  }

  /** How many levels there are above the leaves: the length of a line's path. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  get root(): string {
    return this.#node(this.depth, 0).hash;
  }

  /** What all lines are worth together. */
  get total(): bigint {
    return this.#node(this.depth, 0).sum;
  }

  /** Line `index` as the contract takes it. */
  line(index: number): string {
    if (!(index >= 0 && index < this.count)) {
      throw new RangeError(`There is no line ${index}; the batch has ${this.count}.`);
    }
    return this.#node(0, index).hash;
  }

  /** What `reverse` and `pull` take. */
  proof(index: number): LineProof {
    return { index, line: this.line(index), path: this.#path(0, index) };
  }

  /** What `release` takes: the subtree of 2^height lines, or all there are, that begins at line `first`. */
  chunk(first: number, height = CHUNK_HEIGHT): LineChunk {
    const within = Math.min(height, this.depth);
    const size = 2 ** within;
    if (first % size !== 0) throw new RangeError(`Lines are released from a multiple of ${size}; ${first} is not.`);
    const end = Math.min(first + size, this.count);
    const lines = Array.from({ length: end - first }, (_, i) => this.line(first + i));
    return { first, lines, path: this.#path(within, first / size) };
  }

  /** The largest chunks that there are, in order: released one after the other, they are the batch. */
  *chunks(): Generator<LineChunk> {
    for (let first = 0; first < this.count; first += MAX_CHUNK) yield this.chunk(first);
  }

  /** A tree of its own, which can be changed. */
  copy(): LineTree {
    return new LineTree(
      this.#levels.map((level) => level.slice()),
      this.count,
    );
  }

  /** Puts another line at a place, as a reversal does: all on its way to the root is computed anew. */
  replace(index: number, { line, worth }: PricedLine): void {
    this.line(index);
    const leaves = this.#levels[0] as Uint8Array;
    writeLine(line, leaves, index * NODE);
    writeSum(worth, leaves, index * NODE + 32);
    for (let level = 0, at = index; level < this.depth; level++, at = Math.floor(at / 2)) {
      const [nodes, above] = [this.#levels[level] as Uint8Array, this.#levels[level + 1] as Uint8Array];
      const from = (at - (at % 2)) * NODE;
      above.set(toEnd(parentsOf(nodes.subarray(from, from + 2 * NODE))), Math.floor(at / 2) * NODE);
    }
  }

  #path(level: number, position: number): string {
    const path = new Uint8Array((this.depth - level) * NODE);
    for (let to = 0, at = position; level < this.depth; level++, to += NODE, at = Math.floor(at / 2)) {
      const nodes = this.#levels[level];
      const from = (at ^ 1) * NODE;
      if (nodes !== undefined && from < nodes.length) path.set(nodes.subarray(from, from + NODE), to);
    }
    return hexlify(path);
  }

  #node(level: number, position: number): Node {
    const nodes = this.#levels[level] ?? new Uint8Array(NODE);
    const at = position * NODE;
    return { hash: hexlify(nodes.subarray(at, at + 32)), sum: readSum(nodes, at + 32) };
  }
}

/** Where `node`, at `position` of its level, leads along `path`: root and total, if it stands in the tree. */
export function climb(position: number, node: Node, path: string): Node {
  const siblings = getBytes(path);
  const pair = new Uint8Array(2 * NODE);
  let { hash, sum } = node;
  let at = position;
  for (let from = 0; from < siblings.length; from += NODE, at = Math.floor(at / 2)) {
    const own = at % 2 === 0 ? 0 : NODE;
    pair.set(getBytes(hash), own);
    // As the contract does: what 128 bits do not hold leads to more than any total, so it does not matter what is hashed.
    writeSum(BigInt.asUintN(128, sum), pair, own + 32);
    pair.set(siblings.subarray(from, from + NODE), NODE - own);
    hash = hexlify(keccak_256(pair));
    sum += readSum(siblings, from + 32);
  }
  return { hash, sum };
}

function* parentsOf(level: Uint8Array): Generator<void, Uint8Array> {
  const count = level.length / NODE;
  const parents = new Uint8Array(Math.ceil(count / 2) * NODE);
  const last = new Uint8Array(2 * NODE);
  for (let from = 0, to = 0; from < level.length; from += 2 * NODE, to += NODE) {
    let pair = level.subarray(from, from + 2 * NODE);
    if (pair.length === NODE) {
      last.set(pair);
      pair = last;
    }
    parents.set(keccak_256(pair), to);
    writeSum(readSum(pair, 32) + readSum(pair, NODE + 32), parents, to + 32);
    yield;
  }
  return parents;
}

/** A sum has 128 bits, as a budget has. */
function writeSum(sum: bigint, bytes: Uint8Array, at: number): void {
  if (sum < 0n || sum > MAX_TOTAL) throw new RangeError(`Lines are worth at most ${MAX_TOTAL} together; not ${sum}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
  view.setBigUint64(0, sum >> 64n);
  view.setBigUint64(8, sum & 0xffff_ffff_ffff_ffffn);
}

function readSum(bytes: Uint8Array, at: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
  const high = view.getBigUint64(0);
  const low = view.getBigUint64(8);
  return high === 0n ? low : (high << 64n) | low;
}
