import { expect } from "chai";
import { parseUnits, Wallet } from "ethers";
import type { Browser, BrowserContextOptions, CDPSession, Locator, Page } from "playwright-core";
import { BROWSER, waitFor } from "#harness/client.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { describeInBrowser, openPage } from "./browser.ts";

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  userAgent: BROWSER,
  permissions: ["clipboard-read", "clipboard-write"],
};

describeInBrowser("a phone without a wallet", function (launch) {
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

  /** A phone, and how often its owner was asked for a passkey: to make one, or to sign. */
  async function takePhone() {
    const opened = await openPage(browser, undefined, PHONE);
    const asked = { made: 0, signed: 0 };
    const cdp = await opened.page.context().newCDPSession(opened.page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    cdp.on("WebAuthn.credentialAdded", () => asked.made++);
    cdp.on("WebAuthn.credentialAsserted", () => asked.signed++);
    return { ...opened, asked, vault: { cdp, authenticatorId } };
  }

  /** As the phone's maker brings passkeys to another device of the same owner. */
  async function sync(from: Vault, to: Vault) {
    const { credentials } = await from.cdp.send("WebAuthn.getCredentials", { authenticatorId: from.authenticatorId });
    for (const credential of credentials)
      await to.cdp.send("WebAuthn.addCredential", { authenticatorId: to.authenticatorId, credential });
  }

  it("joins, shares, earns and is paid by a passkey account, and never holds a coin", async () => {
    const { stack, dollar, lens } = town;
    const portal = stack.portalUrl.replace("127.0.0.1", "localhost");
    const token = await dollar.getAddress();
    const { campaignId, shop } = await town.open("For phones", 2);
    const phone = await takePhone();
    const { page, asked } = phone;
    let clicks = 0;
    const press = async (button: Locator) => {
      await button.click();
      clicks++;
    };

    // --------------------------------------------------------------------- from the link to a copied invite
    await page.goto(`${portal}/campaigns/${campaignId}`);
    await press(page.getByRole("button", { name: "Sign in to join" }));
    await press(page.getByRole("button", { name: "Continue with a passkey" }));
    await press(page.getByRole("button", { name: "Join as a partner" }));
    const link = (await page.getByTestId("invite-link").textContent()) ?? "";
    await press(page.getByRole("button", { name: "Copy link" }).first());
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).to.equal(link);
    expect([clicks, asked]).to.deep.equal([4, { made: 1, signed: 1 }]);
    const { address: account } = await readSession(page);
    expect(await stack.provider.getCode(account)).to.equal("0x");

    // ------------------------------------------------------------- a customer comes, and the commission with it
    const referralToken = await click(link);
    const sale = { event: "signup", orderId: "order-1", customerId: "customer-1", referralToken };
    expect((await shop.reportConversion(sale)).state).to.equal("accepted");
    await page.goto(`${portal}/partner`);
    await page.getByText("2 DUSD are yours to take.").waitFor({ timeout: 60_000 });
    expect(await lens.creditOf(account, token)).to.equal(parseUnits("2", 6));

    // ----------------------------------------------------------- it is taken elsewhere, and the account is made
    const elsewhere = Wallet.createRandom().address;
    const section = page.getByRole("region", { name: "Your passkey account" });
    await section.getByRole("button", { name: "Claim without gas" }).click();
    await section.getByText("Say where to: 0x and 40 hexadecimal digits.").waitFor();
    await section.getByLabel("Take it to").fill(account);
    await section.getByRole("button", { name: "Claim without gas" }).click();
    await section.getByText("Another address than this account's own").waitFor();
    await section.getByLabel("Take it to").fill(elsewhere);
    await section.getByRole("button", { name: "Claim without gas" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Sign", exact: true }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    expect(await dollar.balanceOf(elsewhere)).to.equal(parseUnits("2", 6));
    expect(asked).to.deep.equal({ made: 1, signed: 2 });
    expect(await stack.provider.getCode(account)).to.not.equal("0x");

    // ------------------------------------------- by another signature all that comes is paid there from then on
    await page.getByLabel("Payout address").fill(elsewhere);
    await page.getByRole("button", { name: "Set", exact: true }).first().click();
    await dialog.getByRole("button", { name: "Sign", exact: true }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    expect((await lens.receiverOf(account))[0]).to.equal(elsewhere);
    await waitFor("pushes to be wanted from then on", async () => {
      const { token: session } = await readSession(page);
      const headers = { authorization: `Bearer ${session}` };
      const answer = await fetch(`${stack.apiUrl}/v1/me/payouts`, { headers });
      return ((await answer.json()) as { wanted: boolean }).wanted;
    });
    expect([await stack.provider.getBalance(account), await dollar.balanceOf(account)]).to.deep.equal([0n, 0n]);

    // --------------------------------------------------------- who comes back is asked once, also after a reload
    await page.reload();
    await page.getByRole("region", { name: "Your passkey account" }).waitFor();
    await page.evaluate(() => localStorage.removeItem("partner-programs.session"));
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).first().click();
    await page.getByRole("button", { name: "Continue with a passkey" }).click();
    await page.getByRole("region", { name: "Your passkey account" }).waitFor();
    expect(asked).to.deep.equal({ made: 1, signed: 4 });

    // -------------------------------------- a new phone with the same passkey finds the account by its signatures
    const second = await takePhone();
    await sync(phone.vault, second.vault);
    second.asked.made = 0;
    await second.page.goto(`${portal}/partner`);
    await second.page.getByRole("button", { name: "Sign in" }).first().click();
    await second.page.getByRole("button", { name: "I have a passkey here already" }).click();
    await second.page.getByRole("region", { name: "Your passkey account" }).waitFor();
    expect((await readSession(second.page)).address).to.equal(account);
    // The chain knows one of the two accounts that fit the first signature: the second signs in.
    expect(second.asked).to.deep.equal({ made: 0, signed: 2 });
    expect([...phone.errors, ...second.errors]).to.deep.equal([]);
    await phone.close();
    await second.close();
  });
});

const readSession = (page: Page): Promise<{ token: string; address: string }> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("partner-programs.session") ?? "{}"));

interface Vault {
  readonly cdp: CDPSession;
  readonly authenticatorId: string;
}
