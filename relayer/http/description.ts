/** A campaign's description as the API takes and shows it. */
import "@hono/zod-openapi";
import { campaignDescription } from "@partner-programs/protocol/description";

/** A copy: the schema may have been made before `.openapi` was added to schemas. */
export const description = campaignDescription.describe("What a campaign publishes.").openapi("Description");
