/** The tree of a batch's conversions; its lines have the summing tree of lineTree.ts. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { getBytes, hexlify } from "ethers";
import { type Line, writeLine } from "./line.ts";
import { toEnd, toEndInSlices } from "./steps.ts";

/** One conversion as it stands under an attestation's `conversionsRoot`. Nothing of a customer is in it in the clear. */
export interface ConversionLeaf {
  /** The attestation's first number plus the conversion's place. */
  readonly number: bigint;
  /** 32 bytes: HMAC of the event and the brand's order id, under a secret of the campaign. */
  readonly key: string;
  /** 32 random bytes. */
  readonly salt: string;
  /** One line of count 1 for every partner it pays. */
  readonly entries: readonly Line[];
}

/** The same, its entries as packed lines. */
export interface PackedLeaf extends Omit<ConversionLeaf, "entries"> {
  readonly entries: readonly string[];
}

const WORD = 32;

/** Leaf of a conversion (contracts/libraries/ConversionTree.sol): H(abi.encode(uint64, bytes32, bytes32, bytes32[])). */
export function conversionLeaf(conversion: ConversionLeaf | PackedLeaf): string {
  return hexlify(hashLeaf(conversion));
}

/** The same, as bytes. */
export function hashLeaf({ number, key, salt, entries }: ConversionLeaf | PackedLeaf): Uint8Array {
  const bytes = new Uint8Array((5 + entries.length) * WORD);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(WORD - 8, number);
  bytes.set(getBytes(key), WORD);
  bytes.set(getBytes(salt), 2 * WORD);
  // Where the list begins, and how long it is.
  view.setUint32(4 * WORD - 4, 4 * WORD);
  view.setUint32(5 * WORD - 4, entries.length);
  for (const [i, entry] of entries.entries()) {
    if (typeof entry === "string") bytes.set(getBytes(entry), (5 + i) * WORD);
    else writeLine(entry, bytes, (5 + i) * WORD);
  }
  return keccak_256(bytes);
}

/** The tree over the conversions of an attestation. */
export interface ConversionTree {
  readonly root: string;
  /** The hashes beside a conversion's way up. */
  getProof(index: number): string[];
}

/** The tree over the conversions of an attestation, in the order of their numbers. */
export function conversionTree(
  conversions: Iterable<ConversionLeaf | PackedLeaf> & { readonly length: number },
): ConversionTree {
  const leaves = new Uint8Array(conversions.length * WORD);
  let at = 0;
  for (const conversion of conversions) {
    leaves.set(hashLeaf(conversion), at);
    at += WORD;
  }
  return treeOfLeaves(leaves);
}

/**
 * The tree over leaves that stand side by side, 32 bytes each: OpenZeppelin's `SimpleMerkleTree` with `sortLeaves: false`, but in
 * one buffer, because that one keeps every node as text, twice. @throws RangeError if there is none
 */
export function treeOfLeaves(leaves: Uint8Array): ConversionTree {
  return toEnd(growTree(leaves));
}

/** The same in slices, with a breath after each. */
export function treeOfLeavesInSlices(leaves: Uint8Array, breathe: () => Promise<void>): Promise<ConversionTree> {
  return toEndInSlices(growTree(leaves), breathe);
}

function* growTree(leaves: Uint8Array): Generator<void, ConversionTree> {
  const count = leaves.length / WORD;
  if (count === 0) throw new RangeError("A batch has at least one conversion; none was given.");
  const nodes = 2 * count - 1;
  const bytes = new Uint8Array(nodes * WORD);
  const node = (at: number) => bytes.subarray(at * WORD, (at + 1) * WORD);
  // The root is node 0; below node i are 2i + 1 and 2i + 2; the leaves stand at the end, the first of them last.
  let at = nodes;
  for (let i = 0; i < count; i++) node(--at).set(leaves.subarray(i * WORD, (i + 1) * WORD));
  const pair = new Uint8Array(2 * WORD);
  while (at-- > 0) {
    const [left, right] = [node(2 * at + 1), node(2 * at + 2)];
    const ordered = isBelow(left, right);
    pair.set(ordered ? left : right);
    pair.set(ordered ? right : left, WORD);
    node(at).set(keccak_256(pair));
    yield;
  }
  return {
    root: hexlify(node(0)),
    getProof(index) {
      if (!(index >= 0 && index < count)) {
        throw new RangeError(`There is no conversion ${index}; the batch has ${count}.`);
      }
      const proof: string[] = [];
      for (let on = nodes - 1 - index; on > 0; on = (on - 1) >> 1)
        proof.push(hexlify(node(on % 2 === 1 ? on + 1 : on - 1)));
      return proof;
    },
  };
}

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < WORD; i++) if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  return true;
}

/** Whether a conversion is a leaf of the tree that has this root, as the hashes beside its way up show. */
export function isUnderConversionsRoot(conversion: ConversionLeaf, proof: readonly string[], root: string): boolean {
  return SimpleMerkleTree.verify(root, conversionLeaf(conversion), [...proof]);
}
