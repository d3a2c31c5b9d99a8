/**
 * What a partner checks without trusting anybody: who signed a receipt, whether the chain has what it promised, and whether the lines
 * that pay are those that were signed.
 */
import { worthOfLineDown } from "@partner-programs/protocol/commission";
import { leadHash, type Prospect } from "@partner-programs/protocol/leads";
import { type Line, lineKey, unpackLine } from "@partner-programs/protocol/line";
import { climb, type LineProof, LineTree, NODE } from "@partner-programs/protocol/lineTree";
import { toPriced } from "@partner-programs/protocol/pricedTree";
import { type ConversionLeaf, conversionTree, isUnderConversionsRoot } from "@partner-programs/protocol/trees";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  leadReceiptTypedData,
  programsDomain,
  receiptTypedData,
} from "@partner-programs/protocol/typedData";
import { isHexString, verifyTypedData } from "ethers";
import type { Batch, Conversion, Lead } from "./types.ts";

export type { LineProof } from "@partner-programs/protocol/lineTree";
export type { Attestation } from "@partner-programs/protocol/typedData";

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

/** What prices a line, as `overview` of the Lens has it: the offers from offer 1 on. Numbers may be bigint, as ethers gives them. */
export interface Pricing {
  readonly terms: { readonly unitExponent: number | bigint; readonly feeBps: number | bigint };
  readonly offers: readonly {
    readonly flatAmount: bigint;
    readonly rateBps: number | bigint;
    readonly validFrom: number | bigint;
    readonly validTo: number | bigint;
  }[];
}

/** Who signed a conversion's receipt: to be compared with the relayer's addresses, or see `isReceiptOf`. */
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

/** Whose signatures a relayer's receipts have, as `receiptSigners` of its GET /v1/status says. `until` null: the key of now. */
export type ReceiptSigners = readonly { readonly address: string; readonly until: string | null }[];

/** It is noted each minute that a key is in use, and two processes do not end at once. */
const UNTIL_SECONDS = 120;

/**
 * Whether a key of the relayer's signed a conversion's receipt: the one of now, or one that was replaced, of a conversion that was
 * received while it was in use. What such a key signs for a later time is nobody's promise: whoever got hold of it may have signed it.
 */
export function isReceiptOf(
  signers: ReceiptSigners,
  conversion: PromisedConversion,
  chainId: number,
  programs: string,
): boolean {
  if (conversion.receipt === null) return false;
  const { receivedAt } = conversion.receipt;
  const address = receiptSigner(conversion, chainId, programs);
  const signer = signers.find((one) => one.address === address);
  if (signer === undefined) return false;
  return signer.until === null || receivedAt <= Date.parse(signer.until) / 1000 + UNTIL_SECONDS;
}

/** What of a lead is looked at here. */
export type RegisteredLead = Pick<Lead, "campaignId" | "partner" | "receipt">;

/** Who signed that the lead's partner registered it first: to be compared with the relayer's address. */
export function leadReceiptSigner(
  { campaignId, partner, receipt }: RegisteredLead,
  chainId: number,
  programs: string,
): string {
  const { types, message } = leadReceiptTypedData({ ...receipt, campaignId, partner });
  return verifyTypedData(programsDomain(chainId, programs), types, message, receipt.signature);
}

/**
 * Whether a lead's receipt is about this prospect: its company's domain and its e-mail address as the lead had them, null for what it
 * did not have. Its salt is erased at the relayer some time after the lead has ended: who wants to show it later keeps it.
 */
export function isLeadOf({ receipt }: Pick<RegisteredLead, "receipt">, prospect: Prospect): boolean {
  return receipt.salt !== null && sameBytes(leadHash(prospect, receipt.salt), receipt.leadHash);
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

/** The name of an attestation: what was signed, and what the contract knows the batch by, settled or not. */
export function attestationDigest(attestation: Attestation, chainId: number, programs: string): string {
  return digestOf(programsDomain(chainId, programs), attestationTypedData(attestation));
}

/**
 * Whether these are the lines that were signed, all of them and in their order: their tree has the attestation's root, and they are
 * worth its total by the published offers. Where they came from does not matter: the chain, the relayer, any attester.
 */
export function areLinesOf(attestation: Attestation, lines: readonly string[], pricing: Pricing): boolean {
  if (lines.length !== attestation.lineCount || lines.length === 0) return false;
  const priced = lines.map(unpackLine).map((line) => ({ line, worth: worthIn(attestation, line, pricing) }));
  if (priced.reduce((sum, { worth }) => sum + worth, 0n) !== attestation.total) return false;
  return sameBytes(LineTree.of(priced).root, attestation.linesRoot);
}

/** Whether one line is of those that were signed, by its way to the root: for a batch of which nobody wants all lines. */
export function isLineOf(attestation: Attestation, { index, line, path }: LineProof, pricing: Pricing): boolean {
  const { lineCount, linesRoot, total } = attestation;
  const levels = Math.ceil(Math.log2(lineCount));
  // Of another length it would lead through a node that is taken for a line, or the other way round.
  if (!(index >= 0 && index < lineCount) || !isHexString(path, NODE * levels)) return false;
  const top = climb(index, { hash: line, sum: worthIn(attestation, unpackLine(line), pricing) }, path);
  return sameBytes(top.hash, linesRoot) && top.sum === total;
}

/**
 * Whether the lines pay for a conversion: for each partner and offer of its entries they count as many conversions, and as much volume,
 * as all leaves of the batch together. To be asked together with `isAttestedAsPromised` and `areLinesOf`.
 */
export function isPaidBy(conversion: PromisedConversion, batch: PublicBatch, lines: readonly string[]): boolean {
  const entries = (conversion.receipt?.entries ?? []).map(unpackLine);
  const keys = new Set(entries.map(lineKey));
  const paid = sumsOf(lines.map(unpackLine), keys);
  const owed = sumsOf(
    batch.leaves.flatMap((leaf) => leaf.entries.map(unpackLine)),
    keys,
  );
  return (
    entries.length > 0 &&
    [...keys].every((key) => {
      const [has, needs] = [paid.get(key), owed.get(key)];
      return (
        has !== undefined && needs !== undefined && has.count >= needs.count && has.volumeUnits >= needs.volumeUnits
      );
    })
  );
}

function sumsOf(lines: readonly Line[], keys: ReadonlySet<bigint>) {
  const sums = new Map<bigint, { count: number; volumeUnits: bigint }>();
  for (const line of lines) {
    const key = lineKey(line);
    if (!keys.has(key)) continue;
    const sum = sums.get(key) ?? { count: 0, volumeUnits: 0n };
    sums.set(key, { count: sum.count + line.count, volumeUnits: sum.volumeUnits + line.volumeUnits });
  }
  return sums;
}

function worthIn(attestation: Attestation, line: Line, { terms, offers }: Pricing): bigint {
  const offer = offers[line.offerId - 1];
  return worthOfLineDown(
    line,
    offer && toPriced(offer),
    { unitExponent: Number(terms.unitExponent), feeBps: Number(terms.feeBps) },
    attestation,
  );
}

const toLeaf = (leaf: PublicLeaf): ConversionLeaf => ({
  ...leaf,
  number: BigInt(leaf.number),
  entries: leaf.entries.map(unpackLine),
});

/** Hexadecimal digits, in whatever case a library gives them. */
const sameBytes = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
