import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

describeInBrowser("a brand's team", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    ({ campaignId } = await town.open("Shared work", 0));
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const person = async (index: number, path: string) => {
    const key = localKey(index);
    const opened = await openPage(browser, createWallet(key, town.stack.provider));
    await opened.page.goto(path.startsWith("http") ? path : `${town.stack.portalUrl}${path}`);
    return { ...opened, address: key.address };
  };

  const expectNotOffered = async (page: Page, ...buttons: readonly string[]) => {
    for (const name of buttons) expect(await page.getByRole("button", { name, exact: true }).count(), name).to.equal(0);
  };

  it("is invited by a link, works with a wallet of its own, is offered what its role may alone, is listed, and is removed", async () => {
    const brand = await person(FIRST_BRAND, "/brand");
    await signIn(brand.page);
    await brand.page.getByRole("link", { name: "Team" }).click();
    await brand.page.getByText("Nobody else yet.").waitFor();
    await brand.page.getByLabel("Who it is for").fill("Grace");
    await brand.page.getByLabel("Role", { exact: true }).selectOption("manager");
    await brand.page.getByRole("button", { name: "Make an invitation" }).click();
    const link = (await brand.page.getByTestId("team-link").textContent()) ?? "";

    const grace = await person(FIRST_PARTNER + 6, link);
    await grace.page.getByRole("button", { name: "Sign in to join" }).click();
    await grace.page.getByRole("button", { name: "Test Wallet" }).click();
    await grace.page.getByRole("button", { name: "Join the team" }).click();
    await grace.page.getByLabel("Brand", { exact: true }).waitFor();
    await grace.page.getByRole("link", { name: "Shared work" }).click();
    await grace.page.getByText("You are here as manager").waitFor();

    // What a manager may: a key. What it may not: the money.
    await grace.page.goto(`${town.stack.portalUrl}/brand/${campaignId}/settings`);
    await grace.page.getByLabel("Name of the key").fill("grace's key");
    await grace.page.getByRole("button", { name: "Make a key" }).click();
    await grace.page.getByTestId("secret-key").waitFor();
    await grace.page.getByRole("heading", { name: "Suspend" }).waitFor();
    await expectNotOffered(grace.page, "Suspend", "Close", "Replace");
    await grace.page.getByRole("tab", { name: "Budget" }).click();
    await grace.page.getByText("The brand's wallet tops up, and withdraws.").waitFor();
    await expectNotOffered(grace.page, "Top up", "Announce");
    // A viewer sees the same pages, and decides nothing.
    await brand.page.reload();
    await brand.page.getByLabel(`Role of ${grace.address}`).selectOption("viewer");
    await grace.page.goto(`${town.stack.portalUrl}/brand/${campaignId}/settings`);
    await grace.page.getByText("You are here as viewer").waitFor();
    await grace.page.getByText("grace's key", { exact: true }).waitFor();
    await grace.page.getByText("A manager of the team makes keys, and revokes them.").waitFor();
    await expectNotOffered(grace.page, "Make a key", "Revoke grace's key", "Add a webhook");

    await brand.page.reload();
    const acts = brand.page.getByRole("region", { name: "Who did what" });
    await acts.getByText("grace's key").waitFor();
    await acts.getByText("Member joined").waitFor();
    // What a page asks for that it had already shown is refused from the removal on, and Chromium calls that an error.
    expect(grace.errors).to.deep.equal([]);
    await brand.page.getByRole("button", { name: "Remove" }).click();
    await brand.page.getByRole("dialog").getByText("sees and decides nothing here from its next request on").waitFor();
    await brand.page.getByRole("button", { name: "Remove it" }).click();
    await brand.page.getByText("Secrets that it may have kept").waitFor();

    await grace.page.reload();
    await grace.page.getByText("This campaign is another brand's").waitFor();
    expect(brand.errors).to.deep.equal([]);
    for (const error of grace.errors) expect(error).to.include("403 (Forbidden)");
  });
});
