import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parser } from "@prometheus-io/lezer-promql";
import { expect } from "chai";
import { parse } from "yaml";
import { createMetrics as createAttesterMetrics } from "#attester/metrics.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { portOf, type Room, readDeploy } from "../support/deployed.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const ROOT = new URL("../../", import.meta.url);
const rules = (parse(readDeploy("monitoring/alerts.yaml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { panels } = JSON.parse(readDeploy("monitoring/dashboard.json")) as { panels: Panel[] };
const pages = globSync("*.md", { cwd: fileURLToPath(new URL("docs/operations/alarms/", ROOT)) })
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(`docs/operations/alarms/${name}`, ROOT), "utf8") }));

/** Added by Prometheus to what it reads. */
const OF_A_TARGET = ["instance", "job"];
/** Not ours: Prometheus' own, and the node exporter's. */
const OTHERS = new Map([
  ["up", []],
  ["node_filesystem_avail_bytes", ["device", "fstype", "mountpoint"]],
  ["node_filesystem_size_bytes", ["device", "fstype", "mountpoint"]],
]);

/** Every metric that a process shows, with its labels: of what it writes when each was used once. */
async function metricsShown(): Promise<Map<string, string[]>> {
  const relayer = createMetrics();
  relayer.observeRequest("GET", "/", 200, 1);
  relayer.countJobFailure("index");
  relayer.countWithheld("push");
  relayer.setAttesters(new Map([["https://a.example", "answers"]]));
  const spending = { paid: 1n, open: 1n, kind: "attest" };
  const row = {
    state: "s",
    what: "w",
    count: 1n,
    block: 1n,
    receipts: 1,
    stuck: 1,
    low: 1n,
    exhausted: 1n,
    bytes: 1n,
    ...spending,
  };
  const sql = { query: async () => [row] as never };
  await relayer.readState(sql, 2 as never);
  await relayer.readAlarms(sql, 1n, 1n);
  const counts = { away: 1, limited: 1, lacks: 1, contradicted: 1 };
  const report = {
    nodes: [{ name: "a", state: "ok", counts }],
    disagreements: new Map([["m", 1]]),
    needed: 1,
  } as const;
  relayer.setNodes(report);
  relayer.countRpcCall("index", "eth_getLogs", "a");
  const chain = { block: async () => ({ time: 0 }), nodes: () => report };
  const attester = createAttesterMetrics({ rules: async () => ({}), chain, now: () => 1, database: sql } as never);
  attester.countAnswer("check", undefined);
  const shown = new Map<string, string[]>(OTHERS);
  for (const line of `${await relayer.text()}\n${await attester.text()}`.split("\n")) {
    const [, name = "", labels = ""] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name !== "")
      shown.set(
        name,
        [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label),
      );
  }
  return shown;
}

interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
  /** What is compared with, part by part. */
  readonly values: readonly string[];
}

/** The metrics that an expression asks for. @throws Error where it is no PromQL */
function selectorsOf(expr: string): { selectors: Selector[]; by: string[] } {
  const selectors: { name: string; labels: string[]; values: string[] }[] = [];
  const by: string[] = [];
  let grouping = false;
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`No PromQL at ${node.from}: ${expr}`);
      if (node.name === "VectorSelector")
        selectors.push({ name: text.replace(/\{.*/s, "").trim(), labels: [], values: [] });
      if (node.name === "GroupingLabels") grouping = true;
      if (node.name === "LabelName") (grouping ? by : (selectors.at(-1)?.labels ?? by)).push(text);
      if (node.name === "StringLiteral") selectors.at(-1)?.values.push(...text.slice(1, -1).split("|"));
    },
    leave(node) {
      if (node.name === "GroupingLabels") grouping = false;
    },
  });
  return { selectors, by };
}

describe("deploy/monitoring", () => {
  let shown: Map<string, string[]>;
  before(async () => {
    shown = await metricsShown();
  });

  /** What an expression asks for that no process shows. */
  function unknownIn(expr: string): string[] {
    const { selectors, by } = selectorsOf(expr);
    const known = selectors.flatMap(({ name }) => [...(shown.get(name) ?? []), ...OF_A_TARGET]);
    return [
      ...selectors.flatMap(({ name, labels }) =>
        shown.has(name)
          ? labels
              .filter((label) => ![...(shown.get(name) ?? []), ...OF_A_TARGET].includes(label))
              .map((label) => `${name}{${label}}`)
          : [name],
      ),
      ...by.filter((label) => !known.includes(label)).map((label) => `by (${label})`),
    ];
  }

  it("asks for metrics that there are, by labels that they have", () => {
    const asked = [
      ...rules.map(({ expr }) => expr),
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(asked.length).to.be.greaterThan(35);
    for (const expr of asked) expect(unknownIn(expr), expr).to.deep.equal([]);
    expect(unknownIn("max(relayer_outbox_oldest)")).to.deep.equal(["relayer_outbox_oldest"]);
    expect(unknownIn('sum by (route) (relayer_conversions{status="x"})')).to.deep.equal([
      "relayer_conversions{status}",
      "by (route)",
    ]);
    expect(() => unknownIn("max(relayer_outbox_pending")).to.throw("No PromQL");
  });

  it("compares labels with values that the code has", () => {
    const sources = globSync("{relayer,attester,service}/**/*.{ts,sql}", { cwd: fileURLToPath(ROOT) })
      .map((path) => readFileSync(new URL(path, ROOT), "utf8"))
      .join("\n");
    for (const expr of [
      ...rules.map((rule) => rule.expr),
      ...panels.flatMap((panel) => panel.targets.map((one) => one.expr)),
    ])
      for (const { name, values } of selectorsOf(expr).selectors)
        for (const value of values.filter((one) => !OTHERS.has(name) && one !== "5.."))
          expect(new RegExp(`['"]${value}['"]`).test(sources), `${expr}: ${value}`).to.equal(true);
  });

  it("says in each alarm only what the expression leaves of its labels", () => {
    for (const { alert, expr, annotations } of rules) {
      const { selectors, by } = selectorsOf(expr);
      const aggregated = /^(?:max|min|sum|histogram_quantile)\b/.test(expr);
      const left = aggregated ? by : [...(shown.get(selectors[0]?.name ?? "") ?? []), ...OF_A_TARGET];
      const used = [
        ...Object.values(annotations)
          .join(" ")
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label = ""]) => label);
      expect(
        used.filter((label) => !left.includes(label)),
        alert,
      ).to.deep.equal([]);
    }
  });

  it("has a page for each alarm, which names it, and no other page", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).to.equal(rules.length);
    const led = new Map<string, string[]>();
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.match(/^(page|warn)$/);
      expect(Object.keys(annotations), alert).to.deep.equal(["summary", "description", "runbook"]);
      const name = annotations.runbook?.replace("docs/operations/alarms/", "") ?? "";
      led.set(name, [...(led.get(name) ?? []), alert]);
    }
    expect([...led.keys()].sort()).to.deep.equal(pages.map(({ name }) => name));
    for (const { name, text } of pages) {
      const named = [...(/^Alarms?: (.*)$/m.exec(text)?.[1] ?? "").matchAll(/`(\w+)`/g)].map(([, alert]) => alert);
      expect(named, name).to.deep.equal(led.get(name));
      expect(text, name).to.match(/^# .+\n[\s\S]*^## What it means\n[\s\S]*^## What to do\n\n1\. /m);
      for (const [, metric = ""] of text.matchAll(/`((?:relayer|attester)_[a-z_]+)/g))
        expect(shown.has(metric) || shown.has(`${metric}_count`), `${name}: ${metric}`).to.equal(true);
    }
  });

  it("draws what does not overlap, and names its series by labels that are left", () => {
    const places = new Set<string>();
    for (const { title, gridPos, targets } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        const place = `${x} ${gridPos.y}`;
        expect(places.has(place) || x >= 24, title).to.equal(false);
        places.add(place);
      }
      for (const { expr, legendFormat } of targets) {
        const { selectors, by } = selectorsOf(expr);
        const left = /^(?:max|min|sum|histogram_quantile)\b/.test(expr)
          ? by
          : [...(shown.get(selectors[0]?.name ?? "") ?? []), ...OF_A_TARGET];
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect(left, `${title}: ${expr}`).to.include(label);
      }
    }
  });

  it("reads the processes where compose.yaml runs them", () => {
    const { services } = parse(readDeploy("compose.yaml"), { merge: true }) as {
      services: Record<string, { command?: string[] }>;
    };
    const { scrape_configs: jobs } = parse(readDeploy("monitoring/prometheus.yaml")) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    for (const room of ["relayer", "attester"] satisfies Room[]) {
      const targets = jobs.find(({ job_name }) => job_name === room)?.static_configs.flatMap((one) => one.targets);
      const running = Object.entries(services).filter(([, { command }]) => command?.[0] === `${room}/main.ts`);
      expect(targets).to.deep.equal(running.map(([name]) => `${name}:${portOf(room)}`));
    }
  });
});
