/** What a process measures of the chain's nodes. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { NodesReport } from "./nodes.ts";

/** `prefix`: whose metrics they are. @returns what writes a report into the registry */
export function createNodeMetrics(prefix: "relayer" | "attester", registry: Registry): (report: NodesReport) => void {
  const registers = [registry];
  const states = new Gauge({
    name: `${prefix}_rpc_node`,
    help: "How each of the chain's nodes is: ok, or why it is set aside.",
    labelNames: ["node", "state"] as const,
    registers,
  });
  const failures = new Counter({
    name: `${prefix}_rpc_failures_total`,
    help: "Questions that a node did not answer, by why; contradicted: others told something else, and were enough.",
    labelNames: ["node", "why"] as const,
    registers,
  });
  const disagreements = new Counter({
    name: `${prefix}_rpc_disagreements_total`,
    help: "Questions that decide money and that nodes answered differently, none of them enough.",
    labelNames: ["method"] as const,
    registers,
  });
  return ({ nodes, disagreements: counts }) => {
    states.reset();
    failures.reset();
    disagreements.reset();
    for (const { name: node, state, counts: of } of nodes) {
      states.set({ node, state }, 1);
      for (const [why, times] of Object.entries(of)) failures.inc({ node, why }, times);
    }
    // Shown before the first, so that an increase from nothing is seen.
    if (nodes.length > 1) disagreements.inc({ method: "eth_getBlockByNumber" }, 0);
    for (const [method, times] of counts) disagreements.inc({ method }, times);
  };
}
