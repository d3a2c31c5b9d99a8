import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import type { Logger } from "pino";
import type { Database } from "#service/database.ts";
import type { Config } from "../config.ts";
import { toConversion } from "../http/conversion.ts";
import { webhookSecret } from "../secrets.ts";
import { readConversion } from "../store/conversionList.ts";
import type { ConversionState } from "../store/conversions.ts";
import { eventOf, pauseAfter, signedHeaders, waitAsked } from "./message.ts";
import { post, TIMEOUT_SECONDS } from "./post.ts";

/** Sent at once by one process, and of that to one endpoint: a slow one must not hold up the others. */
const MOST_AT_ONCE = 32;
const MOST_TO_ONE = 8;
/** Longer than an attempt can take: after it the process that took a delivery is given up for dead. */
const LEASE_SECONDS = TIMEOUT_SECONDS * 4;
const ANNOUNCED_AT_ONCE = 5_000;
const KEPT_DAYS = 30;
const FORGOTTEN_AT_ONCE = 5_000;

/**
 * Makes a delivery of each new move for each endpoint that wants it. Marking the move and making its deliveries is one statement,
 * so a move is announced exactly once, whatever crashes and however many processes do this.
 * @returns how many moves were announced.
 */
export async function announceMoves(database: Database): Promise<number> {
  const announced = await database.query(
    `WITH fresh AS (
       SELECT id, conversion_id, state, moved_at FROM conversion_moves WHERE NOT announced ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
     ), made AS (
       INSERT INTO webhook_deliveries (endpoint_id, move_id)
       SELECT e.id, fresh.id FROM fresh JOIN conversions c ON c.id = fresh.conversion_id JOIN brand_webhooks e ON e.campaign_id = c.campaign_id
       WHERE e.disabled_at IS NULL AND e.created_at <= fresh.moved_at
         AND (e.events IS NULL OR 'conversion.' || fresh.state = ANY(e.events))
     )
     UPDATE conversion_moves SET announced = true FROM fresh WHERE conversion_moves.id = fresh.id RETURNING 1`,
    [ANNOUNCED_AT_ONCE],
  );
  return announced.length;
}

/** Forgets deliveries of long ago. @returns how many. */
export async function forgetDeliveries(database: Database): Promise<number> {
  const forgotten = await database.query(
    `DELETE FROM webhook_deliveries WHERE id IN (
       SELECT id FROM webhook_deliveries WHERE created_at < now() - make_interval(days => $1) ORDER BY created_at LIMIT $2) RETURNING 1`,
    [KEPT_DAYS, FORGOTTEN_AT_ONCE],
  );
  return forgotten.length;
}

/** Sends deliveries that are due. */
export interface Deliverer {
  /** Begins to send what is due, and does not wait for it. */
  deliver(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** Gives up what is being sent; it is sent again later. */
  stop(): Promise<void>;
}

interface Claimed {
  id: bigint;
  endpoint_id: bigint;
  move_id: bigint;
  attempts: number;
  url: string;
  seed: string;
  /** Only during the grace of a rotation. */
  previous_seed: string | null;
}

export function createDeliverer(
  database: Database,
  config: Pick<Config, "RELAYER_SECRET" | "WEBHOOKS_ALLOW_PRIVATE" | "WEBHOOKS_RETRY_SCALE">,
  log: Logger,
): Deliverer {
  const underWay = new Map<bigint, { readonly endpointId: bigint; readonly sent: Promise<unknown> }>();
  const stopping = new AbortController();
  let claiming: Promise<void> | undefined;
  let askedAgain = false;

  async function claim(): Promise<Claimed[]> {
    const busy = new Map<bigint, number>();
    for (const { endpointId } of underWay.values()) busy.set(endpointId, (busy.get(endpointId) ?? 0) + 1);
    const full = [...busy].filter(([, count]) => count >= MOST_TO_ONE).map(([id]) => String(id));
    // While it is sent a delivery is due only when its lease is over. SKIP LOCKED: another process is taking those this moment.
    return database.query<Claimed>(
      `WITH due AS (
         SELECT d.id FROM brand_webhooks e CROSS JOIN LATERAL (
           SELECT id FROM webhook_deliveries WHERE endpoint_id = e.id AND state = 'pending' AND due_at <= now()
           ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
         ) d WHERE e.disabled_at IS NULL AND e.id <> ALL($3::bigint[]) LIMIT $1
       )
       UPDATE webhook_deliveries w SET attempts = w.attempts + 1, due_at = now() + make_interval(secs => $4), last_attempt_at = now()
       FROM due, webhook_endpoints e WHERE w.id = due.id AND e.id = w.endpoint_id
       RETURNING w.id, w.endpoint_id, w.move_id, w.attempts, e.url, e.seed, CASE WHEN e.previous_until > now() THEN e.previous_seed END AS previous_seed`,
      [MOST_AT_ONCE - underWay.size, MOST_TO_ONE, full, LEASE_SECONDS],
    );
  }

  /** One claim at a time: what is taken has to be counted before the next. Who asks meanwhile is served by one claim after it. */
  async function deliver(): Promise<void> {
    askedAgain = true;
    claiming ??= (async () => {
      while (askedAgain && !stopping.signal.aborted && underWay.size < MOST_AT_ONCE) {
        askedAgain = false;
        for (const delivery of await claim()) start(delivery);
      }
    })().finally(() => {
      claiming = undefined;
    });
    await claiming;
  }

  function start(delivery: Claimed): void {
    const sent = send(delivery)
      .catch((error: unknown) => {
        // Its lease ends, and it is due again.
        log.warn({ delivery: String(delivery.id), error: String(error) }, "the outcome of a webhook was not noted");
      })
      .finally(() => underWay.delete(delivery.id));
    underWay.set(delivery.id, { endpointId: delivery.endpoint_id, sent });
    // There is room for another.
    sent.then(deliver).catch((error: unknown) => {
      log.warn({ error: String(error) }, "webhooks could not be taken; it is tried again");
    });
  }

  async function send(delivery: Claimed): Promise<void> {
    const body = await readMessage(database, delivery.move_id);
    const secrets = [delivery.seed, ...(delivery.previous_seed === null ? [] : [delivery.previous_seed])];
    const headers = signedHeaders(
      `move_${delivery.move_id}`,
      Math.floor(Date.now() / 1000),
      body,
      secrets.map((seed) => webhookSecret(config.RELAYER_SECRET, seed)),
    );
    const answer = await post(delivery.url, headers, body, {
      allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE,
      signal: stopping.signal,
    });
    const status = "status" in answer ? answer.status : null;
    const delivered = status !== null && status >= 200 && status < 300;
    const gone = status === 410;
    const pause = delivered || gone ? undefined : pauseAfter(delivery.attempts, Math.random());
    const state = delivered ? "delivered" : pause === undefined ? "dead" : "pending";
    const error = "error" in answer ? answer.error : null;
    const asked = "status" in answer ? waitAsked(answer.status, answer.retryAfter, Date.now()) : 0;
    const wait = Math.max((pause ?? 0) * config.WEBHOOKS_RETRY_SCALE, asked);
    await database.transaction(async (sql) => {
      // Only if nobody else took it meanwhile: its attempts say so.
      await sql.query(
        `UPDATE webhook_deliveries SET state = $3, last_status = $4, last_error = $5, due_at = now() + make_interval(secs => $6)
         WHERE id = $1 AND attempts = $2 AND state = 'pending'`,
        [delivery.id, delivery.attempts, state, status, error, wait],
      );
      if (gone) {
        await sql.query(
          "UPDATE webhook_endpoints SET disabled_at = now(), disabled_by = '410 Gone' WHERE id = $1 AND disabled_at IS NULL",
          [delivery.endpoint_id],
        );
      }
    });
    if (state === "dead") {
      log.info(
        { endpoint: String(delivery.endpoint_id), move: String(delivery.move_id), status, error },
        "webhook is dead",
      );
    }
  }

  async function idle(): Promise<void> {
    while (claiming !== undefined || underWay.size > 0) {
      await Promise.allSettled([claiming, ...[...underWay.values()].map(({ sent }) => sent)]);
    }
  }

  return {
    deliver,
    idle,
    async stop() {
      stopping.abort();
      await idle();
    },
  };
}

/**
 * The message of a move: the conversion as the API shows it, in the state that this move brought. The same whenever it is sent,
 * but for what the chain has changed of its number and batch since.
 */
async function readMessage(database: Database, moveId: bigint): Promise<string> {
  const [move] = await database.query<{
    conversion_id: bigint;
    state: ConversionState;
    reason: string | null;
    moved_at: Date;
    ordinal: bigint;
  }>(
    `SELECT conversion_id, state, reason, moved_at, (SELECT count(*) FROM conversion_moves earlier
       WHERE earlier.conversion_id = conversion_moves.conversion_id AND earlier.id <= conversion_moves.id) AS ordinal
     FROM conversion_moves WHERE id = $1`,
    [moveId],
  );
  const row = move && (await readConversion(database, move.conversion_id));
  if (move === undefined || row === undefined) throw new Error(`Move ${moveId} has no conversion.`);
  const conversion = toConversion(row, "brand");
  return JSON.stringify({
    type: eventOf(move.state),
    timestamp: move.moved_at.toISOString(),
    data: {
      ...conversion,
      state: move.state,
      reason: move.reason,
      reasonText: move.reason === null ? null : (REASONS[move.reason as Reason] ?? move.reason),
      moves: conversion.moves.slice(0, Number(move.ordinal)),
      moveId: String(moveId),
    },
  });
}
