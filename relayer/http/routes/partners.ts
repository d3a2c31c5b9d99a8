/** A partner's lines and what is due to it, for everybody to see: with the chain, all that is needed to be paid without the relayer. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { FAULT_REASONS, REASONS } from "@partner-programs/protocol/reasons";
import { Problem, problems } from "#service/problem.ts";
import { pullCall } from "../../chain/calls.ts";
import { readAttestation } from "../../store/batches.ts";
import { LINE_STATES } from "../../store/lines.ts";
import { type PayoutRow, readPayout } from "../../store/owners.ts";
import { type LinePlace, type PartnerLineRow, readPartnerLines, readPullable } from "../../store/partnerLines.ts";
import type { Trees } from "../../trees.ts";
import type { RouteServices, Services } from "../context.ts";
import { address, amount, bytes32, json, page, pageQuery } from "../schemas.ts";
import { attestation, lineProof, reasonOfFault, toAttestationBody } from "../settlement.ts";

/** Batches in one `pull`: each costs it some 20,000 gas. */
const MAX_PULLED = 20;

const partnerParameter = z.object({ partner: address });
const payoutAt = z.object({
  receiver: address.nullable().openapi({ description: "null: the wallet itself." }),
  lockSeconds: z.int(),
});

const partner = z
  .object({
    partner: address,
    payout: payoutAt
      .extend({
        next: payoutAt.extend({ effectiveAt: z.int() }).nullable().openapi({ description: "What is announced." }),
        optedOut: z
          .boolean()
          .openapi({ description: "Pushes by others are not wanted; while a lock is in force they are open." }),
      })
      .openapi({ description: "Where pushes are paid, and, while a lock is in force, claims as well." }),
    ordersFrom: z.string().nullable().openapi({
      description:
        "Since its orders were revoked last they begin with this nonce, and those before are void. null: never revoked.",
    }),
  })
  .openapi("Partner");

const line = z
  .object({
    batch: bytes32,
    campaignId: bytes32,
    index: z.int(),
    line: bytes32,
    lowered: z.boolean().openapi({ description: "A reversal took a part of it back." }),
    commission: amount,
    state: z.enum(LINE_STATES).openapi({
      description:
        "signed: not on the chain yet. held: it can still be reversed. pullable: due, and paid by a `pull` or released with its batch. credited: to be claimed. claimed, pulled: paid. refused: the contract pays nobody.",
    }),
    releaseAt: z.int().nullable(),
    fault: z.enum(FAULT_REASONS.slice(1) as [string, ...string[]]).nullable(),
    faultText: z.string().nullable(),
  })
  .openapi("PartnerLine");

const pull = z
  .object({
    commission: amount.openapi({ description: "What it pays." }),
    to: address,
    data: z.string().openapi({ description: "The call `pull`, ready to be sent by anybody." }),
    attestations: z.array(attestation),
    lines: z.array(lineProof),
    more: z.boolean().openapi({ description: "More is due than one call has room for: ask again when this is mined." }),
  })
  .openapi("Pull");

const tags = ["Partners"];

const showPartner = createRoute({
  method: "get",
  path: "/v1/partners/{partner}",
  tags,
  summary: "Where a partner is paid",
  request: { params: partnerParameter },
  responses: { 200: json(partner, "As the chain has it.") },
});

const listLines = createRoute({
  method: "get",
  path: "/v1/partners/{partner}/lines",
  tags,
  summary: "The lines that pay a partner",
  request: {
    params: partnerParameter,
    query: pageQuery.extend({ campaignId: bytes32.optional(), state: z.enum(LINE_STATES).optional() }),
  },
  responses: {
    200: json(page(line).openapi("PartnerLines"), "Its lines of all batches that are known here."),
    ...problems(400),
  },
});

const preparePull = createRoute({
  method: "get",
  path: "/v1/partners/{partner}/pull",
  tags,
  summary: "What pays a partner now",
  description: `The partner's due lines of one campaign, out of ${MAX_PULLED} batches at most, with their proofs: the arguments of \`pull\`.`,
  request: { params: partnerParameter, query: z.object({ campaignId: bytes32 }) },
  responses: { 200: json(pull, "What to send."), ...problems(404) },
});

function toPartner(row: PayoutRow): z.input<typeof partner> {
  const { next_receiver, next_lock_seconds, next_at } = row;
  const next = {
    receiver: next_receiver === null || BigInt(next_receiver) === 0n ? null : next_receiver,
    lockSeconds: Number(next_lock_seconds ?? 0n),
    effectiveAt: Number(next_at),
  };
  return {
    partner: row.owner,
    payout: {
      receiver: row.receiver,
      lockSeconds: Number(row.lock_seconds),
      next: next_at === 0n ? null : next,
      optedOut: row.opted_out,
    },
    ordersFrom: row.orders_from === null ? null : String(row.orders_from),
  };
}

function toLine(row: PartnerLineRow): z.input<typeof line> {
  const fault = reasonOfFault(row.fault);
  return {
    batch: row.digest,
    campaignId: row.campaign_id,
    index: Number(row.index),
    line: row.line,
    lowered: row.lowered,
    commission: String(row.commission),
    state: row.state,
    releaseAt: row.release_at === null ? null : Number(row.release_at),
    fault,
    faultText: fault === null ? null : REASONS[fault],
  };
}

const cursorOf = ({ digest, index }: LinePlace) => Buffer.from(`${digest}:${index}`).toString("base64url");

/** @throws Problem 400 */
function readCursor(cursor: string | undefined): LinePlace | undefined {
  if (cursor === undefined) return undefined;
  const [, digest, index] =
    /^(0x[0-9a-f]{64}):(\d{1,10})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (digest === undefined || index === undefined)
    throw new Problem(400, "`cursor` is not one that this list gave out.");
  return { digest, index: BigInt(index) };
}

/** One line of each batch: the contract takes no more of one. */
async function proveAll({ database }: Pick<Services, "database">, trees: Trees, rows: readonly PartnerLineRow[]) {
  return Promise.all(
    rows.map(async (row) => {
      const [signed, tree] = [await readAttestation(database, row.digest), await trees.read(row.digest)];
      if (signed === undefined || tree === undefined)
        throw new Error(`Batch ${row.digest} has lines, and is not there.`);
      return { signed, proof: tree.proof(Number(row.index)) };
    }),
  );
}

export function partnerRoutes(services: RouteServices) {
  const { database, chain, trees } = services;
  const app = new OpenAPIHono();

  app.openapi(showPartner, async (c) =>
    c.json(toPartner(await readPayout(database, c.req.valid("param").partner)) as z.output<typeof partner>, 200),
  );

  app.openapi(listLines, async (c) => {
    const { campaignId, state, cursor, limit } = c.req.valid("query");
    const query = { campaignId, state, after: readCursor(cursor), limit: limit + 1 };
    const rows = await readPartnerLines(database, c.req.valid("param").partner, query);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const next = rows.length > limit && last !== undefined ? cursorOf(last) : null;
    return c.json({ items: shown.map(toLine) as z.output<typeof line>[], next }, 200);
  });

  app.openapi(preparePull, async (c) => {
    const { partner: wallet } = c.req.valid("param");
    const { campaignId } = c.req.valid("query");
    const due = await readPullable(database, campaignId, wallet, MAX_PULLED + 1);
    if (due.length === 0)
      throw new Problem(404, `Nothing is due to ${wallet} in campaign ${campaignId} that is not settled already.`);
    const rows = due.slice(0, MAX_PULLED);
    const proven = await proveAll(services, trees, rows);
    const [attestations, lines] = [proven.map(({ signed }) => signed), proven.map(({ proof }) => proof)];
    return c.json(
      {
        commission: String(rows.reduce((sum, { commission }) => sum + commission, 0n)),
        to: chain.address,
        data: pullCall(chain, attestations, lines),
        attestations: attestations.map(toAttestationBody),
        lines: [...lines],
        more: due.length > MAX_PULLED,
      },
      200,
    );
  });
  return app;
}
