/**
 * Takes up again the campaigns that were set aside. Those with an event that could not be applied once in each process: a later version
 * may apply what an earlier one could not. Those that differ from the contract again and again, until a node tells all.
 */
import type { ChainEvent } from "#service/chain/programs.ts";
import { FinalError, RetryableError } from "#service/errors.ts";
import { noteAgreed, readAgreedBlock, readKept } from "../store/agreement.ts";
import { readBrand } from "../store/campaigns.ts";
import { lockCursor, readCursor, readOldestMark, undoCampaign } from "../store/cursor.ts";
import { applyEvents, campaignOf } from "../store/projection.ts";
import { describeSetAside, readSetAside, type SetAside, setAsideForDifference, takeUp } from "../store/setAside.ts";
import { difference } from "./compare.ts";
import { isOnChain, readFacts } from "./index.ts";
import type { Work } from "./work.ts";

type RereadWork = Pick<Work, "database" | "chain" | "failures">;

/** A campaign has an event that this process cannot apply. */
class CampaignSetAside extends FinalError {
  override readonly name = "CampaignSetAside";

  constructor(aside: SetAside) {
    super(`Campaign ${aside.campaignId} is set aside: ${describeSetAside(aside)}.`);
  }
}

/** The node tells of a campaign's events what does not lead to what the contract has. */
class StillDiffers extends RetryableError {
  override readonly name = "StillDiffers";
}

/** How many campaigns are read again in one round: their events may be many. */
const AT_ONCE = 5;

/** @returns the job; it gives how many campaigns were read again */
export function createReread(work: RereadWork, againMilliseconds = 30_000): () => Promise<number> {
  /** Where each stood when it was tried, and until when that is not done again. */
  const tried = new Map<string, number>();
  const placeOf = ({ campaignId, block, index, event }: SetAside) =>
    event === null ? campaignId : `${campaignId} ${block} ${index}`;
  return async () => {
    const aside = await readSetAside(work.database);
    const due = aside.filter((one) => (tried.get(placeOf(one)) ?? 0) <= performance.now()).slice(0, AT_ONCE);
    const nameOf = ({ campaignId, event, block }: SetAside) => ({ campaignId, event, block });
    await work.failures.eachItem("reread", due, nameOf, async (one) => {
      if (one.event === null) {
        tried.set(placeOf(one), performance.now() + againMilliseconds);
        return rereadFromAgreement(work, one);
      }
      if (!(await rereadFromEvent(work, one))) return;
      tried.set(placeOf(one), Number.POSITIVE_INFINITY);
      const [again] = await readSetAside(work.database, one.campaignId);
      // Nothing else is logged of a campaign that is set aside; of one that stands at another event, when that was tried.
      if (again !== undefined && placeOf(again) === placeOf(one)) throw new CampaignSetAside(again);
    });
    return due.length;
  };
}

/**
 * Applies a campaign's events from the one that failed up to where the index stands. Whichever fails now sets it aside again.
 * @returns false if the chain or the index moved meanwhile
 */
async function rereadFromEvent({ database, chain }: RereadWork, aside: SetAside): Promise<boolean> {
  const cursor = await readCursor(database, chain);
  if (cursor === undefined || !(await isOnChain(chain, cursor.block))) return false;
  // Of one whose creation was not seen nothing is there yet.
  const known = (await readBrand(database, aside.campaignId)) !== undefined;
  const from = known ? aside : { block: chain.deployedAt, index: 0 };
  const isDue = ({ name, args, block, index }: ChainEvent) =>
    (block > from.block || (block === from.block && index >= from.index)) &&
    campaignOf({ name, args }) === aside.campaignId;
  const events = (await chain.events(from.block, cursor.block.number)).filter(isDue);
  if (!(await isOnChain(chain, cursor.block))) return false;
  const facts = await readFacts(chain, events);
  return database.transaction(async (sql) => {
    if (!(await lockCursor(sql, cursor.block.number)) || !(await takeUp(sql, aside))) return false;
    await applyEvents(sql, events, facts, await readOldestMark(sql));
    return true;
  });
}

/**
 * Takes back what was applied of a campaign since it was last as the contract has it, and applies what the node tells now. That counts
 * only if it leads to what the contract has where the index stands; otherwise all stays as it was.
 * @throws StillDiffers
 */
async function rereadFromAgreement({ database, chain }: RereadWork, aside: SetAside): Promise<void> {
  const { campaignId } = aside;
  const cursor = await readCursor(database, chain);
  if (cursor === undefined) return;
  const agreed = (await readAgreedBlock(database, campaignId)) ?? chain.deployedAt - 1;
  const told = await chain.events(agreed + 1, cursor.block.number);
  const events = told.filter((event) => campaignOf(event) === campaignId);
  const facts = await readFacts(chain, events);
  const state = await chain.campaignAt(campaignId, cursor.block.hash);
  let differs: string | undefined;
  try {
    await database.transaction(async (sql) => {
      if (!(await lockCursor(sql, cursor.block.number)) || !(await takeUp(sql, aside))) return;
      await undoCampaign(sql, campaignId, agreed);
      await applyEvents(sql, events, facts, await readOldestMark(sql));
      const [failed] = await readSetAside(sql, campaignId);
      const [kept] = (await readKept(sql, [campaignId]))?.campaigns ?? [];
      differs = failed === undefined ? kept && difference(kept, state) : describeSetAside(failed);
      if (differs !== undefined) throw new StillDiffers(differs);
      await noteAgreed(sql, [campaignId], cursor.block);
    });
  } catch (error) {
    if (!(error instanceof StillDiffers)) throw error;
    const reason = `it is not as the contract has it, and what the node tells since block ${agreed} does not lead there at block ${cursor.block.number} (${differs})`;
    await setAsideForDifference(database, campaignId, cursor.block.number, reason);
    throw new StillDiffers(`Campaign ${campaignId} is set aside: ${reason}.`);
  }
}
