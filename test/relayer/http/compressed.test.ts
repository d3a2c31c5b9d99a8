import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";

describe("a body that comes compressed", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let key: string;
  let token: () => string;
  before(async () => {
    market = await openRelayer();
    const campaign = await market.openCampaign({});
    key = campaign.key;
    token = (await campaign.join()).click;
  });
  after(() => market?.close());

  const send = (body: Buffer | ReadableStream, encoding: string, path = "/v1/conversions", type = "application/json") =>
    market.call("POST", path, {
      token: key,
      body: body as BodyInit,
      headers: {
        "content-type": type,
        "content-encoding": encoding,
        ...(Buffer.isBuffer(body) ? { "content-length": String(body.length) } : {}),
      },
    });
  const report = (orderId: string) =>
    Buffer.from(JSON.stringify({ event: "sale", orderId, volume: "50", referralToken: token() }));

  it("is read as what it is, with gzip and deflate", async () => {
    for (const [i, [pack, encoding]] of (
      [
        [gzipSync, "gzip"],
        [gzipSync, " X-GZIP"],
        [deflateSync, "deflate"],
        [(body: Buffer) => body, "identity"],
      ] as const
    ).entries()) {
      const { status, body } = await send(pack(report(`o-${i}`)), encoding);
      expect([status, body.state], encoding).to.deep.equal([201, "accepted"]);
    }
  });

  it("is bounded by what it becomes: little that becomes much is 413", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
    expect(bomb.length).to.be.below(100_000);
    const { status, body } = await send(bomb, "gzip");
    expect([status, body.detail]).to.deep.equal([413, "A body has at most 262144 bytes."]);
    const just = Buffer.concat([report("just"), Buffer.alloc(200_000, " ")]);
    expect((await send(gzipSync(just), "gzip")).status).to.equal(201);
  });

  it("is refused if it is not what it says, or what nobody here unpacks", async () => {
    for (const [body, encoding] of [
      [report("a"), "gzip"],
      [gzipSync(report("a")).subarray(0, 40), "gzip"],
      [gzipSync(report("a")), "deflate"],
    ] as const) {
      const answer = await send(body, encoding);
      expect([answer.status, answer.body.detail]).to.deep.equal([
        400,
        `The body is not ${encoding}, as its Content-Encoding says, or is cut off.`,
      ]);
    }
    const other = await send(brotliCompressSync(report("a")), "br");
    expect([other.status, other.body.detail]).to.deep.equal([
      415,
      "A body is sent as it is, or with Content-Encoding gzip or deflate; it came with br.",
    ]);
  });

  it("may be a file", async () => {
    const lines = Buffer.from(`event,orderId,volume\nsale,f-1,5\nsale,f-2,5\n`);
    const { status, body } = await send(gzipSync(lines), "gzip", "/v1/imports", "text/csv");
    expect(status).to.equal(201);
    expect(body).to.include({ state: "done", rows: 2 });
    const broken = await send(gzipSync(lines).subarray(0, 30), "gzip", "/v1/imports", "text/csv");
    expect(broken.status).to.equal(400);
  });
});
