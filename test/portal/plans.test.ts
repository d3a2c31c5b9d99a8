import { FOR_ONE_PARTNER } from "@partner-programs/protocol/kinds";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { expect } from "chai";
import { getAddress, id, ZeroAddress } from "ethers";
import { claimPlan } from "#portal/app/campaign/claim.ts";
import { collectPlan } from "#portal/app/campaign/collect.ts";
import type { OfferDraft } from "#portal/app/campaign/draft.ts";
import { groupsIn } from "#portal/app/campaign/draft.ts";
import { problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { toNewCampaign } from "#portal/app/campaign/newCampaign.ts";
import { payoutPlan, payoutProblem, revokeOrdersPlan, sayThief } from "#portal/app/campaign/payout.ts";
import {
  acceptPlan,
  announceWithdrawalPlan,
  appendOfferPlan,
  attestersPlan,
  cancelTransferPlan,
  cancelWithdrawalPlan,
  changeOfferPlan,
  closePlan,
  dailyLimitPlan,
  resumePlan,
  retireOfferPlan,
  setKindsPlan,
  suspendPlan,
  transferPlan,
  withdrawPlan,
} from "#portal/app/campaign/plans.ts";
import { emptyDraft } from "#portal/app/campaign/templates.ts";
import { programsInterface } from "#portal/app/chain/contracts.ts";
import { setConfig } from "#portal/app/config.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { amountText, exactText } from "#portal/app/text/money.ts";
import { type Call, encode } from "#portal/app/transactions/encode.ts";
import type { Plan } from "#portal/app/transactions/plan.ts";

const DAY = 86_400;
const PROGRAMS = `0x${"1".repeat(40)}`;
const PARTNER = getAddress(`0x${"ab".repeat(20)}`);
const OTHER = getAddress(`0x${"cd".repeat(20)}`);
/** A token with as many decimals as there usually are, and amounts that use all of them. */
const EIGHTEEN = { symbol: "WETH", decimals: 18 };
const FINE = 1_234_567_890_123_456_789n;
const CAMPAIGN = { id: id("campaign"), noticeSeconds: 7 * DAY, tokenSymbol: "WETH", tokenDecimals: 18 };
const NOTICE = /in 7 days \(.+\)/;

/** What the wallet is given for a plan's only step, decoded by the contract's own interface. */
function signed(plan: Plan): unknown[] {
  const calls = plan.steps.map((step) => {
    const { to, data } = encode(step as Call);
    expect(to).to.equal(PROGRAMS);
    const call = programsInterface.parseTransaction({ data });
    return [call?.name, ...(call?.args.toArray(true) ?? [])];
  });
  expect(calls).to.have.length(1);
  return calls[0] as unknown[];
}
const told = ({ title, summary }: Plan) => [title, ...summary].join("\n");

const offer = (given: Partial<OfferDraft>): OfferDraft => ({
  id: 1,
  event: "sale",
  title: "A sale",
  kind: 0,
  partner: "",
  flat: "",
  ratePercent: "",
  cap: "",
  oncePerCustomer: false,
  ...given,
});

describe("what a plan says, and what it signs", () => {
  before(() =>
    setConfig({
      apiUrl: "http://relayer.example",
      rpcUrl: "http://rpc.example",
      chainId: 31337,
      network: "localhost",
      programs: PROGRAMS,
      lens: PROGRAMS,
      funding: null,
      fromBlock: 0,
      explorerUrl: null,
      attesters: [PARTNER],
      attesterUrls: [],
      safeOrigins: [],
      operator: null,
      passkeyFactory: null,
      local: false,
    }),
  );

  describe("amounts", () => {
    it("are written to the last digit, whatever the token's decimals", () => {
      expect(exactText(FINE, EIGHTEEN)).to.equal("1.234567890123456789 WETH");
      expect(exactText(1n, EIGHTEEN)).to.equal("0.000000000000000001 WETH");
      expect(exactText(12_345_678n * 10n ** 18n, EIGHTEEN)).to.equal("12,345,678 WETH");
      expect(exactText(2_500_000n, { symbol: "DUSD", decimals: 6 })).to.equal("2.50 DUSD");
      expect(exactText(5n, { symbol: "ONE", decimals: 0 })).to.equal("5 ONE");
      expect(exactText(1n, { symbol: "ODD", decimals: 30 })).to.equal(`0.${"0".repeat(29)}1 ODD`);
      // In a list six digits do; in what is signed they would not.
      expect(amountText(FINE, EIGHTEEN)).to.equal("1.234568");
    });

    it("are the ones that are signed", () => {
      for (const [plan, method] of [
        [announceWithdrawalPlan(CAMPAIGN, FINE, 0), "announceWithdrawal"],
        [dailyLimitPlan(CAMPAIGN, FINE), "announceDailyLimit"],
      ] as const) {
        expect(signed(plan)).to.deep.equal([method, CAMPAIGN.id, FINE]);
        expect(told(plan)).to.contain("1.234567890123456789 WETH");
      }
      expect(told(withdrawPlan(CAMPAIGN, OTHER, FINE))).to.contain(`1.234567890123456789 WETH are paid to ${OTHER}`);
      const credits = [{ token: PARTNER, format: EIGHTEEN, claimable: FINE }];
      expect(claimPlan(credits, OTHER, OTHER, false).title).to.equal("Claim 1.234567890123456789 WETH");
    });
  });

  describe("a brand's", () => {
    it("offer that is retired is the one that is named", () => {
      const plan = retireOfferPlan(CAMPAIGN, 7, 0);
      expect(signed(plan)).to.deep.equal(["retireOffer", CAMPAIGN.id, 7n]);
      expect(plan.title).to.equal("Retire offer 7");
      expect(told(plan)).to.match(NOTICE);
      const locked = Date.now() / 1000 + 30 * DAY;
      expect(told(retireOfferPlan(CAMPAIGN, 7, locked))).to.contain(`at its guarantee, on ${dateText(locked)}`);
    });

    it("new offer is what the form says: for a kind, a group, or one partner", () => {
      const flat = appendOfferPlan(CAMPAIGN, offer({ kind: 63, flat: "0.000000000000000001" }), 12);
      expect(signed(flat)[2]).to.deep.equal([
        1n,
        0n,
        0n,
        0n,
        0n,
        63n,
        `0x${Buffer.from("sale").toString("hex").padEnd(48, "0")}`,
        0n,
        ZeroAddress,
      ]);
      expect(told(flat)).to.contain("Pays the brand's group 63 0.000000000000000001 WETH each time");

      const own = offer({
        kind: FOR_ONE_PARTNER,
        partner: ` ${PARTNER.toLowerCase()} `,
        ratePercent: "12.5",
        cap: "99.5",
      });
      const forOne = appendOfferPlan(CAMPAIGN, own, 12);
      const [, , struct] = signed(forOne) as [unknown, unknown, unknown[]];
      expect(struct.slice(1, 6)).to.deep.equal([1_250n, 99_500_000n, 0n, 0n, 255n]);
      expect(struct[8]).to.equal(PARTNER);
      expect(told(forOne)).to.contain("one partner alone").and.to.contain("counting at most 99.50 WETH");

      // What a partner was typed for, before a kind was chosen, is not signed.
      const kind = signed(appendOfferPlan(CAMPAIGN, { ...own, kind: 2 }, 12)) as [unknown, unknown, unknown[]];
      expect(kind[2][8]).to.equal(ZeroAddress);
    });

    it("change of an offer retires it, and publishes the next from the second in which the contract says that it ends", async () => {
      const end = 1_900_000_007;
      const next = offer({ flat: "2.5" });
      const standing = { offerId: 3, lockedUntil: 0, ends: undefined, conditional: true };
      const plan = changeOfferPlan(CAMPAIGN, standing, next, 12, async () => end);
      const [retire, publish] = plan.steps as [Call, Call];
      expect([retire.method, ...retire.args]).to.deep.equal(["retireOffer", CAMPAIGN.id, 3]);
      const args = (await publish.settle?.()) as [string, { validFrom: number; flatAmount: bigint }];
      expect(publish.method).to.equal("appendOffer");
      expect([args[0], args[1].validFrom, args[1].flatAmount]).to.deep.equal([CAMPAIGN.id, end, 25n * 10n ** 17n]);
      expect(told(plan)).to.contain("2.50 WETH each time").and.to.contain("Conditions of offer 3 do not pass");

      // Retired before: it is known when it ends, and one transaction does it.
      const ending = changeOfferPlan(CAMPAIGN, { ...standing, ends: end, conditional: false }, next, 12, async () => 0);
      const [, , struct] = signed(ending) as [unknown, unknown, unknown[]];
      expect(struct[3]).to.equal(BigInt(end));
      expect((ending.steps[0] as Call).settle).to.equal(undefined);
      expect(told(ending)).to.contain(dateText(end)).and.not.to.contain("Conditions");
    });

    it("offer is refused in words before it is signed", () => {
      const problem = (given: Partial<OfferDraft>) =>
        problemsOf({ ...emptyDraft(), format: EIGHTEEN, offers: [offer({ flat: "1", ...given })] })["offer-1"];
      expect(problem({})).to.equal(undefined);
      for (const partner of ["", "0x12", ZeroAddress])
        expect(problem({ kind: FOR_ONE_PARTNER, partner }), partner).to.contain("An offer for one partner names it");
      expect(problem({ kind: FOR_ONE_PARTNER, partner: PARTNER })).to.equal(undefined);
      expect(problem({ ratePercent: "5", cap: "0.0000001" })).to.contain("with at most 6 decimals");
      const both = [offer({ flat: "1" }), offer({ id: 2, flat: "2", kind: FOR_ONE_PARTNER, partner: PARTNER })];
      const draft = { ...emptyDraft(), format: EIGHTEEN };
      expect(problemsOf({ ...draft, offers: both }).offers).to.equal(undefined);
      const twice = [...both, offer({ id: 3, flat: "3", kind: FOR_ONE_PARTNER, partner: PARTNER.toLowerCase() })];
      expect(problemsOf({ ...draft, offers: twice }).offers).to.contain("to the same kind or partner");
    });

    it("campaign has its lines where the form says", () => {
      const draft = { ...emptyDraft(), token: PARTNER, format: EIGHTEEN, offers: [offer({ flat: "1" })] };
      const published = { text: "{}", uri: "" };
      for (const linesOnChain of [true, false])
        expect(toNewCampaign({ ...draft, linesOnChain }, id("salt"), published).terms.linesOnChain).to.equal(
          linesOnChain,
        );
      expect(emptyDraft().linesOnChain).to.equal(true);
    });

    it("daily limit takes notice, up and down", () => {
      for (const limit of [1n, FINE]) expect(told(dailyLimitPlan(CAMPAIGN, limit))).to.match(NOTICE);
      const none = dailyLimitPlan(CAMPAIGN, undefined);
      expect(signed(none)).to.deep.equal(["announceDailyLimit", CAMPAIGN.id, NO_LIMIT]);
      expect(told(none)).to.contain("no daily limit any more").and.to.match(NOTICE);
    });

    it("withdrawal waits for the last guarantee, and can become less", () => {
      expect(told(announceWithdrawalPlan(CAMPAIGN, 1n, 0)))
        .to.match(NOTICE)
        .and.to.contain("Nothing makes it more");
      const locked = Math.floor(Date.now() / 1000) + 30 * DAY;
      expect(told(announceWithdrawalPlan(CAMPAIGN, 1n, locked))).to.contain(`guarantee, on ${dateText(locked)}`);
      expect(signed(withdrawPlan(CAMPAIGN, OTHER, 1n))).to.deep.equal(["withdraw", CAMPAIGN.id, OTHER]);
      expect(told(withdrawPlan(CAMPAIGN, OTHER, 0n))).to.contain("Nothing is left");
      expect(signed(cancelWithdrawalPlan(CAMPAIGN))).to.deep.equal(["cancelWithdrawal", CAMPAIGN.id]);
    });

    it("hand-over takes notice, and can be taken back", () => {
      const plan = transferPlan(CAMPAIGN, OTHER, FINE);
      expect(signed(plan)).to.deep.equal(["transferCampaign", CAMPAIGN.id, OTHER]);
      expect(told(plan))
        .to.match(NOTICE)
        .and.to.contain(`${OTHER} can accept it`)
        .and.to.contain("1.234567890123456789");
      expect(signed(cancelTransferPlan(CAMPAIGN, OTHER))).to.deep.equal(["transferCampaign", CAMPAIGN.id, ZeroAddress]);
      expect(signed(acceptPlan(CAMPAIGN, OTHER, async () => {}))).to.deep.equal(["acceptCampaign", CAMPAIGN.id]);
    });

    it("kinds are a mask of 64", () => {
      const mask = (1n << 63n) | 1n;
      const plan = setKindsPlan(CAMPAIGN, [PARTNER, OTHER], mask);
      expect(signed(plan)).to.deep.equal(["setKinds", CAMPAIGN.id, [PARTNER, OTHER], mask]);
      expect(told(plan)).to.contain("2 partners are from now on: affiliate, group 63.");
      expect(groupsIn("5, 63")).to.deep.equal([5, 63]);
      expect(groupsIn("")).to.deep.equal([]);
      for (const wrong of ["4", "64", "gold", "5.5", "-5"]) expect(groupsIn(wrong), wrong).to.equal(undefined);
    });

    it("other calls are what their titles say", () => {
      expect(signed(suspendPlan(CAMPAIGN))).to.deep.equal(["suspend", CAMPAIGN.id]);
      expect(signed(resumePlan(CAMPAIGN))).to.deep.equal(["resume", CAMPAIGN.id]);
      expect(signed(closePlan(CAMPAIGN))).to.deep.equal(["closeCampaign", CAMPAIGN.id]);
      const attesters = attestersPlan(CAMPAIGN, 2, [PARTNER, OTHER]);
      expect(signed(attesters)).to.deep.equal(["announceAttesters", CAMPAIGN.id, 2n, [PARTNER, OTHER]]);
      expect(told(attesters)).to.contain("2 of these 2 have to sign");
    });
  });

  describe("a partner's", () => {
    it("claim goes where it is paid", () => {
      const credits = [{ token: OTHER, format: EIGHTEEN, claimable: FINE }];
      expect(signed(claimPlan(credits, PARTNER, PARTNER, false))).to.deep.equal(["claim", [OTHER], PARTNER]);
      const locked = claimPlan(credits, PARTNER, OTHER, false);
      expect(signed(locked)).to.deep.equal(["claim", [OTHER], OTHER]);
      expect(told(locked)).to.contain(`to your payout address ${OTHER}`);
    });

    it("collection hands over what the relayer proved, and says what the contract answered", () => {
      const attestation = {
        campaignId: CAMPAIGN.id,
        firstConversion: "1",
        conversions: 3,
        periodFrom: 1,
        periodTo: 2,
        deadline: 3,
        conversionsRoot: id("conversions"),
        linesRoot: id("lines"),
        lineCount: 4,
        total: "500",
      };
      const proofs = {
        attestations: [attestation, { ...attestation, firstConversion: "4" }],
        lines: [0, 2].map((index) => ({ index, line: id(`line ${index}`), path: `0x${"11".repeat(96)}` })),
        more: true,
        from: "relayer" as const,
      };
      const plan = collectPlan(tokenOf(CAMPAIGN), proofs, PARTNER, OTHER, FINE);
      const [method, attestations, lines] = signed(plan) as [string, unknown[][], unknown[][]];
      expect(method).to.equal("pull");
      expect(attestations.map((one) => [one[0], one[1], one[9]])).to.deep.equal([
        [CAMPAIGN.id, 1n, 500n],
        [CAMPAIGN.id, 4n, 500n],
      ]);
      expect(lines).to.deep.equal(proofs.lines.map(({ index, line, path }) => [BigInt(index), line, path]));
      expect(told(plan))
        .to.contain(`pays 1.234567890123456789 WETH, your lines of 2 batches, to your payout address ${OTHER}`)
        .and.to.contain("collect again afterwards");
      expect(told(collectPlan(tokenOf(CAMPAIGN), { ...proofs, more: false, from: "browser" }, PARTNER, PARTNER, 1n)))
        .to.contain("to your wallet")
        .and.to.contain("made in your browser, without the relayer")
        .and.not.to.contain("collect again");
    });

    it("payout address is signed as typed, and takes effect after the lock that is in force", () => {
      const own = { receiver: PARTNER, lockSeconds: 0 };
      const first = payoutPlan(PARTNER, ` ${OTHER.toLowerCase()}`, 30 * DAY, own);
      expect(signed(first)).to.deep.equal(["setPayout", OTHER, BigInt(30 * DAY)]);
      expect(told(first)).to.contain(`From now on you are paid to ${OTHER}`).and.to.contain("locked for 30 days");
      const at = 1_800_000_000;
      const back = payoutPlan(PARTNER, "", 0, { receiver: OTHER, lockSeconds: 30 * DAY }, at);
      expect(signed(back)).to.deep.equal(["setPayout", ZeroAddress, 0n]);
      expect(told(back))
        .to.contain(`From ${dateText(at + 30 * DAY)} on you are paid to this wallet`)
        .and.to.contain("so can whoever gets hold of your key");
      expect(payoutProblem("", 0)).to.equal(undefined);
      expect(payoutProblem(OTHER, 365 * DAY)).to.equal(undefined);
      for (const wrong of ["0x12", ZeroAddress, "vitalik.eth"])
        expect(payoutProblem(wrong, 0), wrong).to.contain("The address of a wallet");
      expect(payoutProblem("", 365 * DAY + 1)).to.equal("A lock lasts 365 days at most.");
    });

    it("lock is worth what the page says, and no more", () => {
      expect(sayThief({ receiver: PARTNER, lockSeconds: 0 }, PARTNER)).to.deep.equal([
        "Without a lock, whoever has your key can claim everything that is released to you, to any address, at once.",
      ]);
      const locked = sayThief({ receiver: OTHER, lockSeconds: 30 * DAY }, PARTNER).join("\n");
      expect(locked).to.contain("takes effect 30 days later").and.to.contain("If you lose this key, nothing is lost");
      const self = sayThief({ receiver: PARTNER, lockSeconds: 30 * DAY }, PARTNER).join("\n");
      expect(self).to.contain("what is paid to this wallet is lost").and.to.contain("which the thief has as well");
    });

    it("signed orders are revoked by one call", () => {
      expect(signed(revokeOrdersPlan())).to.deep.equal(["revokeOrders"]);
    });
  });
});
