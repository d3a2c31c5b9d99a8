import { encodeEventName } from "@partner-programs/protocol/eventName";
import { expect } from "chai";
import { type BaseWallet, id, parseUnits, Wallet } from "ethers";
import type { Browser, Page } from "playwright-core";
import { waitFor } from "#harness/client.ts";
import { FIRST_BRAND, localKey } from "#harness/people.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import type { BlockingToken } from "#typechain/mocks/BlockingToken.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

const EXPLORER = "https://explorer.example";

describeInBrowser("what a wallet signs and pays for", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;
  let report: (partner: string) => Promise<void>;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    const opened = await town.open("Streamly affiliates", 0);
    campaignId = opened.campaignId;
    let orders = 0;
    report = async (link) => {
      orders++;
      await opened.shop.reportConversion({
        event: "signup",
        orderId: `order-${orders}`,
        customerId: `customer-${orders}`,
        referralToken: await click(link),
      });
    };
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  /** The portal of a network that has an explorer. */
  const explored = (page: Page) =>
    page.route("**/config.json", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), explorerUrl: EXPLORER } });
    });

  /** A partner with a credit of 2 DUSD, signed in on the page of its earnings. */
  async function partnerWithCredit(key: BaseWallet) {
    const wallet = createWallet(key, town.stack.provider);
    const opened = await openPage(browser, wallet);
    const { page } = opened;
    await explored(page);
    await page.goto(`${town.stack.portalUrl}/campaigns/${campaignId}`);
    await signIn(page);
    await page.getByRole("button", { name: "Join as a partner" }).click();
    await report((await page.getByTestId("invite-link").textContent()) ?? "");
    await page.getByRole("link", { name: "Partner", exact: true }).click();
    await page.getByRole("group", { name: "Claimable" }).getByText("2 DUSD").waitFor({ timeout: 60_000 });
    return { ...opened, wallet, dialog: page.getByRole("dialog") };
  }

  it("a brand changes what an offer pays as one act, and a reload in the middle of another finds its transaction again", async () => {
    const { stack, lens } = town;
    const { page, errors, close } = await openPage(browser, createWallet(localKey(FIRST_BRAND), stack.provider));
    await page.goto(`${stack.portalUrl}/brand/${campaignId}/offers`);
    await signIn(page);
    await page.getByRole("button", { name: "Change what is paid" }).click();
    const form = page.getByRole("region", { name: "Change what offer 1 pays" });
    await form.getByLabel("Flat, DUSD").fill("3");
    await form.getByRole("button", { name: "Change what is paid" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("From that second on a new offer pays affiliates 3 DUSD each time").waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    const [before, after] = await Promise.all([lens.offer(campaignId, 1), lens.offer(campaignId, 2)]);
    expect(after.validFrom, "no second in which nobody is paid").to.equal(before.validTo);
    expect(after.flatAmount).to.equal(parseUnits("3", 6));

    // The node keeps to itself what became of the next one.
    await page.goto(`${stack.portalUrl}/brand/${campaignId}/budget`);
    await page.route(`${stack.rpcUrl}/`, async (route) => {
      const calls = [route.request().postDataJSON()].flat() as { id: number; method: string }[];
      const hidden = calls.filter(({ method }) => method === "eth_getTransactionReceipt").map((one) => one.id);
      if (hidden.length === 0) return route.fallback();
      const response = await route.fetch();
      const answers = [await response.json()].flat() as { id: number }[];
      const told = answers.map((one) => (hidden.includes(one.id) ? { ...one, result: null } : one));
      await route.fulfill({ response, json: calls.length === 1 ? told[0] : told });
    });
    await page.getByLabel("Amount to add, DUSD").fill("4");
    await page.getByRole("button", { name: "Top up" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("Sent, waiting for a block.").waitFor();
    await page.reload();
    await dialog.getByText("This was under way when the page was left.").waitFor();
    await dialog.getByText("Sent, waiting for a block.").waitFor();
    await page.unroute(`${stack.rpcUrl}/`);
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.reload();
    await page.getByLabel("Amount to add, DUSD").waitFor();
    expect(await dialog.count(), "what is over is not told again").to.equal(0);
    expect(errors).to.deep.equal([]);
    await close();
    // The page's wallet sent by the same key: whoever sends next asks the chain for its nonce.
    town.brand.signer.reset();
  });

  it("a partner without a coin for gas claims by a signature, and follows the relayer's transaction to the explorer", async () => {
    const key = new Wallet(id("a partner without a coin"));
    const { page, errors, dialog, wallet, close } = await partnerWithCredit(key);

    // With a transaction of its own it is told what is missing, before the wallet is asked and after.
    await page.getByRole("button", { name: "Claim all" }).click();
    await dialog.getByText(/^Your account has 0 ETH, and this takes about 0\.0\d+ ETH\.$/).waitFor();
    await dialog.getByText(`Send some ETH to ${key.address} on local, and try again; or close this`).waitFor();
    await dialog.getByRole("button", { name: "Claim", exact: true }).click();
    await dialog.getByText("The account has too little gas.").waitFor();
    await dialog.getByText("Send some of the network's coin to it, and try again. Nothing was sent.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    wallet.asked.length = 0;

    await page.getByRole("button", { name: "Claim without gas" }).click();
    await dialog.getByText("The relayer's transaction: it costs you nothing.").waitFor();
    wallet.declines.add("eth_signTypedData_v4");
    await dialog.getByRole("button", { name: "Sign", exact: true }).click();
    await dialog.getByText("You declined in the wallet.").waitFor();
    wallet.declines.clear();
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    expect(wallet.asked).to.not.include("eth_sendTransaction");
    const link = dialog.getByRole("link", { name: /^0x/ });
    const href = (await link.getAttribute("href")) ?? "";
    expect(href).to.match(/^https:\/\/explorer\.example\/tx\/0x[0-9a-f]{64}$/);
    const receipt = await town.stack.provider.getTransactionReceipt(href.split("/").at(-1) ?? "");
    expect(receipt?.status).to.equal(1);
    expect(receipt?.from).to.equal(localKey(1).address);
    expect(await town.dollar.balanceOf(key.address)).to.equal(parseUnits("2", 6));
    expect(await town.stack.provider.getBalance(key.address)).to.equal(0n);
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("group", { name: "Claimed" }).getByText("2 DUSD").waitFor();
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("says in the relayer's own words why a claim is not carried, and does not offer it where none is", async () => {
    const key = localKey(20);
    const { page, dialog, wallet, close } = await partnerWithCredit(key);
    // Somebody else pays it out while the order is being signed.
    await page.getByRole("button", { name: "Claim without gas" }).click();
    await dialog.getByRole("button", { name: "Sign", exact: true }).waitFor();
    await (await town.programs.connect(town.brand.signer).payOut(key.address, [town.dollar])).wait();
    await dialog.getByRole("button", { name: "Sign", exact: true }).click();
    await dialog.getByText("The owner has no credit in these tokens.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Nothing to claim yet" }).waitFor();
    expect(await page.getByRole("button", { name: "Claim without gas" }).count()).to.equal(0);

    await page.route("**/v1/status", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), gaslessClaims: null } });
    });
    await page.goto(`${town.stack.portalUrl}/partner/${campaignId}`);
    await report((await page.getByTestId("invite-link").textContent()) ?? "");
    await page.goto(`${town.stack.portalUrl}/partner`);
    await page.getByRole("button", { name: "Claim all" }).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(500);
    expect(await page.getByRole("button", { name: "Claim without gas" }).count()).to.equal(0);
    expect(wallet.asked).to.not.include("eth_sendTransaction");
    await close();
  });

  describe("a token that takes no permit", () => {
    let token: BlockingToken;
    let silent: string;
    const brand = localKey(FIRST_BRAND + 1);
    const fund = parseUnits("50", 18);

    before(async () => {
      token = await new BlockingToken__factory(localKey(FIRST_BRAND + 1).connect(town.stack.provider)).deploy();
      await token.waitForDeployment();
      await (await token.mint(brand.address, parseUnits("1000", 18))).wait();
      const programs = town.programs.connect(brand.connect(town.stack.provider));
      const given = {
        salt: id("no permits"),
        terms: {
          token: await token.getAddress(),
          holdSeconds: 0,
          noticeSeconds: 86_400,
          openKinds: 1,
          feeBps: 0,
          unitExponent: 0,
          linesOnChain: true,
          operator: `0x${"0".repeat(40)}`,
        },
        offers: [
          {
            flatAmount: 1_000_000n,
            rateBps: 0,
            capUnits: 0n,
            validFrom: 0,
            validTo: 0,
            kind: 0,
            eventName: encodeEventName("signup"),
            lockedUntil: 0,
            partner: `0x${"0".repeat(40)}`,
          },
        ],
        attesters: [localKey(100).address],
        threshold: 1,
        dailyLimit: 2n ** 128n - 1n,
        descriptionHash: id("nobody knows it"),
        descriptionUri: "",
      };
      silent = await programs.createCampaign.staticCall(given);
      await (await programs.createCampaign(given)).wait();
      await waitFor("the campaign", async () => (await fetch(`${town.stack.apiUrl}/v1/campaigns/${silent}`)).ok);
    });

    it("is approved first and paid in then; what was approved is not approved again", async () => {
      const wallet = createWallet(brand, town.stack.provider);
      const { page, errors, close } = await openPage(browser, wallet);
      await explored(page);
      await page.goto(`${town.stack.portalUrl}/brand/${silent}/budget`);
      await signIn(page);
      const dialog = page.getByRole("dialog");
      const sent = () => wallet.asked.filter((method) => method === "eth_sendTransaction").length;
      const available = async () => (await town.lens.campaign(silent)).available;

      await page.getByLabel("Amount to add, BLOCK").fill("50");
      await page.getByRole("button", { name: "Top up" }).click();
      await dialog.getByText("Allow the contract to take the budget").waitFor();
      wallet.declines.add("eth_sendTransaction");
      await dialog.getByRole("button", { name: "Sign and send" }).click();
      await dialog.getByText("You declined in the wallet.").waitFor();
      expect(await token.allowance(brand.address, town.programs)).to.equal(0n);

      // The approval, but not what follows: the rest can be done when the user likes.
      wallet.declines.clear();
      wallet.declines.add(town.programs.interface.getFunction("fund").selector);
      await dialog.getByRole("button", { name: "Try again" }).click();
      await dialog.getByText("Confirmed.").waitFor();
      await dialog.getByText("You declined in the wallet.").waitFor();
      expect(await token.allowance(brand.address, town.programs)).to.equal(fund);
      expect(await available()).to.equal(0n);

      wallet.declines.clear();
      const before = sent();
      await dialog.getByRole("button", { name: "Try again" }).click();
      await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
      expect(sent() - before).to.equal(1);
      expect(await available()).to.equal(fund);
      const hrefs = await dialog
        .getByRole("link", { name: /^0x/ })
        .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href));
      expect(hrefs).to.have.length(2);
      for (const href of hrefs) expect(href).to.match(/^https:\/\/explorer\.example\/tx\/0x[0-9a-f]{64}$/);
      expect(errors).to.deep.equal([]);
      await close();
    });

    it("says what to do where the wallet allowed less than it was asked to", async () => {
      const wallet = createWallet(brand, town.stack.provider);
      const { page, close } = await openPage(browser, wallet);
      await page.goto(`${town.stack.portalUrl}/brand/${silent}/budget`);
      await signIn(page);
      const dialog = page.getByRole("dialog");
      await page.getByLabel("Amount to add, BLOCK").fill("20");
      await page.getByRole("button", { name: "Top up" }).click();
      wallet.declines.add(town.programs.interface.getFunction("fund").selector);
      await dialog.getByRole("button", { name: "Sign and send" }).click();
      await dialog.getByText("You declined in the wallet.").waitFor();
      await (await token.connect(wallet.key).approve(town.programs, parseUnits("5", 18))).wait();
      wallet.declines.clear();
      await dialog.getByRole("button", { name: "Try again" }).click();
      await dialog.getByText(/^The contract may take 5/).waitFor();
      await dialog.getByText("Close this and start again: the wallet asks to allow the amount first.").waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Top up" }).click();
      await dialog.getByRole("button", { name: "Sign and send" }).click();
      await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
      expect((await town.lens.campaign(silent)).available).to.equal(fund + parseUnits("20", 18));
      await close();
    });
  });
});
