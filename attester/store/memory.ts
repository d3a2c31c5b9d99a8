/** What this attester remembers of what it signed, as others are told of it; and what it found out that it forgot. */
import type { RememberedConversion, SignedAttestation } from "@partner-programs/protocol/attesterMemory";
import type { Sql } from "#service/database.ts";

/** What was signed for a campaign from number `from` on, by number and digest, so many at most; `after`: behind this digest of that number. */
export async function readSignedFrom(
  sql: Sql,
  campaignId: string,
  from: bigint,
  after: string,
  most: number,
): Promise<SignedAttestation[]> {
  const rows = await sql.query<{ digest: string; first_conversion: bigint; conversions: bigint; deadline: bigint }>(
    `SELECT digest, first_conversion, conversions, deadline FROM signed_attestations
     WHERE campaign_id = $1 AND first_conversion >= $2 AND (first_conversion, digest) > ($2, $3)
     ORDER BY first_conversion, digest LIMIT $4`,
    [campaignId, from, after, most],
  );
  return rows.map(({ digest, first_conversion, conversions, deadline }) => ({
    digest,
    firstConversion: first_conversion,
    conversions: Number(conversions),
    deadline: Number(deadline),
  }));
}

/** So many rows at a time: a batch can have hundreds of thousands of conversions. */
const PAGE = 5_000;

/** The conversions of a batch that was signed here, in their order. */
export async function* readRemembered(sql: Sql, digest: string): AsyncGenerator<RememberedConversion> {
  for (let next = 0n; ; ) {
    const rows = await sql.query<{
      number: bigint;
      key: string;
      salt: string | null;
      entries: string;
      event: string | null;
      order_id: string | null;
      received_at: bigint | null;
    }>(
      `SELECT number, signed.key, encode(salt, 'hex') AS salt, encode(entries, 'hex') AS entries,
         event, order_id, received_at
       FROM signed_conversions AS signed
         LEFT JOIN signed_orders ON signed_orders.digest = signed.digest AND signed_orders.key = signed.key
       WHERE signed.digest = $1 AND number >= $2 ORDER BY number LIMIT ${PAGE}`,
      [digest, next],
    );
    for (const { number, key, salt, entries, event, order_id, received_at } of rows)
      yield {
        number,
        key,
        ...(salt === null ? {} : { salt: `0x${salt}` }),
        entries: (entries.match(/.{64}/g) ?? []).map((packed) => `0x${packed}`),
        ...(event === null || order_id === null
          ? {}
          : {
              order: {
                event,
                orderId: order_id,
                ...(received_at !== null && { receivedAt: Number(received_at) }),
              },
            }),
      };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    next = last.number + 1n;
  }
}

/** Campaigns that something was signed for. */
export async function readCampaignsSignedFor(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ campaign_id: string }>("SELECT DISTINCT campaign_id FROM signed_attestations");
  return rows.map(({ campaign_id }) => campaign_id);
}

/** Which of these are not among what was signed here. */
export async function readUnknown(sql: Sql, digests: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query<{ digest: string }>(
    `SELECT given AS digest FROM unnest($1::text[]) AS given
     WHERE NOT EXISTS (SELECT 1 FROM signed_attestations WHERE digest = given)`,
    [[...digests]],
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** Up to where a campaign's attestations were looked at, and a number that was not attested before: the next one, or one below it. */
export interface LookedAt {
  readonly block: number;
  readonly next: bigint;
}

/** undefined: nowhere, and nothing was signed. What was signed last says that all before it was known then. */
export async function readLookedAt(sql: Sql, campaignId: string): Promise<LookedAt | undefined> {
  const [row] = await sql.query<{ block: bigint; next: bigint }>(
    `(SELECT block, next_conversion AS next FROM looked_at WHERE campaign_id = $1)
     UNION ALL
     (SELECT signed_after, first_conversion FROM signed_attestations WHERE campaign_id = $1
      ORDER BY first_conversion DESC, signed_after DESC LIMIT 1)
     LIMIT 1`,
    [campaignId],
  );
  return row && { block: Number(row.block), next: row.next };
}

export async function setLookedAt(sql: Sql, campaignId: string, block: number, next: bigint): Promise<void> {
  await sql.query(
    `INSERT INTO looked_at (campaign_id, block, next_conversion) VALUES ($1, $2, $3)
     ON CONFLICT (campaign_id) DO UPDATE SET block = $2, next_conversion = $3 WHERE looked_at.block < $2`,
    [campaignId, block, next],
  );
}

/** An attestation on the chain that was signed here, and is not known here. */
export interface Forgotten {
  readonly digest: string;
  readonly campaignId: string;
  readonly transaction: string;
  readonly block: number;
}

/** All, or a campaign's: the oldest first. */
export async function readForgotten(sql: Sql, campaignId?: string): Promise<Forgotten[]> {
  const rows = await sql.query<{ digest: string; campaign_id: string; transaction: string; block: bigint }>(
    `SELECT digest, campaign_id, transaction, block FROM forgotten_attestations
     WHERE $1::text IS NULL OR campaign_id = $1 ORDER BY block, digest`,
    [campaignId ?? null],
  );
  return rows.map(({ campaign_id, block, ...row }) => ({ ...row, campaignId: campaign_id, block: Number(block) }));
}

export async function countForgotten(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: bigint }>("SELECT count(*) AS count FROM forgotten_attestations");
  return Number(row?.count ?? 0n);
}

export async function insertForgotten(sql: Sql, { digest, campaignId, transaction, block }: Forgotten): Promise<void> {
  await sql.query(
    `INSERT INTO forgotten_attestations (digest, campaign_id, transaction, block) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [digest, campaignId, transaction, block],
  );
}

export async function deleteForgotten(sql: Sql, digest: string): Promise<void> {
  await sql.query("DELETE FROM forgotten_attestations WHERE digest = $1", [digest]);
}

/** Nothing is signed for the campaign until a final block is past `until`, in Unix seconds. */
export async function keepSilent(sql: Sql, campaignId: string, until: number): Promise<void> {
  await sql.query(
    `INSERT INTO silences (campaign_id, until) VALUES ($1, $2)
     ON CONFLICT (campaign_id) DO UPDATE SET until = greatest(silences.until, $2)`,
    [campaignId, until],
  );
}

/** Unix seconds; undefined: it is free to sign. */
export async function readSilence(sql: Sql, campaignId: string): Promise<number | undefined> {
  const [row] = await sql.query<{ until: bigint }>("SELECT until FROM silences WHERE campaign_id = $1", [campaignId]);
  return row && Number(row.until);
}
