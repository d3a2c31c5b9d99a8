/** One attempt at a delivery: reads what is to be told, signs it, sends it, and says what came of it. */
import type { Database } from "#service/database.ts";
import { isRetryable } from "#service/errors.ts";
import type { Config } from "../config.ts";
import type { Failures } from "../failures.ts";
import { webhookSecret } from "../secrets.ts";
import { readConversion } from "../store/conversionList.ts";
import { type AttemptOutcome, endLease, type LeasedDelivery, readMove } from "../store/deliveries.ts";
import { readNews } from "../store/news.ts";
import { disableEndpoint } from "../store/webhooks.ts";
import { pauseAfter, signedHeaders, waitAsked } from "./message.ts";
import { moveMessage, newsMessage } from "./moveMessage.ts";
import { type Answer, post } from "./post.ts";

/** What the brand reads where the fault is this side's. */
export const FAULT: Answer = { error: "RELAYER_FAULT" };
export const GONE = 410;

export interface AttemptContext {
  readonly database: Database;
  readonly config: Pick<Config, "RELAYER_SECRET" | "WEBHOOKS_ALLOW_PRIVATE" | "WEBHOOKS_RETRY_SCALE">;
  readonly failures: Pick<Failures, "note">;
}

/**
 * Makes an attempt and ends its lease. A fault of our own counts as an attempt that failed, so that no delivery is tried for ever;
 * what passes by waiting does not: the lease ends by itself, and the delivery is due again. @throws Error if it was not noted
 */
export async function attempt(
  context: AttemptContext,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const answer = await send(context, delivery, signal).catch((error: unknown) => {
    if (isRetryable(error)) throw error;
    context.failures.note("deliver", error, nameOf(delivery));
    return FAULT;
  });
  const outcome = outcomeOf(answer, delivery.attempts, context.config.WEBHOOKS_RETRY_SCALE);
  await context.database.transaction(async (sql) => {
    await endLease(sql, delivery, outcome);
    if (outcome.status === GONE) await disableEndpoint(sql, delivery.endpoint_id, "410 Gone");
  });
  return outcome;
}

/** How a log names a delivery. */
export const nameOf = (delivery: LeasedDelivery) => ({
  delivery: String(delivery.id),
  endpoint: String(delivery.endpoint_id),
  message: nameOfMessage(delivery),
});

async function send(
  { database, config }: AttemptContext,
  delivery: LeasedDelivery,
  signal: AbortSignal,
): Promise<Answer> {
  const body = await messageOf(database, delivery);
  const seeds = [delivery.seed, ...(delivery.previous_seed === null ? [] : [delivery.previous_seed])];
  const headers = signedHeaders(
    nameOfMessage(delivery),
    Math.floor(Date.now() / 1000),
    body,
    seeds.map((seed) => webhookSecret(config.RELAYER_SECRET, seed)),
  );
  return post(delivery.url, headers, body, { allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE, signal });
}

/** The id of its message: the same whenever it is sent. */
const nameOfMessage = ({ move_id, news_id }: LeasedDelivery) =>
  news_id === null ? `move_${move_id}` : `news_${news_id}`;

async function messageOf(database: Database, { move_id, news_id }: LeasedDelivery): Promise<string> {
  if (news_id !== null) {
    const news = await readNews(database, news_id);
    if (news === undefined) throw new Error(`News ${news_id} are not there.`);
    return newsMessage(news);
  }
  const move = move_id === null ? undefined : await readMove(database, move_id);
  const conversion = move && (await readConversion(database, move.conversion_id));
  if (move === undefined || conversion === undefined) throw new Error(`Move ${move_id} has no conversion.`);
  return moveMessage(move, conversion);
}

export function outcomeOf(answer: Answer, attempts: number, scale: number): AttemptOutcome {
  if ("error" in answer) return { ...waiting(attempts, scale, 0), status: null, error: answer.error };
  const { status, retryAfter } = answer;
  const said = { status, error: null };
  if (status >= 200 && status < 300) return { ...said, state: "delivered", waitSeconds: 0 };
  if (status === GONE) return { ...said, state: "dead", waitSeconds: 0 };
  return { ...said, ...waiting(attempts, scale, waitAsked(status, retryAfter, Date.now())) };
}

/** Until the next attempt, if there is one: at least as long as the endpoint asks for. */
function waiting(attempts: number, scale: number, askedSeconds: number): Pick<AttemptOutcome, "state" | "waitSeconds"> {
  const pause = pauseAfter(attempts, Math.random());
  return pause === undefined
    ? { state: "dead", waitSeconds: 0 }
    : { state: "pending", waitSeconds: Math.max(pause * scale, askedSeconds) };
}
