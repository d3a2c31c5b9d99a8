import { createServer, type Server } from "node:http";
import { expect } from "chai";
import { parseUnits } from "ethers";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { localKey, STRANGER } from "#harness/people.ts";
import { freePorts } from "#harness/ports.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { makeSafe, type Safe } from "../support/safe.ts";
import { describeInBrowser, openPage } from "./browser.ts";

/** The page around an app, as Safe{Wallet} has one: hands what the app's frame says to the Safe, and its answer back. */
const aroundApp = (app: string) => `<!doctype html><title>Safe</title>
<iframe id="app" src="${app}" style="width: 100%; height: 95vh"></iframe>
<script>
  const frame = document.getElementById("app");
  addEventListener("message", async ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== ${JSON.stringify(new URL(app).origin)} || !data?.env?.sdkVersion) return;
    const answer = await safeAnswers(data.method, data.params);
    frame.contentWindow.postMessage({ id: data.id, version: "9.1.0", ...answer }, origin);
  });
</script>`;

describeInBrowser("a Safe with two owners", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let server: Server;
  let safeUrl: string;
  let safe: Safe;

  before(async () => {
    const [port = 0] = await freePorts(1);
    safeUrl = `http://127.0.0.1:${port}`;
    town = await buildTown("PGlite", { portal: true, portalEnv: { SAFE_APP_ORIGINS: safeUrl } });
    server = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html").end(aroundApp(`${town.stack.portalUrl}/brand/new`));
    }).listen(port, "127.0.0.1");
    safe = await makeSafe([localKey(STRANGER), localKey(STRANGER + 1)], town.stack.provider);
    await (await town.dollar.connect(town.brand.signer).mint(safe.address, parseUnits("1000", 6))).wait();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    await town?.close();
  });

  /** Safe{Wallet} with the portal as an app, for the owner whose browser it is. */
  async function openSafe(): Promise<{ page: Page; app: FrameLocator; errors: string[]; close(): Promise<void> }> {
    const { page, errors, close } = await openPage(browser, undefined);
    await page.exposeFunction("safeAnswers", (method: string, params: unknown) =>
      safe.answer(method, params).then(
        (data) => ({ success: true, data }),
        (error: Error) => ({ success: false, error: error.message }),
      ),
    );
    // A busy machine is slow.
    page.setDefaultTimeout(120_000);
    await page.goto(safeUrl);
    return { page, app: page.frameLocator("#app"), errors, close };
  }

  const sends = () => safe.asked.filter(({ method }) => method === "sendTransactions");

  it("creates and funds a campaign by one proposal, which is found again after a reload, and manages it", async () => {
    const { dollar, lens, programs } = town;
    const { page, app, errors, close } = await openSafe();
    await app.locator("header").getByRole("button", { name: "Sign in" }).click();
    await app.getByRole("button", { name: `Safe ${safe.address.slice(0, 6)}` }).click();
    await expectSoon(() => safe.asked.some(({ method }) => method === "signMessage"));
    await safe.secondSigns();
    await app.locator("header").getByRole("button", { name: /^0x/ }).waitFor();

    await fill(app, await dollar.getAddress());
    await app.getByRole("button", { name: "Create and fund" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("500 DUSD go from your wallet into the campaign.").waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("Proposed. Waiting for the other owners’ signatures.").waitFor();
    expect(await dialog.getByText(/^Your account has/).count()).to.equal(0);
    expect(sends().map(({ calls }) => calls?.length)).to.deep.equal([3]);

    // Hours later, in another life of the page: it says what it waits for, and the same is not proposed again.
    await page.reload();
    const note = app.getByRole("status").filter({ hasText: "Create “A treasury's campaign”" });
    await note.getByText("Waiting for the other owners’ signatures.").waitFor();
    await app.getByRole("button", { name: "Create and fund" }).click();
    await dialog.getByText("Proposed. Waiting for the other owners’ signatures.").waitFor();
    await dialog.locator(".dialog-actions").getByRole("button", { name: "Close" }).click();
    expect(sends()).to.have.length(1);

    expect(await safe.secondSigns()).to.equal(1);
    await note.getByText("It is on the chain.").waitFor();
    await note.getByRole("link", { name: "Open it" }).click();
    await app.getByRole("heading", { level: 1, name: "A treasury's campaign" }).waitFor();
    const campaignId = await idIn(page);
    const { available, brand } = await lens.campaign(campaignId);
    expect([available, brand]).to.deep.equal([parseUnits("500", 6), safe.address]);
    expect(await dollar.allowance(safe.address, programs)).to.equal(0n);

    await app.getByRole("tab", { name: "Settings" }).click();
    await app.getByRole("button", { name: "Suspend" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("Proposed. Waiting for the other owners’ signatures.").waitFor();
    expect(await safe.secondSigns()).to.equal(1);
    await dialog.getByText("It is on the chain.").waitFor();
    expect((await lens.campaign(campaignId)).suspendedUntil).to.not.equal(0n);
    expect(errors).to.deep.equal([]);
    await close();
  });
});

/** Fills the form of a new campaign, up to its last page. */
async function fill(app: FrameLocator, token: string): Promise<void> {
  const goOn = () => app.getByRole("button", { name: "Continue" }).click();
  await app.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
  await app.getByLabel("Token", { exact: true }).selectOption("other");
  await app.getByLabel("Token address").fill(token);
  await app.getByText("DUSD, 6 decimals").waitFor();
  await goOn();
  await goOn();
  await app.getByLabel("Name", { exact: true }).fill("A treasury's campaign");
  await app.getByLabel("Where invite links lead").fill("https://treasury.example/welcome");
  await goOn();
  await app.getByLabel("First budget, DUSD").fill("500");
  await app.getByText("You have 1,000 DUSD.").waitFor();
}

async function idIn(page: Page): Promise<string> {
  const frame = page.frames().find((one) => one.parentFrame() !== null);
  return new URL(frame?.url() ?? "").pathname.split("/").at(-1) ?? "";
}

async function expectSoon(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    expect(tries).to.be.below(300);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
