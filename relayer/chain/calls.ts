/** Calls of the contract, as the data that is sent or rehearsed, and what is asked of it on the way. */
import { type AttesterSet, attesterSetAt, readAttesterSet } from "@partner-programs/protocol/attesterSet";
import { packLine } from "@partner-programs/protocol/line";
import type { LineChunk, LineProof } from "@partner-programs/protocol/lineTree";
import { type Attestation, claimOrderTypedData, payoutOrderTypedData } from "@partner-programs/protocol/typedData";
import { LRUCache } from "lru-cache";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { ProvenLowering } from "../domain/batch.ts";
import type { Order } from "../store/claims.ts";

/** One signature for each member of an attester set, in its order; null: it did not sign. */
export type Signatures = readonly (string | null)[];

const bySigner = (signatures: Signatures) =>
  signatures.flatMap((signature, attester) => (signature === null ? [] : [{ attester, signature }]));

/** The arguments of `attest` without lines and signatures: what the contract would have of the rest, because it looks at these last. */
export const attestArguments = (attestation: Attestation) => [attestation, [], []] as const;

/** `lines`: packed, all of them where the chain gets them, and none where not. */
export function attestCall(
  { programs }: ProgramsChain,
  attestation: Attestation,
  lines: readonly string[],
  signatures: Signatures,
): string {
  return programs.interface.encodeFunctionData("attest", [attestation, [...lines], bySigner(signatures)]);
}

/** Releases a chunk of a batch, whose lines stand as given. */
export function releaseCall({ programs }: ProgramsChain, attestation: Attestation, { first, path, lines }: LineChunk) {
  return programs.interface.encodeFunctionData("release", [attestation, first, path, [...lines]]);
}

/** Settles one partner's lines of some batches, and pays them at once. */
export function pullCall(
  { programs }: ProgramsChain,
  attestations: readonly Attestation[],
  proofs: readonly LineProof[],
): string {
  return programs.interface.encodeFunctionData("pull", [[...attestations], [...proofs]]);
}

export function reverseCall(
  { programs }: ProgramsChain,
  attestation: Attestation,
  lowered: readonly ProvenLowering[],
  reasonHash: string,
  signatures: Signatures,
): string {
  return programs.interface.encodeFunctionData("reverse", [
    attestation,
    lowered.map(({ index, line, target, path }) => ({ index, line: packLine(line), target: packLine(target), path })),
    reasonHash,
    bySigner(signatures),
  ]);
}

/** What the owner of an order signs, and the function of the contract that takes it. */
export function orderToCarry(order: Order) {
  const { lockSeconds } = order;
  return lockSeconds === null
    ? { verb: "claimFor" as const, typed: claimOrderTypedData(order) }
    : { verb: "setPayoutFor" as const, typed: payoutOrderTypedData({ ...order, lockSeconds }) };
}

export function carryCall({ programs }: ProgramsChain, order: Order, signature: string): string {
  const { verb, typed } = orderToCarry(order);
  return programs.interface.encodeFunctionData(verb as "claimFor", [typed.message as never, signature]);
}

/** Pays an owner's credits in these tokens where it is paid. */
export const payOutCall = ({ programs }: ProgramsChain, owner: string, tokens: readonly string[]): string =>
  programs.interface.encodeFunctionData("payOut", [owner, [...tokens]]);

/** Sets that were in force once: those do not change, and are asked for once. By the Lens, campaign and place. */
const sets = new WeakMap<ProgramsChain["lens"], LRUCache<string, ReturnType<ReadSet>>>();
const MAX_SETS = 1_000;
type ReadSet = (index: bigint) => ReturnType<ProgramsChain["lens"]["attesterSet"]>;

function keptSet(lens: ProgramsChain["lens"], campaignId: string): ReadSet {
  const kept = sets.get(lens) ?? new LRUCache({ max: MAX_SETS });
  sets.set(lens, kept);
  return (index) => {
    const name = `${campaignId} ${index}`;
    const known = kept.get(name) ?? lens.attesterSet(campaignId, index);
    kept.set(name, known);
    known.catch(() => kept.delete(name));
    return known;
  };
}

/** The set that signs a campaign's attestations now. `now` is in Unix seconds. */
export async function attesterSetNow({ lens }: ProgramsChain, campaignId: string, now: number): Promise<AttesterSet> {
  const state = await lens.campaign(campaignId);
  const kept = keptSet(lens, campaignId);
  // One that is announced may still be replaced.
  return attesterSetAt(state, now, (index) =>
    index > state.attesterSet ? lens.attesterSet(campaignId, index) : kept(index),
  );
}

/** The set that attested a batch: it alone can reverse it. */
export async function attesterSetOf({ lens }: ProgramsChain, campaignId: string, batch: string): Promise<AttesterSet> {
  const { attesterSet } = await lens.batch(batch);
  return readAttesterSet(keptSet(lens, campaignId), attesterSet);
}
