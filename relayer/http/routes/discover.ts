/** Campaigns for who looks for one to join: searched, filtered and sorted, page by page. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { DISCOVER_SORTS, type DiscoveredRow, readDiscovered } from "../../store/discover.ts";
import type { Services } from "../context.ts";
import { noticeFields, toNotice } from "../notice.ts";
import { address, amount, bytes32, json, page } from "../schemas.ts";

const MAX_OFFERS = 8;
const DAYS = 30n;

const discovered = z
  .object({
    id: bytes32,
    brand: address,
    name: z.string().nullable().openapi({ description: "null: its description is not known here." }),
    summary: z.string().nullable(),
    tokenSymbol: z.string(),
    tokenDecimals: z.int(),
    holdSeconds: z.int(),
    available: amount,
    funded: z.boolean().openapi({ description: "Whether there was ever money in it." }),
    closesAt: z.int().nullable(),
    open: z.boolean().openapi({ description: "Whether everybody can be paid; otherwise partners apply." }),
    offers: z
      .array(z.object({ event: z.string(), kind: z.int(), flatAmount: amount, rateBps: z.int(), cap: amount }))
      .openapi({ description: "What it pays partners now, the best rate first. `cap`: the most volume that counts." }),
    guaranteedUntil: z.int().nullable().openapi({
      description:
        "Until then no budget is withdrawn and the campaign does not close, whatever is announced; null: no guarantee is left.",
    }),
    conversions: z.int().openapi({ description: "Of the last 30 days, neither rejected nor reversed." }),
    reversed: z.int().openapi({ description: "Of the last 30 days." }),
    lastsSeconds: z
      .string()
      .nullable()
      .openapi({ description: "How long the budget lasts as the last 30 days were; null: nothing was spent." }),
    secondsToCredit: z.int().nullable().openapi({
      description:
        "Median of the latest batches, from their sales to the end of their hold, by the chain's own times; null: nothing was attested.",
    }),
    ...noticeFields,
  })
  .openapi("Discovered");

const toggle = z.enum(["true", "false"]).default("false");
const query = z.object({
  search: z.string().trim().max(100).optional().openapi({ description: "In name, summary, brand or token." }),
  open: toggle.openapi({ description: "`true`: only where everybody can be paid." }),
  paying: toggle.openapi({ description: "`true`: only what accepts conversions now." }),
  sort: z.enum(DISCOVER_SORTS).default("recommended").openapi({
    description:
      "What pays now comes first in any; then by what was sold lately, the highest rate, or the shortest hold.",
  }),
  cursor: z.string().max(200).optional().openapi({ description: "`next` of the page before." }),
  limit: z.coerce.number().int().min(1).max(60).default(24),
});

const list = createRoute({
  method: "get",
  path: "/v1/discover",
  tags: ["Campaigns"],
  summary: "Find a campaign to join",
  security: [],
  request: { query },
  responses: { 200: json(page(discovered).openapi("DiscoveredPage"), "Campaigns."), ...problems(400) },
});

function toDiscovered(row: DiscoveredRow, now = Date.now() / 1000): z.input<typeof discovered> {
  return {
    id: row.id,
    brand: row.brand,
    name: row.name,
    summary: row.summary,
    tokenSymbol: row.token_symbol,
    tokenDecimals: row.token_decimals,
    holdSeconds: row.hold_seconds,
    available: String(row.available),
    funded: row.funded > 0n,
    closesAt: row.closes_at === 0n ? null : Number(row.closes_at),
    open: row.open,
    offers: row.offers.slice(0, MAX_OFFERS),
    guaranteedUntil: row.locked_until > now ? Number(row.locked_until) : null,
    conversions: Number(row.conversions),
    reversed: Number(row.reversed),
    secondsToCredit: row.to_credit === null ? null : Math.round(row.to_credit),
    lastsSeconds: row.spent > 0n ? String((row.available * DAYS * 86_400n) / row.spent) : null,
    ...toNotice(row.notice),
  };
}

const MAX_OFFSET = 100_000;
const cursorOf = (offset: number) => Buffer.from(`discover:${offset}`).toString("base64url");

/** @throws Problem 400 */
function readOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [, digits] = /^discover:(\d{1,6})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (digits === undefined || Number(digits) > MAX_OFFSET)
    throw new Problem(400, "`cursor` is not one that this list gave out.");
  return Number(digits);
}

export function discoverRoutes({ database }: Services) {
  const app = new OpenAPIHono();
  app.openapi(list, async (c) => {
    const { search, open, paying, sort, cursor, limit } = c.req.valid("query");
    const offset = readOffset(cursor);
    const rows = await readDiscovered(database, {
      search: search === "" ? undefined : search,
      open: open === "true",
      paying: paying === "true",
      sort,
      offset,
      limit: limit + 1,
    });
    const next = rows.length > limit ? cursorOf(offset + limit) : null;
    return c.json(
      { items: rows.slice(0, limit).map((row) => toDiscovered(row)) as z.output<typeof discovered>[], next },
      200,
    );
  });
  return app;
}
