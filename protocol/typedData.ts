/** What is signed (EIP-712): attestations, reversals, receipts and claim orders, with their digests. */
import { type TypedDataDomain, TypedDataEncoder, type TypedDataField } from "ethers";
import { type Line, packLine } from "./line.ts";

type Types = Record<string, TypedDataField[]>;

/** EIP-712 types. Attestation, Reversal, ClaimOrder and PayoutOrder are checked by the contract (contracts/libraries/StructHash.sol). */
export const attestationTypes: Types = {
  Attestation: [
    { name: "campaignId", type: "bytes32" },
    { name: "firstConversion", type: "uint64" },
    { name: "conversions", type: "uint32" },
    { name: "periodFrom", type: "uint40" },
    { name: "periodTo", type: "uint40" },
    { name: "deadline", type: "uint40" },
    { name: "conversionsRoot", type: "bytes32" },
    { name: "linesRoot", type: "bytes32" },
    { name: "lineCount", type: "uint32" },
    { name: "total", type: "uint128" },
  ],
};

export const reversalTypes: Types = {
  Reversal: [
    { name: "campaignId", type: "bytes32" },
    { name: "attestation", type: "bytes32" },
    { name: "targets", type: "bytes32[]" },
    { name: "reasonHash", type: "bytes32" },
  ],
};

export const claimOrderTypes: Types = {
  ClaimOrder: [
    { name: "owner", type: "address" },
    { name: "receiver", type: "address" },
    { name: "tokens", type: "address[]" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

export const payoutOrderTypes: Types = {
  PayoutOrder: [
    { name: "owner", type: "address" },
    { name: "receiver", type: "address" },
    { name: "lockSeconds", type: "uint32" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** The relayer's promise that a conversion was accepted and is attested by `attestBy`. No contract reads it; people do. */
export const receiptTypes: Types = {
  Receipt: [
    { name: "campaignId", type: "bytes32" },
    { name: "conversionKey", type: "bytes32" },
    { name: "salt", type: "bytes32" },
    { name: "receivedAt", type: "uint40" },
    { name: "attestBy", type: "uint40" },
    { name: "entries", type: "bytes32[]" },
  ],
};

/** The relayer's word for who registered a prospect, and when. No contract reads it; people do. */
export const leadReceiptTypes: Types = {
  LeadReceipt: [
    { name: "campaignId", type: "bytes32" },
    { name: "partner", type: "address" },
    { name: "leadHash", type: "bytes32" },
    { name: "registeredAt", type: "uint40" },
    { name: "protectedUntil", type: "uint40" },
  ],
};

/** A batch of conversions, as the attesters sign it and every operation on it takes it. Times are Unix seconds. */
export interface Attestation {
  readonly campaignId: string;
  readonly firstConversion: bigint;
  readonly conversions: number;
  readonly periodFrom: number;
  readonly periodTo: number;
  readonly deadline: number;
  readonly conversionsRoot: string;
  /** Of the tree over the lines (`LineTree`): its root, how many lines there are, and what they are worth together. */
  readonly linesRoot: string;
  readonly lineCount: number;
  readonly total: bigint;
}

/** What was signed, as events and calls of the contract give it: integers of the ABI are bigint. */
export type AttestationBody = {
  readonly [Name in keyof Attestation]: Attestation[Name] extends string ? string : bigint;
};

/** The attestation in a contract's answer. */
export function attestationOf(body: AttestationBody): Attestation {
  return {
    campaignId: body.campaignId,
    firstConversion: body.firstConversion,
    conversions: Number(body.conversions),
    periodFrom: Number(body.periodFrom),
    periodTo: Number(body.periodTo),
    deadline: Number(body.deadline),
    conversionsRoot: body.conversionsRoot,
    linesRoot: body.linesRoot,
    lineCount: Number(body.lineCount),
    total: body.total,
  };
}

/** A correction of a batch within its hold: each line becomes the smaller of itself and its target. */
export interface Reversal {
  readonly campaignId: string;
  /** Digest of the attestation. */
  readonly attestation: string;
  readonly targets: readonly Line[];
  /** keccak256 of the published reason. */
  readonly reasonHash: string;
}

export interface Receipt {
  readonly campaignId: string;
  readonly conversionKey: string;
  readonly salt: string;
  readonly receivedAt: number;
  readonly attestBy: number;
  readonly entries: readonly Line[];
}

/** A receipt with its entries as packed lines: as it is signed, stored and shown. */
export interface PackedReceipt extends Omit<Receipt, "entries"> {
  readonly entries: readonly string[];
}

export interface LeadReceipt {
  readonly campaignId: string;
  readonly partner: string;
  /** See `leadHash` in leads.ts. */
  readonly leadHash: string;
  readonly registeredAt: number;
  /** Until then nobody else can register this prospect, unless the brand says that it is nobody's. */
  readonly protectedUntil: number;
}

export interface ClaimOrder {
  readonly owner: string;
  readonly receiver: string;
  readonly tokens: readonly string[];
  readonly nonce: bigint;
  readonly deadline: bigint;
}

export interface PayoutOrder {
  readonly owner: string;
  readonly receiver: string;
  readonly lockSeconds: number;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The EIP-712 domain of the contract (its `eip712Domain`, ERC-5267). */
export function programsDomain(chainId: bigint | number, programs: string): TypedDataDomain {
  return { name: "PartnerPrograms", version: "1", chainId, verifyingContract: programs };
}

/** What is signed, as ethers and wallets take it: types and a message in which lines are 32-byte words. */
export function attestationTypedData(attestation: Attestation) {
  const { campaignId, firstConversion, conversions, periodFrom, periodTo, deadline } = attestation;
  const { conversionsRoot, linesRoot, lineCount, total } = attestation;
  // One by one: a batch that knows its lines as well is signed as the same.
  const message = {
    campaignId,
    firstConversion,
    conversions,
    periodFrom,
    periodTo,
    deadline,
    conversionsRoot,
    linesRoot,
    lineCount,
    total,
  };
  return { types: attestationTypes, message };
}

export function reversalTypedData(reversal: Reversal) {
  return { types: reversalTypes, message: { ...reversal, targets: reversal.targets.map(packLine) } };
}

export function receiptTypedData(receipt: Receipt) {
  return { types: receiptTypes, message: { ...receipt, entries: receipt.entries.map(packLine) } };
}

export function leadReceiptTypedData(receipt: LeadReceipt) {
  const { campaignId, partner, leadHash, registeredAt, protectedUntil } = receipt;
  return { types: leadReceiptTypes, message: { campaignId, partner, leadHash, registeredAt, protectedUntil } };
}

export function claimOrderTypedData(order: ClaimOrder) {
  return { types: claimOrderTypes, message: { ...order, tokens: [...order.tokens] } };
}

export function payoutOrderTypedData(order: PayoutOrder) {
  return { types: payoutOrderTypes, message: { ...order } };
}

/** The EIP-712 digest of any of the above: what the signatures are over, and for an attestation the batch's name. */
export function digestOf(domain: TypedDataDomain, typed: { types: Types; message: Record<string, unknown> }): string {
  return TypedDataEncoder.hash(domain, typed.types, typed.message);
}
