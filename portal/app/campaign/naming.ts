/** A campaign's name, and its token as amounts are written with it. */
import type { Campaign } from "../api/campaign.ts";
import { shortAddress, type TokenFormat } from "../text/money.ts";

export const tokenOf = (campaign: Pick<Campaign, "tokenSymbol" | "tokenDecimals">): TokenFormat => ({
  symbol: campaign.tokenSymbol,
  decimals: campaign.tokenDecimals,
});

export const nameOf = (campaign: Campaign | undefined) =>
  campaign?.description?.name ?? (campaign === undefined ? "Campaign" : `Campaign ${shortAddress(campaign.id)}`);
