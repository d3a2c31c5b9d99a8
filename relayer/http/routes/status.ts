/** What the relayer is doing, and what it sent to the chain. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { readForgotten } from "../../store/forgotten.ts";
import { type ReceiptSigner, readReceiptSigners } from "../../store/receiptSigners.ts";
import { readTransactions, readWaitingWork, type TransactionRow } from "../../store/status.ts";
import type { Services } from "../context.ts";
import { address, bytes32, json } from "../schemas.ts";

const MAX_TRANSACTIONS = 1_000;
const MAX_FORGOTTEN = 100;

const status = z
  .object({
    chainId: z.int(),
    programs: z.string(),
    relayer: z.string(),
    receiptSigners: z
      .array(z.object({ address, since: z.iso.datetime().nullable(), until: z.iso.datetime().nullable() }))
      .openapi({
        description:
          "Whose signatures receipts have, the first first: the relayer's own, and those of keys that it had before. `since` null: from the first receipt on; `until` null: the key of now; otherwise when it was used last, to the minute. A receipt of a key from before is as good, if its conversion was received until then.",
      }),
    indexedBlock: z.int().nullable(),
    /** Accepted conversions that are not attested yet, attested ones that are not released yet, open refunds. */
    waiting: z.object({ conversions: z.int(), batches: z.int(), refunds: z.int() }),
    forgotten: z
      .array(
        z.object({
          digest: bytes32,
          campaignId: bytes32,
          firstConversion: z.string(),
          conversions: z.int(),
          deadline: z.int(),
          state: z.enum(["open", "attested"]),
          ordersMissing: z.int(),
        }),
      )
      .openapi({
        description:
          "Batches that attesters signed for this relayer and that its database does not know, because it was restored from a backup: `open` ones may still be attested, and their campaigns get no numbers meanwhile; of `attested` ones so many orders are to be reported again. The newest 100.",
      }),
    /** Claims whose gas the relayer pays: null: of none; otherwise of these tokens, or of all. */
    gaslessClaims: z
      .object({ tokens: z.array(z.object({ token: address, minimum: z.string() })).nullable() })
      .nullable()
      .openapi({
        description:
          "null: none is carried. `tokens`: those that are, from a credit of so many whole tokens on; null: all are.",
      }),
    passkeyFactory: address.nullable().openapi({
      description:
        "What makes passkey accounts: one of its accounts that is not on the chain yet is put there with its first order that is carried. null: none is.",
    }),
  })
  .openapi("Status");

const transaction = z
  .object({
    sender: z.string(),
    purpose: z.string(),
    hash: z.string(),
    state: z.enum(["sent", "mined", "reverted", "lost"]),
    gasUsed: z.int().nullable(),
    block: z.int().nullable(),
  })
  .openapi("Transaction");

const showStatus = createRoute({
  method: "get",
  path: "/v1/status",
  summary: "What the relayer is doing",
  responses: { 200: json(status, "Database and chain answer."), ...problems(503) },
});

const listTransactions = createRoute({
  method: "get",
  path: "/v1/transactions",
  summary: "What the relayer sent",
  responses: { 200: json(z.array(transaction), "The relayer's last 1,000 transactions, newest first.") },
});

const numberOrNull = (value: bigint | null) => (value === null ? null : Number(value));

function toTransaction({ gas_used, block, ...row }: TransactionRow): z.output<typeof transaction> {
  return { ...row, gasUsed: numberOrNull(gas_used), block: numberOrNull(block) };
}

function gaslessClaims(carried: Services["config"]["GASLESS_CLAIMS"] = "off") {
  if (carried === "off") return null;
  return { tokens: carried === "any" ? null : [...carried].map(([token, minimum]) => ({ token, minimum })) };
}

/** The relayer's own key is among them, whether it was noted or not. */
function signersShown(noted: readonly ReceiptSigner[], own: string): z.output<typeof status>["receiptSigners"] {
  const shown = noted.map(({ address: one, since, last_seen }) => ({
    address: one,
    since: since?.toISOString() ?? null,
    until: one === own ? null : last_seen.toISOString(),
  }));
  return shown.some((one) => one.address === own) ? shown : [...shown, { address: own, since: null, until: null }];
}

export function statusRoutes({ database, chain, relayerAddress, config }: Services) {
  const app = new OpenAPIHono();

  app.openapi(showStatus, async (c) => {
    const { block, conversions, batches, refunds } = await readWaitingWork(database);
    const forgotten = await readForgotten(database, MAX_FORGOTTEN);
    return c.json(
      {
        chainId: chain.chainId,
        programs: chain.address,
        relayer: relayerAddress,
        receiptSigners: signersShown(await readReceiptSigners(database), relayerAddress),
        indexedBlock: numberOrNull(block),
        forgotten: forgotten.map(({ fate: state, missing, firstConversion, conversions, ...one }) => ({
          ...one,
          state,
          firstConversion: firstConversion.toString(),
          conversions: Number(conversions),
          ordersMissing: Number(missing),
        })),
        gaslessClaims: gaslessClaims(config.GASLESS_CLAIMS),
        passkeyFactory: config.ACCOUNT_FACTORY ?? null,
        waiting: { conversions: Number(conversions), batches: Number(batches), refunds: Number(refunds) },
      },
      200,
    );
  });

  app.openapi(listTransactions, async (c) =>
    c.json((await readTransactions(database, MAX_TRANSACTIONS)).map(toTransaction), 200),
  );
  return app;
}
