import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Conversion } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { parseUnits } from "ethers";
import { noChromium, startChromium } from "#harness/chromium.ts";
import { AS_A_BROWSER, BROWSER, call, type Listed, type Performance, signIn, waitFor } from "#harness/client.ts";
import { freePorts } from "#harness/ports.ts";
import { type Running, start } from "#harness/processes.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { bundleBrowser, DIST } from "#scripts/packages/bundle.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const MOST_LINES = 30;
const dollars = (whole: string) => parseUnits(whole, 6);

/** Lines between `integration: begin` and `end`, and single ones marked so, without blank ones. */
function integrationLines(example: string): number {
  let count = 0;
  for (const file of readdirSync(join(EXAMPLES, example)).filter((name) => !name.endsWith(".md"))) {
    let within = false;
    for (const line of readFileSync(join(EXAMPLES, example, file), "utf8").split("\n")) {
      if (line.includes("integration: end")) within = false;
      if ((within && line.trim() !== "") || line.endsWith("// integration")) count++;
      if (line.includes("integration: begin")) within = true;
    }
    if (within) throw new Error(`${example}/${file}: an integration has no end.`);
  }
  return count;
}

describe("the examples, on a running stack", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-examples-"));
  let town: Town;
  const running: Running[] = [];

  before(async () => {
    [town] = await Promise.all([buildTown(), bundleBrowser(join(DIST, "sdk"))]);
    await town.stack.killRelayer();
    // The subscription hears of its conversions on this machine.
    await town.stack.startRelayer({ WEBHOOKS_ALLOW_PRIVATE: "true" });
  });
  after(async () => {
    for (const child of running) await child.stop();
    await town?.close();
    rmSync(folder, { recursive: true });
  });

  /** A campaign that pays 10 % of `event`, whose invites lead to the example, and the example as its README starts it. */
  async function open(example: string, event: string, holdSeconds: number, bindingSeconds: number | null) {
    const { stack, brand } = town;
    const { apiUrl } = stack;
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}/`;
    const { campaignId, shop } = await town.open(example, holdSeconds, {
      summary: "10 %",
      destination: url,
      attribution: { touch: "first", windowSeconds: 3600, bindingSeconds },
      event: { name: event, title: event, perCustomer: null },
      offer: { kind: 0, flatAmount: 0n, rateBps: 1_000, capUnits: 1_000_000n },
    });
    const token = await signIn(apiUrl, brand);
    const made = (path: string, body: unknown) =>
      call<{ secret: string }>(apiUrl, "POST", `/v1/campaigns/${campaignId}/${path}`, {
        token,
        body: JSON.stringify(body),
      });
    const { secret } = await made("keys", { label: example });
    const webhook = await made("webhooks", { url: `${url}webhooks` });
    const env = {
      PARTNER_PROGRAMS_URL: apiUrl,
      PARTNER_PROGRAMS_KEY: secret,
      WEBHOOK_SECRET: webhook.secret,
      PORT: String(port),
    };
    const ready = async () => (await fetch(url)).ok;
    const log = join(folder, `${example}.log`);
    running.push(await start(example, [`examples/${example}/main.ts`], { env, log, ready, cwd: join(EXAMPLES, "..") }));
    return { campaignId, shop, url, link: await town.join(campaignId, 0) };
  }

  const released = (shop: { conversion(id: string): Promise<Conversion> }, id: string) =>
    waitFor("the release", async () => {
      const conversion = await shop.conversion(id);
      return conversion.state === "released" && conversion;
    });

  for (const [example, most] of [
    ["shop", MOST_LINES],
    ["subscription", MOST_LINES],
    // They report nothing: `npm start` plays them.
    ["stripe", 15],
    ["shopify", 15],
  ] as const) {
    it(`needs fewer than ${most} lines of integration: ${example}`, () => {
      expect(integrationLines(example)).to.be.within(5, most - 1);
    });
  }

  if (noChromium !== undefined) console.warn(`\n  ${noChromium}\n`);
  else
    it("pays a partner for what its visitor bought in the shop: followed, bought, released, claimed", async () => {
      const { dollar, programs, lens, partners } = town;
      const [partner] = partners;
      if (partner === undefined) throw new Error("no partner");
      const { shop, url, link } = await open("shop", "sale", 3, null);
      const browser = await startChromium();
      try {
        const page = await (await browser.newContext({ userAgent: BROWSER })).newPage();
        await page.goto(link);
        expect(page.url()).to.equal(url);
        await page.fill("input[name=email]", "customer@example.com");
        await Promise.all([page.waitForURL("**/orders"), page.click("button")]);
        expect(await page.textContent("body")).to.contain('"conversion":"accepted"');
        // Somebody who came by no invite buys as well.
        const stranger = await (await browser.newContext({ userAgent: BROWSER })).newPage();
        await stranger.goto(url);
        await stranger.fill("input[name=email]", "stranger@example.com");
        await Promise.all([stranger.waitForURL("**/orders"), stranger.click("button")]);
        expect(await stranger.textContent("body")).to.contain('"conversion":"rejected: no_referral"');
      } finally {
        await browser.close();
      }
      let sale: Conversion | undefined;
      for await (const conversion of shop.conversions({ partner: partner.address })) sale = conversion;
      expect(sale).to.include({ event: "sale", partner: partner.address, commission: dollars("4.99").toString() });
      await released(shop, sale?.id ?? "");
      expect(await lens.creditOf(partner.address, dollar)).to.equal(dollars("4.99"));
      await (await programs.connect(partner.signer).claim([dollar], partner.address)).wait();
      expect(await dollar.balanceOf(partner.address)).to.equal(dollars("4.99"));
    });

  it("pays a partner for every invoice of the customer it brought, less what was refunded", async () => {
    const { apiUrl } = town.stack;
    const { campaignId, shop, url, link } = await open("subscription", "invoice", 12, null);
    const post = async <T>(path: string, body?: unknown, headers = {}): Promise<T> => {
      const init = { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await fetch(new URL(path, url), init);
      expect(response.status, await response.clone().text()).to.equal(201);
      return response.json() as Promise<T>;
    };
    // A visitor follows the invite; the server keeps it in a cookie that no script sees.
    const invited = await fetch(link, AS_A_BROWSER);
    const arrived = await fetch(invited.headers.get("location") ?? "", { redirect: "manual" });
    expect(arrived.status).to.equal(302);
    expect(arrived.headers.get("location")).to.equal("/");
    const cookie = arrived.headers.get("set-cookie")?.split(";")[0] ?? "";

    interface Invoice {
      id: string;
      conversion?: { id: string; state: string };
    }
    const customer = await post<{ customerId: string }>("/customers", { email: "a@example.com" }, { cookie });
    const stranger = await post<{ customerId: string }>("/customers", { email: "b@example.com" });
    const invoice = (of: { customerId: string }, amount: string) =>
      post<Invoice>(`/customers/${of.customerId}/invoices`, { amount });
    // None of these bring a token along: the customer's own id is enough.
    const [first, second, third] = [
      await invoice(customer, "20"),
      await invoice(customer, "30"),
      await invoice(customer, "40"),
    ];
    expect((await invoice(stranger, "50")).conversion?.state).to.equal("rejected");
    expect([first, second, third].map(({ conversion }) => conversion?.state)).to.not.include("rejected");
    await post(`/invoices/${second.id}/refunds`);
    for (let i = 0; i < 2; i++) await post(`/invoices/${third.id}/refunds`, { volume: "10", refundId: "r-1" });

    await released(shop, first.conversion?.id ?? "");
    await released(shop, third.conversion?.id ?? "");
    expect((await shop.conversion(second.conversion?.id ?? "")).state).to.equal("reversed");
    const token = await signIn(apiUrl, town.brand);
    const path = `/v1/campaigns/${campaignId}/partnerships`;
    const performances = await call<Listed<Performance>>(apiUrl, "GET", path, { token });
    // 10 % of 20 and of 40 less 10.
    expect(performances.items[0]).to.include({ conversions: 2, released: dollars("5").toString() });
    // The subscription was told.
    await waitFor("the webhook", async () => {
      const heard = (await (await fetch(new URL(`/invoices/${first.id}`, url))).json()) as Invoice;
      return heard.conversion?.state === "released";
    });
  });
});
