/** What the relayer measures of itself, in a registry of its own: several relayers in one process do not share counters. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Head } from "#service/chain/blocks.ts";
import { createNodeMetrics } from "#service/chain/nodeMetrics.ts";
import type { NodesReport } from "#service/chain/nodes.ts";
import type { Sql } from "#service/database.ts";
import { createAlarmGauges } from "./alarms.ts";
import type { AttesterState } from "./attesters/client.ts";
import {
  countBatches,
  countConversions,
  countDeliveries,
  countMails,
  countReversals,
  readBacklog,
  type StateCount,
} from "./store/counts.ts";
import { countForgotten } from "./store/forgotten.ts";
import { readRefundTrouble } from "./store/reversals.ts";
import { countSetAside } from "./store/setAside.ts";

/** Seconds. An invite link answers within the first, a conversion within the middle ones. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export interface Metrics {
  /** `route` is the pattern that matched, never the path: so there are as many series as routes, whatever is asked for. */
  observeRequest(method: string, route: string, status: number, seconds: number): void;
  /** An item of a job (a batch, a campaign, an endpoint) met an error that nobody expected. */
  countJobFailure(job: string): void;
  /** A question to one of the chain's nodes, by the job that asked it. */
  countRpcCall(purpose: string, method: string, node: string): void;
  /** A transaction was not sent, because its part of the day's gas is spent. */
  countWithheld(purpose: string): void;
  /** How the chain's nodes are. */
  setNodes(report: NodesReport): void;
  /** How each attester answered this process last: only the one that leads asks them. */
  setAttesters(states: ReadonlyMap<string, AttesterState>): void;
  /** Reads what is in the database now. `head` is the chain's newest block; without it nothing is said of the lag and of the clocks. */
  readState(sql: Sql, head: Pick<Head, "number" | "time"> | undefined): Promise<void>;
  /**
   * Reads what alarms go by. `balance`: the wei of the relayer's account, if a node says it; `gasADay`: the wei that may be spent on gas
   * within 24 hours, if there is a cap.
   */
  readAlarms(sql: Sql, balance: bigint | undefined, gasADay?: bigint): Promise<void>;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "relayer_http_requests_total",
    help: "Requests by route and status.",
    labelNames: ["method", "route", "status"] as const,
    registers,
  });
  const durations = new Histogram({
    name: "relayer_http_request_duration_seconds",
    help: "How long requests took, by route.",
    labelNames: ["route"] as const,
    buckets: BUCKETS,
    registers,
  });
  const jobFailures = new Counter({
    name: "relayer_job_failures_total",
    help: "Items of jobs that met an error that nobody expected; the log says which and why.",
    labelNames: ["job"] as const,
    registers,
  });
  const rpcCalls = new Counter({
    name: "relayer_rpc_calls_total",
    help: "Questions to the chain's nodes, by the job that asked; `api` are requests of the API, `probe` looks for nodes that are behind.",
    labelNames: ["purpose", "method", "node"] as const,
    registers,
  });
  const withheld = new Counter({
    name: "relayer_gas_withheld_total",
    help: "Transactions that wait, because their part of GAS_COINS_A_DAY is spent, counted each time that they are tried.",
    labelNames: ["purpose"] as const,
    registers,
  });
  const attesters = new Gauge({
    name: "relayer_attester",
    help: "How each attester answered this process last.",
    labelNames: ["attester", "state"] as const,
    registers,
  });
  const state = createStateGauges(registry);
  return {
    observeRequest(method, route, status, seconds) {
      requests.inc({ method, route, status: String(status) });
      durations.observe({ route }, seconds);
    },
    countJobFailure: (job) => jobFailures.inc({ job }),
    countRpcCall: (purpose, method, node) => rpcCalls.inc({ purpose, method, node }),
    countWithheld: (purpose) => withheld.inc({ purpose }),
    setNodes: createNodeMetrics("relayer", registry),
    setAttesters(states) {
      attesters.reset();
      for (const [attester, answer] of states) attesters.set({ attester, state: answer }, 1);
    },
    readState: state.read,
    readAlarms: createAlarmGauges(registry).read,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Gauges of what is in the database: the same from whichever process they are asked. */
function createStateGauges(registry: Registry): { read: Metrics["readState"] } {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name: `relayer_${name}`, help, registers });
  const byState = (name: string, help: string) =>
    new Gauge({ name: `relayer_${name}`, help, labelNames: ["state"] as const, registers });
  const conversions = byState("conversions", "Conversions by state.");
  const backlog = gauge("conversions_backlog", "Accepted conversions that are in no batch yet.");
  const oldest = gauge("conversions_oldest_waiting_seconds", "Age of the oldest of them.");
  const batches = byState("batches", "Batches by state.");
  const outbox = gauge("outbox_pending", "Transactions sent and not mined yet.");
  const lag = gauge("chain_lag_blocks", "Blocks of the chain that are not indexed yet.");
  const aside = gauge(
    "campaigns_set_aside",
    "Campaigns of which it is not known what the chain has; /readyz names the first.",
  );
  const differ = gauge("campaigns_differ", "Of them, those that are not as the contract has them.");
  const ahead = gauge(
    "chain_ahead_seconds",
    "By how much the newest block's time is ahead of this clock; below 0, how old that block is.",
  );
  const unreconciled = gauge(
    "campaigns_unreconciled",
    "Campaigns that get no numbers until it is known what their attesters signed; /readyz names the first.",
  );
  const forgotten = byState(
    "forgotten_batches",
    "Batches that attesters signed and the database does not know, by state.",
  );
  const missing = gauge("forgotten_orders", "Orders of them on the chain that are to be reported again.");
  const reversals = byState("refunds", "Refunds that go to the chain, by state.");
  const refused = gauge(
    "refunds_refused",
    "Refunds within their hold that the attesters or the contract refused so far.",
  );
  const deliveries = byState("webhook_deliveries", "Webhook deliveries by state.");
  const mails = byState("mails", "Mails of the last thirty days by state.");
  const unannounced = gauge("webhook_moves_unannounced", "Moves that have no deliveries yet.");
  const late = gauge("webhook_late_seconds", "How long the delivery that is due longest has been due.");

  return {
    async read(sql, head) {
      setCounts(conversions, await countConversions(sql));
      setCounts(batches, await countBatches(sql));
      setCounts(deliveries, await countDeliveries(sql));
      setCounts(mails, await countMails(sql));
      const row = await readBacklog(sql);
      const set = await countSetAside(sql);
      aside.set(set.count);
      differ.set(set.differ);
      const found = await countForgotten(sql);
      unreconciled.set(Number(found.unreconciled));
      forgotten.set({ state: "open" }, Number(found.open));
      forgotten.set({ state: "attested" }, Number(found.attested));
      missing.set(Number(found.missing));
      setCounts(reversals, await countReversals(sql));
      refused.set(Number((await readRefundTrouble(sql)).refused));
      backlog.set(Number(row.backlog));
      oldest.set(Math.max(0, row.oldest ?? 0));
      outbox.set(Number(row.outbox));
      unannounced.set(Number(row.unannounced));
      late.set(Math.max(0, row.late ?? 0));
      if (head === undefined || row.block === null) lag.remove();
      else lag.set(Math.max(0, head.number - Number(row.block)));
      if (head === undefined) ahead.remove();
      else ahead.set(head.time - Math.floor(Date.now() / 1000));
    },
  };
}

function setCounts(gauge: Gauge<"state">, counts: readonly StateCount[]): void {
  gauge.reset();
  for (const { state, count } of counts) gauge.set({ state }, Number(count));
}
