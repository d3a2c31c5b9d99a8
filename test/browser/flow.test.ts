import { createServerClient } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { parseUnits } from "ethers";
import type { Browser } from "playwright-core";
import { BROWSER, waitFor } from "#harness/client.ts";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

describeInBrowser("from a budget to a claim, in the portal", function (launch) {
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

  it("a brand creates and funds a campaign, a partner joins and is paid, and the pages say what the chain says", async () => {
    const { stack, dollar, lens } = town;
    const token = await dollar.getAddress();
    const brandKey = localKey(FIRST_BRAND + 1);
    const partnerKey = localKey(FIRST_PARTNER + 2);
    await (await dollar.connect(town.brand.signer).mint(brandKey.address, parseUnits("1000", 6))).wait();

    // ------------------------------------------------------------------------------------- the brand creates
    const brand = await openPage(browser, createWallet(brandKey, stack.provider));
    const { page } = brand;
    await page.goto(`${stack.portalUrl}/brand/new`);
    await signIn(page);
    await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
    await page.getByLabel("Token", { exact: true }).selectOption("other");
    await page.getByLabel("Token address").fill(token);
    await page.getByText("DUSD, 6 decimals").waitFor();
    await page.getByLabel("Flat, DUSD").fill("2.50");
    await page.getByText("Pays affiliates 2.50 DUSD each time.").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Hold", { exact: true }).fill("15");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Give the campaign a name that partners recognise.").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Streamly affiliates");
    await page.getByLabel("In a sentence or two").fill("2.50 DUSD for each sign-up");
    await page.getByLabel("Where invite links lead").fill("https://streamly.example/welcome");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("First budget, DUSD").fill("500");
    await page.getByText("You have 1,000 DUSD.").waitFor();
    await page.getByRole("button", { name: "Create and fund" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("500 DUSD go from your wallet into the campaign.").waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await page.waitForURL(/\/brand\/0x[0-9a-f]{64}$/);
    const campaignId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    expect((await lens.campaign(campaignId)).available).to.equal(parseUnits("500", 6));
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("group", { name: "Available" }).getByText("500 DUSD").waitFor();

    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByLabel("Name of the key").fill("shop");
    await page.getByRole("button", { name: "Make a key" }).click();
    const secretKey = (await page.getByTestId("secret-key").textContent()) ?? "";
    expect(secretKey).to.match(/^sk_/);

    // -------------------------------------------------------------------------------------- the partner joins
    const partner = await openPage(browser, createWallet(partnerKey, stack.provider));
    await partner.page.goto(`${stack.portalUrl}/`);
    await partner.page.getByRole("link", { name: "Streamly affiliates" }).click();
    await partner.page.getByText("It adds up, to the last unit").waitFor();
    await partner.page.getByText("A commission is held for 15 seconds").waitFor();
    await partner.page.getByRole("button", { name: "Sign in to join" }).click();
    await partner.page.getByRole("button", { name: "Test Wallet" }).click();
    await partner.page.getByRole("button", { name: "Join as a partner" }).click();
    const link = (await partner.page.getByTestId("invite-link").textContent()) ?? "";
    await partner.page.getByRole("button", { name: "QR code" }).click();
    await partner.page.getByRole("img", { name: `QR code of ${link}` }).waitFor();

    // --------------------------------------------------------------------------------------- a customer buys
    const referralToken = await click(link);
    const shop = createServerClient({ url: stack.apiUrl, secretKey });
    const bought = await shop.reportConversion({
      event: "signup",
      orderId: "order-1",
      customerId: "customer-1",
      referralToken,
    });
    expect(bought.state).to.equal("accepted");

    await page.getByRole("tab", { name: "Conversions" }).click();
    await page.getByRole("cell", { name: /order-1/ }).waitFor();
    await page.getByText(/^On hold until/).waitFor();

    // ---------------------------------------------------------------- the hold passes, and the partner claims
    await partner.page.getByRole("link", { name: "Partner", exact: true }).click();
    await partner.page.getByRole("group", { name: "Claimable" }).getByText("2.50 DUSD").waitFor({ timeout: 60_000 });
    expect(await lens.creditOf(partnerKey.address, token)).to.equal(parseUnits("2.5", 6));
    await partner.page.getByRole("button", { name: "Claim all" }).click();
    await partner.page.getByRole("dialog").getByRole("button", { name: "Claim", exact: true }).click();
    await partner.page.getByRole("dialog").getByText("It is on the chain.", { exact: true }).waitFor();
    expect(await dollar.balanceOf(partnerKey.address)).to.equal(parseUnits("2.5", 6));
    await partner.page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await partner.page.getByRole("group", { name: "Claimed" }).getByText("2.50 DUSD").waitFor();
    await partner.page.getByText("Paid to your wallet.").waitFor();
    await waitFor("the claim to be indexed", async () => {
      const response = await fetch(`${stack.apiUrl}/v1/campaigns/${campaignId}`);
      return ((await response.json()) as { paid: string }).paid === parseUnits("2.5", 6).toString();
    });

    expect(brand.errors).to.deep.equal([]);
    expect(partner.errors).to.deep.equal([]);
    await brand.close();
    await partner.close();
  });

  it("somebody new gets from /local to a claim with nothing but what the pages offer", async () => {
    const { stack, dollar } = town;
    // A browser that says it is headless is a bot to the relayer, and brings nobody a commission.
    const { page, errors, close } = await openPage(browser, undefined, { userAgent: BROWSER });
    const dialog = page.getByRole("dialog");
    const confirm = async (name: string) => {
      await dialog.getByRole("button", { name, exact: true }).click();
      await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
      await dialog.getByRole("button", { name: "Close" }).last().click();
    };
    await page.goto(`${stack.portalUrl}/local`);
    await page.getByRole("button", { name: "Be your brand" }).click();
    await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
    await page.getByLabel("Token", { exact: true }).selectOption("other");
    await page.getByLabel("Token address").fill(await dollar.getAddress());
    await page.getByText("Pays affiliates 2 DUSD each time.").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Hold", { exact: true }).fill("4");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Name", { exact: true }).fill("My first campaign");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Get 10,000 demo DUSD" }).click();
    await confirm("Sign and send");
    await page.getByText("You have 10,000 DUSD.").waitFor();
    await page.getByLabel("First budget, DUSD").fill("100");
    await page.getByRole("button", { name: "Create and fund" }).click();
    await confirm("Sign and send");
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByTestId("secret-key").waitFor();

    await page.getByRole("link", { name: "Demo" }).click();
    await page.getByRole("button", { name: "Be your partner" }).click();
    await page.getByRole("link", { name: "My first campaign" }).click();
    await page.getByRole("button", { name: "Join as a partner" }).click();
    const link = (await page.getByTestId("invite-link").textContent()) ?? "";

    await page.goto(link);
    await page.waitForURL(/\/local\/shop$/);
    await page.getByText("You came by an invite link").waitFor();
    await page.getByRole("button", { name: "Buy as a new customer" }).click();
    await page.getByText("A commission of 2 DUSD for the partner.").waitFor();

    await page.getByRole("link", { name: "Partner", exact: true }).click();
    await page.getByRole("group", { name: "Claimable" }).getByText("2 DUSD").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Claim all" }).click();
    await confirm("Claim");
    await page.getByRole("group", { name: "Claimed" }).getByText("2 DUSD").waitFor();
    expect(await dollar.balanceOf(localKey(32).address)).to.equal(parseUnits("2", 6));
    expect(errors).to.deep.equal([]);
    await close();
  });
});
