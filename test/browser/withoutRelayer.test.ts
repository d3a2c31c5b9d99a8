import { expect } from "chai";
import { parseUnits } from "ethers";
import type { Browser } from "playwright-core";
import { localKey } from "#harness/people.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

describeInBrowser("a partner while the relayer is gone", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  it("is paid by lines that an attester keeps, and by none that are not those that were signed", async () => {
    const { stack, dollar } = town;
    // It dies when the hold is over and before it releases anything: so the line is due, and nobody has it but the attester.
    await stack.startRelayer({ CRASH_AT: "release.written" });
    const died = stack.relayerEnded();
    const { campaignId, shop } = await town.open("Without the relayer", 3, { linesOnChain: false });
    const key = localKey(25);
    const wallet = createWallet(key, stack.provider);
    const { page, close } = await openPage(browser, wallet);
    await page.goto(`${stack.portalUrl}/campaigns/${campaignId}`);
    await signIn(page);
    await page.getByRole("button", { name: "Join as a partner" }).click();
    const referralToken = await click((await page.getByTestId("invite-link").textContent()) ?? "");
    await shop.reportConversion({ event: "signup", orderId: "1", customerId: "1", referralToken });
    expect(await died).to.equal("SIGKILL");

    const tampered = "**/v1/batches/*/lines";
    await page.route(tampered, async (route) => {
      if (!route.request().url().startsWith(stack.attesterUrl)) return route.continue();
      const response = await route.fetch();
      const body = await response.body();
      // One conversion more than was signed.
      body[24] = 2;
      await route.fulfill({ response, body });
    });
    await page.goto(`${stack.portalUrl}/partner/${campaignId}`);
    await page.getByText("The relayer does not answer", { exact: true }).waitFor();
    await page.getByText("Of 1 batch nobody that this page knows gives the lines").waitFor();
    await page.getByText("Nothing is due right now.").waitFor();

    await page.unroute(tampered);
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByText("2 DUSD are due: you need nobody to be paid.").waitFor();
    await page.getByRole("button", { name: "Collect it yourself" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The contract pays 2 DUSD, your lines of one batch, to your wallet").waitFor();
    await dialog.getByText("The proofs were made in your browser, without the relayer").waitFor();
    await dialog.getByRole("button", { name: "Collect", exact: true }).click();
    await dialog.getByText("It is on the chain.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByText("Nothing is due right now.").waitFor();
    expect(await dollar.balanceOf(key.address)).to.equal(parseUnits("2", 6));
    await close();

    await comesWithoutSession(campaignId);
  });

  /** Whoever has no session is told that there can be none now, goes on, and signs in when the relayer is back. */
  async function comesWithoutSession(campaignId: string): Promise<void> {
    const { stack } = town;
    const { page, close } = await openPage(browser, createWallet(localKey(25), stack.provider));
    await page.goto(`${stack.portalUrl}/partner/${campaignId}`);
    await page.locator("header").getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Test Wallet" }).click();
    await page.getByText("does not answer. Check your connection; nothing was changed.").waitFor();
    await page.getByRole("button", { name: "Go on without the relayer" }).click();
    await page.getByText("The relayer does not answer", { exact: true }).waitFor();
    await page.getByText("Nothing is due right now.").waitFor();

    // The page asks it again by itself.
    await stack.startRelayer();
    await page.getByText("Sign in with your wallet").waitFor();
    await signIn(page);
    await page.getByText("On the chain, line by line").waitFor();
    await close();
  }
});
