import { createHash, timingSafeEqual } from "node:crypto";
import { id, type Wallet } from "ethers";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";
import { z } from "zod";
import { lineKey, packLine, unpackLine } from "../protocol/line.ts";
import { type Attestation, attestationTypedData, digestOf, reversalTypedData } from "../protocol/typedData.ts";
import type { Database, Sql } from "../server/database.ts";
import { Problem, problemResponse } from "../server/problem.ts";
import type { ProgramsChain } from "../server/programs.ts";
import { type ChainFacts, type Earlier, refusal } from "./check.ts";

/** 512 lines and 100,000 conversions or so. */
const MOST_BYTES = 64 * 1024 * 1024;

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/);
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const line = bytes32.transform(unpackLine);

const attestationRequest = z.strictObject({
  attestation: z.strictObject({
    campaignId: bytes32,
    firstConversion: z
      .string()
      .regex(/^\d{1,20}$/)
      .transform(BigInt),
    conversions: z
      .int()
      .min(1)
      .max(2 ** 32 - 1),
    periodFrom: seconds,
    periodTo: seconds,
    deadline: seconds,
    conversionsRoot: bytes32,
    lines: z.array(line).min(1).max(512),
  }),
  conversions: z
    .array(
      z.strictObject({
        number: z
          .string()
          .regex(/^\d{1,20}$/)
          .transform(BigInt),
        key: bytes32,
        salt: bytes32,
        entries: z.array(line).min(1).max(16),
      }),
    )
    .min(1),
});

const reversalRequest = z.strictObject({
  campaignId: bytes32,
  attestation: bytes32,
  targets: z.array(line).min(1).max(512),
  reasonHash: bytes32,
});

interface Services {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly wallet: Wallet;
  readonly token: string;
  readonly log: Logger;
}

/** The attester's HTTP face: asked for a signature, it answers with one or with a reason (409). */
export function createAttester({ database, chain, wallet, token, log }: Services): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ ok: true, attester: wallet.address }));

  const sha256 = (text: string) => createHash("sha256").update(text).digest();
  const expected = sha256(`Bearer ${token}`);
  app.use("/v1/*", async (c, next) => {
    if (!timingSafeEqual(sha256(c.req.header("authorization") ?? ""), expected))
      throw new Problem(401, "Present the attester's token.");
    await next();
  });
  app.use(
    "/v1/*",
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: (c) => problemResponse(c, 413, `A body has at most ${MOST_BYTES} bytes.`),
    }),
  );

  app.post("/v1/attestations", async (c) => {
    const { attestation, conversions } = parse(attestationRequest, await c.req.json());
    const typed = attestationTypedData(attestation);
    const digest = digestOf(chain.domain, typed);
    const facts = await readChain(chain, attestation);
    const reason = await database.transaction(async (sql) => {
      // One at a time: two requests must not both find that nothing was signed before.
      await sql.query("LOCK TABLE signed_attestations IN EXCLUSIVE MODE");
      const [again] = await sql.query("SELECT 1 FROM signed_attestations WHERE digest = $1", [digest]);
      if (again !== undefined) return undefined;
      const before = await readEarlier(
        sql,
        attestation,
        conversions.map(({ key }) => key),
      );
      const earlier = await Promise.all(
        before.map(async (one) => ({ ...one, attested: await isAttested(chain, attestation.campaignId, one.digest) })),
      );
      const reason = refusal(attestation, conversions, facts, earlier);
      if (reason !== undefined) return reason;
      await sql.query(
        "INSERT INTO signed_attestations (digest, campaign_id, first_conversion, conversions, deadline, lines) VALUES ($1, $2, $3, $4, $5, $6)",
        [
          digest,
          attestation.campaignId,
          attestation.firstConversion,
          attestation.conversions,
          attestation.deadline,
          JSON.stringify(attestation.lines.map(packLine)),
        ],
      );
      await sql.query("INSERT INTO signed_conversions (campaign_id, key, digest) SELECT $1, unnest($2::text[]), $3", [
        attestation.campaignId,
        conversions.map(({ key }) => key),
        digest,
      ]);
      return undefined;
    });
    if (reason !== undefined) throw new Problem(409, reason);
    log.info({ digest, conversions: attestation.conversions, lines: attestation.lines.length }, "attestation signed");
    return c.json({ signature: await wallet.signTypedData(chain.domain, typed.types, typed.message) });
  });

  app.post("/v1/reversals", async (c) => {
    const reversal = parse(reversalRequest, await c.req.json());
    const [signed] = await database.query<{ campaign_id: string; lines: string[] }>(
      "SELECT campaign_id, lines FROM signed_attestations WHERE digest = $1",
      [reversal.attestation],
    );
    if (signed === undefined || signed.campaign_id !== reversal.campaignId) {
      throw new Problem(409, `Attestation ${reversal.attestation} was not signed here.`);
    }
    if (reversal.reasonHash !== id("refunded"))
      throw new Problem(409, `Reason ${reversal.reasonHash} is none that this attester signs.`);
    const lines = new Map(signed.lines.map(unpackLine).map((attested) => [lineKey(attested), attested]));
    for (const target of reversal.targets) {
      if (!lines.has(lineKey(target)))
        throw new Problem(409, `The attestation has no line of offer ${target.offerId} for ${target.partner}.`);
    }
    const typed = reversalTypedData(reversal);
    log.info({ attestation: reversal.attestation, lines: reversal.targets.length }, "reversal signed");
    return c.json({ signature: await wallet.signTypedData(chain.domain, typed.types, typed.message) });
  });

  app.onError((error, c) => {
    if (error instanceof HTTPException) return problemResponse(c, error.status as ContentfulStatusCode, error.message);
    log.error({ error: error.stack }, "request failed");
    return problemResponse(c, 500, "Something went wrong here; the attester's log says what.");
  });
  return app;
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Problem(400, z.prettifyError(parsed.error).replaceAll("\n", " "));
  return parsed.data;
}

async function readChain({ programs, block }: ProgramsChain, { campaignId, lines }: Attestation): Promise<ChainFacts> {
  const { nextConversion } = await programs.campaign(campaignId);
  const latest = await block("latest");
  const offers = new Map<number, { capUnits: bigint; validFrom: number; validTo: number }>();
  for (const offerId of new Set(lines.map((entry) => entry.offerId))) {
    const offer = await programs.offer(campaignId, offerId).catch(() => undefined);
    if (offer !== undefined) {
      offers.set(offerId, {
        capUnits: offer.capUnits,
        validFrom: Number(offer.validFrom),
        validTo: Number(offer.validTo),
      });
    }
  }
  return { nextConversion, time: latest?.time ?? 0, offers };
}

async function readEarlier(
  sql: Sql,
  attestation: Attestation,
  keys: readonly string[],
): Promise<Omit<Earlier, "attested">[]> {
  const rows = await sql.query<{ digest: string; first_conversion: bigint; deadline: bigint }>(
    `SELECT digest, first_conversion, deadline FROM signed_attestations
     WHERE campaign_id = $1 AND ((first_conversion < $3 AND first_conversion + conversions > $2)
       OR digest IN (SELECT digest FROM signed_conversions WHERE campaign_id = $1 AND key = ANY($4::text[])))`,
    [
      attestation.campaignId,
      attestation.firstConversion,
      attestation.firstConversion + BigInt(attestation.conversions),
      [...keys],
    ],
  );
  return rows.map((row) => ({
    digest: row.digest,
    firstConversion: row.first_conversion,
    deadline: Number(row.deadline),
  }));
}

/** Whether the chain has an attestation: its batch is stored, or with a hold of 0 only its event is there. */
async function isAttested(
  { programs, deployedAt }: ProgramsChain,
  campaignId: string,
  digest: string,
): Promise<boolean> {
  if ((await programs.batch(campaignId, digest)).releaseAt !== 0n) return true;
  if ((await programs.termsOf(campaignId)).holdSeconds !== 0n) return false;
  return (await programs.queryFilter(programs.filters.Attested(campaignId, digest), deployedAt)).length > 0;
}
