import { campaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { waitFor } from "#harness/client.ts";
import { FIRST_BRAND, localKey } from "#harness/people.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

const DAY = 86_400_000;

describeInBrowser("a brand changes what it has published", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;
  const brandKey = localKey(FIRST_BRAND);
  const heirKey = localKey(FIRST_BRAND + 1);

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    campaignId = (await town.open("Streamly affiliates", 0)).campaignId;
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  it("announces a description: partners see what comes and when, and it is what the chain has the hash of", async () => {
    const brand = await openPage(browser, createWallet(brandKey, town.stack.provider));
    const { page } = brand;
    await page.goto(`${town.stack.portalUrl}/brand/${campaignId}`);
    await signIn(page);
    await page.getByRole("tab", { name: "Description" }).click();
    await page.getByText("In force since").waitFor();
    await page.getByRole("button", { name: "Nothing is changed" }).waitFor();
    await page.getByLabel("Where invite links lead").fill("nowhere");
    await page.getByRole("button", { name: "Announce", exact: true }).click();
    await page.getByText("Where invite links lead: a whole address").waitFor();
    await page.getByLabel("Where invite links lead").fill("https://streamly.example/autumn");
    await page.getByLabel("When several partners brought a customer").selectOption("last");
    await page.getByLabel("What you expect of affiliates").fill("Say that it is an advertisement.");
    await page.getByRole("button", { name: "Add an event" }).click();
    await page.getByLabel("Event", { exact: true }).last().fill("upgrade");
    await page.getByRole("button", { name: "Announce", exact: true }).click();
    await page.getByText("Say in words what “upgrade” is").waitFor();
    await page.getByLabel("In words").last().fill("A user upgraded");
    await page.getByRole("button", { name: "Add a target" }).click();
    await page.getByLabel("Title", { exact: true }).fill("Ten a month");
    await page.getByRole("button", { name: "Add this target" }).click();
    await page.getByText("Say how many conversions or how much volume each step asks for.").waitFor();
    await page.getByLabel("Conversions, at least").fill("10");
    await page.getByLabel("Bonus, in DUSD").fill("50");
    await page.getByText("Partners will read: Ten a month: 50 for 10 conversions of “signup” a month").waitFor();
    await page.getByRole("button", { name: "Add this target" }).click();
    await page.getByText("No offer pays for “bonus” yet.").waitFor();
    await page.getByRole("button", { name: "Announce", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Of several partners counts: the last one, instead of the first one.").waitFor();
    await dialog.getByText("“upgrade”: A user upgraded, every time. That is new.").waitFor();
    await dialog.getByText(/^It counts in 1 day \(/).waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByText(/^Changes (tomorrow|in 2\d hours), on /).waitFor();
    // What comes is what a next change begins with.
    expect(await page.getByLabel("Where invite links lead").inputValue()).to.equal("https://streamly.example/autumn");

    const { programs, stack } = town;
    const [, announced] = await programs.queryFilter(programs.filters.DescriptionAnnounced(campaignId));
    const { contentHash, uri } = announced?.args ?? { contentHash: "", uri: "" };
    const text = await (await fetch(uri)).text();
    expect(descriptionHash(text)).to.equal(contentHash);
    const published = campaignDescription.parse(JSON.parse(text));
    expect(published.attribution).to.deep.equal({
      touch: "last",
      windowSeconds: 3600,
      codeOrClick: "code",
      bindingSeconds: 0,
    });
    expect(published.events.map(({ name }) => name)).to.deep.equal(["signup", "upgrade", "bonus"]);
    expect(published.targets.map(({ name, steps }) => [name, steps])).to.deep.equal([
      ["ten-a-month", [{ conversions: 10, bonus: "50" }]],
    ]);
    // What the form does not ask for stays.
    expect(published.objectives).to.deep.equal(["100 signup in 30 days"]);
    // The notice runs: the relayer still goes by the first.
    const served = (await (await fetch(`${stack.apiUrl}/v1/campaigns/${campaignId}`)).json()) as {
      description: { attribution: { touch: string } };
    };
    expect(served.description.attribution.touch).to.equal("first");

    const anybody = await openPage(browser, undefined);
    await anybody.page.goto(`${stack.portalUrl}/campaigns/${campaignId}`);
    await anybody.page.getByText("Of several partners counts: the last one, instead of the first one.").waitFor();
    await anybody.page.getByText("the first one counts").waitFor();
    // A relayer that shows another text than was announced.
    await anybody.page.route("**/v1/descriptions/*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('"last"', '"first"') });
    });
    await anybody.page.reload();
    await anybody.page.getByText("The text is not known to this relayer").waitFor();
    await anybody.page.clock.install({ time: Date.now() + 2 * DAY });
    await anybody.page.reload();
    await anybody.page.getByText("It adds up, to the last unit").waitFor();
    expect(await anybody.page.getByText(/^Changes /).count()).to.equal(0);
    expect(brand.errors.concat(anybody.errors)).to.deep.equal([]);
    await anybody.close();
    await brand.close();
  });

  it("hands a campaign over, with notice: nothing moves until it is over, and the other wallet has seen what comes, and accepts", async () => {
    const brand = await openPage(browser, createWallet(brandKey, town.stack.provider));
    const heir = await openPage(browser, createWallet(heirKey, town.stack.provider));
    await brand.page.goto(`${town.stack.portalUrl}/brand/${campaignId}/settings`);
    await signIn(brand.page);
    const dialog = brand.page.getByRole("dialog");
    const offer = async () => {
      await brand.page.getByLabel("New brand's wallet").fill(heirKey.address);
      await brand.page.getByRole("button", { name: "Offer", exact: true }).click();
      await dialog.getByText(`${heirKey.address} can accept it in `).waitFor();
      await dialog.getByText("now 100 DUSD.").waitFor();
      await dialog.getByRole("button", { name: "Sign and send" }).click();
      await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
      await dialog.getByRole("button", { name: "Close" }).last().click();
      await brand.page.getByText("Offered to another wallet").waitFor();
    };
    await brand.page.getByLabel("New brand's wallet").fill("0x1234");
    await brand.page.getByRole("button", { name: "Offer", exact: true }).click();
    await brand.page.getByText("The address of a wallet: 0x and 40 hexadecimal digits.").waitFor();
    await offer();
    await brand.page.getByRole("button", { name: "Take the offer back" }).click();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await brand.page.getByLabel("New brand's wallet").waitFor();

    await heir.page.goto(`${town.stack.portalUrl}/brand/${campaignId}`);
    await signIn(heir.page);
    await heir.page.getByText("This campaign is another brand's").waitFor();
    await offer();
    await heir.page.goto(`${town.stack.portalUrl}/brand`);
    await heir.page.getByText("Streamly affiliates is offered to you").waitFor();
    await heir.page.getByRole("link", { name: "Look at what comes with it" }).click();
    await heir.page.getByText("100 DUSD").first().waitFor();
    const accept = heir.page.getByRole("button", { name: "Accept the campaign" });
    expect(await accept.isDisabled()).to.equal(true);
    await heir.page.getByText(/^You can accept it from /).waitFor();
    // The notice passes, for the chain and for the page.
    const { transferableAt } = await town.lens.campaign(campaignId);
    await town.stack.provider.send("evm_setNextBlockTimestamp", [Number(transferableAt)]);
    await town.stack.provider.send("hardhat_mine", ["0x1"]);
    await heir.page.clock.setFixedTime(Number(transferableAt) * 1000);
    await heir.page.reload();
    await accept.click();
    const accepting = heir.page.getByRole("dialog");
    await accepting.getByText("The API keys and webhooks of before end.").waitFor();
    await accepting.getByRole("button", { name: "Accept", exact: true }).click();
    await accepting.getByText("It is on the chain.", { exact: true }).waitFor();
    await accepting.getByRole("button", { name: "Close" }).last().click();
    await heir.page.getByRole("tab", { name: "Settings" }).waitFor();
    expect((await town.lens.campaign(campaignId)).brand).to.equal(heirKey.address);
    await brand.page.getByText("This campaign is another brand's").waitFor();
    await waitFor("the relayer", async () => {
      const response = await fetch(`${town.stack.apiUrl}/v1/campaigns/${campaignId}`);
      return ((await response.json()) as { brand: string }).brand === heirKey.address;
    });
    await brand.close();
    await heir.close();
  });
});
