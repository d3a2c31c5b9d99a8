/** What a partner checks without trusting anybody: who signed a receipt, and whether the chain has what it promised. */
import { unpackLine } from "@partner-programs/protocol/line";
import { type ConversionLeaf, conversionTree, isUnderConversionsRoot } from "@partner-programs/protocol/trees";
import { programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import { verifyTypedData } from "ethers";
import type { Batch, Conversion } from "./types.ts";

/** The public data of a batch, as GET /v1/batches/{digest} serves it. */
export type PublicBatch = Pick<Batch, "conversionsRoot" | "leaves">;
/** What of a conversion is looked at here. */
export type PromisedConversion = Pick<Conversion, "id" | "campaignId" | "state" | "number" | "receipt">;
export type PublicLeaf = PublicBatch["leaves"][number];

/** One conversion of a batch, and what leads from it to the root: enough for somebody who has not the other conversions. */
export interface ConversionProof {
  readonly leaf: PublicLeaf;
  readonly proof: readonly string[];
}

/** Who signed a conversion's receipt: to be compared with the relayer's address. */
export function receiptSigner(conversion: PromisedConversion, chainId: number, programs: string): string {
  const { receipt } = conversion;
  if (receipt === null) throw new Error(`Conversion ${conversion.id} has no receipt: it is ${conversion.state}.`);
  const { types, message } = receiptTypedData({
    ...receipt,
    campaignId: conversion.campaignId,
    entries: receipt.entries.map(unpackLine),
  });
  return verifyTypedData(programsDomain(chainId, programs), types, message, receipt.signature);
}

/**
 * Whether a conversion was attested as its receipt promised: its leaf has the receipt's key, salt and entries, and all leaves
 * together have `rootOnChain`, the `conversionsRoot` of the contract's `Attested` event.
 */
export function isAttestedAsPromised(conversion: PromisedConversion, batch: PublicBatch, rootOnChain: string): boolean {
  const { receipt, number } = conversion;
  if (receipt === null || number === null) return false;
  const leaf = batch.leaves.find((candidate) => candidate.number === number);
  return (
    leaf !== undefined &&
    sameBytes(conversionTree(batch.leaves.map(toLeaf)).root, rootOnChain) &&
    sameBytes(leaf.key, receipt.conversionKey) &&
    sameBytes(leaf.salt, receipt.salt) &&
    sameBytes(leaf.entries.join(), receipt.entries.join())
  );
}

/** The proof of one conversion of a batch. @throws RangeError if the batch has no such number. */
export function proveConversion(batch: PublicBatch, number: string): ConversionProof {
  const index = batch.leaves.findIndex((candidate) => candidate.number === number);
  const leaf = batch.leaves[index];
  if (leaf === undefined) throw new RangeError(`The batch has no conversion ${number}.`);
  return { leaf, proof: conversionTree(batch.leaves.map(toLeaf)).getProof(index) };
}

/** Whether a conversion is one of those that were attested with `rootOnChain`, with just this key, salt and these entries. */
export function isProven({ leaf, proof }: ConversionProof, rootOnChain: string): boolean {
  return isUnderConversionsRoot(toLeaf(leaf), proof, rootOnChain);
}

const toLeaf = (leaf: PublicLeaf): ConversionLeaf => ({
  ...leaf,
  number: BigInt(leaf.number),
  entries: leaf.entries.map(unpackLine),
});

/** Hexadecimal digits, in whatever case a library gives them. */
const sameBytes = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
