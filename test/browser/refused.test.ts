import { REASONS } from "@partner-programs/protocol/reasons";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { prepareAlone } from "#harness/attestAlone.ts";
import { call, waitFor } from "#harness/client.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

const WHY = REASONS.count_exceeds_conversions;

describeInBrowser("a line that does not hold", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    const { stack, programs, lens, brand, partners } = town;
    // The brand is its own sole attester: nobody looks at what it signs before the contract does.
    ({ campaignId } = await town.open("Signed alone", 1, { attester: brand.address }));
    for (const i of [0, 1]) await town.join(campaignId, i);
    const [paid, refused] = partners.map(({ address }) => address) as [string, string];
    const lines = [
      { offerId: 1, partner: paid, count: 2, volumeUnits: 0n },
      { offerId: 1, partner: refused, count: 9, volumeUnits: 0n },
    ];
    const { send } = await prepareAlone({ programs, lens, provider: stack.provider }, campaignId, lines, 2);
    await (await send(brand.signer)).wait();
    // The relayer turns the crank for everybody's batches.
    await waitFor("the refusal to be known", async () => {
      const path = `/v1/partners/${refused}/lines`;
      const { items } = await call<{ items: { state: string }[] }>(stack.apiUrl, "GET", path);
      return items.some(({ state }) => state === "refused");
    });
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  async function openAs(who: Town["brand"], path: string) {
    const { stack } = town;
    const opened = await openPage(browser, createWallet(who.wallet, stack.provider));
    await opened.page.goto(`${stack.portalUrl}${path}`);
    await signIn(opened.page);
    return opened;
  }

  it("is shown to its partner with its reason, and the one beside it is paid", async () => {
    const [paid, refused] = town.partners as [Town["brand"], Town["brand"]];
    const { page, errors, close } = await openAs(refused, `/partner/${campaignId}`);
    await page.getByText("Refused", { exact: true }).waitFor();
    await page.getByText(`${WHY} What it was worth went back to the campaign's budget.`).waitFor();
    expect(errors).to.deep.equal([]);
    await close();

    const other = await openAs(paid, `/partner/${campaignId}`);
    await other.page.getByRole("cell", { name: "4 DUSD" }).waitFor();
    expect(await other.page.getByText("Refused", { exact: true }).count()).to.equal(0);
    await other.close();
  });

  it("is shown to its brand, and to everybody, with its partner, its reason and what is available again", async () => {
    const [, refused] = town.partners as [Town["brand"], Town["brand"]];
    const { page, errors, close } = await openAs(town.brand, `/brand/${campaignId}/budget`);
    for (const path of [undefined, `/campaigns/${campaignId}`]) {
      if (path !== undefined) await page.goto(`${town.stack.portalUrl}${path}`);
      const row = page.getByRole("row").filter({ hasText: WHY });
      await row.waitFor();
      // 9 sign-ups of 2 DUSD, and the fee of 5 %.
      await row.getByText("18.90 DUSD").waitFor();
      await row.getByTitle(refused.address).waitFor();
    }
    expect(errors).to.deep.equal([]);
    const { available, reserved } = await town.lens.campaign(campaignId);
    expect([available, reserved]).to.deep.equal([95_800_000n, 0n]);
    await close();
  });
});
