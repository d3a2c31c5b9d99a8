/** A refund that came before the sale that it takes back, as the API shows it. */
import { z } from "@hono/zod-openapi";
import { MAX_WAITING_DAYS, type WaitingRefundRow } from "../store/waitingRefunds.ts";

export const waitingStates = z.enum(["waiting", "nothing_due", "done", "refused", "expired", "withdrawn"]);

export const waitingRefund = z
  .object({
    id: z.string(),
    event: z.string(),
    orderId: z.string(),
    refundId: z.string().nullable().openapi({ description: "As it was reported; null: it came without." }),
    volume: z.string().nullable().openapi({ description: "Whole tokens, as reported; null: all that is left." }),
    state: waitingStates.openapi({
      description: `\`waiting\`: its order is not known yet. \`nothing_due\`: the order was rejected, so that nothing is to be taken back; should it be accepted after all, it is. \`done\`: taken back. \`refused\`: it could not be, and \`problem\` says why. \`expired\`: the order did not come within ${MAX_WAITING_DAYS} days. \`withdrawn\`: by who reported it, before it was taken back.`,
    }),
    problem: z.string().nullable(),
    conversionId: z.string().nullable().openapi({ description: "The order's conversion; null: not known yet." }),
    createdAt: z.string(),
    settledAt: z.string().nullable(),
  })
  .openapi("WaitingRefund");

const NAMED = /^id /;

export const toWaitingRefund = (row: WaitingRefundRow): z.output<typeof waitingRefund> => ({
  id: String(row.id),
  event: row.event,
  orderId: row.order_id,
  refundId: NAMED.test(row.key) ? row.key.replace(NAMED, "") : null,
  volume: row.volume,
  state: row.state,
  problem: row.problem,
  conversionId: row.conversion_id === null ? null : String(row.conversion_id),
  createdAt: row.created_at.toISOString(),
  settledAt: row.settled_at?.toISOString() ?? null,
});
