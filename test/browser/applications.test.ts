import { expect } from "chai";
import type { Browser } from "playwright-core";
import { FIRST_BRAND, FIRST_PARTNER, localKey } from "#harness/people.ts";
import { buildTown, type Town } from "#harness/town.ts";
import { createWallet, describeInBrowser, openPage, signIn } from "./browser.ts";

describeInBrowser("who comes into a campaign that is not open", function (launch) {
  this.timeout(600_000);
  let town: Town;
  let browser: Browser;
  let campaignId: string;
  let suspended: string;
  let referrals: string;

  before(async () => {
    town = await buildTown("PGlite", { portal: true });
    browser = await launch();
    ({ campaignId } = await town.open("For chosen partners", 0, { openKinds: 0n }));
    ({ campaignId: suspended } = await town.open("Suspended", 0));
    // Before the brand's wallet is in a page, which counts its transactions by itself.
    ({ campaignId: referrals } = await town.open("Referrals", 0, { leads: { protectedDays: 90, answerDays: 7 } }));
    await (await town.programs.connect(town.brand.signer).suspend(suspended)).wait();
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const person = async (index: number, path: string) => {
    const key = localKey(index);
    const opened = await openPage(browser, createWallet(key, town.stack.provider));
    await opened.page.goto(`${town.stack.portalUrl}${path}`);
    return { ...opened, address: key.address };
  };

  it("applies with answers, waits, and is approved with others in one transaction; or is declined with a reason", async () => {
    const brand = await person(FIRST_BRAND, `/brand/${campaignId}/applications`);
    await signIn(brand.page);
    await brand.page.getByText("Nobody waits").waitFor();
    await brand.page.getByLabel("Questions").fill("Where do you reach people?");
    await brand.page.getByRole("button", { name: "Save the questions" }).click();

    const people = [];
    for (const index of [3, 4, 5]) {
      const one = await person(FIRST_PARTNER + index, `/campaigns/${campaignId}`);
      await one.page.getByRole("button", { name: "Sign in to apply" }).click();
      await one.page.getByRole("button", { name: "Test Wallet" }).click();
      await one.page.getByRole("button", { name: "Apply", exact: true }).click();
      const dialog = one.page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Send the application" }).click();
      await dialog.getByText("The brand asks this of everybody.").waitFor();
      await dialog.getByLabel("Where do you reach people?").fill(`On channel ${index}`);
      await dialog.getByRole("button", { name: "Send the application" }).click();
      await one.page.getByText("Your application waits for the brand").waitFor();
      people.push(one);
    }
    const [ada, bob, cleo] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];

    await brand.page.getByText("Waiting for you: 3").waitFor();
    await brand.page.getByText("On channel 4").waitFor();
    const his = brand.page.getByRole("article", { name: `Application of ${cleo.address}` });
    await his.getByRole("button", { name: "Decline" }).click();
    await his.getByLabel("Why you decline").fill("We work with podcasts only.");
    await his.getByRole("button", { name: "Decline" }).click();
    await cleo.page.getByText("We work with podcasts only.").waitFor();
    expect(await cleo.page.getByRole("button", { name: /Join|Apply/ }).count()).to.equal(0);

    await brand.page.getByRole("button", { name: "Choose all" }).click();
    await brand.page.getByText("Approve 2 partners, in one transaction").waitFor();
    await brand.page.getByRole("button", { name: "Approve", exact: true }).click();
    const dialog = brand.page.getByRole("dialog");
    await dialog.getByText("2 partners are from now on: affiliate.").waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();

    for (const one of [ada, bob]) {
      await one.page.getByRole("button", { name: "Join as a partner" }).click();
      expect(await one.page.getByTestId("invite-link").textContent()).to.match(/^http/);
      expect(await one.page.getByText("Before you share a link").count()).to.equal(0);
      expect(one.errors).to.deep.equal([]);
      await one.close();
    }
    expect(brand.errors).to.deep.equal([]);
    await brand.close();
    await cleo.close();
  });

  it("comes by a personal invitation with a group, and the brand finds it chosen", async () => {
    const brand = await person(FIRST_BRAND, `/brand/${campaignId}/applications`);
    await signIn(brand.page);
    const section = brand.page.getByRole("region", { name: "Personal invitations" });
    await section.getByLabel("Who it is for").fill("Dora's newsletter");
    await section.getByLabel("Groups of your own").fill("12");
    await section.getByRole("button", { name: "Make an invitation" }).click();
    await section.getByText("affiliate, group 12").waitFor();
    const { items } = (await (
      await fetch(`${town.stack.apiUrl}/v1/campaigns/${campaignId}/invitations`, {
        headers: { authorization: `Bearer ${await tokenOf(brand.page)}` },
      })
    ).json()) as { items: { code: string }[] };
    const dora = await person(FIRST_PARTNER + 6, `/campaigns/${campaignId}?invitation=${items[0]?.code}`);
    await dora.page.getByText("The brand means to take you as: affiliate, group 12.").waitFor();
    await dora.page.getByRole("button", { name: "Sign in to apply" }).click();
    await dora.page.getByRole("button", { name: "Test Wallet" }).click();
    await dora.page.getByRole("button", { name: "Accept the invitation" }).click();
    await dora.page.getByRole("dialog").getByRole("button", { name: "Accept the invitation" }).click();
    await dora.page.getByText("Your application waits for the brand").waitFor();

    await brand.page.getByText("By your invitation “Dora's newsletter”, as affiliate, group 12.").waitFor();
    await brand.page.getByLabel(`Choose ${dora.address}`).check();
    await brand.page.getByRole("button", { name: "Approve", exact: true }).click();
    const dialog = brand.page.getByRole("dialog");
    await dialog.getByText("One partner is from now on: affiliate, group 12.").waitFor();
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await dialog.getByText("It is on the chain.", { exact: true }).waitFor();
    await dora.page.getByRole("button", { name: "Join as a partner" }).waitFor();
    expect(brand.errors.concat(dora.errors)).to.deep.equal([]);
    await brand.close();
    await dora.close();
  });

  it("registers a lead in a hand, and reads there what the brand says of it", async () => {
    await town.join(referrals, 1);
    const ada = await person(FIRST_PARTNER + 1, `/partner/${referrals}`);
    await ada.page.setViewportSize({ width: 390, height: 844 });
    await signIn(ada.page);
    await ada.page.getByRole("button", { name: "Register a lead" }).click();
    const form = ada.page.getByRole("dialog");
    await form.getByLabel("Company").fill("https://www.acme.com/about");
    await form.getByLabel("Contact's name").fill("Chris");
    await form.getByRole("checkbox").check();
    await form.getByRole("button", { name: "Register", exact: true }).click();
    const mine = ada.page.getByRole("article", { name: "Lead acme.com" });
    await mine.getByText(/It is yours until/).waitFor();
    const wide = await ada.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, "nothing is beside the screen").to.be.at.most(390);

    const brand = await person(FIRST_BRAND, `/brand/${referrals}`);
    await signIn(brand.page);
    await brand.page.getByRole("tab", { name: "Leads" }).click();
    await brand.page.getByRole("article", { name: "Lead acme.com" }).getByRole("button", { name: "Reject" }).click();
    const dialog = brand.page.getByRole("dialog");
    await dialog.getByLabel("What the partner reads beside it").fill("In talks since May.");
    await dialog.getByRole("button", { name: "Reject" }).click();
    await brand.page.getByText("In talks since May.").waitFor();
    await brand.page.getByLabel("State").selectOption("won");
    await brand.page.getByText("None in this state").waitFor();

    await ada.page.reload();
    await mine.getByText(/The brand knew this company or person before.* In talks since May\./).waitFor();
    expect(brand.errors.concat(ada.errors)).to.deep.equal([]);
    await brand.close();
    await ada.close();
  });

  it("is told before and after it joins that nothing is paid now", async () => {
    const erin = await person(FIRST_PARTNER + 7, `/campaigns/${suspended}`);
    const sentence = "The brand has suspended this campaign. What happens now is not paid until it resumes.";
    await erin.page.getByText(sentence).waitFor();
    await signIn(erin.page);
    await erin.page.getByRole("button", { name: "Join as a partner" }).click();
    await erin.page.getByTestId("invite-link").waitFor();
    await erin.page.getByText(sentence).waitFor();
    await erin.close();
  });
});

const tokenOf = (page: import("playwright-core").Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem("partner-programs.session") ?? "{}").token as string);
