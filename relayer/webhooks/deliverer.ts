/** Sends the deliveries that are due, so many at once, and of that so many to one endpoint. */
import type { Logger } from "pino";
import { type AttemptOutcome, leaseDeliveries } from "../store/deliveries.ts";
import { leaseCalls } from "../store/postbacks.ts";
import { type AttemptContext, attempt, nameOf } from "./attempt.ts";
import { TIMEOUT_SECONDS } from "./post.ts";
import { attemptCall, nameOfCall } from "./postback.ts";

/** Sent at once by one process, and of that to one endpoint: a slow one must not hold up the others. */
const MAX_AT_ONCE = 32;
const MAX_PER_ENDPOINT = 8;
/** Longer than an attempt can take: after it the process that leased a delivery is given up for dead. */
const LEASE_SECONDS = TIMEOUT_SECONDS * 4;

export interface Deliverer {
  /** Begins to send what is due, and does not wait for it. */
  deliver(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** Gives up what is being sent; it is sent again later. */
  stop(): Promise<void>;
}

/** What is to be sent to somebody's server. */
interface Sending {
  readonly id: bigint;
  /** The endpoint's, within its queue. */
  readonly endpoint_id: bigint;
}

interface Which {
  readonly max: number;
  readonly maxPerEndpoint: number;
  readonly busy: readonly bigint[];
}

/** Where what is due is leased from, and how one is sent. */
interface Queue<One extends Sending> {
  readonly job: string;
  lease(which: Which, leaseSeconds: number): Promise<One[]>;
  /** Sends one and ends its lease. */
  attempt(one: One, signal: AbortSignal): Promise<AttemptOutcome>;
  /** How a log names it. */
  nameOf(one: One): Readonly<Record<string, string>>;
}

type DelivererContext = AttemptContext & { readonly log: Pick<Logger, "info"> };

/** Of webhooks. */
export const createDeliverer = (context: DelivererContext): Deliverer =>
  createSender(context, {
    job: "deliver",
    lease: (which, leaseSeconds) => leaseDeliveries(context.database, which, leaseSeconds),
    attempt: (delivery, signal) => attempt(context, delivery, signal),
    nameOf,
  });

/** Of partners' postbacks. */
export const createCaller = (context: DelivererContext): Deliverer =>
  createSender(context, {
    job: "call",
    lease: (which, leaseSeconds) => leaseCalls(context.database, which, leaseSeconds),
    attempt: (call, signal) => attemptCall(context, call, signal),
    nameOf: nameOfCall,
  });

function createSender<One extends Sending>(
  { failures, log }: Pick<DelivererContext, "failures" | "log">,
  queue: Queue<One>,
): Deliverer {
  const underWay = new Map<bigint, { readonly endpointId: bigint; readonly sent: Promise<unknown> }>();
  const stopping = new AbortController();
  let leasing: Promise<void> | undefined;
  let askedAgain = false;

  function lease(): Promise<One[]> {
    const counts = new Map<bigint, number>();
    for (const { endpointId } of underWay.values()) counts.set(endpointId, (counts.get(endpointId) ?? 0) + 1);
    const busy = [...counts].filter(([, count]) => count >= MAX_PER_ENDPOINT).map(([id]) => id);
    const max = MAX_AT_ONCE - underWay.size;
    return queue.lease({ max, maxPerEndpoint: MAX_PER_ENDPOINT, busy }, LEASE_SECONDS);
  }

  /** One lease at a time: what is leased has to be counted before the next. Who asks meanwhile is served by one after it. */
  async function deliver(): Promise<void> {
    askedAgain = true;
    leasing ??= (async () => {
      while (askedAgain && !stopping.signal.aborted && underWay.size < MAX_AT_ONCE) {
        askedAgain = false;
        for (const one of await lease()) start(one);
      }
    })().finally(() => {
      leasing = undefined;
    });
    await leasing;
  }

  function start(one: One): void {
    const sent = queue
      .attempt(one, stopping.signal)
      .then(({ state, status, error }) => {
        if (state === "dead") log.info({ job: queue.job, ...queue.nameOf(one), status, error }, "is given up");
      })
      // Its lease ends, and it is due again.
      .catch((error: unknown) => failures.note(queue.job, error, queue.nameOf(one)))
      .finally(() => underWay.delete(one.id));
    underWay.set(one.id, { endpointId: one.endpoint_id, sent });
    // There is room for another.
    sent.then(deliver).catch((error: unknown) => failures.note(queue.job, error));
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
