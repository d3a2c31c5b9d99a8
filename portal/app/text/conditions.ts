/** What was sold, and when offers pay, in words. */
import { type Attributes, describeCondition } from "@partner-programs/protocol/conditions";
import type { CampaignDescription } from "@partner-programs/protocol/description";

/** What was sold: "plan annual, quantity 3". */
export const sayAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

/** What has to hold so that an offer pays, to stand behind it; empty: it always pays. */
export const sayConditions = (description: Pick<CampaignDescription, "conditions"> | null, offerId: number): string =>
  (description?.conditions ?? [])
    .filter(({ offers }) => offers.includes(offerId))
    .map(describeCondition)
    .join("; ");
