/**
 * Whether the chain has attestations with this attester's signature that its database does not know: then it was restored from an older
 * backup, or a replica that was behind took its place, and whatever it does not know it would sign again under other numbers.
 *
 * What can happen, and what is done:
 * - It is restored and started. Before the first signature for a campaign all attestations since the last that was looked at are read; one
 *   with its signature that it does not know stops the campaign until `npm run recall` gave it back.
 * - Its database is replaced while it runs. It looks before every batch, not only at its start.
 * - What it forgot is not on the chain yet. Nobody can see it: after a recall it is silent until the latest deadline that it can have
 *   signed is past at a final block. If nothing at all that it forgot is on the chain, the relayer is who knows: it numbers
 *   nothing again before that (relayer/worker/reconcile.ts), and the other attesters of the set remember.
 * - What it forgot comes to the chain later, in the midst of its work. It is found then, by the same look.
 * - The chain is reorganised. It looks from the last final block on, so it looks again; what was found stays found, for the signature is
 *   there whether or not the transaction still is.
 * - A node leaves events out. A campaign's attestations follow each other without a gap up to the contract's next number: where
 *   one is missing nothing is signed.
 * - Somebody else's batch: it is not of the set that attested, or the transaction says who of the set signed. Where somebody wrapped the call
 *   the signatures are looked for in its data: those of enough others are why it was taken. Where they are not found, it may be ours, and
 *   counts as ours until it is given back.
 */

import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { dataLength, dataSlice, recoverAddress } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { refuse } from "../checks/refusals.ts";
import {
  type Forgotten,
  insertForgotten,
  readForgotten,
  readLookedAt,
  readSilence,
  readUnknown,
  setLookedAt,
} from "../store/memory.ts";
import { type Attested, readAttested } from "./attested.ts";
import { type Finality, readFinal } from "./finality.ts";
import { NodeTrouble } from "./trouble.ts";

export interface Remembering {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly finality: Finality;
  /** The attester's address. */
  readonly attester: string;
}

/** Attestations of a campaign that this attester signed and does not know, the oldest first. @throws NodeTrouble */
export async function findForgotten(
  { database, chain, finality, attester }: Remembering,
  campaignId: string,
): Promise<Forgotten[]> {
  const before = (await readLookedAt(database, campaignId)) ?? { block: chain.deployedAt, next: 1n };
  const newest = await chain.provider.getBlockNumber();
  const { nextConversion } = await chain.lens.campaign(campaignId, { blockTag: newest });
  if (nextConversion !== before.next) {
    const final = await finality();
    const attested: Attested[] = [];
    for await (const one of readAttested(chain, campaignId, before.block, newest)) attested.push(one);
    checkGapless(attested, before.next, { nextConversion, number: newest });
    const unknown = await readUnknown(
      database,
      attested.map(({ digest }) => digest),
    );
    for (const one of attested)
      if (unknown.has(one.digest) && (await isSignedBy(chain, one, attester))) await insertForgotten(database, one);
    const atFinal = await readFinal(chain, campaignId, final);
    await setLookedAt(database, campaignId, final.number, atFinal.nextConversion);
  }
  return readForgotten(database, campaignId);
}

/** @throws NodeTrouble if attestations are missing between the number that was next and the contract's */
function checkGapless(
  attested: readonly Attested[],
  before: bigint,
  newest: { readonly nextConversion: bigint; readonly number: number },
): void {
  let expected = before;
  // A block that was looked at is looked at again: what was before it is passed over.
  for (const { first, next } of attested) {
    if (first > expected) break;
    if (next > expected) expected = next;
  }
  if (expected !== newest.nextConversion)
    throw new NodeTrouble(
      `The contract's next number is ${newest.nextConversion} at block ${newest.number}, and the attestations that the chain's node tells end before ${expected}.`,
    );
}

/** The length of a signature, as the word before it says. */
const LENGTH_WORD = `${"0".repeat(62)}41`;
const SIGNATURE_BYTES = 65;

/** Whether its transaction carried this attester's signature; also if that cannot be told. */
async function isSignedBy(
  { provider, programs, lens, address }: ProgramsChain,
  { campaignId, digest, transaction, set }: Attested,
  attester: string,
): Promise<boolean> {
  const { members, threshold } = await lens.attesterSet(campaignId, set);
  if (!members.includes(attester)) return false;
  const found = await provider.getTransaction(transaction);
  if (found === null)
    throw new NodeTrouble(`The chain's node does not have transaction ${transaction}, which attested ${digest}.`);
  const call = found.to === address ? programs.interface.parseTransaction(found) : null;
  if (call?.name === "attest") {
    const signatures: { readonly attester: bigint }[] = [...call.args.signatures];
    // The only member of a set attests for itself without a signature.
    return found.from === attester || signatures.some((one) => members[Number(one.attester)] === attester);
  }
  const signers = new Set(signaturesIn(found.data).map((signature) => signerOf(digest, signature)));
  if (signers.has(attester)) return true;
  return members.filter((member) => signers.has(member)).length < Number(threshold);
}

/** Whatever in the data has a signature's length before it: so those are found as well that another contract passed on. */
function signaturesIn(data: string): string[] {
  const found: string[] = [];
  const bytes = dataLength(data);
  for (let at = data.indexOf(LENGTH_WORD, 2); at !== -1; at = data.indexOf(LENGTH_WORD, at + 1)) {
    // An odd place is in the midst of a byte.
    const start = (at - 2 + LENGTH_WORD.length) / 2;
    if (!Number.isInteger(start) || start + SIGNATURE_BYTES > bytes) continue;
    found.push(dataSlice(data, start, start + SIGNATURE_BYTES));
  }
  return found;
}

function signerOf(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    // It is no signature.
    return undefined;
  }
}

/** Why nothing is signed for a campaign, as far as that is a matter of what this attester forgot. @throws NodeTrouble */
export async function refuseWhatIsForgotten(reviewer: Remembering, campaignId: string): Promise<Refusal | undefined> {
  const [first, ...more] = await findForgotten(reviewer, campaignId);
  if (first !== undefined)
    return refuse(
      `This attester signed ${1 + more.length} attestations on the chain that its database does not know, the first ${first.digest}: it was restored from an older backup. It signs nothing for campaign ${campaignId} until they are given back: npm run recall (docs/operations/attesters-lost-their-databases.md).`,
      true,
    );
  const until = await readSilence(reviewer.database, campaignId);
  if (until === undefined) return undefined;
  const { time } = await reviewer.finality();
  return time > until
    ? undefined
    : refuse(
        `This attester's database was restored: what it signed and forgot can still be attested until ${until}, and the newest final block is of ${time}.`,
        true,
      );
}
