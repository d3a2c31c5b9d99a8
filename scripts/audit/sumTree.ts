/**
 * The tree over a batch's lines, which also sums (docs/attestation.md), written for the audit alone: what it checks is not checked by
 * the code that made it. A line of it can be changed, as a reversal does, without hashing all of them again.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { WORD } from "./packed.ts";

const NODE = 48;

export class SumTree {
  /** From the leaves to the root; a node is 32 bytes of hash and 16 of sum. */
  readonly #levels: Uint8Array[];
  /** What was too much for a sum: no attestation can say so. */
  #tooMuch = false;

  /** @param lines 32 bytes each, one at least */
  constructor(lines: Uint8Array, worthOf: (index: number) => bigint) {
    const count = lines.length / WORD;
    const leaves = new Uint8Array(count * NODE);
    this.#levels = [leaves];
    for (let i = 0; i < count; i++) this.#write(leaves, i, lines.subarray(i * WORD, (i + 1) * WORD), worthOf(i));
    for (let below = leaves; below.length > NODE; ) {
      const level = new Uint8Array(Math.ceil(below.length / NODE / 2) * NODE);
      for (let i = 0; i < level.length / NODE; i++) this.#hash(below, level, i);
      this.#levels.push(level);
      below = level;
    }
  }

  set(index: number, line: Uint8Array, worth: bigint): void {
    this.#write(this.#levels[0] as Uint8Array, index, line, worth);
    let at = index;
    for (let i = 1; i < this.#levels.length; i++) {
      at = Math.floor(at / 2);
      this.#hash(this.#levels[i - 1] as Uint8Array, this.#levels[i] as Uint8Array, at);
    }
  }

  get root(): string {
    return `0x${Buffer.from((this.#levels.at(-1) as Uint8Array).subarray(0, WORD)).toString("hex")}`;
  }

  /** Undefined: more than 128 bits. */
  get total(): bigint | undefined {
    return this.#tooMuch ? undefined : sumAt(this.#levels.at(-1) as Uint8Array, 0);
  }

  #hash(below: Uint8Array, level: Uint8Array, at: number): void {
    const pair = new Uint8Array(2 * NODE);
    pair.set(below.subarray(2 * at * NODE, 2 * (at + 1) * NODE));
    this.#write(level, at, keccak_256(pair), sumAt(pair, 0) + sumAt(pair, 1));
  }

  #write(level: Uint8Array, at: number, hash: Uint8Array, sum: bigint): void {
    if (sum >= 1n << 128n) this.#tooMuch = true;
    write(level, at, hash, sum);
  }
}

/** Where a line at a place leads along a path of siblings, from below: root and sum, if it stands in the tree. */
export function climb(
  index: number,
  line: Uint8Array,
  worth: bigint,
  path: Uint8Array,
): { root: string; total: bigint } {
  const node = new Uint8Array(NODE);
  let [total, at] = [worth, index];
  write(node, 0, line, total);
  for (let from = 0; from + NODE <= path.length; from += NODE, at = Math.floor(at / 2)) {
    const sibling = path.subarray(from, from + NODE);
    const pair = new Uint8Array(2 * NODE);
    pair.set(node, at % 2 === 0 ? 0 : NODE);
    pair.set(sibling, at % 2 === 0 ? NODE : 0);
    total += sumAt(sibling, 0);
    write(node, 0, keccak_256(pair), total);
  }
  return { root: `0x${Buffer.from(node.subarray(0, WORD)).toString("hex")}`, total };
}

/** A node at its place in a level: what a sum has above 128 bits is not written. */
function write(level: Uint8Array, at: number, hash: Uint8Array, sum: bigint): void {
  level.set(hash, at * NODE);
  const view = new DataView(level.buffer, level.byteOffset + at * NODE + WORD);
  view.setBigUint64(0, (sum >> 64n) & 0xffff_ffff_ffff_ffffn);
  view.setBigUint64(8, sum & 0xffff_ffff_ffff_ffffn);
}

function sumAt(level: Uint8Array, at: number): bigint {
  const view = new DataView(level.buffer, level.byteOffset + at * NODE + WORD);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}
