/** Takes up again the campaigns that were set aside, once in each process: a later version may apply what an earlier one could not. */
import type { ChainEvent } from "#service/chain/programs.ts";
import { FinalError } from "#service/errors.ts";
import { readBrand } from "../store/campaigns.ts";
import { lockCursor, readCursor, readOldestMark } from "../store/cursor.ts";
import { applyEvents, campaignOf } from "../store/projection.ts";
import { readSetAside, type SetAside, takeUp } from "../store/setAside.ts";
import { isOnChain, readFacts } from "./index.ts";
import type { Work } from "./work.ts";

type RereadWork = Pick<Work, "database" | "chain" | "failures">;

/** A campaign has an event that this process cannot apply. */
class CampaignSetAside extends FinalError {
  override readonly name = "CampaignSetAside";

  constructor({ campaignId, event, block, reason }: SetAside) {
    super(
      `Campaign ${campaignId} is set aside: its event ${event} of block ${block} could not be applied (${reason}).`,
    );
  }
}

/** How many campaigns are read again in one round: their events may be many. */
const AT_ONCE = 5;

/** @returns the job; it gives how many campaigns were read again */
export function createReread(work: RereadWork): () => Promise<number> {
  const tried = new Set<string>();
  const placeOf = ({ campaignId, block, index }: SetAside) => `${campaignId} ${block} ${index}`;
  return async () => {
    const untried = (await readSetAside(work.database)).filter((one) => !tried.has(placeOf(one))).slice(0, AT_ONCE);
    const nameOf = ({ campaignId, event, block }: SetAside) => ({ campaignId, event, block });
    await work.failures.eachItem("reread", untried, nameOf, async (one) => {
      if (!(await reread(work, one))) return;
      tried.add(placeOf(one));
      const [again] = await readSetAside(work.database, one.campaignId);
      // Nothing else is logged of a campaign that is set aside; of one that stands at another event, when that was tried.
      if (again !== undefined && placeOf(again) === placeOf(one)) throw new CampaignSetAside(again);
    });
    return untried.length;
  };
}

/**
 * Applies a campaign's events from the one that failed up to where the index stands. Whichever fails now sets it aside again.
 * @returns false if the chain or the index moved meanwhile
 */
async function reread({ database, chain }: RereadWork, aside: SetAside): Promise<boolean> {
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
