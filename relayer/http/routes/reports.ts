/** A campaign's numbers over time, for its brand and its partners, and how fast and how surely it pays, for anybody. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { kindName } from "@partner-programs/protocol/kinds";
import { Problem, problems } from "#service/problem.ts";
import { readNames } from "../../store/profiles.ts";
import {
  type HealthRow,
  REPORT_GROUPS,
  type ReportGroup,
  type ReportRow,
  readHealth,
  readReport,
} from "../../store/reports.ts";
import { brandOrWallet } from "../actor.ts";
import { WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { days, toDays } from "../days.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { amount, campaignParameter, json } from "../schemas.ts";

const MAX_ROWS = 20_000;
/** Health is that of the latest conversions, so that it costs the same whatever a campaign has behind it. */
const LATEST = 2_000;

const reportRow = z
  .object({
    day: z.string().openapi({ description: "In UTC; empty where all days are summed." }),
    group: z
      .string()
      .openapi({ description: "A partner's address, an offer's number, a kind, an event; or `campaign`." }),
    groupName: z.string().optional().openapi({
      description: "By partner: what the brand calls it, or else what it says of itself. Only the brand sees it.",
    }),
    clicks: z.int().openapi({ description: "0 by offer, kind and event: a click has none of them." }),
    conversions: z.int().openapi({ description: "Reported that day, and neither rejected nor taken back." }),
    rejected: z.int(),
    reversed: z.int().openapi({ description: "Of those reported that day, taken back since." }),
    volumeBaseUnits: amount,
    commission: amount,
    fees: amount,
    reversedCommission: amount,
  })
  .openapi("ReportRow");

const health = z
  .object({
    conversions: z.int().openapi({ description: `Of the latest ${LATEST}: accepted, taken back later or not.` }),
    attested: amount.openapi({ description: "Their commissions." }),
    reversed: amount.openapi({ description: "Of these commissions, those of conversions that were taken back." }),
    secondsToAttest: z.number().nullable().openapi({ description: "Median, from the report to the chain." }),
    secondsToRelease: z
      .number()
      .nullable()
      .openapi({ description: "Median, from the report to the partner's credit." }),
    waiting: z.int(),
    oldestWaiting: z.string().nullable(),
  })
  .openapi("Health");

const readNumbers = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/reports",
  security: WALLET,
  summary: "Read numbers over time",
  request: {
    params: campaignParameter,
    query: z.object({
      by: z.enum(REPORT_GROUPS).default("campaign"),
      per: z.enum(["day", "all"]).default("day").openapi({ description: "all: one sum over all the days." }),
      ...days,
    }),
  },
  responses: {
    200: json(
      z.array(reportRow),
      "By day (UTC), oldest first; days without anything are left out. To the brand the whole campaign's, to a partner its own. Without `from`: the last 30 days.",
    ),
    ...problems(400, 401, 404),
  },
});

const readHowItPays = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/health",
  summary: "Read how fast and how sure a campaign pays",
  request: { params: campaignParameter },
  responses: { 200: json(health, "How fast and how sure the campaign pays."), ...problems(404) },
});

function toReportRow(by: ReportGroup, row: ReportRow): z.output<typeof reportRow> {
  return {
    day: row.day,
    group: by === "kind" && row.name !== "" ? kindName(Number(row.name)) : row.name,
    clicks: Number(row.clicks),
    conversions: Number(row.conversions),
    rejected: Number(row.rejected),
    reversed: Number(row.reversed),
    volumeBaseUnits: String(row.volume),
    commission: String(row.commission),
    fees: String(row.fees),
    reversedCommission: String(row.reversed_commission),
  };
}

function toHealth(row: HealthRow): z.output<typeof health> {
  return {
    conversions: Number(row.conversions),
    attested: String(row.attested),
    reversed: String(row.reversed),
    secondsToAttest: row.to_attest,
    secondsToRelease: row.to_release,
    waiting: Number(row.waiting),
    oldestWaiting: row.oldest?.toISOString() ?? null,
  };
}

export function reportRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(readNumbers, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { by, per, ...span } = c.req.valid("query");
    const { wallet, actor } = await brandOrWallet(c, services, campaignId);
    const partner = actor === undefined ? wallet : null;
    const query = { campaignId, ...toDays(span), partner, by, perDay: per === "day", limit: MAX_ROWS + 1 };
    const rows = await readReport(database, query);
    if (rows.length > MAX_ROWS)
      throw new Problem(400, `These are more than ${MAX_ROWS} rows. Ask for fewer days, or for \`per=all\`.`);
    const named = partner === null && by === "partner" ? rows.filter(({ name }) => name !== "") : [];
    const nameOf = await readNames(
      database,
      named.map(({ name }) => ({ campaignId, partner: name })),
    );
    return c.json(
      rows.map((row) => {
        const name = nameOf({ campaignId, partner: row.name });
        return { ...toReportRow(by, row), ...(name === null ? {} : { groupName: name }) };
      }),
      200,
    );
  });

  app.openapi(readHowItPays, async (c) => {
    const { campaignId } = c.req.valid("param");
    await requireCampaign(database, campaignId);
    return c.json(toHealth(await readHealth(database, campaignId, LATEST)), 200);
  });
  return app;
}
