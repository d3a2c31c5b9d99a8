import type { Sql } from "#service/database.ts";
import type { AttesterState } from "./attesters/client.ts";

/** Seconds. An invite link answers within the first, a conversion within the middle ones. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** One measured value with its labels. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is counted of requests, in this process since it began. */
export interface RequestMetrics {
  /** `route` is the pattern that matched, never the path: so there are as many series as routes, whatever is asked for. */
  observe(method: string, route: string, status: number, seconds: number): void;
  /** In the text format of Prometheus. */
  text(): string;
}

export function createRequestMetrics(): RequestMetrics {
  const requests = new Map<string, { labels: Sample["labels"]; value: number }>();
  const durations = new Map<string, { labels: Sample["labels"]; counts: number[]; count: number; sum: number }>();
  return {
    observe(method, route, status, seconds) {
      const labels = { method, route, status: String(status) };
      const key = `${method} ${route} ${status}`;
      const seen = requests.get(key);
      if (seen === undefined) requests.set(key, { labels, value: 1 });
      else seen.value++;

      let timed = durations.get(route);
      if (timed === undefined) {
        timed = { labels: { route }, counts: BUCKETS.map(() => 0), count: 0, sum: 0 };
        durations.set(route, timed);
      }
      timed.count++;
      timed.sum += seconds;
      for (const [i, most] of BUCKETS.entries()) if (seconds <= most) timed.counts[i] = (timed.counts[i] ?? 0) + 1;
    },
    text() {
      const timed = [...durations.values()];
      return [
        metric("http_requests_total", "counter", "Requests by route and status.", [...requests.values()]).trimEnd(),
        "# HELP relayer_http_request_duration_seconds How long requests took, by route.",
        "# TYPE relayer_http_request_duration_seconds histogram",
        ...timed.flatMap(({ labels, counts, count, sum }) => [
          ...BUCKETS.map((most, i) =>
            line("http_request_duration_seconds_bucket", { ...labels, le: String(most) }, counts[i] ?? 0),
          ),
          line("http_request_duration_seconds_bucket", { ...labels, le: "+Inf" }, count),
          line("http_request_duration_seconds_sum", labels, sum),
          line("http_request_duration_seconds_count", labels, count),
        ]),
        "",
      ].join("\n");
    },
  };
}

/** How each attester answered this process last: only the one that leads asks them. */
export function attesterMetrics(states: ReadonlyMap<string, AttesterState>): string {
  const samples = [...states].map(([attester, state]) => ({ labels: { attester, state }, value: 1 }));
  return metric("attester", "gauge", "How each attester answered this process last.", samples);
}

/** What is in the database now: the same from whichever process it is asked. `head` is the chain's newest block. */
export async function stateMetrics(database: Sql, head: number | undefined): Promise<string> {
  const by = async (sql: string): Promise<Sample[]> =>
    (await database.query<{ state: string; count: bigint }>(sql)).map(({ state, count }) => ({
      labels: { state },
      value: Number(count),
    }));
  const conversions = await by("SELECT state, count(*) AS count FROM conversions GROUP BY state");
  const batches = await by("SELECT state, count(*) AS count FROM batches GROUP BY state");
  const deliveries = await by("SELECT state, count(*) AS count FROM webhook_deliveries GROUP BY state");
  const [one] = await database.query<{
    block: bigint | null;
    backlog: bigint;
    oldest: number | null;
    outbox: bigint;
    unannounced: bigint;
    late: number | null;
  }>(
    `SELECT (SELECT block FROM chain_cursor) AS block,
       (SELECT count(*) FROM conversions WHERE state = 'accepted') AS backlog,
       (SELECT extract(epoch FROM now() - min(received_at))::float8 FROM conversions WHERE state = 'accepted') AS oldest,
       (SELECT count(*) FROM transactions WHERE state = 'sent') AS outbox,
       (SELECT count(*) FROM conversion_moves WHERE NOT announced) AS unannounced,
       (SELECT extract(epoch FROM now() - min(due_at))::float8 FROM webhook_deliveries JOIN brand_webhooks ON brand_webhooks.id = endpoint_id
         WHERE state = 'pending' AND disabled_at IS NULL) AS late`,
  );
  const gauge = (name: string, help: string, value: number) => metric(name, "gauge", help, [{ labels: {}, value }]);
  return [
    metric("conversions", "gauge", "Conversions by state.", conversions),
    gauge("conversions_backlog", "Accepted conversions that are in no batch yet.", Number(one?.backlog ?? 0n)),
    gauge("conversions_oldest_waiting_seconds", "Age of the oldest of them.", Math.max(0, one?.oldest ?? 0)),
    metric("batches", "gauge", "Batches by state.", batches),
    gauge("outbox_pending", "Transactions sent and not mined yet.", Number(one?.outbox ?? 0n)),
    ...(head === undefined || one?.block == null
      ? []
      : [
          gauge(
            "chain_lag_blocks",
            "Blocks of the chain that are not indexed yet.",
            Math.max(0, head - Number(one.block)),
          ),
        ]),
    metric("webhook_deliveries", "gauge", "Webhook deliveries by state.", deliveries),
    gauge("webhook_moves_unannounced", "Moves that have no deliveries yet.", Number(one?.unannounced ?? 0n)),
    gauge(
      "webhook_late_seconds",
      "How long the delivery that is due longest has been due.",
      Math.max(0, one?.late ?? 0),
    ),
  ].join("");
}

function metric(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => line(name, labels, value));
  return `${[`# HELP relayer_${name} ${help}`, `# TYPE relayer_${name} ${type}`, ...lines].join("\n")}\n`;
}

function line(name: string, labels: Sample["labels"], value: number): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `relayer_${name}${written.length === 0 ? "" : `{${written.join(",")}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
