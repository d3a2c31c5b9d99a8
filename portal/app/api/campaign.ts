/** A campaign as pages use it: with its description in the types of the protocol, and whole. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type * as schema from "./schema.d.ts";

export interface Campaign extends schema.Campaign {
  readonly description: CampaignDescription | null;
}

/** A description as it was published may leave out what has a default: here it is whole. */
export function complete(campaign: schema.Campaign): Campaign {
  const description = (campaign.description ?? null) as CampaignDescription | null;
  if (description === null) return { ...campaign, description };
  const whole: CampaignDescription = {
    ...description,
    allowedOrigins: description.allowedOrigins ?? [],
    objectives: description.objectives ?? [],
    expectations: description.expectations ?? {},
    resources: description.resources ?? [],
    promotions: description.promotions ?? [],
    conditions: description.conditions ?? [],
    targets: description.targets ?? [],
    fraud: description.fraud ?? { velocityPerHour: null },
    ...(description.leads && { leads: { ...description.leads, asks: description.leads.asks ?? ["company"] } }),
  };
  return { ...campaign, description: whole };
}
