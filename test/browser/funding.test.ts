import { readFileSync } from "node:fs";
import { PERMIT2 } from "@partner-programs/protocol/funding";
import { expect } from "chai";
import { MaxUint256, parseUnits } from "ethers";
import type { Browser } from "playwright-core";
import { buildTown, type Town } from "#harness/town.ts";
import { AuthorizationToken__factory } from "#typechain/factories/mocks/AuthorizationToken__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";
import type { AuthorizationToken } from "#typechain/mocks/AuthorizationToken.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

/** Its authors' code, as it stands on every chain that has it. */
const permit2: { code: string } = JSON.parse(readFileSync(new URL("../support/permit2.json", import.meta.url), "utf8"));
const units = (amount: string) => parseUnits(amount, 18);

describeInBrowser("a budget that is paid in by a signature and one transaction", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let usdc: AuthorizationToken;
  let campaignId: string;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    const { signer, address } = town.brand;
    usdc = await new AuthorizationToken__factory(signer).deploy();
    await usdc.waitForDeployment();
    await (await usdc.mint(address, units("1000"))).wait();
    const budget = units("1");
    await (await usdc.approve(town.programs, budget)).wait();
    const token = await usdc.getAddress();
    ({ campaignId } = await town.open("In dollars as Circle's", 3, { token, symbol: "USDC", decimals: 18, budget }));
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  /** Tops up in the page. @returns what the page said would be signed, and what the wallet was asked for */
  async function topUp(amount: string, funds: string) {
    const wallet = createWallet(town.brand.wallet, town.stack.provider);
    const { page, errors, close } = await openPage(browser, wallet);
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/budget`);
    await signIn(page);
    await page.getByLabel("Amount to add, USDC").fill(amount);
    wallet.asked.length = 0;
    await page.getByRole("button", { name: "Top up" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("A signature: it costs nothing.").waitFor();
    await dialog.getByRole("button", { name: "Show what the wallet will show" }).click();
    const shown = await dialog.getByText(funds).first().textContent();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    expect(errors).to.deep.equal([]);
    await close();
    return { shown: shown ?? "", asked: wallet.asked.filter((method) => method !== "eth_chainId") };
  }

  const available = async () => (await town.lens.campaign(campaignId)).available;
  async function funders(): Promise<string[]> {
    const { address } = town.stack.deployment.contracts.Funding;
    const funding = Funding__factory.connect(address, town.stack.provider);
    const events = await funding.queryFilter(funding.filters.FundedFor(campaignId));
    return events.map(({ args }) => `${args.funder} ${args.amount}`);
  }

  it("by an authorization of the token, where it takes them", async () => {
    const { shown, asked } = await topUp("50", "fundWithAuthorization");
    expect(shown).to.contain(town.stack.deployment.contracts.Funding.address);
    expect(asked).to.deep.equal(["eth_signTypedData_v4", "eth_sendTransaction"]);
    expect(await available()).to.equal(units("51"));
    expect(await funders()).to.deep.equal([`${town.brand.address} ${units("50")}`]);
    expect(await usdc.allowance(town.brand.address, town.programs)).to.equal(0n);
  });

  it("by Permit2, where the token was allowed to it before: what is signed names the campaign", async () => {
    await town.stack.provider.send("hardhat_setCode", [PERMIT2, permit2.code]);
    // The page has sent a transaction of this key meanwhile: whoever counts nonces would not know.
    await (await usdc.connect(town.brand.wallet).approve(PERMIT2, MaxUint256)).wait();
    const { shown, asked } = await topUp("20", "fundWithPermit2");
    expect(shown).to.contain(campaignId);
    expect(asked).to.deep.equal(["eth_signTypedData_v4", "eth_sendTransaction"]);
    expect(await available()).to.equal(units("71"));
    expect((await funders()).at(-1)).to.equal(`${town.brand.address} ${units("20")}`);
  });
});
