/** What the attester measures of itself: how it answers, and whether it could. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { Counter, Gauge, Registry } from "prom-client";
import { createNodeMetrics } from "#service/chain/nodeMetrics.ts";
import type { Reviewer } from "./review.ts";
import { countForgotten } from "./store/memory.ts";

export interface AttesterMetrics {
  /** `refusal`: why it would not; undefined: it would. */
  countAnswer(to: "check" | "attestation" | "reversal", refusal: Refusal | undefined): void;
  countSignerFailure(): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics({
  rules,
  chain,
  now,
  database,
}: Pick<Reviewer, "rules" | "chain" | "now" | "database">): AttesterMetrics {
  const registry = new Registry();
  const registers = [registry];
  const answers = new Counter({
    name: "attester_answers_total",
    help: "Answers to what it was asked: yes, later (transient), no (for good).",
    labelNames: ["to", "answer"] as const,
    registers,
  });
  const signerFailures = new Counter({
    name: "attester_signer_failures_total",
    help: "Signatures that its signer did not give.",
    registers,
  });
  new Gauge({
    name: "attester_rules_usable",
    help: "1 while its file of rules can be used; 0: nothing is signed.",
    registers,
    async collect() {
      this.set(
        await rules().then(
          () => 1,
          () => 0,
        ),
      );
    },
  });
  new Gauge({
    name: "attester_chain_head_age_seconds",
    help: "How old the newest block of its node is; absent while the node does not answer.",
    registers,
    async collect() {
      const head = await chain.block("latest").catch(() => undefined);
      if (head === undefined) this.remove();
      else this.set(now() - head.time);
    },
  });
  new Gauge({
    name: "attester_forgotten_attestations",
    help: "Attestations on the chain with its signature that its database does not know; above 0 it signs nothing for their campaigns.",
    registers,
    async collect() {
      const count = await countForgotten(database).catch(() => undefined);
      if (count === undefined) this.remove();
      else this.set(count);
    },
  });
  const setNodes = createNodeMetrics("attester", registry);
  return {
    countAnswer: (to, refusal) =>
      answers.inc({ to, answer: refusal === undefined ? "yes" : refusal.transient ? "later" : "no" }),
    countSignerFailure: () => signerFailures.inc(),
    text() {
      setNodes(chain.nodes());
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
