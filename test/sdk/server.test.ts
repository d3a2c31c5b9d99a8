import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type ConversionReport,
  createServerClient,
  type Lead,
  RelayerError,
  type ServerClient,
} from "@partner-programs/sdk/server";
import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { apiTypes } from "#scripts/api-types.ts";

/** What happens to a request on its way: it is answered in the relayer's place, or the answer is lost. */
type Accident = "lost" | "unreachable" | { status: number; headers?: Record<string, string>; body?: string };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

async function withServer(answer: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

describe("the server SDK's way to the relayer", () => {
  const conversion = '{"id":"7"}';

  it("keeps the path that the relayer is under", async () => {
    const asked: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        asked.push(request.url);
        response.end(conversion);
      },
      async (url) => {
        for (const base of ["", "/", "/partners", "/partners/", "/a/b//?x=1#y"])
          await createServerClient({ url: url + base, secretKey: "sk_x" }).conversion("7");
      },
    );
    const path = "/v1/conversions/7";
    expect(asked).to.deep.equal([path, path, `/partners${path}`, `/partners${path}`, `/a/b${path}`]);
  });

  it("says of a redirect where it leads, asks once, and gives the key to nobody else", async () => {
    for (const status of [301, 302, 307, 308]) {
      const asked: (string | undefined)[] = [];
      await withServer(
        (request, response) => {
          asked.push(request.url);
          response.writeHead(status, { location: "/elsewhere" }).end();
        },
        async (url) => {
          const shop = createServerClient({ url, secretKey: "sk_x" });
          const error = await shop.conversion("7").catch((failed) => failed);
          expect(error).to.be.instanceOf(RelayerError);
          expect(error).to.include({ status, temporary: false });
          expect(error.message).to.equal(`GET /v1/conversions/7: ${url} redirects to /elsewhere.`);
          expect(error.advice).to.contain("Give `url`");
        },
      );
      expect(asked).to.deep.equal(["/v1/conversions/7"]);
    }
  });
});

describe("the server SDK", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market.close());

  /** A client whose first requests have accidents. */
  function clientOf(secretKey: string, accidents: Accident[] = [], tries?: number) {
    const sent: { key: string | null; at: number; method: string; path: string; body: string }[] = [];
    const shop = createServerClient({
      url: "http://relayer.example",
      secretKey,
      ...(tries === undefined ? {} : { tries }),
      fetch: async (input, init) => {
        const request = new Request(input as URL, init);
        const { pathname, search } = new URL(request.url);
        const body = await request.clone().text();
        const key = request.headers.get("idempotency-key");
        sent.push({ key, at: performance.now(), method: request.method, path: pathname + search, body });
        const accident = accidents.shift();
        if (accident === "unreachable") throw new TypeError("fetch failed");
        if (typeof accident === "object") return new Response(accident.body ?? "", accident);
        const response = await market.app.request(request);
        if (accident === "lost") throw new TypeError("terminated");
        return response;
      },
    });
    return { shop, sent };
  }
  async function failureOf(promise: Promise<unknown>): Promise<RelayerError> {
    const error = await promise.then(
      () => new Error("It did not fail."),
      (failed) => failed,
    );
    expect(error).to.be.instanceOf(RelayerError);
    return error;
  }
  const opened = async (draft: Parameters<LocalRelayer["openCampaign"]>[0] = {}) => {
    const campaign = await market.openCampaign(draft);
    const partner = await campaign.join();
    return { campaign, partner, ...clientOf(campaign.key) };
  };
  const sale = (orderId: string, more: Partial<ConversionReport> = {}): ConversionReport => ({
    event: "sale",
    orderId,
    volume: "10",
    ...more,
  });

  it("takes an order back by the brand's own id of it, and finds it by that", async () => {
    const { shop, partner } = await opened();
    const { id } = await shop.reportConversion(sale("1", { referralToken: partner.click() }));
    await shop.reportConversion(sale("2", { referralToken: partner.click() }));
    const part = { volume: "4", refundId: "r-1" };
    for (let i = 0; i < 2; i++)
      expect(await shop.refundOrder({ orderId: "1" }, part)).to.include({ id, refunded: "4000000" });
    expect((await shop.refundOrder({ orderId: "1", event: "sale" })).state).to.equal("reversed");
    // Of an order that is not known yet it waits.
    const waits = await shop.refundOrder({ orderId: "3" });
    expect(waits).to.include({ orderId: "3", state: "waiting" });
    expect(await shop.withdrawRefund(waits.id)).to.include({ id: waits.id, state: "withdrawn" });
    const found = await all(
      shop.conversions({ orderId: "1", state: undefined } as Parameters<typeof shop.conversions>[0]),
    );
    expect(found.map((one) => one.id)).to.deep.equal([id]);
  });

  it("sends and gets what the relayer's document says: sdk/types.ts is made of it, and the portal's", async () => {
    const types = await apiTypes();
    expect(Object.keys(types)).to.deep.equal(["sdk/types.ts", "portal/app/api/schema.d.ts"]);
    for (const [file, text] of Object.entries(types))
      expect(readFileSync(file, "utf8"), `${file}: run npm run api-types`).to.equal(text);
  });

  it("binds a customer at sign-up, and reports what it does later by its id alone", async () => {
    const { shop, partner } = await opened();
    const bound = await shop.bindCustomer({ customerId: "c", referralToken: partner.click() });
    expect(bound).to.include({ partner: partner.wallet, code: partner.code, boundUntil: null });
    const conversion = await shop.reportConversion(sale("1", { customerId: "c" }));
    expect(conversion).to.include({ state: "accepted", partner: partner.wallet, volumeBaseUnits: "10000000" });
    expect((await shop.conversion(conversion.id)).id).to.equal(conversion.id);
    expect((await shop.convert(sale("1", { customerId: "c" }))).id).to.equal(conversion.id);
  });

  it("pulls the leads of its partners, and says what became of one", async () => {
    const { shop, campaign, partner } = await opened({ leads: { protectedDays: 90, answerDays: 7 } });
    for (const company of ["acme.com", "acme.de"])
      await market.call("POST", `/v1/campaigns/${campaign.campaignId}/leads`, {
        token: partner.token,
        json: { company },
      });
    const leads = await all(shop.leads(campaign.campaignId));
    expect(leads.map(({ company }) => company)).to.deep.equal(["acme.de", "acme.com"]);
    const won = await shop.decideLead(leads[1] as Lead, { decision: "win", customerId: "acme" });
    expect(won).to.include({ state: "won", company: "acme.com", isCustomer: true });
    expect(await shop.reportConversion(sale("1", { customerId: "acme" }))).to.include({ partner: partner.wallet });
    expect(await all(shop.leads(campaign.campaignId, { state: "registered" }))).to.deep.equal([leads[0]]);
  });

  it("takes back a part once however often it says so, and then the whole", async () => {
    const { shop, partner } = await opened();
    const { id } = await shop.reportConversion(sale("1", { referralToken: partner.click() }));
    for (let i = 0; i < 2; i++)
      expect((await shop.refund(id, { volume: "4", refundId: "r-1" })).refunded).to.equal("4000000");
    expect((await shop.refund(id)).state).to.equal("reversed");
    expect((await shop.refund(id)).state).to.equal("reversed");
  });

  it("makes one conversion of a report whose answer was lost, under one idempotency key", async () => {
    const { campaign, partner } = await opened();
    const { shop, sent } = clientOf(campaign.key, ["lost", "unreachable", { status: 502 }]);
    const conversion = await shop.reportConversion(sale("1", { referralToken: partner.click() }));
    expect(conversion.state).to.equal("accepted");
    expect(sent).to.have.length(4);
    expect(new Set(sent.map(({ key }) => key)).size).to.equal(1);
    expect(sent[0]?.key).to.match(/^[0-9a-f-]{36}$/);
    expect((await all(shop.conversions())).map(({ id }) => id)).to.deep.equal([conversion.id]);
    await shop.reportConversion(sale("2", { referralToken: partner.click() }));
    expect(sent.at(-1)?.key).to.not.equal(sent[0]?.key);
  });

  it("waits longer each time, and as long as the relayer asks for", async () => {
    const { campaign } = await opened();
    const { shop, sent } = clientOf(campaign.key, [
      { status: 503 },
      { status: 503 },
      { status: 429, headers: { "retry-after": "2" } },
      { status: 429, headers: { "retry-after": new Date(Date.now() + 4_000).toUTCString() } },
    ]);
    const wanted: number[] = [];
    const { setTimeout } = globalThis;
    const noting = (run: () => void, milliseconds = 0) => {
      wanted.push(milliseconds);
      return setTimeout(run, milliseconds);
    };
    globalThis.setTimeout = Object.assign(noting, setTimeout) as typeof setTimeout;
    await shop.reportConversion(sale("1")).finally(() => {
      globalThis.setTimeout = setTimeout;
    });
    const waited = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
    expect(waited).to.have.length(4);
    const pauses = [
      [125, 250],
      [250, 500],
      [2_000, 2_000],
    ] as const;
    // Others in this process wait as well; a busy machine makes every wait longer than was asked for.
    for (const [i, [least, most]] of pauses.entries()) {
      expect(waited[i]).to.be.above(least - 2);
      expect(
        wanted.some((milliseconds) => milliseconds >= least && milliseconds <= most),
        `pause ${i}`,
      ).to.equal(true);
    }
  });

  it("gives up after so many tries, and at once when it is asked to wait for too long, or told no", async () => {
    const { campaign } = await opened();
    const often = clientOf(campaign.key, Array(9).fill("unreachable"), 3);
    const silent = await failureOf(often.shop.conversion("1"));
    expect(silent).to.include({ status: 0, temporary: true });
    expect(silent.message).to.contain("http://relayer.example gave no answer");
    expect(silent.cause).to.be.instanceOf(TypeError);
    expect(often.sent).to.have.length(3);

    const later = clientOf(campaign.key, [{ status: 429, headers: { "retry-after": "3600" } }]);
    expect(await failureOf(later.shop.conversion("1"))).to.include({ status: 429, retryAfter: 3600 });
    expect(later.sent).to.have.length(1);

    const no = clientOf(campaign.key);
    const refused = await failureOf(no.shop.reportConversion(sale("1", { volume: "1e3" })));
    expect(refused).to.include({ status: 400, temporary: false });
    expect(refused.problem).to.include({ status: 400 });
    expect(refused.detail).to.contain("volume");
    expect(refused.advice).to.contain("Correct");
    expect(no.sent).to.have.length(1);
  });

  it("says whose page it got when it was not the relayer's answer", async () => {
    const { campaign } = await opened();
    const { shop } = clientOf(campaign.key, [{ status: 404, body: "<html>not here</html>" }]);
    expect((await failureOf(shop.conversion("1"))).message)
      .to.contain("404")
      .and.to.contain("not by a relayer");
    const fine = clientOf(campaign.key, [{ status: 200, body: "<html>welcome</html>" }]);
    expect((await failureOf(fine.shop.conversion("1"))).message).to.contain("not by a relayer");
  });

  it("names a key that is not good, and never sends one elsewhere", async () => {
    const { shop } = clientOf("sk_unknown");
    expect(await failureOf(shop.conversion("1"))).to.include({ status: 401 });
    for (const options of [
      { url: "http://relayer.example", secretKey: "us_session" },
      { url: "relayer.example", secretKey: "sk_x" },
      { url: "http://relayer.example", secretKey: undefined as unknown as string },
    ])
      expect(() => createServerClient(options)).to.throw(TypeError);
    let stolen: string | undefined;
    await withServer(
      (request, response) => {
        if (request.url === "/elsewhere") stolen = request.headers.authorization;
        response.writeHead(307, { location: "/elsewhere" }).end();
      },
      async (url) => void (await failureOf(createServerClient({ url, secretKey: "sk_x", tries: 1 }).conversion("1"))),
    );
    expect(stolen).to.equal(undefined);
  });

  it("waits so long for an answer, and not for ever", () =>
    withServer(
      () => {},
      async (url) => {
        const shop = createServerClient({ url, secretKey: "sk_x", tries: 2, timeoutMilliseconds: 100 });
        expect(await failureOf(shop.conversion("1"))).to.include({ status: 0 });
      },
    ));

  describe("many conversions", () => {
    let shop: ServerClient;
    let sent: ReturnType<typeof clientOf>["sent"];
    let click: () => string;
    before(async () => {
      const world = await opened();
      ({ shop, sent } = world);
      click = world.partner.click;
    });
    const reports = (from: number, to: number, more: Partial<ConversionReport> = {}) =>
      Array.from({ length: to - from }, (_, i) =>
        sale(`order-${from + i}`, { occurredAt: "2026-01-01T00:00:00Z", ...more }),
      );

    it("are imported from a list, a generator or a file, and again without harm", async () => {
      const referralToken = click();
      expect(await shop.import(reports(0, 200, { referralToken }))).to.include({
        state: "done",
        rows: 200,
        accepted: 200,
      });
      async function* generated() {
        yield* reports(100, 300, { referralToken });
      }
      expect(await shop.import(generated())).to.include({ rows: 200, accepted: 100, known: 100 });
      const file = reports(250, 450, { referralToken })
        .map((report) => JSON.stringify(report))
        .join("\n");
      expect(await shop.import(new Blob([file]))).to.include({ rows: 200, accepted: 150, known: 50 });
      expect(await shop.import(file)).to.include({ rows: 200, known: 200 });
    });

    it("are read page by page, the newest first, each once, and only as far as they are read", async () => {
      const before = sent.length;
      const ids = (await all(shop.conversions())).map(({ id }) => Number(id));
      expect(new Set(ids).size).to.equal(450);
      expect(ids).to.deep.equal([...ids].sort((a, b) => b - a));
      expect(sent.length - before).to.equal(3);
      for await (const newest of shop.conversions()) {
        expect(Number(newest.id)).to.equal(ids[0]);
        break;
      }
      expect(sent.length - before).to.equal(4);
    });

    it("are filtered", async () => {
      expect(await all(shop.conversions({ state: "rejected" }))).to.deep.equal([]);
      expect(await all(shop.conversions({ state: "accepted", from: "2020-01-01T00:00:00Z" }))).to.have.length(450);
    });

    it("from a source that can be read once are sent once, whatever is answered", async () => {
      const once = clientOf((await opened()).campaign.key, [{ status: 503 }]);
      expect(await failureOf(once.shop.import(reports(0, 3)))).to.include({ status: 503, temporary: true });
      expect(once.sent).to.have.length(1);
    });

    it("from a source that breaks are broken off with the source's own error, and not sent twice", async () => {
      const broken = clientOf((await opened()).campaign.key);
      const gone = new Error("the disk is gone");
      async function* source() {
        yield sale("1");
        throw gone;
      }
      const error = await broken.shop.import(source()).catch((failed: Error) => failed);
      expect(error).to.equal(gone);
      expect(broken.sent.length).to.be.below(2);
    });
  });
});
