import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { kindName } from "@partner-programs/protocol/kinds";
import { unpackLine } from "@partner-programs/protocol/line";
import { Problem, problems } from "#service/problem.ts";
import { REASONS, type Reason } from "../../domain/reasons.ts";
import { entriesLeft } from "../../domain/refund.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { states } from "../conversion.ts";
import { amount, bytes32, campaignParameter, day, idBefore, json, page, pageQuery, toPage } from "../schemas.ts";

const DAY = 86_400_000;
const MOST_DAYS = 366;
const MOST_ROWS = 20_000;
/** Health is that of the latest conversions, so that it costs the same whatever a campaign has behind it. */
const LATEST = 2_000;

const days = { from: day.optional(), to: day.optional() };

const reportRow = z
  .object({
    day: z.string().openapi({ description: "In UTC; empty where all days are summed." }),
    group: z
      .string()
      .openapi({ description: "A partner's address, an offer's number, a kind, an event; or `campaign`." }),
    clicks: z.int().openapi({ description: "0 by offer, kind and event: a click has none of them." }),
    conversions: z.int().openapi({ description: "Reported that day, and neither rejected nor taken back." }),
    rejected: z.int(),
    reversed: z.int().openapi({ description: "Of those reported that day, taken back since." }),
    volume: amount,
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

const earning = z
  .object({
    conversionId: z.string(),
    campaignId: bytes32,
    event: z.string(),
    receivedAt: z.string(),
    state: states,
    paid: z.enum(["no", "claimable", "claimed"]),
    reasonText: z.string().nullable(),
    volume: amount.openapi({ description: "Without what the customer was given back." }),
    earned: amount.openapi({ description: "The signed-in partner's own commission." }),
    attestBy: z.int().nullable(),
    releaseAt: z.int().nullable(),
    recruited: z.boolean().openapi({ description: "Of a partner that this one recruited." }),
  })
  .openapi("Earning");

/** What a conversion's own entry is: the first; those of the customer and of the recruiter follow. */
const OFFER = "('x' || substr(c.entries ->> 0, 3, 4))::bit(16)::int";
const GROUPS = {
  campaign: "'campaign'",
  partner: "coalesce(p.partner, '')",
  event: "c.event",
  offer: `coalesce((${OFFER})::text, '')`,
  kind: `coalesce((SELECT kind FROM offers WHERE offers.campaign_id = c.campaign_id AND offers.offer_id = ${OFFER})::text, '')`,
} as const;
const by = z.enum(Object.keys(GROUPS) as [keyof typeof GROUPS, ...(keyof typeof GROUPS)[]]);

/** Numbers over time, for brands and partners; and what a partner earned. */
export function reportRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/reports",
      summary: "Read numbers over time",
      request: {
        params: campaignParameter,
        query: z.object({
          by: by.default("campaign"),
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
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const query = c.req.valid("query");
      const wallet = await requireSession(c, services);
      const [campaign] = await database.query<{ brand: string }>("SELECT brand FROM campaigns WHERE id = $1", [
        campaignId,
      ]);
      if (campaign === undefined)
        throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
      const { from, to } = range(query);
      const partner = campaign.brand === wallet ? null : wallet;
      const counted = (condition: string, what: string) => `coalesce(sum(${what}) FILTER (WHERE ${condition}), 0)`;
      const counts = "c.state NOT IN ('rejected', 'reversed')";
      // What its recruiter and its customers get is not a partner's to know.
      const [commission, fee] = partner === null ? ["c.commission", "c.fee"] : ["c.partner_commission", "0"];
      const dayOf = (value: string) => (query.per === "day" ? `to_char(${value}, 'YYYY-MM-DD')` : "''");
      const clicks = `SELECT ${dayOf("k.day")} AS day, ${query.by === "partner" ? "p.partner" : "'campaign'"} AS name,
          sum(k.clicks) AS clicks, 0::bigint AS conversions, 0::bigint AS rejected, 0::bigint AS reversed,
          0::numeric AS volume, 0::numeric AS commission, 0::numeric AS fees, 0::numeric AS reversed_commission
        FROM link_clicks k JOIN links ON links.id = k.link_id JOIN partnerships p ON p.id = links.partnership_id
        WHERE p.campaign_id = $1 AND k.day >= $2::date AND k.day < $3::date AND ($4::text IS NULL OR p.partner = $4) GROUP BY 1, 2 UNION ALL `;
      const rows = await database.query<Record<string, unknown>>(
        `SELECT day, name, sum(clicks) AS clicks, sum(conversions) AS conversions, sum(rejected) AS rejected, sum(reversed) AS reversed,
           sum(volume) AS volume, sum(commission) AS commission, sum(fees) AS fees, sum(reversed_commission) AS reversed_commission
         FROM (
           ${query.by === "campaign" || query.by === "partner" ? clicks : ""}
           SELECT ${dayOf("c.received_at AT TIME ZONE 'UTC'")} AS day, ${GROUPS[query.by]} AS name, 0::numeric AS clicks,
             count(*) FILTER (WHERE ${counts}) AS conversions, count(*) FILTER (WHERE c.state = 'rejected') AS rejected,
             count(*) FILTER (WHERE c.state = 'reversed') AS reversed, ${counted(counts, "c.volume - c.refunded")} AS volume,
             ${counted(counts, commission)} AS commission, ${counted(counts, fee)} AS fees,
             ${counted("c.state = 'reversed'", commission)} AS reversed_commission
           FROM conversions c LEFT JOIN partnerships p ON p.id = c.partnership_id
           WHERE c.campaign_id = $1 AND c.received_at >= $2::date AT TIME ZONE 'UTC' AND c.received_at < $3::date AT TIME ZONE 'UTC'
             AND ($4::text IS NULL OR p.partner = $4) GROUP BY 1, 2
         ) AS parts GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ${MOST_ROWS + 1}`,
        [campaignId, from, to, partner],
      );
      if (rows.length > MOST_ROWS)
        throw new Problem(400, `These are more than ${MOST_ROWS} rows. Ask for fewer days, or for \`per=all\`.`);
      return c.json(
        rows.map((row) => ({
          day: String(row.day),
          group: query.by === "kind" && row.name !== "" ? kindName(Number(row.name)) : String(row.name),
          clicks: Number(row.clicks),
          conversions: Number(row.conversions),
          rejected: Number(row.rejected),
          reversed: Number(row.reversed),
          volume: String(row.volume),
          commission: String(row.commission),
          fees: String(row.fees),
          reversedCommission: String(row.reversed_commission),
        })),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/health",
      summary: "Read how fast and how sure a campaign pays",
      request: { params: campaignParameter },
      responses: { 200: json(health, "How fast and how sure the campaign pays."), ...problems(404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const known = await database.query("SELECT 1 FROM campaigns WHERE id = $1", [campaignId]);
      if (known.length === 0) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
      const [row] = await database.query<{
        conversions: bigint;
        attested: bigint;
        reversed: bigint;
        to_attest: number | null;
        to_release: number | null;
        waiting: bigint;
        oldest: Date | null;
      }>(
        `WITH latest AS (
           SELECT id, received_at, state, commission FROM conversions WHERE campaign_id = $1 ORDER BY id DESC LIMIT ${LATEST}
         ), reached AS (
           SELECT moves.state, extract(epoch FROM min(moves.moved_at) - min(latest.received_at)) AS seconds
           FROM latest JOIN conversion_moves moves ON moves.conversion_id = latest.id
           WHERE moves.state IN ('attested', 'released') GROUP BY latest.id, moves.state
         )
         SELECT count(*) FILTER (WHERE state <> 'rejected') AS conversions,
           coalesce(sum(commission) FILTER (WHERE state <> 'rejected'), 0) AS attested,
           coalesce(sum(commission) FILTER (WHERE state = 'reversed'), 0) AS reversed,
           (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds::float8) FROM reached WHERE state = 'attested') AS to_attest,
           (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds::float8) FROM reached WHERE state = 'released') AS to_release,
           count(*) FILTER (WHERE state IN ('accepted', 'batched')) AS waiting,
           min(received_at) FILTER (WHERE state IN ('accepted', 'batched')) AS oldest
         FROM latest`,
        [campaignId],
      );
      if (row === undefined) throw new Error("An aggregate has a row.");
      return c.json(
        {
          conversions: Number(row.conversions),
          attested: String(row.attested),
          reversed: String(row.reversed),
          secondsToAttest: row.to_attest,
          secondsToRelease: row.to_release,
          waiting: Number(row.waiting),
          oldestWaiting: row.oldest?.toISOString() ?? null,
        },
        200,
      );
    },
  );

  interface EarningRow {
    id: bigint;
    campaign_id: string;
    event: string;
    received_at: Date;
    state: z.output<typeof states>;
    reason: string | null;
    volume: bigint;
    refunded: bigint;
    entries: string[];
    attest_by: bigint | null;
    release_at: bigint | null;
    claimed: boolean | null;
    mine: boolean;
    unit_exponent: number;
    token_decimals: number;
    token_symbol: string;
    transaction: string | null;
    offers: Record<string, { flat: string; rate: number }>;
  }

  /** Conversions that pay the wallet, or would have: its own, and those of partners that it recruited. The newest first. */
  function readEarnings(wallet: string, condition: string, parameters: readonly unknown[], limit: number) {
    return database.query<EarningRow>(
      `SELECT c.id, c.campaign_id, c.event, c.received_at, c.state, c.reason, c.volume, c.refunded, c.entries, c.attest_by,
         batches.release_at, own.partner = $1 AS mine, campaigns.unit_exponent, campaigns.token_decimals, campaigns.token_symbol,
         (SELECT bool_and(l.state = 'claimed') FROM batch_lines l WHERE l.digest = c.batch AND l.partner = $1) AS claimed,
         (SELECT transaction FROM conversion_moves m WHERE m.conversion_id = c.id AND transaction IS NOT NULL ORDER BY m.id DESC LIMIT 1) AS transaction,
         (SELECT jsonb_object_agg(offer_id, jsonb_build_object('flat', flat_amount::text, 'rate', rate_bps)) FROM offers
           WHERE offers.campaign_id = c.campaign_id
             AND offer_id IN (SELECT ('x' || substr(entry, 3, 4))::bit(16)::int FROM jsonb_array_elements_text(c.entries) AS entry)) AS offers
       FROM conversions c JOIN campaigns ON campaigns.id = c.campaign_id JOIN partnerships own ON own.id = c.partnership_id
       LEFT JOIN batches ON batches.digest = c.batch
       WHERE (own.partner = $1 OR own.recruiter_id IN (SELECT id FROM partnerships WHERE partner = $1)) AND ${condition}
       ORDER BY c.id DESC LIMIT ${limit}`,
      [wallet, ...parameters],
    );
  }

  function toEarning(wallet: string, row: EarningRow): z.output<typeof earning> {
    const unitsLeft = (row.volume - row.refunded) / 10n ** BigInt(row.unit_exponent);
    const entries = row.entries.map(unpackLine);
    const left = row.refunded === 0n ? entries : entriesLeft(entries, unitsLeft);
    const earned = left
      .filter(({ partner }) => partner === wallet)
      .reduce((sum, entry) => {
        const offer = row.offers[entry.offerId];
        if (offer === undefined) throw new Error(`Conversion ${row.id} names an offer that is not there.`);
        const rate = { flatAmount: BigInt(offer.flat), rateBps: offer.rate };
        return sum + commissionOfLineDown(entry, rate, { unitExponent: row.unit_exponent, feeBps: 0 }).commission;
      }, 0n);
    const counts = row.state !== "rejected" && row.state !== "reversed";
    return {
      conversionId: String(row.id),
      campaignId: row.campaign_id,
      event: row.event,
      receivedAt: row.received_at.toISOString(),
      state: row.state,
      paid: row.state !== "released" ? "no" : row.claimed === true ? "claimed" : "claimable",
      reasonText: row.reason === null ? null : (REASONS[row.reason as Reason] ?? row.reason),
      volume: String(row.volume - row.refunded),
      earned: counts ? String(earned) : "0",
      attestBy: row.attest_by === null ? null : Number(row.attest_by),
      releaseAt: row.release_at === null ? null : Number(row.release_at),
      recruited: !row.mine,
    };
  }

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/me/earnings",
      summary: "List what a partner earned",
      request: {
        query: pageQuery.extend({ campaignId: bytes32.optional() }),
      },
      responses: {
        200: json(
          page(earning).openapi("Earnings"),
          "What the signed-in partner earned by each conversion, the newest first.",
        ),
        ...problems(400, 401),
      },
    }),
    async (c) => {
      const { campaignId, cursor, limit } = c.req.valid("query");
      const wallet = await requireSession(c, services);
      const list = `earnings ${wallet}`;
      const rows = await readEarnings(
        wallet,
        "($2::text IS NULL OR c.campaign_id = $2) AND c.id < $3",
        [campaignId ?? null, idBefore(list, cursor)],
        limit + 1,
      );
      return c.json(
        toPage(list, rows, limit, (row) => toEarning(wallet, row)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/me/statement.csv",
      summary: "Take the earnings home as CSV",
      request: { query: z.object(days) },
      responses: {
        200: {
          description: "The signed-in partner's earnings, conversion by conversion, as CSV.",
          content: { "text/csv": { schema: z.string() } },
        },
        ...problems(400, 401),
      },
    }),
    async (c) => {
      const wallet = await requireSession(c, services);
      const { from, to } = range(c.req.valid("query"));
      const rows = await readEarnings(
        wallet,
        "c.received_at >= $2::date AT TIME ZONE 'UTC' AND c.received_at < $3::date AT TIME ZONE 'UTC'",
        [from, to],
        MOST_ROWS + 1,
      );
      if (rows.length > MOST_ROWS)
        throw new Problem(400, `These are more than ${MOST_ROWS} conversions. Ask for fewer days.`);
      const head = [
        "conversion",
        "received",
        "campaign",
        "event",
        "state",
        "paid",
        "reason",
        "volume",
        "earned",
        "token",
        "release",
        "transaction",
      ];
      const lines = rows.map((row) => {
        const one = toEarning(wallet, row);
        return [
          one.conversionId,
          one.receivedAt,
          one.campaignId,
          one.event,
          one.state,
          one.paid,
          one.reasonText ?? "",
          decimalText(BigInt(one.volume), row.token_decimals),
          decimalText(BigInt(one.earned), row.token_decimals),
          row.token_symbol,
          one.releaseAt === null ? "" : new Date(one.releaseAt * 1000).toISOString(),
          row.transaction ?? "",
        ];
      });
      return c.body([head, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join(""), 200, {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="statement-${from}.csv"`,
        "cache-control": "no-store",
      });
    },
  );
  return app;
}

/** Days in UTC, both included when asked for; `to` is the day after, here. */
function range({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  const last = Date.parse(to ?? new Date().toISOString().slice(0, 10));
  const first = from === undefined ? last - 29 * DAY : Date.parse(from);
  if (first > last) throw new Problem(400, `from ${from} is after to ${to}. Exchange them.`);
  if (last - first >= MOST_DAYS * DAY) throw new Problem(400, `These are more than ${MOST_DAYS} days. Ask for fewer.`);
  const text = (time: number) => new Date(time).toISOString().slice(0, 10);
  return { from: text(first), to: text(last + DAY) };
}

function decimalText(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** A cell that a spreadsheet reads as text: what begins like a formula would be carried out. */
function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
