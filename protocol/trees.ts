/** The Merkle trees of a batch: over its lines, and over its conversions. */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { AbiCoder, keccak256, solidityPackedKeccak256 } from "ethers";
import { type Line, packLine } from "./line.ts";

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

/** Leaf of line `index` of a batch (contracts/libraries/LineTree.sol). */
export function lineLeaf(index: number, line: Line): string {
  return solidityPackedKeccak256(["uint16", "bytes32"], [index, packLine(line)]);
}

/** Leaf of a conversion (contracts/libraries/ConversionTree.sol). */
export function conversionLeaf(conversion: ConversionLeaf): string {
  const { number, key, salt, entries } = conversion;
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["uint64", "bytes32", "bytes32", "bytes32[]"],
      [number, key, salt, entries.map(packLine)],
    ),
  );
}

/** The tree over the lines of a batch, in the order of the lines. */
export function lineTree(lines: readonly Line[]): SimpleMerkleTree {
  return SimpleMerkleTree.of(
    lines.map((line, index) => lineLeaf(index, line)),
    { sortLeaves: false },
  );
}

/** The tree over the conversions of an attestation, in the order of their numbers. */
export function conversionTree(conversions: readonly ConversionLeaf[]): SimpleMerkleTree {
  return SimpleMerkleTree.of(conversions.map(conversionLeaf), { sortLeaves: false });
}

/** Whether a conversion is a leaf of the tree that has this root, as the hashes beside its way up show. */
export function isUnderConversionsRoot(conversion: ConversionLeaf, proof: readonly string[], root: string): boolean {
  return SimpleMerkleTree.verify(root, conversionLeaf(conversion), [...proof]);
}

/** What `reverse` and `pull` take: a line with its place and its proof. */
export function lineProof(lines: readonly Line[], index: number) {
  const line = lines[index];
  if (line === undefined) throw new RangeError(`There is no line ${index}; the batch has ${lines.length}.`);
  return { index, line: packLine(line), proof: lineTree(lines).getProof(index) };
}
