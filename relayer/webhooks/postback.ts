/** One call of a partner's postback: its address with the values of a move, signed, and what came of it. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import { isRetryable } from "#service/errors.ts";
import { fillUrl, type MacroValues, SAMPLE } from "../domain/postbackUrl.ts";
import { postbackSecret } from "../secrets.ts";
import type { AttemptOutcome } from "../store/deliveries.ts";
import { endCall, type LeasedCall, type MoveFacts, readMoveFacts } from "../store/postbacks.ts";
import { type AttemptContext, FAULT, GONE, outcomeOf } from "./attempt.ts";
import { signedHeaders } from "./message.ts";
import { type Answer, ask } from "./post.ts";

export const nameOfCall = ({ id, endpoint_id, move_id }: LeasedCall) => ({
  call: String(id),
  postback: String(endpoint_id),
  move: String(move_id),
});

/** As a delivery's attempt: a fault of our own counts, what passes by waiting does not. @throws Error if it was not noted */
export async function attemptCall(
  context: AttemptContext,
  call: LeasedCall,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const answer = await send(context, call, signal).catch((error: unknown) => {
    if (isRetryable(error)) throw error;
    context.failures.note("call", error, nameOfCall(call));
    return FAULT;
  });
  const tried = outcomeOf(answer, call.attempts, context.config.WEBHOOKS_RETRY_SCALE);
  // A try says at once what is wrong, and is not sent again by itself.
  const outcome = call.move_id === null && tried.state === "pending" ? { ...tried, state: "dead" as const } : tried;
  await context.database.transaction((sql) => endCall(sql, call, outcome, GONE));
  return outcome;
}

async function send({ database, config }: AttemptContext, call: LeasedCall, signal: AbortSignal): Promise<Answer> {
  const facts = call.move_id === null ? undefined : await readMoveFacts(database, call.move_id);
  if (call.move_id !== null && facts === undefined) throw new Error(`Move ${call.move_id} has no conversion.`);
  const url = fillUrl(call.url, facts === undefined ? SAMPLE : valuesOf(facts));
  const { "content-type": _, ...headers } = signedHeaders(
    // The same however often it is called.
    `postback_${call.id}`,
    Math.floor(Date.now() / 1000),
    url,
    [postbackSecret(config.RELAYER_SECRET, call.seed)],
  );
  return ask(url, headers, { allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE, signal });
}

const second = (at: Date | null): string => (at === null ? "" : String(Math.floor(at.getTime() / 1000)));

/** What is not known is empty. */
export function valuesOf(facts: MoveFacts): MacroValues {
  const pays = facts.state !== "rejected" && facts.state !== "reversed";
  const commission = pays ? facts.commission : 0n;
  return {
    conversion_id: String(facts.conversion_id),
    order_id: facts.order_id,
    campaign_id: facts.campaign_id,
    event: facts.event,
    status: facts.state,
    reason: facts.reason ?? "",
    commission: fromBaseUnits(commission, facts.token_decimals),
    commission_base_units: String(commission),
    token: facts.token_symbol,
    currency: facts.token_symbol,
    link: facts.link ?? "",
    subid: facts.label ?? "",
    code: facts.code ?? "",
    click_time: second(facts.clicked_at),
    conversion_time: second(facts.received_at),
    move_id: String(facts.id),
  };
}
