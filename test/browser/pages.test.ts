import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import type { Browser, Locator, Page } from "playwright-core";
import { call, type Listed, signIn as signInByHand, waitFor } from "#harness/client.ts";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn, type TestWallet } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds on the page, rule by rule. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  )) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

/** That all of it is on a screen of that height, without scrolling. */
async function expectWithin(element: Locator, height: number): Promise<void> {
  const box = await element.evaluate((shown) => {
    const { top, bottom } = shown.getBoundingClientRect();
    return { top, bottom };
  });
  expect(box.top).to.be.at.least(0);
  expect(box.bottom).to.be.at.most(height);
}

describeInBrowser("every page of the portal", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;
  let proven: string;
  let brand: TestWallet;
  let partner: TestWallet;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    const { stack } = town;
    brand = createWallet(localKey(FIRST_BRAND), stack.provider);
    partner = createWallet(localKey(FIRST_PARTNER), stack.provider);
    const opened = await town.open("Streamly affiliates", 2);
    campaignId = opened.campaignId;
    const link = await town.join(campaignId, 0);
    const bought = await Promise.all(
      [1, 2, 3].map(async (i) =>
        opened.shop.reportConversion({
          event: "signup",
          orderId: `order-${i}`,
          customerId: `c-${i}`,
          referralToken: await click(link),
        }),
      ),
    );
    await opened.shop.reportConversion({
      event: "signup",
      orderId: "order-4",
      customerId: "c-1",
      referralToken: await click(link),
    });
    proven = bought[0]?.id ?? "";
    await waitFor("the release", async () => (await opened.shop.conversion(proven)).state === "released");
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const looks = [
    { name: "light, on a desk", colorScheme: "light", viewport: { width: 1280, height: 900 } },
    { name: "dark, in a hand", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  ] as const;

  const pages = [
    ["everybody", "/"],
    ["everybody", "/campaigns/:id"],
    ["everybody", "/local"],
    ["everybody", "/local/shop"],
    ["everybody", "/partner"],
    ["everybody", "/nowhere"],
    ["partner", "/partner"],
    ["partner", "/partner/:id"],
    ["partner", "/notices"],
    ["partner", "/proof/:conversion"],
    ["brand", "/brand"],
    ["brand", "/brand/new"],
    ["brand", "/brand/:id"],
    ["brand", "/brand/:id/partners"],
    ["brand", "/brand/:id/conversions"],
    ["brand", "/brand/:id/review"],
    ["brand", "/brand/:id/offers"],
    ["brand", "/brand/:id/description"],
    ["brand", "/brand/:id/budget"],
    ["brand", "/brand/:id/advice"],
    ["brand", "/brand/:id/settings"],
  ] as const;

  // Loading a page is most of what it costs: each is loaded once for all that is asked of it.
  for (const { name, ...look } of looks) {
    it(`has no fault that axe knows, fits its screen, moves nothing that it has shown and complains of nothing: ${name}`, async () => {
      const faults: string[] = [];
      let delayed = 0;
      for (const who of ["everybody", "partner", "brand"] as const) {
        const wallet = { everybody: undefined, partner, brand }[who];
        const { page, errors, close } = await openPage(browser, wallet, look);
        await page.goto(town.stack.portalUrl);
        if (wallet !== undefined) await signIn(page);
        await page.addInitScript(watchShifts);
        await page.addInitScript(farAway);
        for (const [, pattern] of pages.filter(([by]) => by === who)) {
          const path = pattern.replace(":id", campaignId).replace(":conversion", proven);
          const note = (...found: readonly string[]) => faults.push(...found.map((one) => `${who} ${pattern}: ${one}`));
          await page.goto(town.stack.portalUrl + path);
          await settled(page);
          await page.waitForTimeout(300);
          const { sum, moved } = (await page.evaluate("window.shifts")) as { sum: number; moved: string[] };
          delayed += Number(await page.evaluate("window.delayed"));
          if (sum >= 0.1) note(`moved by ${sum.toFixed(3)}: ${moved.join(" | ")}`);
          const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          if (Number(overflow) > 0) note(`${overflow} pixels too wide`);
          note(...(await violations(page)), ...errors.splice(0));
        }
        await close();
      }
      expect(faults.join("\n")).to.equal("");
      expect(delayed, "requests that were far away").to.be.above(pages.length);
    });
  }

  it("creates a campaign by a form whose every page is without fault, and says what is wrong where it is", async () => {
    const { page, close } = await openPage(browser, brand);
    await page.goto(`${town.stack.portalUrl}/brand/new`);
    await signIn(page);
    await page.getByRole("button", { name: "Start with this: Resellers of a subscription" }).click();
    await page.getByLabel("Token", { exact: true }).selectOption({ label: "DUSD" });
    await page.getByLabel("Cap, DUSD").fill("");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("A percentage needs a cap").waitFor();
    expect(await violations(page)).to.deep.equal([]);
    await page.getByLabel("Cap, DUSD").fill("10000");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("This machine's attester signs what happened").waitFor();
    await page.getByRole("button", { name: /^Advanced/ }).click();
    await page.getByLabel("Attesters").fill("0x1234");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("0x1234 is no address.").waitFor();
    expect(await violations(page)).to.deep.equal([]);
    await page.getByLabel("Attesters").fill(localKey(0).address);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Resellers");
    expect(await violations(page)).to.deep.equal([]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Pays resellers 20% of what is paid, counting at most 10,000 DUSD").waitFor();
    expect(await violations(page)).to.deep.equal([]);
    await close();
  });

  it("never leaves a campaign half made: the money is counted first, and a form that was left goes on", async () => {
    const key = localKey(61);
    const { dollar, stack } = town;
    await (await town.brand.signer.sendTransaction({ to: key.address, value: 10n ** 18n })).wait();
    await (await dollar.connect(town.brand.signer).mint(key.address, 100_000_000n)).wait();
    const wallet = createWallet(key, stack.provider);
    const { page, errors, close } = await openPage(browser, wallet);
    await page.goto(`${stack.portalUrl}/brand/new`);
    await signIn(page);
    await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
    await page.getByLabel("Token", { exact: true }).selectOption({ label: "DUSD" });
    await page.getByLabel("Flat, DUSD").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Left and found again");
    await page.reload();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).to.equal("Left and found again");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("First budget, DUSD").fill("50,000");
    await page.getByRole("button", { name: "Create and fund" }).click();
    await page.getByText("Your wallet holds 100 DUSD, and the budget is 50,000 DUSD.").waitFor();
    expect(wallet.asked).to.not.include("eth_sendTransaction");

    // What pays the budget in is declined: the campaign is there, and empty.
    await page.getByLabel("First budget, DUSD").fill("60");
    wallet.declines.add("eth_signTypedData_v4");
    await page.getByRole("button", { name: "Create and fund" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("You declined in the wallet.").waitFor();
    wallet.declines.clear();
    await page.goto(`${stack.portalUrl}/brand/new`);
    await page.getByRole("button", { name: "Create and fund" }).click();
    await page.waitForURL(/\/brand\/0x[0-9a-f]{64}$/);
    await page.getByText("Created, not funded").waitFor();
    expect(await violations(page)).to.deep.equal([]);
    await page.getByRole("link", { name: "Fund now" }).click();
    await page.getByLabel("Amount to add, DUSD").fill("60");
    await page.getByRole("button", { name: "Top up" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    const campaignId = /0x[0-9a-f]{64}/.exec(page.url())?.[0] ?? "";
    expect((await town.lens.campaign(campaignId)).available).to.equal(60_000_000n);
    // The next one begins anew.
    await page.goto(`${stack.portalUrl}/brand/new`);
    await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).waitFor();
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("says what to do when the wallet is on another network, declines, or cannot pay", async () => {
    const poor = createWallet(localKey(60), town.stack.provider, 1);
    const { page, errors, close } = await openPage(browser, poor);
    await page.goto(town.stack.portalUrl);
    await signIn(page);
    await page.getByText("Your wallet is on another network").waitFor();
    await page.getByRole("button", { name: "Switch network" }).click();
    await page.getByText("Your wallet is on another network").waitFor({ state: "detached" });
    expect(poor.chainId).to.equal(31337);
    await close();

    poor.declines.add("personal_sign");
    const refused = await openPage(browser, poor);
    await refused.page.goto(town.stack.portalUrl);
    await refused.page.locator("header").getByRole("button", { name: "Sign in" }).click();
    await refused.page.getByRole("button", { name: "Test Wallet" }).click();
    await refused.page.getByText("You declined in the wallet.").waitFor();
    expect(await violations(refused.page)).to.deep.equal([]);
    await refused.close();

    const budget = await openPage(browser, brand);
    await budget.page.goto(`${town.stack.portalUrl}/brand/${campaignId}/budget`);
    await signIn(budget.page);
    const dialog = budget.page.getByRole("dialog");
    // More than the brand has: the rehearsal says so before the wallet is asked.
    await budget.page.getByLabel("Amount to add, DUSD").fill("9999999");
    await budget.page.getByRole("button", { name: "Top up" }).click();
    await dialog.getByText(/The account has 99,900 DUSD; 9,999,999 DUSD are needed/).waitFor();
    expect(await dialog.getByRole("button", { name: "Sign and send" }).isDisabled()).to.equal(true);
    expect(await violations(budget.page)).to.deep.equal([]);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    // Declined in the wallet, then not. The screen is low: what is pressed next can be seen all the same.
    await budget.page.setViewportSize({ width: 1024, height: 300 });
    brand.declines.add("eth_sendTransaction");
    await budget.page.getByLabel("Amount to add, DUSD").fill("5");
    await budget.page.getByRole("button", { name: "Top up" }).click();
    const send = dialog.getByRole("button", { name: "Sign and send" });
    await dialog.getByText("Fund the campaign").waitFor();
    await expectWithin(send, 300);
    let read = () => {};
    brand.reading = new Promise((resolve) => {
      read = resolve;
    });
    await send.click();
    await dialog.getByRole("button", { name: "Close" }).click();
    await budget.page.keyboard.press("Escape");
    expect(await dialog.isVisible(), "the dialog, while the wallet is read").to.equal(true);
    read();
    await dialog.getByText("You declined in the wallet.").waitFor();
    brand.declines.clear();
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    expect((await town.lens.campaign(campaignId)).available).to.be.above(0n);
    expect(errors.concat(budget.errors)).to.deep.equal([]);
    await budget.close();
  });

  it("explains a revert by the contract's own error: a second withdrawal cannot be announced", async () => {
    const { page, close } = await openPage(browser, brand);
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/budget`);
    await signIn(page);
    const dialog = page.getByRole("dialog");
    await page.getByLabel("Amount, DUSD").fill("1");
    await page.getByRole("button", { name: "Announce" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByText(/^It would pay 1 DUSD as things stand/).waitFor();
    await page.getByRole("button", { name: "Take it back" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).waitFor();
    // Meanwhile somebody else takes it back: the rehearsal has passed, and the contract says no.
    await (await town.programs.connect(brand.key).cancelWithdrawal(campaignId)).wait();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("No withdrawal is announced.").waitFor();
    await close();
  });

  it("lets a partner make links of its own, and take its statement home", async () => {
    const { page, errors, close } = await openPage(browser, partner);
    await page.goto(`${town.stack.portalUrl}/partner/${campaignId}`);
    await signIn(page);
    await page.getByRole("button", { name: "New link" }).click();
    await page.getByLabel("Label").fill("newsletter");
    await page.getByLabel("Place on the brand's site").fill("/pricing");
    await page.getByLabel("Alias").fill("Ab");
    await page.getByRole("button", { name: "Create link" }).click();
    // What the relayer will not have is said where it was typed.
    await page.getByRole("dialog").getByText("has to be 3 to 32 of").waitFor();
    expect(await page.getByLabel("Alias").getAttribute("aria-invalid")).to.equal("true");
    // Chromium calls a refusal an error.
    expect(errors.splice(0).join("\n")).to.include("400 (Bad Request)");
    await page.getByLabel("Alias").fill("partner-zero");
    await page.getByRole("button", { name: "Create link" }).click();
    await page.getByText("newsletter · leads to https://streamly.example/pricing").waitFor();
    await page.getByText(/\/i\/partner-zero$/).waitFor();
    // A code beside them, which whoever cannot click says.
    await page.getByRole("button", { name: "New code" }).click();
    await page.getByLabel("Code", { exact: true }).fill("zero-10");
    await page.getByRole("button", { name: "Create code" }).click();
    await page.getByTestId("spoken-code").getByText("ZERO-10").waitFor();
    await page.getByRole("button", { name: "Retire ZERO-10" }).click();
    await page.getByRole("button", { name: "Retire it" }).click();
    await page.getByText("retired", { exact: true }).waitFor();
    await page.getByText("This customer has already counted as often as the campaign allows.").waitFor();
    await page.goto(`${town.stack.portalUrl}/partner`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Statement (CSV)" }).click(),
    ]);
    const csv = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(csv).to.have.length(6);
    expect(csv.filter((line) => line.includes(",released,claimable,,0.000000,2.000000,DUSD,"))).to.have.length(3);
    expect(csv.at(-1)).to.match(/^total,.* UTC"?,,4 rows,,,,,0\.000000,6\.000000,DUSD,/);
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("gives a partner a key for its own programs, which is good until it is deleted", async () => {
    const { page, errors, close } = await openPage(browser, partner);
    await page.goto(`${town.stack.portalUrl}/partner`);
    await signIn(page);
    const section = page.getByRole("region", { name: "Your own programs" });
    await section.getByLabel("Name of the key").fill("my sheet");
    await section.getByRole("button", { name: "Make a key" }).click();
    const secret = await section.getByTestId("secret-key").innerText();
    const ask = () => fetch(`${town.stack.apiUrl}/v1/me/earnings`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).to.equal(200);
    await section.getByText("reads · made", { exact: false }).waitFor();
    expect(await violations(page)).to.deep.equal([]);
    await section.getByRole("button", { name: "Delete my sheet" }).click();
    await page.getByRole("dialog").getByText("Whatever asks with it is refused from now on.").waitFor();
    expect((await ask()).status, "before the question is answered").to.equal(200);
    await page.getByRole("button", { name: "Delete it" }).click();
    await section.getByText("my sheet", { exact: true }).waitFor({ state: "detached" });
    expect((await ask()).status).to.equal(401);
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("shows a brand its partners by their names, with the address beside, and what the brand calls them", async () => {
    const mine = await openPage(browser, partner);
    await mine.page.goto(`${town.stack.portalUrl}/partner`);
    await signIn(mine.page);
    const form = mine.page.getByRole("region", { name: "Who you are" });
    await form.getByRole("textbox", { name: "Name" }).fill("Ada Cooks");
    await form.getByLabel("Site").fill("https://ada.example");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("Saved", { exact: true }).waitFor();
    expect(await violations(mine.page)).to.deep.equal([]);
    await mine.close();

    const { page, errors, close } = await openPage(browser, brand);
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/partners`);
    await signIn(page);
    const { address } = localKey(FIRST_PARTNER);
    const row = page.getByRole("row").filter({ hasText: "Ada Cooks" });
    await row.getByTitle(address).waitFor();
    await row.getByRole("link", { name: "ada.example" }).waitFor();
    await row.getByRole("button", { name: "Label Ada Cooks" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Label").fill("Ada of Basel");
    await dialog.getByLabel("Tags").fill("gold, chef");
    expect(await violations(page)).to.deep.equal([]);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Ada of Basel").waitFor();
    await page.getByText("chef", { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const csv = readFileSync(await download.path(), "utf8");
    expect(csv).to.contain(`${address},Ada Cooks,Ada of Basel,gold chef,https://ada.example,`);
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/conversions`);
    await page.getByText("Ada of Basel").first().waitFor();
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("keeps what a list shows in its address, for a reload, the way back and whoever is sent it, and saves whole files alone", async () => {
    const { page, errors, close } = await openPage(browser, brand);
    // Two on a page, where there are fifty.
    await page.route("**/v1/conversions?*", (route) =>
      route.continue({ url: route.request().url().replace("limit=50", "limit=2") }),
    );
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/conversions`);
    await signIn(page);
    const rows = (count: number) =>
      waitFor(`${count} conversions`, async () => (await page.getByText(/^order-\d$/).count()) === count);
    const state = page.getByLabel("State", { exact: true });
    await state.selectOption("released");
    // Until then the page is the one of before, which has two rows as well.
    await page.getByText("order-4", { exact: true }).waitFor({ state: "detached" });
    await rows(2);
    expect(new URL(page.url()).search).to.equal("?state=released");
    await page.getByRole("button", { name: "Next page" }).click();
    await rows(1);
    const sent = page.url();
    await page.reload();
    await rows(1);
    expect(await state.inputValue()).to.equal("released");
    await page.goBack();
    await rows(2);
    await page.goto(sent);
    await rows(1);
    await page.getByRole("button", { name: "First page" }).click();
    await rows(2);
    await page.getByLabel("Order begins with").fill("order-4");
    await page.getByText("No conversion matches.").waitFor();
    await state.selectOption("");
    await rows(1);
    expect(new URL(page.url()).search).to.equal("?search=order-4");
    expect(await violations(page)).to.deep.equal([]);
    // What is saved is what the filters say, however many are on the page.
    await page.getByLabel("Order begins with").fill("order");
    await rows(2);
    const take = () => page.getByRole("button", { name: "CSV" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), take()]);
    const csv = readFileSync(await download.path(), "utf8");
    expect(csv.match(/,order-\d,/g)).to.have.length(4);
    expect(csv).to.match(/\r\ntotal,"?until [^\n]* UTC"?,0x\w{64},4 rows,/);
    // A proxy that ends what broke off as if it were whole.
    await page.route("**/v1/conversions.csv?*", (route) =>
      route.fulfill({ body: csv.slice(0, csv.lastIndexOf("total,")), contentType: "text/csv" }),
    );
    await take();
    await page.getByText("The file broke off on its way").first().waitFor();
    await close();
    expect(errors).to.deep.equal([]);
  });

  it("has many reviewed at once: asked twice before they are taken back, and what became of each is said", async () => {
    const { page, errors, close } = await openPage(browser, brand);
    const asked: unknown[] = [];
    await page.route("**/v1/campaigns/*/reviews*", async (route) => {
      if (route.request().method() === "POST") {
        const body = route.request().postDataJSON() as { conversionIds: string[] };
        asked.push(body);
        // The second was released a moment ago.
        return route.fulfill({
          json: {
            outcomes: body.conversionIds.map((conversionId, i) => ({
              conversionId,
              done: i === 0,
              detail: i === 0 ? null : `Conversion ${conversionId} was released <b>before</b>.`,
            })),
          },
        });
      }
      const response = await route.fetch({ url: `${town.stack.apiUrl}/v1/conversions?limit=2&sort=oldest` });
      const { items } = (await response.json()) as { items: Record<string, unknown>[] };
      const flags = [{ flag: "velocity", text: "Its partner had more conversions than expected." }];
      const releaseAt = Math.floor(Date.now() / 1000) + 7_200;
      const shown = items.map((item) => ({ ...item, state: "attested", releaseAt, flags }));
      return route.fulfill({ response, json: { items: shown, next: null } });
    });
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}/review`);
    await signIn(page);
    await page
      .getByText(/^It is paid in 2 hours, on .*, unless you take it back\.$/)
      .first()
      .waitFor();
    await page.getByLabel("Choose order-1").check();
    await page.getByLabel("1 chosen").check();
    expect(await violations(page)).to.deep.equal([]);
    const many = page.getByRole("region", { name: "Many at once" });
    await many.getByRole("button", { name: "Not genuine: take them back" }).click();
    await many.getByText("They cannot be given back.").waitFor();
    expect(asked).to.deep.equal([]);
    await many.getByRole("button", { name: "Take 2 back" }).click();
    // It can be regretted: then nothing was said.
    await page.getByText("2 conversions are taken back. It is sent in 8 seconds.").waitFor();
    await page.getByRole("article").first().waitFor({ state: "detached" });
    expect(await violations(page)).to.deep.equal([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByLabel("Choose order-1").check();
    await page.getByLabel("1 chosen").check();
    expect(asked).to.deep.equal([]);
    await many.getByRole("button", { name: "Not genuine: take them back" }).click();
    await many.getByRole("button", { name: "Take 2 back" }).click();
    await page.getByRole("button", { name: "Send it now" }).click();
    await page.getByText("was released <b>before</b>.").waitFor();
    const items = asked as { decision: string; conversionIds: string[] }[];
    expect(items.map(({ decision, conversionIds }) => [decision, conversionIds.length])).to.deep.equal([
      ["confirm", 2],
    ]);
    expect(errors).to.deep.equal([]);
    await close();
  });

  it("proves a conversion in the browser, and says so where a proof does not hold", async () => {
    const { page, close } = await openPage(browser, partner);
    await page.goto(`${town.stack.portalUrl}/proof/${proven}`);
    await signIn(page);
    await page.getByText("What can be checked holds").waitFor();
    expect(await page.getByText("Holds", { exact: true }).count()).to.equal(8);
    // A relayer that shows another leaf than was attested.
    await page.route("**/v1/batches/*", async (route) => {
      const response = await route.fetch();
      const batch = (await response.json()) as { leaves: { salt: string }[] };
      for (const leaf of batch.leaves) leaf.salt = `0x${"11".repeat(32)}`;
      await route.fulfill({ response, json: batch });
    });
    await page.reload();
    await page.getByText("Something does not hold").waitFor();
    expect(await page.getByText("Does not hold", { exact: true }).count()).to.equal(2);
    await close();
  });

  it("asks the chain for a campaign's history once, and then for what is new", async () => {
    const { page, close } = await openPage(browser, undefined);
    const asked: number[] = [];
    await page.route(`${town.stack.rpcUrl}/`, async (route) => {
      const calls = [route.request().postDataJSON()].flat() as { method: string; params: { fromBlock: string }[] }[];
      for (const { method, params } of calls) if (method === "eth_getLogs") asked.push(Number(params[0]?.fromBlock));
      await route.fallback();
    });
    await town.stack.provider.send("hardhat_mine", ["0x80"]);
    const head = await town.stack.provider.getBlockNumber();
    await page.goto(`${town.stack.portalUrl}/campaigns/${campaignId}`);
    await page.getByText("It adds up, to the last unit").waitFor();
    const { block } = town.stack.deployment.contracts.PartnerPrograms;
    expect(Math.min(...asked)).to.equal(block);
    asked.length = 0;
    const amount = page.getByText("Funded", { exact: true }).locator("xpath=following-sibling::dd");
    const before = await amount.textContent();
    await (await town.programs.connect(brand.key).fund(campaignId, 7_000_000n)).wait();
    await waitFor("the page to hear of it", async () => (await amount.textContent()) !== before);
    await page.getByText("It adds up, to the last unit").waitFor();
    // What may still be reorganised is asked for again, and nothing before it.
    expect(asked.length).to.be.above(0);
    expect(Math.min(...asked)).to.be.within(head - 63, head - 50);
    await close();
  });

  it("says to everybody that a campaign is set aside, where and why, as text", async () => {
    for (const [path, wallet] of [
      [`/campaigns/${campaignId}`, undefined],
      [`/brand/${campaignId}`, brand],
      [`/partner/${campaignId}`, partner],
    ] as const) {
      const { page, close } = await openPage(browser, wallet);
      await page.goto(town.stack.portalUrl);
      if (wallet !== undefined) await signIn(page);
      await page.route(`${town.stack.apiUrl}/v1/campaigns/${campaignId}`, async (route) => {
        const response = await route.fetch();
        const setAside = { block: 77, event: "Attested", reason: "too <b>large</b>" };
        await route.fulfill({ response, json: { ...(await response.json()), setAside } });
      });
      await page.goto(`${town.stack.portalUrl}${path}`);
      await page.getByText("The relayer cannot read this campaign on").waitFor();
      await page.getByText("up to block 77, where it could not take in the event Attested").waitFor();
      await page.getByText("too <b>large</b>").waitFor();
      await close();
    }
  });

  it("takes a session for over when the relayer does", async () => {
    const token = await signInByHand(town.stack.apiUrl, town.partners[0] as never);
    const mine = await call<Listed<unknown>>(town.stack.apiUrl, "GET", "/v1/me/partnerships", { token });
    expect(mine.items).to.have.length(1);
    const { page, close } = await openPage(browser, partner);
    await page.goto(town.stack.portalUrl);
    await signIn(page);
    await page.evaluate(
      "localStorage.setItem('partner-programs.session', localStorage.getItem('partner-programs.session').replace(/us_[^\"]+/, 'us_gone'))",
    );
    await page.goto(`${town.stack.portalUrl}/partner`);
    await page.getByRole("heading", { name: "Sign in with your wallet" }).waitFor();
    // Signed in again, it goes on where it was.
    await signIn(page);
    await page.getByRole("heading", { name: "Your earnings" }).waitFor();
    await close();
  });
});

/**
 * Runs in the page: a relayer and a node are as far away as from most people. In the page, because a request that Playwright holds up
 * costs Chromium its cache: each page would load and compile the whole portal anew.
 */
function farAway(): void {
  const near = window.fetch;
  const far = window as unknown as { delayed: number };
  far.delayed = 0;
  window.fetch = async (...asked) => {
    const url = asked[0] instanceof Request ? asked[0].url : String(asked[0]);
    if (/\/v1\/|127\.0\.0\.1:\d+\/$/.test(url)) {
      far.delayed++;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return near(...asked);
  };
}

/** Runs in the page: adds up how far what was shown has moved (Cumulative Layout Shift), and notes what. */
function watchShifts(): void {
  interface Shift extends PerformanceEntry {
    readonly value: number;
    readonly sources: readonly { readonly node?: { readonly outerHTML?: string } }[];
  }
  const shifts = { sum: 0, moved: [] as string[] };
  (window as unknown as { shifts: typeof shifts }).shifts = shifts;
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries() as unknown as Shift[]) {
      shifts.sum += value;
      shifts.moved.push(`${value.toFixed(3)} ${sources.map(({ node }) => node?.outerHTML?.slice(0, 120)).join(", ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** Waits until nothing is loading any more. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => {});
  await page.locator("[aria-busy=true], .mantine-Skeleton-root").first().waitFor({ state: "detached" });
}
