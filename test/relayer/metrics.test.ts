import { expect } from "chai";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { describeNodes } from "#relayer/health.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { readRotating } from "#service/rotating.ts";

const TOKEN = "a token of sixteen characters or more";

/** The samples of a text in Prometheus' format. Throws at a line that is none. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || /^# (HELP|TYPE) relayer_\w+ .+$/.test(line)) continue;
    const found = /^(relayer_\w+(?:\{(?:\w+="(?:[^"\\\n]|\\.)*",?)+\})?) ([\d.e+-]+)$/.exec(line);
    if (found === null) throw new Error(`Not a sample: ${line}`);
    samples.set(found[1] as string, Number(found[2]));
  }
  return samples;
}

describe("watching the relayer:", () => {
  let desk: RelayerWithCampaign;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign({
      METRICS_TOKEN: readRotating(TOKEN, 16),
      READY_LAG_BLOCKS: 10,
      READY_SILENCE_SECONDS: 60,
    });
  });
  after(() => desk.close());

  describe("metrics", () => {
    it("are for whoever has the token", async () => {
      for (const token of [undefined, "wrong", `${TOKEN}x`]) {
        const refused = await desk.call("GET", "/metrics", { token });
        expect([refused.status, refused.body.status]).to.deep.equal([401, 401]);
      }
      const metrics = await desk.call("GET", "/metrics", { token: TOKEN });
      expect(metrics.status).to.equal(200);
      expect(metrics.headers.get("content-type")).to.equal("text/plain; version=0.0.4; charset=utf-8");
    });

    it("count requests by route, whatever was asked for", async () => {
      for (let i = 0; i < 3; i++) await desk.call("GET", `/v1/batches/0x${String(i).repeat(64)}`);
      for (let i = 0; i < 5; i++) await desk.call("GET", `/nothing/${i}`);
      const samples = parse((await desk.call("GET", "/metrics", { token: TOKEN })).body);
      expect(
        samples.get('relayer_http_requests_total{method="GET",route="/v1/batches/:digest",status="404"}'),
      ).to.equal(3);
      expect(samples.get('relayer_http_requests_total{method="GET",route="none",status="404"}')).to.equal(5);
      expect(samples.get('relayer_http_request_duration_seconds_count{route="none"}')).to.equal(5);
      expect(samples.get('relayer_http_request_duration_seconds_bucket{le="+Inf",route="none"}')).to.equal(5);
    });

    it("tell what is waiting, and for how long", async () => {
      const { secret } = await desk.addKey(desk.campaignId, await desk.signIn(desk.brand));
      await desk.report(secret, "1");
      await desk.report(secret, "2");
      await desk.database.query(
        "UPDATE conversions SET received_at = now() - interval '90 seconds' WHERE order_id = '1'",
      );
      await desk.database.query(
        "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ('0x', 1, 'attest:1', '0x', 1, 'sent')",
      );
      desk.head.block = 107;
      // Asked again only after a while: what is counted costs the database something.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      const samples = parse((await desk.call("GET", "/metrics", { token: TOKEN })).body);
      expect(samples.get('relayer_conversions{state="accepted"}')).to.equal(2);
      expect(samples.get("relayer_conversions_backlog")).to.equal(2);
      expect(samples.get("relayer_conversions_oldest_waiting_seconds")).to.be.within(90, 120);
      expect(samples.get("relayer_outbox_pending")).to.equal(1);
      expect(samples.get("relayer_chain_lag_blocks")).to.equal(7);
      expect(samples.get("relayer_webhook_moves_unannounced")).to.equal(2);
    });

    it("tell what alarms go by: dates of receipts, the oldest transaction, what is left of money, budget and disk", async () => {
      const read = async () => {
        // Asked again only after a while, as above.
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        return parse((await desk.call("GET", "/metrics", { token: TOKEN })).body);
      };
      const { database, campaignId } = desk;
      await database.query("UPDATE conversions SET attest_by = extract(epoch FROM now()) + 600 WHERE order_id = '1'");
      await database.query(
        "UPDATE transactions SET created_at = now() - interval '5 minutes' WHERE purpose = 'attest:1'",
      );
      await database.query("UPDATE campaigns SET reserved = available - promised WHERE id = $1", [campaignId]);
      desk.head.block = 107;
      const samples = await read();
      expect(samples.get("relayer_receipts_seconds_left")).to.be.within(560, 600);
      expect(samples.get("relayer_outbox_oldest_seconds")).to.be.within(300, 340);
      expect(samples.get("relayer_balance_coins")).to.equal(1.5);
      expect(samples.get("relayer_campaigns_budget_low")).to.equal(1);
      expect(samples.get("relayer_campaigns_budget_exhausted")).to.equal(0);
      expect(samples.get("relayer_database_bytes")).to.be.greaterThan(1_000_000);
      const announced = (what: string) => samples.get(`relayer_announced{what="${what}"}`);
      const offers = announced("offer") ?? 0;
      expect(offers).to.be.greaterThan(0);
      expect([announced("hand-over"), announced("withdrawal"), announced("closing")]).to.deep.equal([0, 0, 0]);

      // One of a campaign that nobody here serves changes nothing.
      await database.query("UPDATE campaigns SET pending_brand = $1, reserved = 0 WHERE id = $2", [
        desk.brand.address,
        campaignId,
      ]);
      await database.query(
        `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to)
         SELECT campaign_id, 99, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to FROM offers
         WHERE campaign_id = $1 LIMIT 1`,
        [campaignId],
      );
      await database.query("UPDATE conversions SET state = 'rejected' WHERE state = 'accepted'");
      desk.head.block = undefined;
      const later = await read();
      expect(later.get('relayer_announced{what="hand-over"}')).to.equal(1);
      expect(later.get('relayer_announced{what="offer"}')).to.equal(offers + 1);
      expect(later.get("relayer_campaigns_budget_low")).to.equal(0);
      // Nobody's word is not 0.
      expect(later.has("relayer_receipts_seconds_left")).to.equal(false);
      expect(later.has("relayer_balance_coins")).to.equal(false);
      await database.query("UPDATE api_keys SET revoked_at = now()");
      expect((await read()).get('relayer_announced{what="offer"}')).to.equal(0);
      desk.head.block = 107;
    });

    it("count failures of a job's items by the job, and each registry its own", async () => {
      const [one, other] = [createMetrics(), createMetrics()];
      for (const job of ["submit", "submit", "release"]) one.countJobFailure(job);
      const samples = parse(await one.text());
      expect(samples.get('relayer_job_failures_total{job="submit"}')).to.equal(2);
      expect(samples.get('relayer_job_failures_total{job="release"}')).to.equal(1);
      expect(parse(await other.text()).get('relayer_job_failures_total{job="submit"}')).to.equal(undefined);
    });

    it("are written so that no label breaks the format", async () => {
      const metrics = createMetrics();
      metrics.observeRequest('G"ET', "a\\b\nc", 200, 0.02);
      expect(
        parse(await metrics.text()).get('relayer_http_requests_total{method="G\\"ET",route="a\\\\b\\nc",status="200"}'),
      ).to.equal(1);
    });
  });

  describe("readiness", () => {
    const ready = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return desk.call("GET", "/readyz");
    };

    it("is a yes when all is well", async () => {
      desk.head.block = 100;
      const answer = await desk.call("GET", "/readyz");
      expect(answer.body).to.deep.equal({
        database: "ok",
        chain: "ok",
        indexer: "ok",
        worker: "ok",
        nodes: "ok",
        campaigns: "ok",
        refunds: "ok",
        memory: "ok",
        clock: "ok",
      });
    });

    it("names the chain's nodes that are set aside, and what waits for them, and is a yes all the same", () => {
      const node = (name: string, state: "ok" | "away" | "limited") => ({ name, state, counts: {} }) as never;
      const said = (...nodes: never[]) => describeNodes({ nodes, disagreements: new Map(), needed: 2 });
      expect(said(node("a.example", "ok"), node("b.example", "ok"), node("c.example", "limited"))).to.equal(
        "1 of 3 set aside: c.example is limited",
      );
      expect(said(node("a.example", "away"), node("b.example", "ok"))).to.equal(
        "1 of 2 set aside: a.example is away; 2 have to tell the same of what decides money, and that waits",
      );
    });

    it("says what is wrong: a silent worker, an indexer behind, a chain that does not answer", async () => {
      const { silence } = desk.pulse;
      desk.pulse.silence = () => 61_000;
      expect((await ready()).body.detail).to.equal("worker: has not finished a round for 61 seconds");
      desk.pulse.silence = silence;
      await desk.pulse.beat();
      desk.head.block = 111;
      const behind = await ready();
      expect([behind.status, behind.body.detail]).to.deep.equal([
        503,
        "indexer: is 11 blocks behind the chain's head; more than 10 are too many",
      ]);
      desk.head.block = undefined;
      expect((await ready()).body.detail).to.equal("chain: does not answer; indexer: unknown");
      desk.head.block = 105;
      expect((await ready()).status).to.equal(200);
      const query = desk.database.query;
      desk.database.query = () => Promise.reject(new Error("gone"));
      expect((await ready()).body.detail).to.equal("database: does not answer; indexer: unknown");
      desk.database.query = query;
      // That the process runs is another question.
      expect((await desk.call("GET", "/healthz")).status).to.equal(200);
    });
  });

  describe("the log", () => {
    it("has a line for each request, and nothing that was sent in it", async () => {
      desk.logged.length = 0;
      const sent = await desk.call("POST", "/v1/conversions?query=secret-query", {
        token: "sk_secret-token",
        json: { event: "secret-body", orderId: "1" },
        headers: { "x-request-id": "sane-1", "x-secret": "secret-header" },
      });
      expect(sent.headers.get("x-request-id")).to.equal("sane-1");
      const [line] = desk.logged;
      expect(desk.logged).to.have.length(1);
      expect(line).to.include({ requestId: "sane-1", method: "POST", route: "/v1/conversions", status: 400 });
      expect(line?.ms).to.be.a("number");
      expect(JSON.stringify(desk.logged)).not.to.contain("secret");
    });

    it("takes a request's id only if it looks like one", async () => {
      for (const id of ["x".repeat(65), 'a"b', "a b", "<script>", "é"]) {
        const { headers } = await desk.call("GET", "/healthz", { headers: { "x-request-id": id } });
        expect(headers.get("x-request-id")).to.match(/^[0-9a-f-]{36}$/);
      }
    });
  });
});
