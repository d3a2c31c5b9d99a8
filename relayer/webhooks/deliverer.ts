/** Sends the deliveries that are due, so many at once, and of that so many to one endpoint. */
import type { Logger } from "pino";
import { type LeasedDelivery, leaseDeliveries } from "../store/deliveries.ts";
import { type AttemptContext, attempt, nameOf } from "./attempt.ts";
import { TIMEOUT_SECONDS } from "./post.ts";

/** Sent at once by one process, and of that to one endpoint: a slow one must not hold up the others. */
const MAX_AT_ONCE = 32;
const MAX_PER_ENDPOINT = 8;
/** Longer than an attempt can take: after it the process that leased a delivery is given up for dead. */
const LEASE_SECONDS = TIMEOUT_SECONDS * 4;
const JOB = "deliver";

export interface Deliverer {
  /** Begins to send what is due, and does not wait for it. */
  deliver(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** Gives up what is being sent; it is sent again later. */
  stop(): Promise<void>;
}

export function createDeliverer(context: AttemptContext & { readonly log: Pick<Logger, "info"> }): Deliverer {
  const { database, failures, log } = context;
  const underWay = new Map<bigint, { readonly endpointId: bigint; readonly sent: Promise<unknown> }>();
  const stopping = new AbortController();
  let leasing: Promise<void> | undefined;
  let askedAgain = false;

  function lease(): Promise<LeasedDelivery[]> {
    const counts = new Map<bigint, number>();
    for (const { endpointId } of underWay.values()) counts.set(endpointId, (counts.get(endpointId) ?? 0) + 1);
    const busy = [...counts].filter(([, count]) => count >= MAX_PER_ENDPOINT).map(([id]) => id);
    const max = MAX_AT_ONCE - underWay.size;
    return leaseDeliveries(database, { max, maxPerEndpoint: MAX_PER_ENDPOINT, busy }, LEASE_SECONDS);
  }

  /** One lease at a time: what is leased has to be counted before the next. Who asks meanwhile is served by one after it. */
  async function deliver(): Promise<void> {
    askedAgain = true;
    leasing ??= (async () => {
      while (askedAgain && !stopping.signal.aborted && underWay.size < MAX_AT_ONCE) {
        askedAgain = false;
        for (const delivery of await lease()) start(delivery);
      }
    })().finally(() => {
      leasing = undefined;
    });
    await leasing;
  }

  function start(delivery: LeasedDelivery): void {
    const sent = attempt(context, delivery, stopping.signal)
      .then(({ state, status, error }) => {
        if (state === "dead") log.info({ ...nameOf(delivery), status, error }, "webhook is dead");
      })
      // Its lease ends, and it is due again.
      .catch((error: unknown) => failures.note(JOB, error, nameOf(delivery)))
      .finally(() => underWay.delete(delivery.id));
    underWay.set(delivery.id, { endpointId: delivery.endpoint_id, sent });
    // There is room for another.
    sent.then(deliver).catch((error: unknown) => failures.note(JOB, error));
  }

  async function idle(): Promise<void> {
    while (leasing !== undefined || underWay.size > 0) {
      await Promise.allSettled([leasing, ...[...underWay.values()].map(({ sent }) => sent)]);
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
