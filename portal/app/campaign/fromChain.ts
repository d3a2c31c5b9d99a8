/** A campaign as the chain alone tells it: for while the relayer does not answer. Names and descriptions are the relayer's to know. */
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { ZeroAddress } from "ethers";
import type { Campaign } from "../api/campaign.ts";
import { type ChainCampaign, readCampaign } from "../chain/campaign.ts";
import { lens, topicOf } from "../chain/contracts.ts";
import { readEvents } from "../chain/events.ts";
import { type ChainMoney, readMoney } from "../chain/moneyFlow.ts";
import { describeToken } from "../chain/token.ts";
import type { TokenFormat } from "../text/money.ts";

const orNull = (seconds: bigint) => (seconds === 0n ? null : Number(seconds));
const limitOrNull = (limit: bigint) => (limit === NO_LIMIT ? null : String(limit));

export async function readCampaignFromChain(id: string): Promise<Campaign> {
  const [chain, money] = await Promise.all([readCampaign(id), readMoney(id)]);
  return campaignOf(id, chain, money, await describeToken(chain.overview.terms.token));
}

/** What only the relayer knows is as of a campaign of which nobody told it anything. */
export function campaignOf(
  id: string,
  { overview, state }: ChainCampaign,
  money: ChainMoney,
  token: TokenFormat,
): Campaign {
  const { terms } = overview;
  return {
    id,
    brand: overview.brand,
    token: terms.token,
    tokenSymbol: token.symbol,
    tokenDecimals: token.decimals,
    holdSeconds: Number(terms.holdSeconds),
    noticeSeconds: Number(terms.noticeSeconds),
    feeBps: Number(terms.feeBps),
    operator: terms.operator,
    funded: String(money.funded),
    available: String(overview.available),
    reserved: String(overview.reserved),
    released: String(money.released),
    fees: String(money.fees),
    withdrawn: String(money.withdrawn),
    promised: "0",
    credits: "0",
    paid: "0",
    unexplained: String(money.released),
    linesOnChain: terms.linesOnChain || terms.holdSeconds === 0n,
    dailyLimit: limitOrNull(overview.dailyLimit),
    nextDailyLimit:
      state.nextDailyLimitAt === 0n
        ? null
        : { amount: limitOrNull(state.nextDailyLimit), effectiveAt: Number(state.nextDailyLimitAt) },
    pendingBrand:
      state.pendingBrand === ZeroAddress
        ? null
        : { brand: state.pendingBrand, effectiveAt: Number(state.transferableAt) },
    pendingWithdrawal:
      state.withdrawableAt === 0n
        ? null
        : { amount: String(state.withdrawalAmount), effectiveAt: Number(state.withdrawableAt) },
    suspendedUntil: orNull(state.suspendedUntil),
    closesAt: orNull(state.closesAt),
    finalAt: orNull(state.finalAt),
    nextConversion: String(overview.nextConversion),
    description: null,
    setAside: null,
  };
}

/** One of a brand's campaigns, as a list takes it. */
export interface Owned {
  readonly id: string;
  readonly chain: ChainCampaign["overview"];
  readonly token: TokenFormat;
}

/** The campaigns that a brand created or took over, and still has. */
export async function readOwned(brand: string): Promise<Owned[]> {
  const topic = `0x${brand.slice(2).toLowerCase().padStart(64, "0")}`;
  const [created, taken] = await Promise.all([
    readEvents([topicOf("CampaignCreated"), null, topic]),
    readEvents([topicOf("BrandTransferred"), null, null, topic]),
  ]);
  const ids = [...new Set([...created, ...taken].map(({ args }) => args.campaignId as string))];
  const overviews = await Promise.all(ids.map(async (id) => ({ id, chain: await lens().overview(id) })));
  const owned = overviews.filter(({ chain }) => chain.brand === brand);
  return Promise.all(owned.map(async (one) => ({ ...one, token: await describeToken(one.chain.terms.token) })));
}
