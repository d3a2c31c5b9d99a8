/** What a partner checks without trusting anybody: who signed a receipt, and whether the chain has what it promised. */
import { unpackLine } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import { programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import { verifyTypedData } from "ethers";
import type { Batch, Conversion } from "./types.ts";

/** The public data of a batch, as GET /v1/batches/{digest} serves it. */
export type PublicBatch = Pick<Batch, "conversionsRoot" | "leaves">;

/** Who signed a conversion's receipt: to be compared with the relayer's address. */
export function receiptSigner(conversion: Conversion, chainId: number, programs: string): string {
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
export function isAttestedAsPromised(conversion: Conversion, batch: PublicBatch, rootOnChain: string): boolean {
  const { receipt, number } = conversion;
  if (receipt === null || number === null) return false;
  const leaves = batch.leaves.map((leaf) => ({
    ...leaf,
    number: BigInt(leaf.number),
    entries: leaf.entries.map(unpackLine),
  }));
  if (conversionTree(leaves).root !== rootOnChain) return false;
  const leaf = batch.leaves.find((candidate) => candidate.number === number);
  return (
    leaf?.key === receipt.conversionKey && leaf.salt === receipt.salt && leaf.entries.join() === receipt.entries.join()
  );
}
