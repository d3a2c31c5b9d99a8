import { isOfConversion, verifyPostback, verifyWebhook, WebhookError } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { signedHeaders } from "#relayer/webhooks/message.ts";

const SECRET = `whsec_${Buffer.from("the secret of this endpoint, 32 b").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("the secret of another, of 32 byte").toString("base64")}`;
const NOW = 1_796_000_000;
const BODY =
  '{"type":"conversion.attested","timestamp":"2026-12-01T12:00:00.000Z","data":{"id":"17","state":"attested","moveId":"4711","note":"ä"}}';

describe("a webhook's message", () => {
  const sign = (secrets = [SECRET], body = BODY, at = NOW) => signedHeaders("move_4711", at, body, secrets);
  const verify = (headers: Record<string, string> | Headers, body: string | Uint8Array = BODY, secret = SECRET) =>
    verifyWebhook(body, headers, secret, { now: NOW * 1000 });
  async function refusal(promise: Promise<unknown>): Promise<string> {
    const error = await promise.then(
      () => undefined,
      (failed: Error) => failed,
    );
    expect(error).to.be.instanceOf(WebhookError);
    return (error as Error).message;
  }

  it("is taken when the relayer signed it, as a text or as bytes, with headers of any kind", async () => {
    const message = await verify(sign());
    expect(message).to.deep.include({ id: "move_4711", type: "conversion.attested" });
    if (!isOfConversion(message)) throw new Error(`It is of type ${message.type}.`);
    expect(message.data).to.include({ state: "attested", moveId: "4711" });
    expect(await verify(new Headers(sign()), new TextEncoder().encode(BODY))).to.deep.equal(message);
    const node: Record<string, string[] | string> = { ...sign(), "webhook-id": ["move_4711"] };
    expect(await verifyWebhook(Buffer.from(BODY), node, SECRET, { now: NOW * 1000 })).to.deep.equal(message);
  });

  it("of other news is known by its type", async () => {
    const body =
      '{"type":"campaign.budget_low","timestamp":"2026-12-01T12:00:00.000Z","data":{"campaignId":"0x1","newsId":"7","what":"low"}}';
    const message = await verify(sign([SECRET], body), body);
    expect(isOfConversion(message)).to.equal(false);
    // As TypeScript knows it too, without a cast.
    expect(message.type === "campaign.budget_low" ? message.data.what : undefined).to.equal("low");
  });

  it("and a postback's call are signed alike, over the address", async () => {
    const url = "https://tracker.example/p?c=17&s=accepted";
    const { id, parameters } = await verifyPostback(url, sign([SECRET], url), SECRET, { now: NOW * 1000 });
    expect([id, parameters.get("c")]).to.deep.equal(["move_4711", "17"]);
    const changed = verifyPostback(`${url}&payout=9`, sign([SECRET], url), SECRET, { now: NOW * 1000 });
    expect(await refusal(changed)).to.contain("No signature is by this secret");
  });

  it("is taken with header names in any case, and with whatever a framework calls headers", async () => {
    const pairs = Object.entries(sign()).map(
      ([name, value]) => [name.replace(/\b\w/g, (c) => c.toUpperCase()), value] as const,
    );
    const values = new Headers(sign());
    /** As another implementation than the runtime's has it: with private fields, and not iterable. */
    class Foreign {
      readonly #values = values;
      get(name: string) {
        return this.#values.get(name);
      }
    }
    for (const headers of [
      Object.fromEntries(pairs),
      new Map(pairs),
      new Map(Object.entries(sign())),
      pairs,
      new Foreign(),
    ])
      expect((await verifyWebhook(BODY, headers, SECRET, { now: NOW * 1000 })).id).to.equal("move_4711");
    expect(await refusal(verifyWebhook(BODY, new Map(pairs.slice(1)), SECRET))).to.contain("is missing");
  });

  it("is taken while its secret is rotated, by the new one and by the old one", async () => {
    const headers = sign([OTHER, SECRET]);
    expect((await verify(headers)).id).to.equal("move_4711");
    expect((await verify(headers, BODY, OTHER)).id).to.equal("move_4711");
  });

  it("is refused when anything of it was changed", async () => {
    expect(await refusal(verify(sign([OTHER])))).to.contain("No signature is by this secret");
    expect(await refusal(verify(sign(), `${BODY} `))).to.contain("No signature");
    expect(await refusal(verify({ ...sign(), "webhook-id": "move_4712" }))).to.contain("No signature");
    expect(await refusal(verify({ ...sign(), "webhook-timestamp": String(NOW + 1) }))).to.contain("No signature");
    const [, signature = ""] = sign()["webhook-signature"]?.split(",") ?? [];
    for (const other of [`v2,${signature}`, signature, "v1,", "v1,not base64!", `v1,${signature.slice(0, -4)}`])
      expect(await refusal(verify({ ...sign(), "webhook-signature": other })), other).to.contain("No signature");
  });

  it("is refused when it is older or newer than five minutes", async () => {
    for (const off of [-301, 301])
      expect(await refusal(verify(sign([SECRET], BODY, NOW + off)))).to.contain("301 seconds off");
    for (const off of [-299, 299]) await verify(sign([SECRET], BODY, NOW + off));
    expect(await refusal(verify({ ...sign(), "webhook-timestamp": "1e9" }))).to.contain("number of seconds");
  });

  it("is refused without its headers", async () => {
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"])
      expect(await refusal(verify({ ...sign(), [name]: "" }))).to.contain(name);
  });

  it("keeps nobody busy with a thousand signatures", async () => {
    const [signature] = Object.values({ s: sign()["webhook-signature"] });
    const many = `${Array(1_000).fill("v1,AAAA").join(" ")} ${signature}`;
    expect(await refusal(verify({ ...sign(), "webhook-signature": many }))).to.contain("No signature");
  });

  it("is not looked at with something that is no secret", async () => {
    for (const secret of ["", "sk_x", "whsec_!"]) {
      const error = await verify(sign(), BODY, secret).catch((failed) => failed);
      expect(error).to.be.instanceOf(TypeError);
    }
  });
});
