/**
 * Before numbers are given in a campaign, the contract and its attesters are asked what was signed for it: a database that was restored from
 * yesterday, or a replica that was behind and took over, does not know that, and would give the same numbers, or other numbers to the same
 * orders. It is done once in each term of a leader, for that is when the database may be another one than before.
 *
 * A campaign is reconciled when
 * 1. the index stands where the chain's newest block was when the term began, and the campaign is as the contract has it there;
 * 2. so many attesters of its set answered that every batch with enough signatures has one of them among its signers (n - m + 1 of a set of
 *    n that needs m), each with a whole memory: one that knows itself that it forgot something does not count;
 * 3. what they signed and is not known here is written down, with its conversions.
 * From then on the database alone says what may be numbered (`number.ts`, `store/forgotten.ts`), whoever leads:
 * - what may still be attested holds the campaign's numbers until its deadline is past, or another has its numbers, at a final block;
 * - what is attested holds back its conversions: they go to the brand, who knows whether they were paid.
 *
 * What can happen, and what is done:
 * - A batch was built in the backup, and signed since. It is asked for again as it is, never dissolved: the same digest has the same
 *   signatures. Until the campaign is reconciled no batch that is only built is touched (`sign.ts`).
 * - A batch was signed since, and its transaction is still under way. It is `open`, and holds the numbers; when it is mined the index takes
 *   it for somebody else's, and its conversions go to the brand.
 * - A reorganisation takes such a batch off the chain. It counts as attested only when that is final; until then it holds the numbers.
 * - An attester is away. With enough others it is not needed; without, the campaign waits for it, and says so.
 * - An attester was restored as well. If something on the chain has its signature it says so itself and does not count. If not, it cannot
 *   know; the others of every quorum do.
 * - An attester lies. That it signed what nobody else did holds its campaign's numbers for as long as this relayer's own deadlines are at
 *   most; conversions that it makes up are not under the root that the chain has, or go to the brand. The brand appoints it.
 * - Somebody else's relayer has batches in the campaign. They are asked about like ours, hold numbers like ours while they can be attested,
 *   and are not listed, for their keys are not of this relayer's secret.
 * - The process dies in the midst of it. Each finding is a transaction of its own, and the next term finds the rest.
 * - Two relayers believe that they lead. Both work on the same database, whose constraints decide. Where one of them still has a connection
 *   to a database that is none any more, nothing that it writes counts.
 * - A request for a signature of the term before is still under way when an attester is asked. Whoever asked for it cannot write down the
 *   answer, so nobody carries it; the attester remembers it, and refuses the same numbers until it is dead.
 */

import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { type Memory, type RememberedConversion, whyNotRemembered } from "@partner-programs/protocol/attesterMemory";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { Logger } from "pino";
import { RetryableError } from "#service/errors.ts";
import type { Memories } from "../attesters/client.ts";
import { attesterSetNow } from "../chain/calls.ts";
import type { Config } from "../config.ts";
import { conversionKey } from "../secrets.ts";
import { markAsked } from "../store/batches.ts";
import { readCursor } from "../store/cursor.ts";
import {
  findForgottenToCompare,
  findToReconcile,
  insertForgotten,
  noteUnreconciled,
  readFate,
  readKnownBatches,
  readRememberedUpTo,
} from "../store/forgotten.ts";
import { compare } from "./compare.ts";
import type { Work } from "./work.ts";

type ReconcileWork = Pick<Work, "database" | "chain" | "failures"> & {
  readonly attesters: Memories;
  readonly config: Pick<Config, "RELAYER_SECRET" | "DEADLINE_SECONDS">;
  readonly log: Pick<Logger, "warn">;
};

/** What is not known yet that has to be, before numbers are given. */
export class Unreconciled extends RetryableError {
  override readonly name = "Unreconciled";
}

/** Campaigns of one round, and how many of them at once. */
const CAMPAIGNS = 200;
const AT_ONCE = 8;
/** How long what did not succeed is not tried again. */
const AGAIN_MILLISECONDS = 5_000;
/** So long batches are fetched for a campaign in one go: what is written down by then is known in the next, and others have their turn. */
const FETCH_MILLISECONDS = 60_000;
/** A signature that is good for longer is not waited for longer: this relayer asks for none such. */
const MAX_WAIT_SECONDS = 86_400;

export interface Reconcile {
  /** The job. @returns how many campaigns were looked at */
  run(): Promise<number>;
  isReconciled(campaignId: string): boolean;
}

export function createReconcile(work: ReconcileWork, now: () => number = () => performance.now()): Reconcile {
  const { database, chain, failures } = work;
  const done = new Set<string>();
  const tried = new Map<string, number>();
  /** Looked at since the first of them was: the others have their turn before these have another. */
  const passed = new Set<string>();
  let term = 0;
  /** The chain's newest block when the term began. */
  let head: number | undefined;
  /** Nothing was to be done: it is not looked for again before. */
  let quietUntil = 0;

  return {
    isReconciled: (campaignId) => term === database.term() && done.has(campaignId),
    async run() {
      if (term !== database.term()) {
        term = database.term();
        head = undefined;
        quietUntil = 0;
        done.clear();
        tried.clear();
        passed.clear();
      }
      if (now() < quietUntil) return 0;
      const of = term;
      const named = (campaignId: string) => ({ campaignId });
      const waiting = await findForgottenToCompare(database);
      await failures.eachItem("compare", waiting, named, (campaignId) => compare(work, [campaignId]));
      const found = await findToReconcile(database, [...done, ...passed], CAMPAIGNS);
      const due = found.filter((campaignId) => (tried.get(campaignId) ?? 0) <= now());
      if (found.length === 0 && passed.size === 0) quietUntil = now() + AGAIN_MILLISECONDS;
      if (found.length < CAMPAIGNS) passed.clear();
      else for (const campaignId of found) passed.add(campaignId);
      if (due.length === 0) return 0;
      head ??= (await chain.block("latest"))?.number;
      const since = head;
      if (since === undefined) throw new Unreconciled("The chain's node has no newest block.");
      await failures.eachItem(
        "reconcile",
        due,
        named,
        async (campaignId) => {
          try {
            await reconcileCampaign(work, campaignId, since);
          } finally {
            tried.set(campaignId, now() + AGAIN_MILLISECONDS);
          }
          // Of the term in which it was begun: the database may be another one by now.
          if (of === database.term()) done.add(campaignId);
        },
        AT_ONCE,
      );
      return due.length;
    },
  };
}

/** @throws Unreconciled */
async function reconcileCampaign(work: ReconcileWork, campaignId: string, since: number): Promise<void> {
  try {
    await lookUp(work, campaignId, since);
    await noteUnreconciled(work.database, campaignId, undefined);
  } catch (error) {
    if (error instanceof Unreconciled) await noteUnreconciled(work.database, campaignId, error.message);
    throw error;
  }
}

async function lookUp(work: ReconcileWork, campaignId: string, since: number): Promise<void> {
  const { database, chain, attesters } = work;
  const cursor = await readCursor(database, chain);
  if (cursor === undefined || cursor.block.number < since)
    throw new Unreconciled(`The chain is read up to block ${cursor?.block.number ?? "none"}, and was at ${since}.`);
  if ((await compare(work, [campaignId])).length > 0)
    throw new Unreconciled("It is set aside: it is not as the contract has it.");

  const seconds = Math.max(cursor.block.time, Math.floor(Date.now() / 1000));
  const { members, threshold } = await attesterSetNow(chain, campaignId, seconds);
  const from = await readRememberedUpTo(database, campaignId);
  const answers = await attesters.signed(members, campaignId, from);
  const whole = answers.flatMap((answer, i) =>
    isWhole(answer) ? [{ attester: members[i] as string, signed: answer.signed }] : [],
  );
  const needed = members.length - threshold + 1;
  if (whole.length < needed)
    throw new Unreconciled(
      `${whole.length} of ${members.length} attesters say what they signed, and ${needed} have to: ${describe(members, answers)}`,
    );

  const signed = Map.groupBy(
    whole.flatMap(({ attester, signed: some }) => some.map((one) => ({ ...one, attester }))),
    ({ digest }) => digest,
  );
  for (const digest of signed.keys()) await markAsked(database, digest);
  const known = await readKnownBatches(database, [...signed.keys()]);
  const began = performance.now();
  const until = seconds + Math.max(MAX_WAIT_SECONDS, work.config.DEADLINE_SECONDS);
  for (const [digest, claims] of signed) {
    const [claim] = claims;
    if (claim === undefined || known.has(digest)) continue;
    const fate = await readFate(database, campaignId, claim);
    if (fate === undefined) continue;
    if (performance.now() - began > FETCH_MILLISECONDS)
      throw new Unreconciled("Not all that attesters signed and is not known here is fetched yet; it goes on.");
    const members = claims.map(({ attester }) => attester);
    const found = await fetchForgotten(work, digest, members);
    const isOurs = isOfSecret(work.config.RELAYER_SECRET, campaignId);
    await database.transaction((sql) => insertForgotten(sql, { digest, ...found, until, isOurs }));
    const { attestation, conversions } = found.batch;
    if (!conversions.some(isOurs) && fate === "attested") continue;
    work.log.warn(
      {
        campaignId,
        batch: digest,
        conversions: attestation.conversions,
        first: attestation.firstConversion.toString(),
        deadline: attestation.deadline,
        attesters: members,
      },
      fate === "open"
        ? "attesters signed a batch that this database does not know; no numbers are given until it is attested or dead"
        : "attesters signed a batch that is on the chain and that this database does not know; what waits of it goes to the brand",
    );
  }
}

const isWhole = (answer: Memory | Refusal): answer is Memory => !("reason" in answer) && answer.forgotten.length === 0;

function describe(members: readonly string[], answers: readonly (Memory | Refusal)[]): string {
  return answers
    .map((answer, i) => {
      if ("reason" in answer) return `${members[i]}: ${answer.reason}`;
      const { forgotten } = answer;
      return `${members[i]}: ${forgotten.length === 0 ? "whole" : `it forgot ${forgotten.length} attestations, the first ${forgotten[0]}`}`;
    })
    .join("; ");
}

/** The batch with its conversions, of the first that gives what was signed. @throws Unreconciled */
async function fetchForgotten({ attesters, chain }: ReconcileWork, digest: string, signers: readonly string[]) {
  const problems: string[] = [];
  for (const attester of signers) {
    const batch = await attesters.remembered(attester, digest);
    const problem =
      "reason" in batch
        ? batch.reason
        : digestOf(chain.domain, attestationTypedData(batch.attestation)) === digest
          ? whyNotRemembered(batch)
          : "it gives another attestation";
    if (problem === undefined && !("reason" in batch)) return { batch, attester };
    problems.push(`${attester}: ${problem}`);
  }
  throw new Unreconciled(
    `Batch ${digest} was signed and is not known here, and nobody gives it: ${problems.join("; ")}`,
  );
}

const isOfSecret =
  (secret: string, campaignId: string) =>
  ({ key, order }: RememberedConversion): boolean =>
    order !== undefined && conversionKey(secret, campaignId, order.event, order.orderId) === key;
