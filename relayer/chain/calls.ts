/** Calls of the contract, as the data that is sent or rehearsed, and what is asked of it on the way. */
import { type AttesterSet, attesterSetAt, readAttesterSet } from "@partner-programs/protocol/attesterSet";
import { type Line, packLine } from "@partner-programs/protocol/line";
import {
  type Attestation,
  type ClaimOrder,
  claimOrderTypedData,
  type Reversal,
} from "@partner-programs/protocol/typedData";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { ProvenTarget } from "../domain/batch.ts";

/** One signature for each member of an attester set, in its order; null: it did not sign. */
export type Signatures = readonly (string | null)[];

const bySigner = (signatures: Signatures) =>
  signatures.flatMap((signature, attester) => (signature === null ? [] : [{ attester, signature }]));

const packed = (attestation: Attestation) => ({ ...attestation, lines: attestation.lines.map(packLine) });

/** The arguments of `attest`. Without signatures it is what the contract would have of the rest. */
export const attestArguments = (attestation: Attestation, signatures: Signatures) =>
  [packed(attestation), bySigner(signatures)] as const;

export function attestCall({ programs }: ProgramsChain, attestation: Attestation, signatures: Signatures): string {
  return programs.interface.encodeFunctionData("attest", [...attestArguments(attestation, signatures)] as never);
}

/** Releases a whole batch, whose lines stand as given. */
export function releaseCall({ programs }: ProgramsChain, campaignId: string, batch: string, lines: readonly Line[]) {
  return programs.interface.encodeFunctionData("release", [campaignId, batch, lines.map(packLine), []]);
}

export function reverseCall(
  { programs }: ProgramsChain,
  reversal: Reversal,
  proven: readonly ProvenTarget[],
  signatures: Signatures,
): string {
  return programs.interface.encodeFunctionData("reverse", [
    { ...reversal, targets: reversal.targets.map(packLine) },
    proven.map(({ index, line, proof }) => ({ index, line: packLine(line), proof: [...proof] })),
    bySigner(signatures),
  ]);
}

export function claimForCall({ programs }: ProgramsChain, order: ClaimOrder, signature: string): string {
  return programs.interface.encodeFunctionData("claimFor", [claimOrderTypedData(order).message as never, signature]);
}

/** The set that signs a campaign's attestations now. `now` is in Unix seconds. */
export async function attesterSetNow(
  { programs }: ProgramsChain,
  campaignId: string,
  now: number,
): Promise<AttesterSet> {
  const state = await programs.campaign(campaignId);
  return attesterSetAt(state, now, (index) => programs.attesterSet(campaignId, index));
}

/** The set that attested a batch: it alone can reverse it. */
export async function attesterSetOf(
  { programs }: ProgramsChain,
  campaignId: string,
  batch: string,
): Promise<AttesterSet> {
  const { attesterSet } = await programs.batch(campaignId, batch);
  return readAttesterSet((index) => programs.attesterSet(campaignId, index), attesterSet);
}
