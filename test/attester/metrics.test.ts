import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { pino } from "pino";
import { createAttester } from "#attester/app.ts";
import { createMetrics } from "#attester/metrics.ts";
import type { Reviewer } from "#attester/review.ts";
import { readRotating } from "#service/rotating.ts";

const refusal = (transient: boolean): Refusal => ({ reason: "no", transient, conversions: [] });

describe("watching an attester", () => {
  let rules: () => Promise<unknown>;
  let block: () => Promise<{ time: number }>;
  const nodes = () => ({ nodes: [], disagreements: new Map(), needed: 1 });
  const chain = { block: () => block(), nodes };
  const reviewer = { rules: () => rules(), chain, now: () => 1_000 } as unknown as Reviewer;
  beforeEach(() => {
    rules = async () => ({});
    block = async () => ({ time: 990 });
  });

  const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

  it("counts how it answers: yes, later, or no for good", async () => {
    const metrics = createMetrics(reviewer);
    metrics.countAnswer("check", undefined);
    metrics.countAnswer("attestation", undefined);
    metrics.countAnswer("attestation", refusal(true));
    metrics.countAnswer("reversal", refusal(false));
    metrics.countSignerFailure();
    expect(lines(await metrics.text())).to.deep.equal([
      'attester_answers_total{to="check",answer="yes"} 1',
      'attester_answers_total{to="attestation",answer="yes"} 1',
      'attester_answers_total{to="attestation",answer="later"} 1',
      'attester_answers_total{to="reversal",answer="no"} 1',
      "attester_signer_failures_total 1",
      "attester_rules_usable 1",
      "attester_chain_head_age_seconds 10",
    ]);
  });

  it("says when its rules cannot be used, and nothing of a node that does not answer", async () => {
    const metrics = createMetrics(reviewer);
    rules = () => Promise.reject(new Error("a comma"));
    block = () => Promise.reject(new Error("away"));
    expect(lines(await metrics.text())).to.deep.equal(["attester_signer_failures_total 0", "attester_rules_usable 0"]);
  });

  it("is for whoever has the token, which is not the relayer's", async () => {
    const given = {
      reviewer,
      signer: { address: "0x" } as never,
      token: readRotating("the relayer's token", 16),
      log: pino({ level: "silent" }),
    };
    const ask = (app: ReturnType<typeof createAttester>, token?: string) =>
      app.request("/metrics", token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    const guarded = createAttester({ ...given, metricsToken: readRotating("what Prometheus has", 16) });
    expect((await ask(guarded)).status).to.equal(401);
    expect((await ask(guarded, "the relayer's token")).status).to.equal(401);
    const read = await ask(guarded, "what Prometheus has");
    expect([read.status, read.headers.get("content-type")]).to.deep.equal([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    expect((await ask(createAttester(given))).status).to.equal(200);
    // And what the relayer asks is for the relayer's alone.
    const check = async (token: string) =>
      (await guarded.request("/v1/checks", { method: "POST", headers: { authorization: `Bearer ${token}` } })).status;
    expect(await check("what Prometheus has")).to.equal(401);
    expect(await check("the relayer's token")).to.equal(415);
  });
});
