import { expect } from "chai";
import { AbiCoder, concat, getCreate2Address, hashMessage, keccak256, parseUnits, ZeroHash } from "ethers";
import type { Browser } from "playwright-core";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

/** Makes what it is sent (CREATE2), at one address on every chain. Here it is put there by hand. */
const FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const FACTORY_CODE =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

describeInBrowser("accounts that are contracts", function (launch) {
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

  it("one creates and funds a campaign with one question of its wallet, which only stands in the page", async () => {
    const { stack, dollar, lens, programs } = town;
    const key = localKey(FIRST_BRAND + 1);
    const contract = await new Wallet1271__factory(key.connect(stack.provider)).deploy(key.address);
    const account = await contract.getAddress();
    await (await dollar.connect(town.brand.signer).mint(account, parseUnits("1000", 6))).wait();
    const wallet = { ...createWallet(key, stack.provider), contract };
    const { page, errors, close } = await openPage(browser, wallet, { silent: true });
    await page.goto(`${stack.portalUrl}/brand/new`);
    await signIn(page, "The wallet of this browser");
    await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
    await page.getByLabel("Token", { exact: true }).selectOption("other");
    await page.getByLabel("Token address").fill(await dollar.getAddress());
    await page.getByText("DUSD, 6 decimals").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Name", { exact: true }).fill("A treasury's campaign");
    await page.getByLabel("Where invite links lead").fill("https://treasury.example/welcome");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("First budget, DUSD").fill("500");
    await page.getByText("You have 1,000 DUSD.").waitFor();
    wallet.asked.length = 0;
    await page.getByRole("button", { name: "Create and fund" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("500 DUSD go from your wallet into the campaign.").waitFor();
    // It has no coin, and needs none: what its way costs is its owners'.
    expect(await stack.provider.getBalance(account)).to.equal(0n);
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await page.waitForURL(/\/brand\/0x[0-9a-f]{64}$/);
    expect(await dialog.getByText(/^Your account has/).count()).to.equal(0);
    const campaignId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    expect((await lens.campaign(campaignId)).available).to.equal(parseUnits("500", 6));
    expect((await lens.campaign(campaignId)).brand).to.equal(account);
    expect(await dollar.allowance(account, programs)).to.equal(0n);
    const asked = wallet.asked.filter((method) => !/^(eth_chainId|wallet_get)/.test(method));
    expect(asked).to.deep.equal(["wallet_sendCalls"]);
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("one that is not on the chain yet signs in, and joins a campaign", async () => {
    const { stack } = town;
    const { campaignId } = await town.open("For everybody", 0);
    await stack.provider.send("hardhat_setCode", [FACTORY, FACTORY_CODE]);
    const key = localKey(FIRST_PARTNER + 3);
    const { data } = await new Wallet1271__factory().getDeployTransaction(key.address);
    const account = getCreate2Address(FACTORY, ZeroHash, keccak256(data));
    // Its wallet speaks for it before it is there (ERC-6492).
    const contract = Wallet1271__factory.connect(account, key.connect(stack.provider));
    const sign = async (text: Uint8Array) =>
      AbiCoder.defaultAbiCoder()
        .encode(
          ["address", "bytes", "bytes"],
          [FACTORY, concat([ZeroHash, data]), key.signingKey.sign(hashMessage(text)).serialized],
        )
        .concat("6492".repeat(16));
    const wallet = createWallet(key, stack.provider);
    Object.assign(wallet, { contract, sign });
    const { page, close } = await openPage(browser, wallet);
    await page.goto(`${stack.portalUrl}/campaigns/${campaignId}`);
    await page.getByRole("button", { name: "Sign in to join" }).click();
    await page.getByRole("button", { name: "Test Wallet" }).click();
    await page.getByRole("button", { name: "Join as a partner" }).click();
    expect(await page.getByTestId("invite-link").textContent()).to.match(/^http/);
    expect(await stack.provider.getCode(account)).to.equal("0x");
    await close();
  });
});
