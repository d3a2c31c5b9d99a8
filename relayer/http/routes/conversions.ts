import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { DECIMAL } from "../../../protocol/amount.ts";
import { Problem, problems } from "../../../server/problem.ts";
import { REASONS, type Reason } from "../../domain/reasons.ts";
import { ConflictingReport, MissingDescription } from "../../intake.ts";
import { takeBack } from "../../store/conversions.ts";
import { requireApiKey, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, amount, body, bytes32, json } from "../schemas.ts";

const report = z
  .strictObject({
    event: z.string().min(1).max(24),
    orderId: z.string().min(1).max(200).openapi({
      description: "The brand's own id of the order. With the event it is the conversion's key, for ever.",
    }),
    volume: z
      .string()
      .regex(DECIMAL, "must be a decimal number such as 49.90")
      .default("0")
      .openapi({ description: "Whole tokens." }),
    referralToken: z
      .string()
      .max(200)
      .optional()
      .openapi({ description: "The `_ushrt` that the customer arrived with." }),
    customerId: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: "The brand's own id of the customer; kept only as a keyed hash." }),
    customerWallet: address.optional(),
    occurredAt: z.iso.datetime({ offset: true }).optional(),
  })
  .openapi("ConversionReport");

const conversion = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    event: z.string(),
    orderId: z.string(),
    state: z.enum(["accepted", "review", "batched", "attested", "released", "rejected", "reversed"]),
    reason: z.string().nullable(),
    reasonText: z.string().nullable(),
    partner: address.nullable(),
    volume: amount,
    commission: amount,
    receivedAt: z.string(),
    number: z.string().nullable(),
    batch: bytes32.nullable(),
    releaseAt: z.int().nullable(),
    receipt: z
      .object({
        conversionKey: bytes32,
        salt: bytes32,
        receivedAt: z.int(),
        attestBy: z.int(),
        entries: z.array(bytes32),
        signature: z.string(),
      })
      .nullable()
      .openapi({ description: "The relayer's signed promise (EIP-712 `Receipt`)." }),
    moves: z.array(
      z.object({
        state: z.string(),
        reason: z.string().nullable(),
        transaction: z.string().nullable(),
        at: z.string(),
      }),
    ),
  })
  .openapi("Conversion");

const parameter = z.object({ id: z.string().regex(/^\d{1,18}$/) });

/** Reports of conversions, their state, and refunds. */
export function conversionRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  async function read(
    id: bigint | string,
  ): Promise<(z.input<typeof conversion> & { partner: string | null }) | undefined> {
    // biome-ignore lint/suspicious/noExplicitAny: a joined row; what leaves it is checked against the schema's type
    const [row] = await database.query<any>(
      `SELECT c.*, partnerships.partner, batches.release_at FROM conversions c LEFT JOIN partnerships ON partnerships.id = c.partnership_id
       LEFT JOIN batches ON batches.digest = c.batch WHERE c.id = $1`,
      [id],
    );
    if (row === undefined) return undefined;
    const moves = await database.query<{
      state: string;
      reason: string | null;
      transaction: string | null;
      moved_at: Date;
    }>("SELECT state, reason, transaction, moved_at FROM conversion_moves WHERE conversion_id = $1 ORDER BY moved_at", [
      id,
    ]);
    return {
      id: String(row.id),
      campaignId: row.campaign_id,
      event: row.event,
      orderId: row.order_id,
      state: row.state,
      reason: row.reason,
      reasonText: row.reason === null ? null : (REASONS[row.reason as Reason] ?? row.reason),
      partner: row.partner,
      volume: String(row.volume),
      commission: String(row.commission),
      receivedAt: row.received_at.toISOString(),
      number: row.number === null ? null : String(row.number),
      batch: row.batch,
      releaseAt: row.release_at === null ? null : Number(row.release_at),
      receipt:
        row.receipt === null
          ? null
          : {
              conversionKey: row.key,
              salt: row.salt,
              receivedAt: Math.floor(row.received_at.getTime() / 1000),
              attestBy: Number(row.attest_by),
              entries: row.entries,
              signature: row.receipt,
            },
      moves: moves.map(({ moved_at, ...move }) => ({ ...move, at: moved_at.toISOString() })),
    };
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions",
      request: {
        headers: z.object({ "idempotency-key": z.string().min(1).max(200).optional() }),
        body: body(report),
      },
      responses: {
        201: json(conversion, "Taken in: accepted with a receipt, or rejected with a reason."),
        200: json(conversion, "The same report was taken in before; this is its conversion now."),
        ...problems(400, 401, 409),
      },
    }),
    async (c) => {
      const { apiKeyId, campaignId } = await requireApiKey(c, services);
      const given = c.req.valid("json");
      const decimals = given.volume.split(".")[1]?.length ?? 0;
      const [campaign] = await database.query<{ token_decimals: number }>(
        "SELECT token_decimals FROM campaigns WHERE id = $1",
        [campaignId],
      );
      if (decimals > (campaign?.token_decimals ?? 0)) {
        throw new Problem(
          400,
          `volume ${given.volume} has ${decimals} decimals, the campaign's token has ${campaign?.token_decimals}. Round it.`,
        );
      }
      try {
        const { conversionId, created } = await intake.accept(
          campaignId,
          {
            event: given.event,
            orderId: given.orderId,
            volume: given.volume,
            referralToken: given.referralToken,
            customerId: given.customerId,
            customerWallet: given.customerWallet,
            occurredAt: given.occurredAt,
          },
          { apiKeyId, idempotencyKey: c.req.valid("header")["idempotency-key"] },
          Date.now(),
        );
        const taken = (await read(conversionId)) as z.output<typeof conversion>;
        return created ? c.json(taken, 201) : c.json(taken, 200);
      } catch (error) {
        if (error instanceof ConflictingReport || error instanceof MissingDescription)
          throw new Problem(409, error.message);
        throw error;
      }
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/conversions/{id}",
      request: { params: parameter },
      responses: { 200: json(conversion, "The conversion and its moves."), ...problems(401, 404) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const found = await read(id);
      const byKey = c.req.header("authorization")?.startsWith("Bearer sk_") === true;
      const mine = byKey
        ? (await requireApiKey(c, services)).campaignId === found?.campaignId
        : (await requireSession(c, services)) === found?.partner;
      if (found === undefined || !mine) throw new Problem(404, `You have no conversion ${id}.`);
      return c.json(found as z.output<typeof conversion>, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions/{id}/refunds",
      request: { params: parameter },
      responses: {
        202: json(conversion, "Taken back, or within the hold: on its way to the chain as a reversal."),
        ...problems(401, 404, 409),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const { campaignId } = await requireApiKey(c, services);
      await database.transaction(async (sql) => {
        // Under the campaign's lock, so that no batch takes the conversion up at the same moment.
        await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
        const [row] = await sql.query<{ state: string; batch: string | null }>(
          "SELECT state, batch FROM conversions WHERE id = $1 AND campaign_id = $2",
          [id, campaignId],
        );
        if (row === undefined) throw new Problem(404, `You have no conversion ${id}.`);
        if (row.state === "rejected")
          throw new Problem(409, `Conversion ${id} was rejected; there is nothing to take back.`);
        if (row.state === "released")
          throw new Problem(
            409,
            `Conversion ${id} is released: its hold is over, and the commission is the partner's.`,
          );
        if (row.state === "accepted" || row.state === "review") await takeBack(sql, [BigInt(id)]);
        else if (row.state !== "reversed") {
          await sql.query(
            "INSERT INTO reversals (conversion_id, batch, reason, state) VALUES ($1, $2, 'refunded', 'requested') ON CONFLICT (conversion_id) DO NOTHING",
            [id, row.batch],
          );
        }
      });
      return c.json((await read(id)) as z.output<typeof conversion>, 202);
    },
  );
  return app;
}
