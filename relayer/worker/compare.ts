/**
 * Compares what is kept of campaigns with what the contract has at the same block. Where a node left something out, however it was read,
 * the sums or the next number differ: such a campaign is set aside, and `reread.ts` reads it again from where both agreed.
 */
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import pMap from "p-map";
import type { CampaignState } from "#service/chain/programs.ts";
import { RetryableError } from "#service/errors.ts";
import { findToCompare, isStillRead, type KeptRow, noteAgreed, readKept } from "../store/agreement.ts";
import { readBlocksUpTo, readFinalBlock } from "../store/cursor.ts";
import { setAsideForDifference } from "../store/setAside.ts";
import type { Work } from "./work.ts";

type CompareWork = Pick<Work, "database" | "chain">;

/** Campaigns of which something happened that are compared in one go, and questions under way at a time. */
const AT_ONCE = 50;
const QUESTIONS_AT_ONCE = 10;

/** How often the newest final block is held against that of other nodes. */
const CONFIRM_MILLISECONDS = 120_000;

/** The zero address. */
const NOBODY = `0x${"0".repeat(40)}`;

type Compared = bigint | string | boolean;

/** What of a campaign is not as the contract has it, in words; undefined: it is as the contract has it. */
export function difference(kept: KeptRow, state: CampaignState | undefined): string | undefined {
  const compared: [what: string, here: Compared, there: Compared][] = [
    // One that a reorganisation took back stays, empty.
    ["available", kept.available, state?.available ?? 0n],
    ["reserved", kept.reserved, state?.reserved ?? 0n],
    ["the next number", kept.next_conversion, state?.nextConversion ?? 1n],
    ["offers", kept.offers, state?.offerCount ?? 0n],
    ["suspended until", kept.suspended_until, state?.suspendedUntil ?? 0n],
    ["closing at", kept.closes_at, state?.closesAt ?? 0n],
    ["final at", kept.final_at, state?.finalAt ?? 0n],
    ["the withdrawal", kept.withdrawal_amount, state?.withdrawalAmount ?? 0n],
    ["withdrawable at", kept.withdrawable_at, state?.withdrawableAt ?? 0n],
    ["guaranteed until", kept.locked_until, state?.lockedUntil ?? 0n],
    ["the brand", kept.brand, state?.brand ?? kept.brand],
    ["the next brand", kept.pending_brand ?? NOBODY, state?.pendingBrand ?? NOBODY],
    ["transferable at", kept.transferable_at, state?.transferableAt ?? 0n],
    ["the daily limit", kept.daily_limit ?? NO_LIMIT, state?.limited ? state.dailyLimit : NO_LIMIT],
    ["the next daily limit", kept.next_daily_limit ?? 0n, state?.nextDailyLimit ?? 0n],
    ["the next daily limit's time", kept.next_daily_limit_at, state?.nextDailyLimitAt ?? 0n],
    ["kinds that were set", kept.kinds_listed, state?.kindsListed ?? false],
  ];
  const wrong = compared.filter(([, here, there]) => here !== there);
  if (wrong.length === 0) return undefined;
  return wrong.map(([what, here, there]) => `${what}: ${here} here, ${there} on the chain`).join("; ");
}

/** Compares these campaigns now. @returns those that differ, and are set aside */
export async function compare({ database, chain }: CompareWork, campaignIds: readonly string[]): Promise<string[]> {
  const kept = await readKept(database, campaignIds);
  if (kept === undefined) return [];
  const { block, campaigns } = kept;
  const found = await pMap(
    campaigns,
    async (one) => ({ id: one.id, differs: difference(one, await chain.campaignAt(one.id, block.hash)) }),
    { concurrency: QUESTIONS_AT_ONCE },
  );
  return database.transaction(async (sql) => {
    // Another chain by now: nothing of this one counts.
    if (!(await isStillRead(sql, block))) return [];
    const agreed = found.flatMap(({ id, differs }) => (differs === undefined ? [id] : []));
    await noteAgreed(sql, agreed, block);
    const wrong = found.flatMap(({ id, differs }) => (differs === undefined ? [] : [{ id, differs }]));
    for (const { id, differs } of wrong)
      await setAsideForDifference(
        sql,
        id,
        block.number,
        `at block ${block.number} it is not as the contract has it (${differs})`,
      );
    return wrong.map(({ id }) => id);
  });
}

/** What counts as final here is another block to enough of the nodes. */
class AnotherFork extends RetryableError {
  override readonly name = "AnotherFork";
}

/** Where there are several nodes, the newest final block that was read is the one that they have. @throws AnotherFork, NodesDisagree */
async function confirmFinal({ database, chain }: CompareWork, final: number): Promise<void> {
  if (chain.nodes().needed <= 1) return;
  const [mark] = await readBlocksUpTo(database, final);
  if (mark === undefined) return;
  const told = await chain.agreed(() => chain.block(mark.number));
  if (told === undefined || told.hash === mark.hash) return;
  throw new AnotherFork(
    `Block ${mark.number}, which is final, was read as ${mark.hash}, and enough of the chain's nodes have ${told.hash}.`,
  );
}

/** @returns the job: when another block is final, and not more often than this, some campaigns are compared */
export function createCompare(
  work: CompareWork,
  everyMilliseconds = 30_000,
  now: () => number = () => performance.now(),
): () => Promise<number> {
  let confirmed = Number.NEGATIVE_INFINITY;
  let last: { readonly at: number; readonly final: number } | undefined;
  return async () => {
    const final = await readFinalBlock(work.database);
    const at = now();
    if (final === undefined || final === last?.final || (last !== undefined && at - last.at < everyMilliseconds))
      return 0;
    last = { at, final };
    if (at - confirmed >= CONFIRM_MILLISECONDS) {
      confirmed = at;
      await confirmFinal(work, final);
    }
    const campaignIds = await findToCompare(work.database, AT_ONCE);
    await compare(work, campaignIds);
    return campaignIds.length;
  };
}
