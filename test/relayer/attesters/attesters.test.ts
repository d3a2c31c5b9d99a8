import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { expect } from "chai";
import { getAddress, id, Wallet } from "ethers";
import { pino } from "pino";
import { createAttester } from "#attester/app.ts";
import type { Reviewer } from "#attester/review.ts";
import { connectAttesters } from "#relayer/attesters/client.ts";
import { afterOpinions } from "#relayer/domain/refusals.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { readRotating } from "#service/rotating.ts";

const TOKEN = "what both of them know";
const attestation = {
  campaignId: id("campaign"),
  firstConversion: 1n,
  conversions: 1,
  periodFrom: 1,
  periodTo: 2,
  deadline: 3,
  conversionsRoot: id("root"),
  linesRoot: id("lines"),
  lineCount: 1,
  total: 1n,
};
const line = { offerId: 1, partner: getAddress(`0x${"a1".repeat(20)}`), count: 1, volumeUnits: 5_000n };
const conversion = { number: 1n, key: id("key"), salt: id("salt"), entries: [line] };

describe("a relayer's attesters", () => {
  const attester = new Wallet(id("an attester"));
  const open: ServerType[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });

  /** An attester's process, as far as its door; what is behind it refuses everything. */
  async function listen(port = 0): Promise<number> {
    const chain = { agreed: (work: () => unknown) => work() };
    const reviewer = { rules: async () => ({ campaigns: {} }), chain } as unknown as Reviewer;
    const app = createAttester({
      reviewer,
      signer: attester as never,
      token: readRotating(TOKEN, 16),
      log: pino({ level: "silent" }),
    });
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port });
    open.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
  function connect(port: number, token: string) {
    const logged: { level: number; msg: string; reason?: string }[] = [];
    const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const attesters = connectAttesters([`http://127.0.0.1:${port}`], token, log);
    return {
      attesters,
      logged,
      check: async (conversions = [conversion]) =>
        (await attesters.check([attester.address], { attestation, conversions }))[0],
    };
  }

  it("are not down when they refuse its token: the batch waits, and what to do is in it, the log and the metrics", async () => {
    const { attesters, logged, check } = connect(await listen(), "something else of sixteen characters");
    const opinions = [await check(), await check()];
    for (const opinion of opinions) {
      expect(opinion?.reason).to.match(/^it refuses this relayer's token \(401\)\. Give both the same ATTESTER_TOKEN/);
      expect(opinion?.reason).to.not.contain("no answer");
      expect(opinion?.transient).to.equal(true);
    }
    expect(afterOpinions([1n], [opinions[0]], 1)).to.deep.equal({ do: "wait" });
    expect(logged.map(({ level, msg }) => [level, msg])).to.deep.equal([
      [50, "an attester refuses this relayer's token"],
    ]);
    expect(JSON.stringify(logged)).to.contain("ATTESTER_TOKEN").and.not.contain("something else");
    const metrics = createMetrics();
    metrics.setAttesters(attesters.states());
    expect(await metrics.text()).to.contain(
      `relayer_attester{attester="${attester.address}",state="refuses the token"} 1\n`,
    );
  });

  it("that answer before they have read all of a batch are understood all the same", async () => {
    const port = await listen();
    const large = Array.from({ length: 100_000 }, () => conversion);
    expect((await connect(port, "something else of sixteen characters").check(large))?.reason).to.contain("(401)");
    // One conversion is said, and many come: it says so, and not that the connection broke.
    const { check } = connect(port, TOKEN);
    let reason: string | undefined;
    // On a busy machine it may not say in time who it is.
    do reason = (await check(large))?.reason;
    while (reason?.includes("no attester that listens"));
    expect(reason).to.equal("no answer: The attestation says 1 conversions; line 3 is one more.");
  });

  it("that do not say who they are, are not asked", async () => {
    const server = createServer((_, response) => response.end('{"attester": "nobody"}')).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { check } = connect((server.address() as AddressInfo).port, TOKEN);
    expect(await check()).to.deep.equal({
      reason: `no answer: no attester that listens at ATTESTER_URLS is ${attester.address}`,
      transient: true,
      conversions: [],
    });
    server.close();
  });

  it("that tell of more and more are not listened to without an end", async () => {
    let asked = 0;
    const one = { digest: id("batch"), firstConversion: "7", conversions: 1, deadline: 1 };
    const server = createServer(({ url }, response) => {
      if (url !== "/healthz") asked++;
      const body = url === "/healthz" ? { attester: attester.address } : { forgotten: [], signed: [one], more: true };
      response.end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { attesters } = connect((server.address() as AddressInfo).port, TOKEN);
    const [answer] = await attesters.signed([attester.address], id("campaign"), 7n);
    expect(answer).to.have.property("reason").that.contains("100 attestations from conversion 7 on, and of more");
    expect(asked).to.equal(100);
    server.closeAllConnections();
    server.close();
  });

  it("answer, or do not, and the log says when that changes", async () => {
    const port = await listen();
    const { attesters, logged, check } = connect(port, TOKEN);
    expect((await check())?.reason)
      .to.be.a("string")
      .and.not.contain("token");
    expect(attesters.states().get(attester.address)).to.equal("answers");
    open.pop()?.close();
    expect((await check())?.reason).to.contain("no answer");
    expect(attesters.states().get(attester.address)).to.equal("does not answer");
    expect(logged.map(({ level }) => level)).to.deep.equal([40]);
  });
});
