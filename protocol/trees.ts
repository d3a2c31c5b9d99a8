/** The tree of a batch's conversions; its lines have the summing tree of lineTree.ts. */
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { AbiCoder, keccak256 } from "ethers";
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

/** The tree over the conversions of an attestation, in the order of their numbers. */
export function conversionTree(conversions: readonly ConversionLeaf[]): SimpleMerkleTree {
  return SimpleMerkleTree.of(conversions.map(conversionLeaf), { sortLeaves: false });
}

/** Whether a conversion is a leaf of the tree that has this root, as the hashes beside its way up show. */
export function isUnderConversionsRoot(conversion: ConversionLeaf, proof: readonly string[], root: string): boolean {
  return SimpleMerkleTree.verify(root, conversionLeaf(conversion), [...proof]);
}
