import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { waitFor } from "#harness/client.ts";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { moneyText } from "#portal/app/text/money.ts";
import { createWallet, describeInBrowser, openPage, signIn, type TestWallet } from "./browser.ts";

describeInBrowser("pages while somebody is away", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;
  let brand: TestWallet;
  let partner: TestWallet;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    brand = createWallet(localKey(FIRST_BRAND), town.stack.provider);
    partner = createWallet(localKey(FIRST_PARTNER), town.stack.provider);
    const opened = await town.open("Streamly affiliates", 1);
    campaignId = opened.campaignId;
    const referralToken = await click(await town.join(campaignId, 0));
    const { id } = await opened.shop.reportConversion({
      event: "signup",
      orderId: "order-1",
      customerId: "c-1",
      referralToken,
    });
    await waitFor("the release", async () => (await opened.shop.conversion(id)).state === "released");
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  /** A page of somebody who signed in while all was well. */
  async function visit(wallet: TestWallet | undefined): Promise<{ page: Page; close(): Promise<void> }> {
    const opened = await openPage(browser, wallet);
    await opened.page.goto(town.stack.portalUrl);
    if (wallet !== undefined) await signIn(opened.page);
    return opened;
  }

  /** What is available, as a page writes it. */
  const left = async () => moneyText((await town.lens.campaign(campaignId)).available, { symbol: "DUSD", decimals: 6 });

  /** That nothing waits for ever: neither now nor when the page has looked again. */
  async function expectSettled(page: Page): Promise<void> {
    const waiting = page.locator("[aria-busy=true], .mantine-Skeleton-root");
    for (let look = 0; look < 2; look++) {
      await waiting.first().waitFor({ state: "detached" });
      await page.waitForTimeout(2_500);
    }
    expect(await waiting.count(), "what still loads").to.equal(0);
  }

  it("show the relayer's numbers with their time where the chain cannot be read, and go on by themselves when it can", async () => {
    const { rpcUrl, portalUrl } = town.stack;
    const cut = (page: Page) => page.route(`${rpcUrl}/`, (route) => route.abort("connectionrefused"));
    const said = /^The numbers that you see are the relayer's, of .+: nothing of them was checked against the chain\./;

    const everybody = await visit(undefined);
    await cut(everybody.page);
    await everybody.page.goto(`${portalUrl}/campaigns/${campaignId}`);
    await everybody.page.getByText(said).waitFor();
    await everybody.page.getByRole("heading", { name: "Streamly affiliates" }).waitFor();
    const free = everybody.page.getByRole("group", { name: "Free budget" });
    await free.getByText(await left(), { exact: true }).waitFor();
    await free.getByText("as the relayer knew it").waitFor();
    await everybody.page.getByText("As the relayer knew it", { exact: true }).waitFor();
    await expectSettled(everybody.page);
    await everybody.page.unroute(`${rpcUrl}/`);
    await everybody.page.getByText("It adds up, to the last unit").waitFor();
    await everybody.page.getByText(said).waitFor({ state: "detached" });
    await everybody.close();

    const mine = await visit(partner);
    await cut(mine.page);
    await mine.page.goto(`${portalUrl}/partner`);
    await mine.page.getByText(said).waitFor();
    const claimable = mine.page.getByRole("group", { name: "Claimable" });
    await claimable.getByText("2 DUSD").waitFor();
    await claimable.getByText("as the relayer knew it").waitFor();
    expect(await mine.page.getByRole("button", { name: /^Claim/ }).count(), "what cannot be signed").to.equal(0);
    await expectSettled(mine.page);
    await mine.page.goto(`${portalUrl}/partner/${campaignId}`);
    await mine.page.getByTestId("invite-link").waitFor();
    await expectSettled(mine.page);
    await mine.close();

    const ours = await visit(brand);
    await cut(ours.page);
    await ours.page.goto(`${portalUrl}/brand/${campaignId}/budget`);
    await ours.page.getByText(said).waitFor();
    await ours.page
      .getByRole("group", { name: "Available" })
      .getByText(await left(), { exact: true })
      .waitFor();
    expect(await ours.page.getByRole("button", { name: "Top up" }).count(), "what cannot be signed").to.equal(0);
    await expectSettled(ours.page);
    for (const tab of ["offers", "settings", "description", "advice", "overview"]) {
      await ours.page.goto(`${portalUrl}/brand/${campaignId}/${tab}`);
      await ours.page.getByRole("heading", { name: "Streamly affiliates" }).waitFor();
      await expectSettled(ours.page);
    }
    await ours.close();
  });

  it("show what the chain says where the relayer does not answer, and what it said before with its time", async () => {
    const { stack } = town;
    const everybody = await visit(undefined);
    const mine = await visit(partner);
    const ours = await visit(brand);
    // One page is open, and has an answer: it stays, with its time.
    await everybody.page.goto(`${stack.portalUrl}/campaigns/${campaignId}`);
    await everybody.page.getByText("and the relayer says the same").waitFor();
    await stack.killRelayer();

    await everybody.page.getByText(/^What you see of it is of .+\. What is read from the chain is of now/).waitFor();
    await everybody.page.getByRole("heading", { name: "Streamly affiliates" }).waitFor();
    await everybody.page.reload();
    await everybody.page.getByText("What you see is what the chain says.").waitFor();
    await everybody.page.getByRole("heading", { name: /^Campaign 0x/ }).waitFor();
    await everybody.page.getByText("2 DUSD each time").waitFor();
    await everybody.page.getByText("The relayer does not answer: whether it says the same is not known.").waitFor();
    await expectSettled(everybody.page);
    await everybody.close();

    await mine.page.goto(`${stack.portalUrl}/partner`);
    await mine.page.getByRole("region", { name: "Without the relayer" }).waitFor();
    await mine.page.getByRole("button", { name: "Claim all" }).waitFor();
    await expectSettled(mine.page);
    await mine.close();

    await ours.page.goto(`${stack.portalUrl}/brand`);
    await ours.page.getByRole("link", { name: /^Campaign 0x/ }).click();
    await ours.page
      .getByRole("group", { name: "Available" })
      .getByText(await left(), { exact: true })
      .waitFor();
    await expectSettled(ours.page);
    // What needs nobody but the chain can be done.
    await ours.page.getByLabel("Amount to add, DUSD").fill("5");
    await ours.page.getByRole("button", { name: "Top up" }).click();
    const dialog = ours.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await ours.page
      .getByRole("group", { name: "Available" })
      .getByText(await left(), { exact: true })
      .waitFor();

    await stack.startRelayer();
    await ours.page.getByRole("tab", { name: "Conversions" }).waitFor();
    await ours.page.getByText("The relayer does not answer", { exact: true }).waitFor({ state: "detached" });
    await ours.close();
  });
});
