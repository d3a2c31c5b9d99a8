import { buffer } from "node:stream/consumers";
import {
  type GivenConversion,
  MAX_BATCH_ENTRIES,
  MAX_CONVERSIONS,
  MAX_ENTRIES,
  opinion,
  type Refusal,
  readBatch,
  refusal,
  reversalRequest,
  writeBatch,
  writeRefusal,
  writeReversalRequest,
} from "@partner-programs/protocol/attesterApi";
import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { getAddress, id } from "ethers";

const line = { offerId: 1, partner: getAddress(`0x${"a1".repeat(20)}`), count: 1, volumeUnits: 5_000n };
const attestation = {
  campaignId: id("campaign"),
  firstConversion: 2n ** 63n - 2n,
  conversions: 1,
  periodFrom: 100,
  periodTo: 200,
  deadline: 300,
  conversionsRoot: id("root"),
  linesRoot: id("lines"),
  lineCount: 1,
  total: 2n ** 128n - 1n,
};
const leaf = { number: 2n ** 63n - 2n, key: id("key"), salt: id("salt"), entries: [line] };

/** A batch, its conversions in a list. */
const read = (pieces: AsyncIterable<Uint8Array>) => readBatch(pieces, async (): Promise<GivenConversion[]> => []);

/** What arrives: the text of a body, parsed. */
const travel = (body: unknown) => JSON.parse(JSON.stringify(body));

describe("what a relayer and its attesters say to each other", () => {
  it("arrives as it was meant: an attestation with its conversions and their orders, however it is cut", async () => {
    const order = {
      event: "sale",
      orderId: "Größe 7 \u{1f600}",
      volume: "49.90",
      receivedAt: "1970-01-01T01:01:40+01:00",
    };
    const bytes = await buffer(writeBatch({ attestation, conversions: [{ ...leaf, order }] }));
    const meant = { attestation, conversions: [{ ...leaf, order: { ...order, receivedAt: 100 } }] };
    for (const size of [1, 7, bytes.length]) expect(await read(cut(bytes, size))).to.deep.equal(meant);
    // A batch that knows its lines as well is sent as the same.
    const more = { attestation: { ...attestation, lines: [line] }, lines: [line], conversions: [{ ...leaf, order }] };
    expect(await buffer(writeBatch(more))).to.deep.equal(bytes);
  });

  it("arrives in pieces of which none is large, and is read one after the other", async () => {
    const conversions = Array.from({ length: 10_000 }, (_, i) => ({ ...leaf, number: BigInt(i) }));
    const whole = { attestation: { ...attestation, conversions: 10_000 }, conversions };
    const pieces: Uint8Array[] = [];
    for await (const piece of writeBatch(whole)) pieces.push(piece);
    expect(Math.max(...pieces.map(({ length }) => length))).to.be.lessThan(128 * 1024);
    let sent = 0;
    const slow = async function* () {
      for (const piece of pieces) {
        sent++;
        yield piece;
      }
    };
    const batch = await readBatch(slow(), async ({ conversions }) => {
      // Room is asked for before the conversions are read.
      expect([conversions, sent]).to.deep.equal([10_000, 1]);
      return [] as GivenConversion[];
    });
    expect(batch.conversions).to.deep.equal(conversions);
  });

  it("arrives as it was meant: a reversal with the conversions that are taken back", () => {
    const reversal = {
      campaignId: id("campaign"),
      attestation: id("batch"),
      targets: [line],
      reasonHash: id("refunded"),
    };
    expect(reversalRequest.parse(travel(writeReversalRequest(reversal, [leaf.key])))).to.deep.equal({
      ...reversal,
      conversions: [{ key: leaf.key }],
    });
  });

  it("arrives as it was meant: a refusal, as an opinion and instead of a signature", () => {
    const given: Refusal = {
      reason: "No.",
      transient: true,
      conversions: [{ number: 2n ** 63n, reason: "Not this." }],
    };
    expect(refusal.parse(travel(writeRefusal(given)))).to.deep.equal(given);
    expect(opinion.parse(travel({ ok: false, ...writeRefusal(given) }))).to.deep.equal({ ok: false, ...given });
    expect(opinion.parse({ ok: true })).to.deep.equal({ ok: true });
  });

  it("is refused where it is something else, by its line", async () => {
    const [head, body] = new TextDecoder()
      .decode(await buffer(writeBatch({ attestation, conversions: [leaf] })))
      .split("\n");
    const wrong = async (change: (head: Record<string, unknown>, body: Record<string, unknown>) => void) => {
      const [first, second] = [JSON.parse(head ?? ""), JSON.parse(body ?? "")];
      change(first, second);
      const bytes = new TextEncoder().encode(`${JSON.stringify(first)}\n${JSON.stringify(second)}`);
      return says(read(cut(bytes, 100)));
    };
    expect(await wrong(() => {})).to.equal("");
    expect(await wrong((head) => (head.firstConversion = "9223372036854775808"))).to.match(
      /^UnreadableText Line 1: .*2\^63.*firstConversion/,
    );
    expect(await wrong((head) => (head.total = (2n ** 128n).toString()))).to.match(/Line 1: .*2\^128.*total/);
    expect(await wrong((head) => (head.lineCount = 0))).to.match(/Line 1: .*lineCount/);
    expect(await wrong((head) => (head.conversions = MAX_CONVERSIONS + 1))).to.match(/Line 1: .*conversions/);
    expect(await wrong((head) => (head.lines = []))).to.match(/Line 1: .*lines/);
    expect(await wrong((_, body) => (body.key = String(body.key).toUpperCase()))).to.match(/Line 2: .*key/);
    expect(await wrong((_, body) => (body.order = { event: "sale" }))).to.match(/Line 2: .*order/);
    expect(await wrong((_, body) => (body.entries = Array(MAX_ENTRIES + 1).fill(packLine(line))))).to.match(
      /Line 2: .*entries/,
    );
    expect(await says(read(cut(new Uint8Array(), 1)))).to.contain("first line is the attestation");
    expect(await says(read(cut(new Uint8Array([0x7b, 0xff, 0x0a]), 1)))).to.contain("not UTF-8");
    expect(opinion.safeParse({ ok: false }).success).to.equal(false);
  });

  it("is not read on beyond what a batch may have", async () => {
    const endless = async function* () {
      for (let i = 0; ; i++) {
        if (i > 1_000) throw new Error("It was read on and on.");
        yield new TextEncoder().encode("x".repeat(1_000));
      }
    };
    const error = await read(endless()).catch((error) => error);
    expect([error.name, error.tooLarge]).to.deep.equal(["UnreadableText", true]);
    const sixteen = { ...leaf, entries: Array(MAX_ENTRIES).fill(line) };
    const many = Array.from({ length: MAX_BATCH_ENTRIES / MAX_ENTRIES + 1 }, () => sixteen);
    const bytes = writeBatch({ attestation: { ...attestation, conversions: many.length }, conversions: many });
    expect(await says(read(bytes))).to.contain(`a batch has at most ${MAX_BATCH_ENTRIES}`);
  });
});

/** What reading failed with; empty: it did not. */
function says(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    () => "",
    (error: Error) => `${error.name} ${error.message}`,
  );
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
