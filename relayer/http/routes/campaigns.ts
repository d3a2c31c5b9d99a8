/** Campaigns, as everybody may see them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { Problem, problems } from "#service/problem.ts";
import { type CampaignRow, readCampaign, readCampaigns } from "../../store/campaigns.ts";
import type { Services } from "../context.ts";
import { description } from "../description.ts";
import { requireKnown } from "../requireCampaign.ts";
import {
  address,
  amount,
  bytes32,
  campaignParameter,
  json,
  openCursor,
  page,
  pageQuery,
  toPage,
  UNKNOWN_CURSOR,
} from "../schemas.ts";

/** Named by their ids: an address has room for so many. */
const MAX_IDS = 50;
const LIST = "campaigns";

const campaign = z
  .object({
    id: bytes32,
    brand: address,
    token: address,
    tokenSymbol: z.string(),
    tokenDecimals: z.int(),
    holdSeconds: z.int(),
    noticeSeconds: z.int(),
    feeBps: z.int(),
    operator: address,
    funded: amount,
    available: amount,
    reserved: amount,
    released: amount.openapi({ description: "Commissions released to partners, claimed or not." }),
    fees: amount,
    withdrawn: amount,
    promised: amount.openapi({
      description: "Commissions and fees of accepted conversions that are not attested yet.",
    }),
    credits: amount.openapi({ description: "Of the released commissions, what is not claimed yet." }),
    paid: amount.openapi({ description: "Of the released commissions, what is claimed, or was paid at once." }),
    unexplained: amount.openapi({
      description:
        "Of the released commissions, those of batches whose lines are not known here: whether they are claimed is not known.",
    }),
    linesOnChain: z.boolean().openapi({
      description: "Whether the chain has the lines of its batches; otherwise the relayer and the attesters keep them.",
    }),
    dailyLimit: amount.nullable().openapi({
      description: "Most commissions and fees that are attested in a day (UTC). null: no limit.",
    }),
    nextDailyLimit: z.object({ amount: amount.nullable(), effectiveAt: z.int() }).nullable(),
    pendingBrand: z
      .object({ brand: address, effectiveAt: z.int() })
      .nullable()
      .openapi({ description: "Who may take the campaign over, from then on." }),
    pendingWithdrawal: z.object({ amount: amount, effectiveAt: z.int() }).nullable(),
    suspendedUntil: z.int().nullable(),
    closesAt: z.int().nullable(),
    finalAt: z.int().nullable().openapi({ description: "From then on nothing is attested any more." }),
    nextConversion: z.string(),
    description: z
      .union([description, z.null()])
      .openapi({ description: "As it was published; null: it was not uploaded here." }),
    setAside: z.object({ block: z.int(), event: z.string().nullable(), reason: z.string() }).nullable().openapi({
      description:
        "Not null: this event of the campaign could not be read, or (`event` is null) what is known of it is not what the contract has at this block. Its money is shown as it was before, and nothing is accepted until that is mended.",
    }),
  })
  .openapi("Campaign");

const timeOrNull = (seconds: bigint) => (seconds === 0n ? null : Number(seconds));
const limitOf = (limit: bigint | null) => (limit === null || limit === NO_LIMIT ? null : String(limit));

function toCampaign(row: CampaignRow): z.output<typeof campaign> {
  return {
    id: row.id,
    brand: row.brand,
    token: row.token,
    tokenSymbol: row.token_symbol,
    tokenDecimals: row.token_decimals,
    holdSeconds: row.hold_seconds,
    noticeSeconds: row.notice_seconds,
    feeBps: row.fee_bps,
    operator: row.operator,
    funded: String(row.funded),
    available: String(row.available),
    reserved: String(row.reserved),
    released: String(row.released),
    fees: String(row.fees),
    withdrawn: String(row.withdrawn),
    promised: String(row.promised),
    credits: String(row.credits),
    paid: String(row.paid),
    unexplained: String(row.unexplained),
    linesOnChain: row.lines_on_chain,
    dailyLimit: limitOf(row.daily_limit),
    nextDailyLimit:
      row.next_daily_limit_at === 0n
        ? null
        : { amount: limitOf(row.next_daily_limit), effectiveAt: Number(row.next_daily_limit_at) },
    pendingBrand:
      row.pending_brand === null ? null : { brand: row.pending_brand, effectiveAt: Number(row.transferable_at) },
    pendingWithdrawal:
      row.withdrawable_at === 0n
        ? null
        : { amount: String(row.withdrawal_amount), effectiveAt: Number(row.withdrawable_at) },
    suspendedUntil: timeOrNull(row.suspended_until),
    closesAt: timeOrNull(row.closes_at),
    finalAt: timeOrNull(row.final_at),
    nextConversion: String(row.next_conversion),
    description: row.description === null ? null : JSON.parse(row.description),
    setAside: row.set_aside,
  };
}

const listCampaigns = createRoute({
  method: "get",
  path: "/v1/campaigns",
  request: {
    query: pageQuery.extend({
      brand: address.optional().openapi({ description: "Whose they are." }),
      ids: z
        .string()
        .transform((text) => text.split(","))
        .pipe(z.array(bytes32).max(MAX_IDS, `has at most ${MAX_IDS} ids; ask again for the others`))
        .optional()
        .openapi({ type: "string", description: `These, by their ids with commas between; at most ${MAX_IDS}.` }),
    }),
  },
  responses: {
    200: json(page(campaign).openapi("Campaigns"), "Campaigns, in the order of their ids."),
    ...problems(400),
  },
});

const showCampaign = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}",
  request: { params: campaignParameter },
  responses: { 200: json(campaign, "The campaign."), ...problems(404) },
});

export function campaignRoutes({ database }: Services) {
  const app = new OpenAPIHono();

  app.openapi(listCampaigns, async (c) => {
    const { brand, ids, cursor, limit } = c.req.valid("query");
    const after = cursor === undefined ? undefined : bytes32.safeParse(openCursor(LIST, cursor)).data;
    if (cursor !== undefined && after === undefined) throw new Problem(400, UNKNOWN_CURSOR);
    const rows = await readCampaigns(database, { brand, ids, after, limit: limit + 1 });
    return c.json(toPage(LIST, rows, limit, toCampaign), 200);
  });

  app.openapi(showCampaign, async (c) => {
    const { campaignId } = c.req.valid("param");
    return c.json(toCampaign(requireKnown(campaignId, await readCampaign(database, campaignId))), 200);
  });
  return app;
}
