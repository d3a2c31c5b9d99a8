/** What stands in packed lines and in trees of conversions (docs/attestation.md), written for the audit alone. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { getBytes, hexlify } from "ethers";

/** A packed line, a hash, a leaf. */
export const WORD = 32;
/** Of a packed line, what says whose it is: offer and partner. */
export const KEY_BYTES = 22;

/** A line, read off its word. */
export interface BatchLine {
  readonly offerId: number;
  /** Lower case. */
  readonly partner: string;
  readonly count: number;
  readonly volumeUnits: bigint;
}

/** The line at a place of lines that stand side by side: `| offer (16 bits) | partner (160) | count (24) | volume (56) |`. */
export function lineIn(lines: Uint8Array, index: number): BatchLine {
  const word = lines.subarray(index * WORD, (index + 1) * WORD);
  const [a = 0, b = 0] = word;
  const count = ((word[22] ?? 0) << 16) | ((word[23] ?? 0) << 8) | (word[24] ?? 0);
  const volumeUnits = new DataView(word.buffer, word.byteOffset).getBigUint64(24) & 0xff_ffff_ffff_ffffn;
  return { offerId: (a << 8) | b, partner: hexlify(word.subarray(2, 22)), count, volumeUnits };
}

export const readPacked = (packed: string): BatchLine => lineIn(getBytes(packed), 0);

/** A conversion as its batch's tree has it. */
export interface Leaf {
  readonly number: bigint;
  readonly key: string;
  readonly salt: string;
  /** Packed. */
  readonly entries: readonly string[];
}

/** H(abi.encode(uint64 number, bytes32 key, bytes32 salt, bytes32[] entries)) */
export function leafHash({ number, key, salt, entries }: Leaf): Uint8Array {
  const word = (value: bigint) => value.toString(16).padStart(2 * WORD, "0");
  const words = [word(number), key.slice(2), salt.slice(2), word(0x80n), word(BigInt(entries.length))];
  return keccak_256(getBytes(`0x${[...words, ...entries.map((entry) => entry.slice(2))].join("")}`));
}

/**
 * The root over leaves that stand side by side. A queue: two nodes are taken from its front, and their pair, the smaller first, goes
 * to its end, until one is left.
 */
export function rootOf(leaves: Uint8Array): string {
  const count = leaves.length / WORD;
  const nodes = new Uint8Array((2 * count - 1) * WORD);
  nodes.set(leaves);
  for (let end = count, front = 0; end < 2 * count - 1; end++, front += 2) {
    const [a, b] = [front, front + 1].map((at) => nodes.slice(at * WORD, (at + 1) * WORD)) as [Uint8Array, Uint8Array];
    const pair = Buffer.compare(a, b) <= 0 ? [a, b] : [b, a];
    nodes.set(keccak_256(Buffer.concat(pair)), end * WORD);
  }
  return hexlify(nodes.subarray(-WORD));
}
