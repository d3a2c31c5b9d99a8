import type { OfferCondition } from "@partner-programs/protocol/conditions";
import { type CampaignDescription, campaignDescription } from "@partner-programs/protocol/description";
import { WITHDRAWAL_WINDOW } from "@partner-programs/protocol/limits";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { expect } from "chai";
import fc from "fast-check";
import type { NewWallet } from "#relayer/domain/customers.ts";
import type { Binding } from "#relayer/domain/judge.ts";
import { type JudgedReport, type LedgerEntry, type LedgerFacts, openLedger } from "#relayer/domain/ledger.ts";
import { countWindows } from "#relayer/domain/usage.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const PARTNERS = [1, 2, 3].map((i) => `0x${String(i).repeat(40)}`);
const EVENTS = ["sale", "signup"];

interface Rules {
  readonly budget: bigint;
  readonly perCustomer: number | null;
  readonly perPartner: { days: number; conversions?: number; volume?: string }[];
  readonly velocityPerHour: number | null;
  readonly touch: "first" | "last";
  readonly bindingSeconds: number | null;
  readonly conditions: OfferCondition[];
}

const rules: fc.Arbitrary<Rules> = fc.record({
  budget: fc.bigInt(0n, 40_000_000n),
  perCustomer: fc.constantFrom(null, 1, 2),
  perPartner: fc.constantFrom(
    [],
    [{ days: 1, conversions: 2 }],
    [
      { days: 1, volume: "25" },
      { days: 7, conversions: 4 },
    ],
  ),
  velocityPerHour: fc.constantFrom(null, 2),
  touch: fc.constantFrom("first" as const, "last" as const),
  bindingSeconds: fc.constantFrom(null, 0, 3_600),
  conditions: fc.constantFrom(
    [],
    [{ offers: [1], customer: { purchase: "first" as const } }],
    [{ offers: [1, 3], customer: { event: "signup", purchase: "renewal" as const, months: { below: 1 } } }],
  ),
});

/** Few names, so that they meet. */
const reports: fc.Arbitrary<JudgedReport[]> = fc.array(
  fc
    .record({
      event: fc.constantFrom(...EVENTS, "unheard"),
      volume: fc.constantFrom("0", "0.004", "10", "10.5", "20"),
      customerId: fc.constantFrom(undefined, "ann", "ben"),
      wallet: fc.constantFrom(undefined, "0xaa", "0xbb", PARTNERS[0]),
      brought: fc.constantFrom(
        undefined,
        "unknown" as const,
        { code: "none" },
        ...PARTNERS.flatMap((_, i) => [{ code: `pan${i}` }, { code: `pan${i}`, hoursAgo: i + 1 }]),
      ),
      network: fc.constantFrom(undefined, "home"),
    })
    .map(({ event, volume, customerId, wallet, brought, network }): JudgedReport => {
      const click = typeof brought === "object" && "hoursAgo" in brought ? brought : undefined;
      const clickedAt = NOW - (click?.hoursAgo ?? 0) * HOUR;
      return {
        event,
        volume,
        customerId,
        idKey: customerId && `id ${customerId}`,
        wallet,
        walletKey: wallet && `wallet ${wallet}`,
        emailDomain: undefined,
        network,
        referral:
          brought === "unknown"
            ? "unknown"
            : click && { code: click.code, clickedAt, expiresAt: clickedAt + 24 * HOUR, clickId: "0" },
        code: typeof brought === "object" && click === undefined ? canonicalCode(brought.code) : undefined,
        receivedAt: NOW,
      };
    }),
  { maxLength: 14 },
);

/** What a database would hold of the campaign. */
interface World {
  readonly accepted: readonly { report: JudgedReport; entry: LedgerEntry; promise: bigint }[];
  readonly wallets: readonly NewWallet[];
  readonly bindings: ReadonlyMap<string, Binding>;
}
const EMPTY: World = { accepted: [], wallets: [], bindings: new Map() };

function describeCampaign({ perCustomer, perPartner, velocityPerHour, touch, bindingSeconds, conditions }: Rules) {
  return campaignDescription.parse({
    version: 1,
    name: "Spring",
    summary: "",
    destination: "https://brand.example/",
    attribution: { touch, windowSeconds: 86_400, bindingSeconds },
    events: EVENTS.map((name) => ({ name, title: "", perCustomer, perPartner })),
    fraud: { velocityPerHour },
    conditions,
  }) as CampaignDescription;
}

/** What store reads of it, in a transaction of its own. */
function factsOf(world: World, given: Rules): LedgerFacts {
  const description = describeCampaign(given);
  const windows = countWindows(description, EVENTS, NOW);
  const { accepted } = world;
  const customers = new Set(accepted.flatMap(({ entry }) => entry.customer ?? []));
  const ids = PARTNERS.map((_, i) => BigInt(i + 1));
  return {
    campaign: {
      id: "campaign",
      brand: "0x00",
      tokenDecimals: 6,
      unitExponent: 4,
      feeBps: 500,
      openKinds: 0b01001n,
      available: given.budget,
      promised: accepted.reduce((sum, { promise }) => sum + promise, 0n),
      withdrawalAmount: 0n,
      withdrawableAt: 0,
      suspendedUntil: 0,
      closesAt: 0,
    },
    description,
    offers: EVENTS.flatMap((event, i) => [
      { ...offer(event, 2 * i + 1), kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
      { ...offer(event, 2 * i + 2), kind: 3, flatAmount: 500_000n, rateBps: 0 },
    ]),
    codes: [],
    links: ids.map((id, i) => ({ id, partnershipId: id, code: `pan${i}`, alias: undefined })),
    partnerships: ids.map((id, i) => ({
      id,
      partner: PARTNERS[i] as string,
      payouts: [],
      network: i === 1 ? "home" : undefined,
      kinds: undefined,
      since: NOW - HOUR,
      recruiter: undefined,
    })),
    wallets: world.wallets,
    merged: new Map(),
    bindings: world.bindings,
    kinds: new Map(),
    windows,
    customerCounts: EVENTS.flatMap((event) =>
      [...customers].map((customer) => ({
        event,
        customer,
        conversions: accepted.filter(({ report, entry }) => report.event === event && entry.customer === customer)
          .length,
        firstAt: NOW,
      })),
    ),
    partnerCounts: windows.flatMap(({ key, event }) =>
      ids.map((partnershipId) => {
        const counted = accepted.filter(
          ({ report, entry }) =>
            entry.judgement.partnershipId === partnershipId && (event === null || report.event === event),
        );
        const volume = counted.reduce((sum, { entry }) => sum + entry.volume, 0n);
        return { key, partnershipId, conversions: counted.length, volume };
      }),
    ),
  };
}

const offer = (event: string, offerId: number) => ({
  event,
  offerId,
  capUnits: 1_000_000n,
  validFrom: 0,
  validTo: NOW,
});

/** Judges groups one after the other, each by a ledger of its own over what the ones before it left. */
function run(groups: readonly (readonly JudgedReport[])[], given: Rules): { entries: LedgerEntry[]; world: World } {
  let world = EMPTY;
  const entries: LedgerEntry[] = [];
  for (const group of groups) {
    const ledger = openLedger(factsOf(world, given));
    const judged = group.map((report) => ({ report, entry: ledger.judge(report) }));
    entries.push(...judged.map(({ entry }) => entry));
    const { wallets, bindings } = ledger.changes();
    world = {
      accepted: [
        ...world.accepted,
        ...judged.flatMap(({ report, entry }) =>
          entry.judgement.accepted
            ? [{ report, entry, promise: entry.judgement.commission + entry.judgement.fee }]
            : [],
        ),
      ],
      wallets: [...world.wallets, ...wallets],
      bindings: new Map([...world.bindings, ...bindings]),
    };
  }
  return { entries, world };
}

/** Cuts a list into groups whose sizes are those given. */
function cut<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const groups: T[][] = [];
  for (let at = 0, i = 0; at < items.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    groups.push(items.slice(at, at + size));
    at += size;
  }
  return groups;
}

/** Without what an entry says of its moment only. */
const outcome = ({ judgement, ...rest }: LedgerEntry) => ({
  ...rest,
  judgement: judgement.accepted ? { ...judgement, candidate: judgement.candidate.partnershipId } : judgement,
});

describe("the ledger", function () {
  this.timeout(240_000);
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

  it("judges reports together as it would one group each, however they are grouped", () => {
    fc.assert(
      fc.property(rules, reports, sizes, (given, list, groups) => {
        const alone = run(
          list.map((report) => [report]),
          given,
        );
        for (const other of [run([list], given), run(cut(list, groups), given)]) {
          expect(other.entries.map(outcome)).to.deep.equal(alone.entries.map(outcome));
          expect(other.world.bindings).to.deep.equal(alone.world.bindings);
          expect(other.world.wallets).to.deep.equal(alone.world.wallets);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("never promises more than was free", () => {
    let exhausted = 0;
    fc.assert(
      fc.property(rules, reports, (given, list) => {
        const { entries, world } = run([list], given);
        const promised = world.accepted.reduce((sum, { promise }) => sum + promise, 0n);
        expect(promised <= given.budget, `${promised} of ${given.budget}`).to.equal(true);
        if (entries.some(({ judgement }) => !judgement.accepted && judgement.reason === "budget_exhausted"))
          exhausted++;
      }),
      { numRuns: 400 },
    );
    expect(exhausted).to.be.greaterThan(20);
  });

  it("counts no customer more often than the event allows, and no partner beyond its limits", () => {
    const refused = new Set<string>();
    fc.assert(
      fc.property(rules, reports, (given, list) => {
        const { entries, world } = run([list], { ...given, budget: 10n ** 12n });
        for (const { judgement } of entries) if (!judgement.accepted) refused.add(judgement.reason);
        for (const event of EVENTS) {
          const mine = world.accepted.filter(({ report }) => report.event === event);
          for (const some of Map.groupBy(mine, ({ entry }) => entry.customer).values())
            if (given.perCustomer !== null) expect(some.length).to.be.at.most(given.perCustomer);
          for (const some of Map.groupBy(mine, ({ entry }) => entry.partner).values())
            for (const { conversions, volume } of given.perPartner) {
              if (conversions !== undefined) expect(some.length).to.be.at.most(conversions);
              const sum = some.reduce((total, { entry }) => total + entry.volume, 0n);
              if (volume !== undefined) expect(Number(sum)).to.be.at.most(Number(volume) * 1e6);
            }
        }
      }),
      { numRuns: 400 },
    );
    expect([...refused]).to.include.members(["customer_limit", "partner_limit", "unknown_customer", "self_referral"]);
  });

  it("decides by the order: what comes later changes nothing about what came before", () => {
    fc.assert(
      fc.property(rules, reports, fc.nat(14), (given, list, length) => {
        const whole = run([list], given).entries.map(outcome);
        expect(run([list.slice(0, length)], given).entries.map(outcome)).to.deep.equal(whole.slice(0, length));
      }),
      { numRuns: 200 },
    );
    const base = {
      touch: "last" as const,
      bindingSeconds: null,
      perPartner: [],
      velocityPerHour: null,
      conditions: [],
    };
    const one = { ...base, budget: 10n ** 12n, perCustomer: 1 };
    const [first, second] = [report("pan0"), report("pan1")];
    const partners = (list: JudgedReport[]) =>
      run([list], one).entries.map(({ partner, judgement }) => [partner, judgement.accepted]);
    expect(partners([first, second])).to.deep.equal([
      [PARTNERS[0], true],
      [PARTNERS[1], false],
    ]);
    expect(partners([second, first])).to.deep.equal([
      [PARTNERS[1], true],
      [PARTNERS[0], false],
    ]);
  });

  it("keeps a customer with the partner that it was bound to first, where the first touch counts", () => {
    let kept = 0;
    fc.assert(
      fc.property(rules, reports, (given, list) => {
        const first = new Map<string, bigint>();
        const forLife = { ...given, touch: "first" as const, bindingSeconds: null, budget: 10n ** 12n };
        for (const { customer = "", judgement, linkId } of run([list], forLife).entries) {
          if (!judgement.accepted) continue;
          const bound = first.get(customer) ?? judgement.partnershipId;
          expect(judgement.partnershipId).to.equal(bound);
          if (customer !== "") first.set(customer, bound);
          if (first.has(customer) && linkId === undefined) kept++;
        }
      }),
      { numRuns: 300 },
    );
    expect(kept).to.be.greaterThan(20);
  });

  it("binds a customer once, and says why not where the campaign binds nobody", () => {
    const base = {
      budget: 0n,
      perCustomer: null,
      perPartner: [],
      velocityPerHour: null,
      touch: "first" as const,
      conditions: [],
    };
    const ledger = openLedger(factsOf(EMPTY, { ...base, bindingSeconds: 3_600 }));
    const bound = { partnershipId: 1n, touchedAt: NOW, boundAt: NOW, until: NOW + HOUR };
    expect(ledger.bind(report("pan0"))).to.deep.equal({ binding: bound, created: true });
    expect(ledger.bind(report("pan1"))).to.deep.equal({ binding: bound, created: false });
    expect(ledger.bind({ ...report("pan0"), code: "nobody" })).to.deep.equal({ reason: "unknown_code" });
    expect(ledger.changes().bindings).to.deep.equal(new Map([["id ann", bound]]));
    const none = openLedger(factsOf(EMPTY, { ...base, bindingSeconds: 0 }));
    expect(none.bind(report("pan0"))).to.deep.equal({ reason: "no_binding" });
  });

  describe("of one sale", () => {
    const second = NOW / 1000;
    const given: Rules = {
      budget: 0n,
      perCustomer: null,
      perPartner: [],
      velocityPerHour: null,
      touch: "first",
      bindingSeconds: 0,
      conditions: [],
    };
    const facts = factsOf(EMPTY, given);
    const reasonOf = (changes: Partial<LedgerFacts>) => {
      const { judgement } = openLedger({ ...facts, ...changes }).judge(report("pan0"));
      return judgement.accepted ? "accepted" : judgement.reason;
    };
    // 1 flat and a tenth of 10, and a twentieth of that on top.
    const WORTH = 2_100_000n;

    it("spends what is neither promised nor on its way out, to the last unit", () => {
      const withCampaign = (changes: Partial<LedgerFacts["campaign"]>) =>
        reasonOf({ campaign: { ...facts.campaign, available: WORTH + 100n, ...changes } });
      const out = { withdrawalAmount: 101n, withdrawableAt: second + 5 };
      expect(withCampaign({ available: WORTH })).to.equal("accepted");
      expect(withCampaign({ available: WORTH - 1n })).to.equal("budget_exhausted");
      expect(withCampaign({ promised: 100n })).to.equal("accepted");
      expect(withCampaign({ promised: 101n })).to.equal("budget_exhausted");
      expect(withCampaign({ ...out, withdrawalAmount: 100n })).to.equal("accepted");
      expect(withCampaign(out)).to.equal("budget_exhausted");
      expect(withCampaign({ ...out, withdrawalAmount: 60n, promised: 41n })).to.equal("budget_exhausted");
      // None is announced, or it was not taken while it could be.
      expect(withCampaign({ ...out, withdrawableAt: 0 })).to.equal("accepted");
      expect(withCampaign({ ...out, withdrawableAt: second - WITHDRAWAL_WINDOW })).to.equal("accepted");
      expect(withCampaign({ ...out, withdrawableAt: second - WITHDRAWAL_WINDOW + 1 })).to.equal("budget_exhausted");
    });

    it("pays by offers of its event that are valid in its second, and no others", () => {
      const valid = (validFrom: number, validTo: number, event = "sale") =>
        reasonOf({
          campaign: { ...facts.campaign, available: WORTH },
          offers: [{ ...offer(event, 1), kind: 0, flatAmount: 1n, rateBps: 0, validFrom, validTo }],
        });
      expect(valid(second, second + 1)).to.equal("accepted");
      for (const none of [valid(second + 1, second + 2), valid(0, second), valid(0, second + 1, "signup")])
        expect(none).to.not.be.oneOf(["accepted", "budget_exhausted"]);
    });

    it("is counted in windows of whole days for the events that are reported, and of an hour for all", () => {
      const description = describeCampaign({
        ...given,
        perPartner: [
          { days: 1, conversions: 2 },
          { days: 7, volume: "25" },
        ],
        velocityPerHour: 2,
      });
      expect(countWindows(description, ["signup"], NOW)).to.deep.equal([
        { key: "signup 0", event: "signup", since: NOW - 24 * HOUR },
        { key: "signup 1", event: "signup", since: NOW - 7 * 24 * HOUR },
        { key: "hour", event: null, since: NOW - HOUR },
      ]);
      expect(countWindows(describeCampaign(given), EVENTS, NOW)).to.deep.equal([]);
    });
  });

  function report(code: string): JudgedReport {
    return {
      event: "sale",
      volume: "10",
      customerId: "ann",
      idKey: "id ann",
      wallet: undefined,
      walletKey: undefined,
      emailDomain: undefined,
      network: undefined,
      referral: undefined,
      code: canonicalCode(code),
      receivedAt: NOW,
    };
  }
});
