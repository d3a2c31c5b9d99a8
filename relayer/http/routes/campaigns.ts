import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { campaignDescription, descriptionHash, descriptionJsonSchema } from "@partner-programs/protocol/description";
import { Problem, problems } from "#service/problem.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, amount, body, bytes32, campaignParameter, json } from "../schemas.ts";

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
    paid: amount.openapi({ description: "Of the released commissions, what is claimed." }),
    nextConversion: z.string(),
    description: z.unknown().openapi({ description: "The published description, if it was uploaded here." }),
  })
  .openapi("Campaign");

const CAMPAIGNS = `
  SELECT campaigns.*, descriptions_in_force.body,
    (SELECT coalesce(sum(commission), 0) FROM batch_lines JOIN batches USING (digest) WHERE batches.campaign_id = campaigns.id AND batch_lines.state = 'released') AS credits,
    (SELECT coalesce(sum(commission), 0) FROM batch_lines JOIN batches USING (digest) WHERE batches.campaign_id = campaigns.id AND batch_lines.state = 'claimed') AS paid
  FROM campaigns LEFT JOIN descriptions_in_force ON descriptions_in_force.campaign_id = campaigns.id`;

// biome-ignore lint/suspicious/noExplicitAny: a row of the join above; what leaves it is checked against the schema's type
function toCampaign(row: any): z.input<typeof campaign> {
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
    nextConversion: String(row.next_conversion),
    description: row.body === null ? null : JSON.parse(row.body),
  };
}

/** Descriptions stored by one address within 24 hours: whoever has a wallet can sign in, and what is stored stays. */
const MOST_BYTES_A_DAY = 512 * 1024;

/** Campaigns and their descriptions. */
export function campaignRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/descriptions",
      tags: ["Campaigns"],
      security: [{ session: [] }],
      summary: "Store a description",
      // A copy: the schema may have been made before `.openapi` was added to schemas.
      request: { body: body(campaignDescription.describe("What a campaign publishes.").openapi("Description")) },
      responses: {
        201: json(
          z.object({ hash: bytes32, uri: z.url() }),
          "Stored under the hash of its bytes: what `createCampaign` takes.",
        ),
        ...problems(400, 401, 429),
      },
    }),
    async (c) => {
      const storedBy = await requireSession(c, services);
      const text = await c.req.text();
      const hash = descriptionHash(text);
      const stored = await database.transaction(async (sql) => {
        // One at a time for an address: two at once must not both find room.
        await sql.query("SELECT pg_advisory_xact_lock(hashtext($1))", [storedBy]);
        return sql.query(
          `INSERT INTO descriptions (hash, body, stored_by) SELECT $1, $2, $3
           WHERE EXISTS (SELECT 1 FROM descriptions WHERE hash = $1)
             OR (SELECT coalesce(sum(octet_length(body)), 0) FROM descriptions WHERE stored_by = $3 AND created_at > now() - interval '1 day') + octet_length($2) <= $4
           ON CONFLICT (hash) DO UPDATE SET hash = descriptions.hash RETURNING 1`,
          [hash, text, storedBy, MOST_BYTES_A_DAY],
        );
      });
      if (stored.length === 0) {
        c.header("retry-after", "3600");
        throw new Problem(
          429,
          `An address stores at most ${MOST_BYTES_A_DAY} bytes of descriptions in 24 hours. Try again later.`,
        );
      }
      return c.json({ hash, uri: new URL(`/v1/descriptions/${hash}`, config.PUBLIC_URL).href }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/schemas/description",
      responses: { 200: json(z.record(z.string(), z.unknown()), "The JSON Schema of a description.") },
    }),
    (c) => c.json(descriptionJsonSchema(), 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/descriptions/{hash}",
      request: { params: z.object({ hash: bytes32 }) },
      responses: { 200: { description: "The bytes as published." }, ...problems(404) },
    }),
    async (c) => {
      const { hash } = c.req.valid("param");
      const [row] = await database.query<{ body: string }>("SELECT body FROM descriptions WHERE hash = $1", [hash]);
      if (row === undefined) throw new Problem(404, `There is no description ${hash}.`);
      return c.body(row.body, 200, {
        "content-type": "application/json",
        "cache-control": "public, max-age=31536000, immutable",
      });
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns",
      responses: { 200: json(z.array(campaign), "All campaigns.") },
    }),
    async (c) => c.json((await database.query(`${CAMPAIGNS} ORDER BY campaigns.id LIMIT 1000`)).map(toCampaign), 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}",
      request: { params: campaignParameter },
      responses: { 200: json(campaign, "The campaign."), ...problems(404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const [row] = await database.query(`${CAMPAIGNS} WHERE campaigns.id = $1`, [campaignId]);
      if (row === undefined) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
      return c.json(toCampaign(row), 200);
    },
  );
  return app;
}
