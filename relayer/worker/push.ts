/**
 * Pushes credits to where their owners are paid (`payOut`), within the operator's rules for gas. A push is written down before it is
 * sent, and takes the whole credit: one that somebody else was faster with pays nothing, and is not sent.
 */
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { payOutCall } from "../chain/calls.ts";
import { readFees } from "../chain/fees.ts";
import { DaySpent, TooMuchGas, WouldRevert } from "../chain/sender.ts";
import type { Config } from "../config.ts";
import { crashPoint } from "../crashPoint.ts";
import { COIN_DECIMALS, gasWorth, isWorthPushing, maxPushGas, type Pushing, worthDown } from "../domain/pushing.ts";
import {
  type DuePush,
  giveUpPush,
  type Push,
  type PushMinimum,
  purposeOfPush,
  readDuePushes,
  readWaitingPushes,
  writePush,
} from "../store/pushes.ts";
import { every } from "./every.ts";
import type { Work } from "./work.ts";

export type PushWork = Pick<Work, "database" | "chain" | "sender" | "failures">;
export type PushConfig = Pick<
  Config,
  "PUSH_PAYOUTS" | "PUSH_MAX_GAS_BPS" | "PUSH_MAX_FEE_GWEI" | "PUSH_A_DAY" | "PUSH_SECONDS"
>;

const GWEI_DECIMALS = 9;
/** Looked for at once: the next come with the next look. */
const MAX_DUE = 50;

/** What is due is looked for every `PUSH_SECONDS`; what is written down is sent in each round. */
export function createPush(work: PushWork, config: PushConfig): () => Promise<void> {
  const look = every(config.PUSH_SECONDS, () => writeDue(work, config));
  return async () => {
    if (config.PUSH_PAYOUTS === "off") return;
    // What is left from before first: a look that fails must not keep it back.
    await sendWaiting(work, config);
    await look();
    await sendWaiting(work, config);
  };
}

/** The operator's least credits in base units; undefined: every token is pushed. */
export async function minimumsOf(
  { chain }: Pick<Work, "chain">,
  pushing: Pushing | undefined,
): Promise<PushMinimum[] | undefined> {
  if (pushing === undefined || pushing === "off") return [];
  if (pushing === "any") return undefined;
  return Promise.all(
    [...pushing].map(async ([token, { minimum }]) => {
      const { decimals } = await chain.token(token);
      return { token, minimum: toBaseUnitsDown(minimum, decimals) };
    }),
  );
}

async function writeDue(work: PushWork, config: PushConfig): Promise<void> {
  const { database, failures } = work;
  const fee = await feeWithin(work, config);
  if (fee === undefined) return;
  const due = await readDuePushes(database, await minimumsOf(work, config.PUSH_PAYOUTS), MAX_DUE);
  await failures.eachItem(
    "push",
    due,
    ({ owner }) => ({ owner }),
    (one) => writeOne(work, config, fee, one),
  );
}

/** What a gas costs now; undefined: more than the operator pays for pushes. */
async function feeWithin({ chain }: PushWork, { PUSH_MAX_FEE_GWEI }: PushConfig): Promise<bigint | undefined> {
  const limit = toBaseUnitsDown(PUSH_MAX_FEE_GWEI, GWEI_DECIMALS);
  const { maxFeePerGas } = await readFees(chain.provider, limit + 1n);
  return maxFeePerGas > limit ? undefined : maxFeePerGas;
}

/** The contract is asked what there is: events may be behind, and others claim and push as well. */
async function writeOne(
  work: PushWork,
  config: PushConfig,
  fee: bigint,
  { owner, tokens, minimums }: DuePush,
): Promise<void> {
  const credits = await Promise.all(tokens.map((token) => work.chain.lens.creditOf(owner, token)));
  const full = tokens.filter((_, i) => (credits[i] ?? 0n) >= (minimums[i] ?? 0n));
  if (full.length === 0) return;
  if (!isWorthPushing(await gasFor(work, config, fee, { owner, tokens: full }), full.length)) return;
  await writePush(work.database, owner, full, config.PUSH_A_DAY);
  crashPoint("pushing");
}

/** The most gas that a push may take, where a gas costs `fee`. */
async function gasFor(
  work: PushWork,
  config: PushConfig,
  fee: bigint,
  { owner, tokens }: Omit<Push, "id">,
): Promise<bigint> {
  const pushing = config.PUSH_PAYOUTS;
  if (pushing === "any") return maxPushGas(tokens.length);
  const worths = await Promise.all(
    tokens.map(async (token) => {
      const rule = pushing === "off" ? undefined : pushing.get(token);
      if (rule === undefined) return 0n;
      const [{ decimals }, credit] = await Promise.all([
        work.chain.token(token),
        work.chain.lens.creditOf(owner, token),
      ]);
      return worthDown(credit, decimals, toBaseUnitsDown(rule.worth, COIN_DECIMALS));
    }),
  );
  const worth = worths.reduce((sum, one) => sum + one, 0n);
  return gasWorth(worth, config.PUSH_MAX_GAS_BPS, fee, tokens.length);
}

async function sendWaiting(work: PushWork, config: PushConfig): Promise<void> {
  const waiting = await readWaitingPushes(work.database);
  await work.failures.eachItem(
    "push",
    waiting,
    ({ id, owner }) => ({ push: String(id), owner }),
    (push) => send(work, config, push),
  );
}

async function send(work: PushWork, config: PushConfig, push: Push): Promise<void> {
  const { database, chain, sender } = work;
  const fee = await feeWithin(work, config);
  // Gas got dear since it was written down: it waits.
  if (fee === undefined) return;
  const gas = await gasFor(work, config, fee, push);
  try {
    await sender.send(purposeOfPush(push.id), payOutCall(chain, push.owner, push.tokens), gas);
  } catch (error) {
    // It waits, and is no failure.
    if (error instanceof DaySpent) return;
    if (!(error instanceof WouldRevert || error instanceof TooMuchGas)) throw error;
    await giveUpPush(database, push.id, error.message);
  }
}
