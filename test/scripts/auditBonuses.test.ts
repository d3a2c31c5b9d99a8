/** Bonuses recomputed: what a relayer and attesters who lie together would have attested, and what they left out. */
import { packLine } from "@partner-programs/protocol/line";
import type { manualBonuses, target } from "@partner-programs/protocol/targets";
import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { encodeBytes32String, id, keccak256, toUtf8Bytes, ZeroAddress, ZeroHash } from "ethers";
import type { z } from "zod";
import { createAudit } from "#scripts/audit/audit.ts";

const ADA = `0x${"1".repeat(40)}`;
const BOB = `0x${"2".repeat(40)}`;
const DAY = 86_400;
const HOLD = 10;
const at = (day: string) => Date.parse(`${day}T12:00:00Z`) / 1000;
/** When everything here is looked at. */
const NOW = at("2026-02-20");

const THREE: z.input<typeof target> = {
  name: "three",
  title: "Three",
  period: "month",
  counts: ["sale"],
  steps: [
    { conversions: 3, bonus: "50" },
    { conversions: 5, bonus: "70" },
  ],
};
const WORD: z.input<typeof manualBonuses> = { most: "20", mostPerMonth: "30" };

/** What is attested on a day: so many sales of 10 each, or a bonus; and for how many days before. */
type Given = readonly [
  day: string,
  partner: string,
  what: number | { readonly bonus: string; readonly offerId?: number },
  daysBefore?: number,
  offerOfSales?: 1 | 3,
];

interface Told {
  readonly targets?: readonly z.input<typeof target>[];
  readonly bonuses?: typeof WORD | undefined;
  /** The day from which another description is in force. */
  readonly then?: { readonly from: string; readonly targets: readonly z.input<typeof target>[] };
  readonly served?: boolean;
  /** Of the offer that pays bonuses. */
  readonly offer?: object;
  readonly budget?: bigint;
  /** Places in the history of batches that are neither released nor pulled, and of which a reversal leaves so many. */
  readonly held?: readonly number[];
  readonly lowered?: Readonly<Record<number, number>>;
}

describe("an audit of bonuses", () => {
  const unit = 10_000n;
  const offers = {
    1: { eventName: "sale", rateBps: 1_000 },
    2: { eventName: "bonus", rateBps: 10_000 },
    3: { eventName: "sale", rateBps: 500, kind: 4 },
    4: { eventName: "bonus", rateBps: 10_000, kind: 5 },
  };
  const describe_ = (targets: unknown, bonuses?: unknown) =>
    JSON.stringify({
      version: 1,
      name: "n",
      summary: "s",
      destination: "https://brand.example/",
      attribution: { touch: "first", windowSeconds: 1, bindingSeconds: null },
      events: ["sale", "bonus"].map((name) => ({ name, title: name, perCustomer: null })),
      targets,
      ...(bonuses === undefined ? {} : { bonuses }),
    });

  async function audit(history: readonly Given[], told: Told = {}): Promise<string[]> {
    const { targets = [THREE], bonuses, then, served = true, offer = {}, budget = 10n ** 12n } = told;
    const one = createAudit();
    const apply = (name: string, args: object, time: number) => one.apply({ name, args, time });
    apply("CampaignCreated", { terms: { holdSeconds: HOLD, openKinds: 0b110001n, feeBps: 0n, unitExponent: 4n } }, 0);
    for (const [offerId, { eventName, ...rest }] of Object.entries(offers))
      apply(
        "OfferAppended",
        {
          offerId: BigInt(offerId),
          offer: {
            flatAmount: 0n,
            kind: 0,
            capUnits: 100_000n,
            validFrom: 0n,
            validTo: 2n ** 40n - 1n,
            partner: ZeroAddress,
            ...rest,
            ...(eventName === "bonus" ? offer : {}),
            eventName: encodeBytes32String(eventName).slice(0, 50),
          },
        },
        0,
      );
    apply("Funded", { amount: budget }, 0);
    const publish = async (text: string, from: number) => {
      const hash = keccak256(toUtf8Bytes(text));
      apply("DescriptionAnnounced", { contentHash: hash, effectiveAt: BigInt(from) }, 0);
      const given = (async function* () {
        if (served) yield { source: "somebody", bytes: toUtf8Bytes(text) };
      })();
      await one.description(hash, given);
    };
    await publish(describe_(targets, bonuses), 1);
    if (then !== undefined) await publish(describe_(then.targets), at(then.from));
    let number = 1n;
    for (const [place, [day, partner, what, daysBefore = 0, offerOfSales = 1]] of history.entries()) {
      const isBonus = typeof what !== "number";
      const count = isBonus ? 1 : what;
      const offerId = isBonus ? (what.offerId ?? 2) : offerOfSales;
      const units = isBonus ? BigInt(Math.round(Number(what.bonus) * 100)) : 1_000n;
      const entry = { offerId, partner, count: 1, volumeUnits: units };
      const leaves = Array.from({ length: count }, (_, i) => ({
        number: number + BigInt(i),
        key: id(`${number} ${i}`),
        salt: id("salt"),
        entries: [packLine(entry)],
      }));
      const line = { ...entry, count, volumeUnits: units * BigInt(count) };
      const rate = BigInt(offers[offerId as 1].rateBps);
      const worth = (volumeUnits: bigint) => (volumeUnits * unit * rate) / 10_000n;
      const [digest, time] = [id(`batch ${number}`), at(day)];
      const lookup = apply(
        "Attested",
        {
          attestation: digest,
          body: {
            firstConversion: number,
            conversions: BigInt(count),
            periodFrom: time - 60 - daysBefore * DAY,
            periodTo: time,
            conversionsRoot: conversionTree(leaves).root,
            linesRoot: packLine(line),
            lineCount: 1n,
            total: worth(line.volumeUnits),
          },
          lines: [],
        },
        time,
      );
      if (lookup === undefined || "description" in lookup) throw new Error("no batch");
      const packed = Buffer.from(packLine(line).slice(2), "hex");
      const lines = (async function* () {
        yield { source: "somebody", lines: new Uint8Array(packed) };
      })();
      await one.lines(lookup, lines);
      const items = (async function* () {
        for (const leaf of leaves) yield { list: "leaves", item: { ...leaf, number: String(leaf.number) } };
      })();
      const given = (async function* () {
        yield { source: "somebody", data: items };
      })();
      await one.batch(lookup, given);
      const left = told.lowered?.[place];
      const stands = left === undefined ? line : { ...line, count: left, volumeUnits: units * BigInt(left) };
      if (left !== undefined) {
        const total = worth(stands.volumeUnits);
        apply("LineLowered", { attestation: digest, index: 0n, line: packLine(stands) }, time + 1);
        const returned = worth(line.volumeUnits) - total;
        apply("Reversed", { attestation: digest, returned, linesRoot: packLine(stands), total }, time + 1);
      }
      const settled = { attestation: digest, word: 0n, lines: 1n, commission: worth(stands.volumeUnits), fee: 0n };
      if (!told.held?.includes(place)) apply("Released", settled, time + HOLD + 1);
      number += BigInt(count);
    }
    const { available, reserved } = one.replay;
    const contract = {
      available,
      reserved,
      nextConversion: number,
      decimals: 6,
      marks: async (digest: string) => (one.replay.batches.get(digest)?.state(0) === "held" ? 0n : 1n),
      loweredTo: async () => ZeroHash,
    };
    const found = await one.finish(NOW, contract, { domain: {}, signers: undefined });
    const other = found.filter(
      ({ name, failed }) => failed > 0 && !["bonuses", "descriptions", "roots"].includes(name),
    );
    expect(other.map(({ differences }) => differences.join())).to.deep.equal([]);
    const bonusesFound = found.find(({ name }) => name === "bonuses");
    return [...(bonusesFound?.differences ?? [])];
  }

  it("has nothing to say where each step that was reached has its bonus", async () => {
    const bonus = (amount: string): Given => ["2026-01-12", ADA, { bonus: amount }];
    expect(await audit([["2026-01-10", ADA, 3], bonus("50")])).to.deep.equal([]);
    expect(await audit([["2026-01-10", ADA, 5], bonus("50"), bonus("70")])).to.deep.equal([]);
    expect(await audit([["2026-01-10", ADA, 2]])).to.deep.equal([]);
    const highest = [{ ...THREE, pays: "highest" as const }];
    expect(await audit([["2026-01-10", ADA, 5], bonus("50"), bonus("20")], { targets: highest })).to.deep.equal([]);
    expect(await audit([["2026-01-10", ADA, 3], bonus("40")], { offer: { capUnits: 4_000n } }), "up to the cap").to.eql(
      [],
    );
  });

  it("names a bonus that nobody earned: too few, another partner, too early, twice, in two months, taken back", async () => {
    const lie = async (history: readonly Given[], told: Told = {}) => {
      const found = await audit(history, told);
      expect(found, JSON.stringify(history)).to.have.lengthOf(1);
      return found[0];
    };
    const paid: Given = ["2026-01-12", ADA, { bonus: "50" }];
    expect(await lie([["2026-01-10", ADA, 2], paid])).to.equal(
      `Conversion 3 pays ${ADA} a bonus of 50 that nobody earned: no step of a target that it had reached by then and was not paid for is of event "bonus".`,
    );
    expect(await lie([["2026-01-10", ADA, 3], paid, ["2026-01-12", BOB, { bonus: "50" }]])).to.match(
      /Conversion 5 pays 0x2/,
    );
    expect(await lie([["2026-01-10", ADA, 3], paid, paid])).to.match(/Conversion 5 pays/);
    expect(
      await lie([
        ["2026-01-30", ADA, 2],
        ["2026-02-02", ADA, 1],
        ["2026-02-04", ADA, { bonus: "50" }],
      ]),
    ).to.match(/Conversion 4 pays/);
    expect(await lie([["2026-01-10", ADA, 3], paid], { lowered: { 0: 2 } })).to.match(/Conversion 4 pays/);
    // It was paid before there were three, and again when there were.
    expect(
      await lie([["2026-01-10", ADA, 2], paid, ["2026-01-13", ADA, 1], ["2026-01-14", ADA, { bonus: "50" }]]),
    ).to.match(/Conversion 3 pays/);
    expect(await lie([["2026-01-10", ADA, 3, 0, 3], paid]), "as a recruiter").to.match(/Conversion 4 pays/);
    const group = [{ ...THREE, kinds: [5] }];
    expect(
      await lie([["2026-01-10", ADA, 3], paid, ["2026-01-12", ADA, { bonus: "50", offerId: 4 }]], { targets: group }),
    ).to.match(/Conversion 4 pays/);
  });

  it("names one of a wrong amount, with what it is by the target of the period", async () => {
    const history: Given[] = [
      ["2026-01-10", ADA, 3],
      ["2026-01-12", ADA, { bonus: "60" }],
    ];
    expect(await audit(history)).to.deep.equal([
      `Conversion 4 pays ${ADA} a bonus of 60; step 1 of target "three" in 2026-01 is 50.`,
    ]);
    // What a period began with holds until it is over.
    const then = { from: "2026-01-05", targets: [{ ...THREE, steps: [{ conversions: 3, bonus: "60" }] }] };
    expect(await audit(history, { then })).to.have.lengthOf(1);
    const february: Given[] = [
      ["2026-02-10", ADA, 3],
      ["2026-02-12", ADA, { bonus: "60" }],
    ];
    expect(await audit(february, { then })).to.deep.equal([]);
  });

  it("names one that is missing, once it is late and could be paid, and says where the budget is gone", async () => {
    const three: Given[] = [["2026-01-10", ADA, 3]];
    expect(await audit(three)).to.deep.equal([
      `${ADA} reached 3 conversions, step 1 of target "three" in 2026-01, at 2026-01-10T12:00:10.000Z: its bonus of 50 is missing.`,
    ]);
    expect((await audit([...three, ["2026-01-11", ADA, 2], ["2026-01-12", ADA, { bonus: "50" }]])).join()).to.match(
      /step 2 of target "three".*bonus of 70 is missing\.$/,
    );
    expect(await audit([["2026-02-19", ADA, 3]]), "it is not late yet").to.deep.equal([]);
    expect(await audit(three, { held: [0] }), "whose hold is over, and which nobody released").to.have.lengthOf(1);
    expect(await audit(three, { offer: { validTo: 5n } }), "no offer pays it").to.deep.equal([]);
    expect((await audit(three, { budget: 3_000_000n })).join()).to.match(/is missing\. The campaign has 0 left\.$/);
    expect(
      await audit([
        ["2026-01-31", ADA, 2],
        ["2026-02-01", ADA, 1],
      ]),
      "of two months",
    ).to.deep.equal([]);
  });

  it("takes what fits into the brand's own word for that, and names what is more than that at once or in a month", async () => {
    const gift = (bonus: string, day = "2026-01-12"): Given => [day, ADA, { bonus }];
    expect(await audit([gift("20"), gift("10"), gift("20", "2026-02-12")], { bonuses: WORD })).to.deep.equal([]);
    expect(await audit([gift("21")], { bonuses: WORD })).to.have.lengthOf(1);
    expect((await audit([gift("20"), gift("11")], { bonuses: WORD })).join()).to.match(/Conversion 2 pays/);
    expect(await audit([["2026-01-10", ADA, 3], gift("50"), gift("20")], { bonuses: WORD })).to.deep.equal([]);
    expect(await audit([["2026-01-10", ADA, 3], gift("20")], { bonuses: WORD }), "a word is no step").to.have.lengthOf(
      1,
    );
  });

  it("decides nothing by a description that is not served", async () => {
    expect(await audit([["2026-01-12", ADA, { bonus: "50" }]], { served: false })).to.deep.equal([]);
  });

  it("of a batch that two months share either may have it, and neither must", async () => {
    const shared: Given = ["2026-02-02", ADA, 3, 5];
    const bonus: Given = ["2026-02-04", ADA, { bonus: "50" }];
    expect(await audit([shared])).to.deep.equal([]);
    expect(await audit([shared, bonus])).to.deep.equal([]);
    expect(await audit([["2026-02-02", ADA, 2, 5], bonus])).to.have.lengthOf(1);
    // What is certain is what the one bonus is for.
    expect(
      await audit([shared, ["2026-02-03", ADA, 3], bonus], { targets: [{ ...THREE, steps: THREE.steps.slice(0, 1) }] }),
    ).to.deep.equal([]);
  });

  it("has nothing to say of an event that was none of bonuses yet", async () => {
    const then = { from: "2026-01-20", targets: [THREE] };
    const paid = (day: string): Given => [day, ADA, { bonus: "50" }];
    expect(await audit([paid("2026-01-10")], { targets: [], then })).to.deep.equal([]);
    expect(await audit([paid("2026-01-22")], { targets: [], then })).to.have.lengthOf(1);
    // It counts from the beginning of the period in which it first appears.
    expect(await audit([["2026-01-10", ADA, 3], paid("2026-01-22")], { targets: [], then })).to.deep.equal([]);
  });
});
