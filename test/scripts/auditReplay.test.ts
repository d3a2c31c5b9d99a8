/** The audit's rules by themselves: histories as the contract would not write them, batches as they are shown, and its tree. */
import { packLine, unpackLine } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { AbiCoder, concat, encodeBytes32String, getBytes, id, keccak256, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import fc from "fast-check";
import { createAudit } from "#scripts/audit/audit.ts";
import { lineIn } from "#scripts/audit/packed.ts";
import { checkShownBatch } from "#scripts/audit/shownBatch.ts";
import { SumTree } from "#scripts/audit/sumTree.ts";
import lineTrees from "../../protocol/vectors/lineTree.json" with { type: "json" };

describe("an audit of a history that the contract would not have written", () => {
  const PARTNER = "0x1111111111111111111111111111111111111111";
  const OTHER = `0x${"2".repeat(40)}`;
  const line = { offerId: 1, partner: PARTNER, count: 2, volumeUnits: 100n };
  const offer = {
    eventName: encodeBytes32String("sale").slice(0, 50),
    flatAmount: 10n,
    rateBps: 1_000,
    capUnits: 50n,
    kind: 0,
    validFrom: 100n,
    validTo: 200n,
    partner: ZeroAddress,
  };
  // 2 × 10, and a tenth of 100; a twentieth of that is 1.5, rounded down.
  const body = {
    firstConversion: 1n,
    conversions: 2n,
    periodFrom: 100n,
    periodTo: 200n,
    conversionsRoot: id("root"),
    linesRoot: packLine(line),
    lineCount: 1n,
    total: 31n,
  };
  type Event = [name: string, args: object, time?: number];
  const terms = { holdSeconds: 10n, openKinds: 1n, feeBps: 500n, unitExponent: 0n, linesOnChain: true };
  const begin: Event[] = [
    ["CampaignCreated", { terms }],
    ["OfferAppended", { offerId: 1n, offer }],
    ["Funded", { amount: 100n }],
  ];
  const attested = (changes: object = {}, ...lines: object[]): Event => [
    "Attested",
    {
      attestation: id("batch"),
      body: { ...body, ...changes },
      lines: lines.length > 0 ? lines.map((one) => packLine({ ...line, ...one })) : [packLine(line)],
    },
    300,
  ];
  const history = [...begin, attested()];
  const released = (changes: object = {}): Event => [
    "Released",
    { attestation: id("batch"), word: 0n, lines: 1n, commission: 30n, fee: 1n, ...changes },
  ];
  const pulled = (changes: object = {}): Event => [
    "Pulled",
    { attestation: id("batch"), partner: PARTNER, index: 0n, commission: 30n, ...changes },
  ];
  const refused = (changes: object = {}): Event => [
    "LineRefused",
    { attestation: id("batch"), index: 0n, line: packLine(line), fault: 6n, returned: 31n, ...changes },
  ];
  const contract = { available: 69n, reserved: 31n, nextConversion: 3n, decimals: 6, marks: 0n, loweredTo: ZeroHash };
  type State = Omit<typeof contract, "marks"> & { marks: bigint | ((digest: string, word: number) => bigint) };
  async function replay(events: readonly Event[], state: Partial<State> = {}) {
    const audit = createAudit();
    for (const [name, args, time = 0] of events) audit.apply({ name, args, time });
    const { marks, loweredTo, ...says }: State = { ...contract, ...state };
    const found = await audit.finish(
      0,
      {
        ...says,
        marks: async (digest: string, word: number) => (typeof marks === "bigint" ? marks : marks(digest, word)),
        loweredTo: async () => loweredTo,
      },
      { domain: {}, signers: undefined },
    );
    const failed = found.filter((finding) => finding.failed > 0);
    return Object.fromEntries(failed.map(({ name, differences }) => [name, differences.join("\n")]));
  }
  const SETTLED = { reserved: 0n, marks: 1n };

  it("has nothing to say against one that it would have written", async () => {
    expect(await replay(history)).to.deep.equal({});
    expect(await replay([...history, released()], SETTLED)).to.deep.equal({});
    expect(await replay([...history, pulled()], SETTLED)).to.deep.equal({});
  });

  it("finds a gap in the numbers", async () => {
    const gap = await replay([...begin, attested({ firstConversion: 2n })], { nextConversion: 4n });
    expect(gap.numbers).to.equal(`Batch ${id("batch")} begins with number 2; the next was 1.`);
    expect((await replay(history, { nextConversion: 4n })).numbers).to.contain("the events lead to 3");
  });

  it("finds lines on the chain that are not those that were signed, and a sum that is not theirs", async () => {
    for (const event of [attested({}, { volumeUnits: 99n }), attested({ total: 32n }), attested({}, line, line)]) {
      const failed = await replay([...begin, event], { available: 100n - (event === attested() ? 0n : 31n) });
      expect(failed.roots).to.contain("do not have the root and the sum of the 1 that were signed");
    }
  });

  it("finds a line that was paid and does not hold: its volume, its offer, its kind, its period", async () => {
    const pays = async (events: Event[], of: object = {}, worth: readonly [bigint, bigint] = [30n, 1n]) => {
      const packed = packLine({ ...line, ...of });
      const total = worth[0] + worth[1];
      const signed = attested({ linesRoot: packed, total }, of);
      const [commission, fee] = worth;
      const state = { ...SETTLED, available: 100n - total };
      return replay([...begin, ...events, signed, released({ commission, fee })], state);
    };
    expect(await pays([])).to.deep.equal({});
    expect((await pays([], { volumeUnits: 101n })).offers).to.contain(
      "was paid, but its volume is above the offer's cap",
    );
    expect((await pays([], { offerId: 2 }, [0n, 0n])).offers).to.contain("never published");
    expect((await pays([], { partner: ZeroAddress })).offers).to.contain("names no partner");
    const retired: Event = ["OfferRetirementAnnounced", { offerId: 1n, effectiveAt: 199n }];
    expect((await pays([retired], {}, [0n, 0n])).periods).to.contain("not valid in the whole period");
    const begun: Event = ["OfferAppended", { offerId: 1n, offer: { ...offer, validFrom: 101n } }];
    expect((await pays([begun], {}, [0n, 0n])).periods).to.contain("not valid in the whole period");
    const own: Event = ["OfferAppended", { offerId: 1n, offer: { ...offer, kind: 255, partner: OTHER } }];
    expect((await pays([own])).kinds).to.contain("its offer is for another partner");
    expect((await pays([own], { partner: OTHER })).kinds).to.equal(undefined);
  });

  it("knows the kinds of a partner in the last second of a period, however old it is", async () => {
    const set = (at: number, mask: number, before: number, effectiveAt: number): Event => [
      "KindsSet",
      { partner: PARTNER, mask: BigInt(mask), before: BigInt(before), effectiveAt: BigInt(effectiveAt) },
      at,
    ];
    const with_ = async (...events: Event[]) =>
      (await replay([...begin, ...events, attested(), released()], SETTLED)).kinds;
    expect(await with_(set(50, 0b10, 0b11, 200))).to.equal(undefined);
    expect(await with_(set(50, 0b10, 0b11, 199))).to.contain("did not have the offer's kind");
    // The open kinds hold until somebody is listed, and each listing from its own second on.
    expect(await with_(set(200, 0b10, 0b10, 0))).to.equal(undefined);
    expect(await with_(set(199, 0b10, 0b10, 0))).to.contain("did not have");
    expect(await with_(set(50, 0b1, 0b1, 0), set(250, 0b10, 0b11, 260))).to.equal(undefined);
    expect(await with_(set(50, 0b10, 0b10, 0), set(250, 0b1, 0b1, 0))).to.contain("did not have");
    expect(await replay([...history, set(310, 0b10, 0b10, 0), released()], SETTLED)).to.deep.equal({});
  });

  it("finds a line that was refused and holds, or gave back another amount, or for another reason", async () => {
    const back = { available: 100n, reserved: 0n, marks: 1n };
    const listed: Event = ["KindsSet", { partner: PARTNER, mask: 0b10n, before: 0b10n, effectiveAt: 0n }, 50];
    const bad = [...begin, listed, attested()];
    const nothing = released({ commission: 0n, fee: 0n });
    expect(await replay([...bad, refused(), nothing], back)).to.deep.equal({});
    // A pull says no more than that.
    expect(await replay([...bad, refused()], back)).to.deep.equal({});
    expect((await replay([...history, refused()], back)).refusals).to.contain("By the events: none");
    expect((await replay([...bad, refused({ fault: 4n })], back)).refusals).to.contain("above the offer's cap. By the");
    const less = { ...back, available: 99n, reserved: 1n };
    expect((await replay([...bad, refused({ returned: 30n })], less)).refusals).to.contain("was worth 31, and 30");
    expect((await replay([...bad, released()], SETTLED)).kinds).to.contain("was paid, but");
    const twice = { ...back, available: 131n, reserved: -31n };
    expect((await replay([...bad, refused(), nothing, refused()], twice)).refusals).to.contain("of which nothing");
  });

  it("finds a reversal that raises, that returns another amount, that leads to another root, or comes too late", async () => {
    const lower = (lowered: object, returned: bigint, after: object = {}): Event[] => {
      const left = { ...line, ...lowered };
      const total = 31n - returned;
      return [
        ["LineLowered", { attestation: id("batch"), index: 0n, line: packLine(left) }],
        ["Reversed", { attestation: id("batch"), returned, linesRoot: packLine(left), total, ...after }],
      ];
    };
    const commitment = (lowered: object, total: bigint) =>
      keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [packLine({ ...line, ...lowered }), total]));
    const half = { count: 1, volumeUnits: 50n };
    const back = (returned: bigint, loweredTo: string) => ({
      available: 69n + returned,
      reserved: 31n - returned,
      loweredTo,
    });
    const right = back(16n, commitment(half, 15n));
    expect(await replay([...history, ...lower(half, 16n)], right)).to.deep.equal({});
    expect((await replay([...history, ...lower(half, 16n)], { ...right, loweredTo: ZeroHash })).roots).to.contain(
      "the events lead to root",
    );
    const other = await replay([...history, ...lower(half, 15n)], back(15n, commitment(half, 15n)));
    expect(other.reversals).to.contain("returns 15; its lines lost 16");
    expect((await replay([...history, ...lower(half, 16n, { linesRoot: id("x") })], right)).roots).to.contain(
      "says that",
    );
    const raised = await replay([...history, ...lower({ count: 3 }, -10n)], back(-10n, commitment({ count: 3 }, 41n)));
    expect(raised.reversals).to.contain("raises it: from 2 and 100 to 3 and 100");
    expect((await replay([...history, ...lower({ partner: OTHER }, 0n)])).reversals).to.contain("makes it one of");
    expect((await replay([...history, ...lower({ offerId: 2 }, 31n)])).reversals).to.contain("makes it one of offer 2");
    // Of a line that only counts less the volume may stay.
    const fewer = await replay([...history, ...lower({ count: 1 }, 10n)], back(10n, commitment({ count: 1 }, 21n)));
    expect(fewer.reversals).to.equal(undefined);
    const late = await replay([...history, released(), ...lower(half, 16n)], { marks: 1n });
    expect(late.reversals).to.contain("of which nothing is known");
    const without: Event = ["CampaignCreated", { terms: { ...terms, holdSeconds: 0n } }];
    const held = await replay([without, ...begin.slice(1), attested(), ...lower(half, 16n)], { reserved: 0n });
    expect(held.reversals).to.contain("of which nothing is known");
  });

  it("finds a release that pays another amount, twice, or somebody else", async () => {
    const after = (reserved: bigint, ...events: Event[]) => replay([...history, ...events], { reserved, marks: 1n });
    expect((await after(1n, released({ commission: 29n }))).releases).to.contain("it is 30 and 1");
    expect((await after(-31n, released(), pulled())).releases).to.contain("the line was settled before");
    expect((await after(-31n, pulled(), released())).releases).to.contain("was settled twice");
    expect((await after(0n, pulled({ partner: OTHER }))).releases).to.contain(`the line is ${PARTNER}'s`);
    expect((await after(31n, released({ lines: 2n, commission: 0n, fee: 0n }))).releases).to.contain("is not known");
    expect((await after(31n, pulled({ index: 1n, commission: 0n }))).releases).to.contain("the line is not known");
  });

  it("finds a mark that is missing, and one that no event explains", async () => {
    expect(await replay([...history, released()], { ...SETTLED, marks: 0n })).to.deep.equal({
      marks: `Line 0 of ${id("batch")} is not settled by the contract; the events say that it was.`,
    });
    expect(await replay(history, { marks: 1n })).to.deep.equal({
      marks: `Line 0 of ${id("batch")} is settled by the contract; the events say not.`,
    });
  });

  it("looks at each of more than 256 lines, 256 at a time", async () => {
    const packed = Array.from({ length: 258 }, (_, i) =>
      packLine({ ...line, partner: `0x${(i + 1).toString(16).padStart(40, "0")}` }),
    );
    const total = 31n * 258n;
    const many: Event = [
      "Attested",
      {
        attestation: id("batch"),
        body: {
          ...body,
          conversions: 516n,
          lineCount: 258n,
          total,
          linesRoot: new SumTree(getBytes(concat(packed)), () => 31n).root,
        },
        lines: packed,
      },
      300,
    ];
    const funded: Event = ["Funded", { amount: total }];
    // The first 255, and the second of the two behind 256.
    const some = [
      released({ lines: 2n ** 255n - 1n, commission: 30n * 255n, fee: 255n }),
      released({ word: 1n, lines: 2n }),
    ];
    const marks = (_: string, word: number) => [2n ** 255n - 1n, 2n][word] ?? 0n;
    const state = { available: 100n, reserved: 62n, nextConversion: 517n };
    const history = [...begin, funded, many, ...some];
    expect(await replay(history, { ...state, marks })).to.deep.equal({});
    const wrong = (_: string, word: number) => marks(_, word) ^ ([2n ** 255n, 3n][word] ?? 0n);
    expect((await replay(history, { ...state, marks: wrong })).marks).to.equal(
      [
        `Line 255 of ${id("batch")} is settled by the contract; the events say not.`,
        `Line 256 of ${id("batch")} is settled by the contract; the events say not.`,
        `Line 257 of ${id("batch")} is not settled by the contract; the events say that it was.`,
      ].join("\n"),
    );
  });

  const leaf = (number: bigint, ...entries: object[]) => ({
    number,
    key: id(`key ${number}`),
    salt: id("salt"),
    entries: entries.map((entry) => ({ ...line, count: 1, volumeUnits: 50n, ...entry })),
  });
  /** What is found where somebody gives these conversions, and lines if there are any, as those of a batch. */
  async function prove(
    leaves: readonly ReturnType<typeof leaf>[],
    { root = conversionTree(leaves).root, lines = [] }: { root?: string; lines?: readonly string[] } = {},
  ) {
    const audit = createAudit();
    for (const [name, args, time = 0] of [...begin, attested({ conversionsRoot: root })]) {
      const wanted = audit.apply({ name, args, time });
      if (wanted === undefined || !("batch" in wanted)) continue;
      const items = (async function* () {
        for (const [index, packed] of lines.entries())
          yield { list: "lines", item: { index, attested: packed, current: packed, partner: PARTNER } };
        for (const { number, entries, ...rest } of leaves)
          yield { list: "leaves", item: { ...rest, number: String(number), entries: entries.map(packLine) } };
      })();
      const given = (async function* () {
        yield { source: "somebody", data: items };
      })();
      await audit.batch(wanted, given);
    }
    const says = { ...contract, marks: async () => 0n, loweredTo: async () => ZeroHash };
    const found = await audit.finish(0, says, { domain: {}, signers: undefined });
    const failed = found.filter((finding) => finding.failed > 0);
    return Object.fromEntries(failed.map(({ name, differences }) => [name, differences.join("\n")]));
  }

  it("finds conversions that are not those of the batch: too many, too few, changed, or with other numbers", async () => {
    const right = [leaf(1n, {}), leaf(2n, {})];
    const { root } = conversionTree(right);
    expect(await prove(right, { root, lines: [packLine(line)] })).to.deep.equal({});
    const fewer = await prove(right.slice(0, 1), { root });
    expect(fewer.leaves).to.contain("has 2 conversions on the chain, 1 in the public data").and.contain("was changed");
    expect(fewer.lines).to.contain("2 conversions and volume 100 were signed, 1 and 50 are those");
    const more = await prove([...right, leaf(3n)], { root });
    expect(more.leaves).to.contain("has 2 conversions on the chain, 3 in the public data");
    const changed = await prove([leaf(1n, {}), { ...leaf(2n, {}), salt: id("another") }], { root });
    expect(changed).to.have.all.keys("leaves");
    const numbers = await prove([leaf(1n, {}), leaf(3n, {})]);
    expect(numbers.leaves).to.equal(`somebody: Batch ${id("batch")}: conversion 1 has number 3 instead of 2.`);
    const volume = await prove([leaf(1n, {}), leaf(2n, { volumeUnits: 49n })]);
    expect(volume.lines).to.contain("2 conversions and volume 100 were signed, 2 and 99 are those of the conversions");
    for (const lines of [[packLine({ ...line, count: 3 })], [packLine(line), packLine(line)]])
      expect((await prove(right, { root, lines })).lines).to.contain(
        "the lines of the public data are not those that were signed",
      );
  });

  it("finds a conversion that stands in a batch twice", async () => {
    const [one, two] = [leaf(1n, {}), leaf(2n, {})];
    expect(await prove([one, { ...two, key: one.key }])).to.deep.equal({
      keys: `somebody: Conversion key ${one.key} stands under number 1 and under 2.`,
    });
  });

  it("finds entries that hide behind right sums: above the cap, of several conversions, in no line", async () => {
    expect(await prove([leaf(1n, {}), leaf(2n, {})])).to.deep.equal({});
    expect(await prove([leaf(1n, { volumeUnits: 51n }), leaf(2n, { volumeUnits: 49n })])).to.deep.equal({
      offers: "somebody: Conversion 1: volume 51 is above the cap of offer 1, 50.",
    });
    expect((await prove([leaf(1n, { count: 0 }), leaf(2n, { count: 2 })])).offers).to.equal(
      "somebody: Conversion 1: an entry counts 0 times.\nsomebody: Conversion 2: an entry counts 2 times.",
    );
    // As much volume, of one conversion instead of two.
    expect((await prove([leaf(1n, { volumeUnits: 100n }), leaf(2n, { offerId: 7 })])).lines).to.contain(
      "2 conversions and volume 100 were signed, 1 and 100 are those of the conversions",
    );
    expect((await prove([leaf(1n, {}), leaf(2n, {}, { offerId: 7 })])).lines).to.contain(
      "offer 7 for 0x1111111111111111111111111111111111111111 are in no line",
    );
  });

  it("knows that without a hold what holds is credited at once, and what does not is not taken", async () => {
    const now: Event[] = [["CampaignCreated", { terms: { ...terms, holdSeconds: 0n } }], ...begin.slice(1)];
    const none = { reserved: 0n };
    expect(await replay([...now, attested()], none)).to.deep.equal({});
    expect((await replay([...now, attested(), released()], { reserved: -31n })).releases).to.contain("settled twice");
    const nobodys = attested({ linesRoot: packLine({ ...line, partner: ZeroAddress }) }, { partner: ZeroAddress });
    expect(await replay([...now, nobodys, refused({ fault: 3n })], { available: 100n, reserved: 0n })).to.deep.equal(
      {},
    );
    expect((await replay([...now, nobodys], { available: 100n, reserved: 0n })).refusals).to.contain("was not refused");
  });

  it("looks at a batch that says that it has four billion lines and conversions, of which nobody gives any", async () => {
    const huge = attested({ lineCount: 2n ** 32n - 1n, conversions: 2n ** 32n - 1n }, line);
    const far: Event = [
      "Released",
      { attestation: id("batch"), word: 2n ** 24n - 1n, lines: 2n, commission: 0n, fee: 0n },
    ];
    const failed = await replay([...begin, huge, far], { nextConversion: 2n ** 32n, marks: 2n });
    expect(Object.keys(failed)).to.deep.equal(["roots", "releases"]);
    expect(failed.releases).to.contain(`Line ${2n ** 32n - 255n} of ${id("batch")} was released, and is not known.`);
  });

  it("finds that the contract holds something else", async () => {
    expect((await replay(history, { available: 68n })).balances).to.contain(
      "has 68 available, the events add up to 69",
    );
    expect((await replay(history, { reserved: 32n })).balances).to.contain("has 32 reserved, the events add up to 31");
  });
});

describe("a batch as it is shown", () => {
  const [alice, bob, cleo, dan] = [1, 2, 3, 4].map((i) => `0x${String(i).repeat(40)}`) as [
    string,
    string,
    string,
    string,
  ];
  const packed = [alice, bob, cleo, dan].map((partner) => packLine({ offerId: 1, partner, count: 1, volumeUnits: 0n }));
  const offer = {
    eventName: encodeBytes32String("sale").slice(0, 50),
    flatAmount: 10n,
    rateBps: 0,
    capUnits: 0n,
    kind: 0,
    validFrom: 0n,
    validTo: 300n,
    partner: ZeroAddress,
  };
  const terms = { holdSeconds: 100n, openKinds: 1n, feeBps: 0n, unitExponent: 0n, linesOnChain: true };
  const campaignId = id("campaign");
  const tree = new SumTree(getBytes(concat(packed)), () => 10n);
  const body = {
    campaignId,
    firstConversion: 1n,
    conversions: 4n,
    periodFrom: 100n,
    periodTo: 200n,
    deadline: 400n,
    conversionsRoot: id("root"),
    linesRoot: tree.root,
    lineCount: 4n,
    total: 40n,
  };

  /** What the audit says of it at time 1000, if `change` is what is shown instead of the truth. */
  async function shown(change: (said: ReturnType<typeof truth>) => void = () => {}): Promise<string[]> {
    const { replay } = createAudit();
    const batch = id("batch");
    const on = (name: string, args: object) => replay.apply({ name, args, time: 300 });
    on("CampaignCreated", { terms });
    on("OfferAppended", { offerId: 1n, offer });
    on("Funded", { amount: 100n });
    on("Attested", { attestation: batch, body, lines: packed });
    on("Claimed", { owner: bob, token: alice, receiver: bob, amount: 7n });
    on("LineRefused", { attestation: batch, index: 2n, fault: 6n, returned: 10n });
    on("Released", { attestation: batch, word: 0n, lines: 0b111n, commission: 20n, fee: 0n });
    on("Claimed", { owner: alice, token: alice, receiver: alice, amount: 10n });
    on("Pulled", { attestation: batch, partner: dan, index: 3n, commission: 10n });
    const said = truth(batch);
    change(said);
    const { lines, ...head } = said;
    const data = (async function* () {
      for (const [name, item] of Object.entries(head)) yield { name, item };
      for (const item of lines) yield { list: "lines", item };
    })();
    const replayed = replay.batches.get(batch);
    if (replayed === undefined) throw new Error("no batch");
    const given = { source: "somebody", live: true, data };
    return checkShownBatch({ replay, campaignId, now: 1_000 }, replayed, given);
  }
  const truth = (digest: string) => ({
    ...body,
    digest,
    firstConversion: "1",
    conversions: 4,
    periodFrom: 100,
    periodTo: 200,
    deadline: 400,
    lineCount: 4,
    total: "40",
    currentRoot: tree.root,
    currentTotal: "40",
    state: "released",
    releaseAt: 400,
    linesKnown: true,
    lines: ["claimed", "credited", "refused", "pulled"].map((state, i) => ({
      attested: packed[i] as string,
      current: packed[i] as string,
      state,
      fault: i === 2 ? "kind_not_payable" : null,
    })),
  });

  it("says where each line's commission is: credited, claimed since, pulled at once, refused", async () => {
    expect(await shown()).to.deep.equal([]);
    for (const [index, state, right] of [
      [0, "credited", "claimed"],
      [1, "claimed", "credited"],
      [2, "credited", "refused"],
      [3, "pullable", "pulled"],
    ] as const)
      expect(
        await shown(({ lines }) => {
          (lines[index] as { state: string }).state = state;
        }),
      ).to.deep.equal([
        `somebody shows batch ${id("batch")}, line ${index}: state is "${state}"; by the chain it is "${right}".`,
      ]);
    const fault = await shown(({ lines }) => {
      (lines[2] as { fault: unknown }).fault = null;
    });
    expect(fault[0]).to.contain('line 2: fault is null; by the chain it is "kind_not_payable"');
    const state = await shown((said) => {
      said.state = "attested";
    });
    expect(state[0]).to.contain('state is "attested"; by the chain it is "released"');
    const current = await shown(({ lines }) => {
      (lines[1] as { current: unknown }).current = packed[0];
    });
    expect(current[0]).to.contain("line 1: current is");
  });
});

describe("the audit's tree", () => {
  it("is the contract's, by the vectors that both languages read, also when a line is lowered", () => {
    for (const { lines, worths, root, total } of lineTrees) {
      const packed = getBytes(concat(lines));
      const tree = new SumTree(packed, (i) => BigInt(worths[i] ?? 0));
      expect([tree.root, tree.total]).to.deep.equal([root, BigInt(total)]);
      // Every line made nothing, and put back: the way there leaves no trace.
      for (let i = 0; i < lines.length; i++) tree.set(i, new Uint8Array(32), 0n);
      expect(tree.total).to.equal(0n);
      for (let i = 0; i < lines.length; i++) tree.set(i, getBytes(lines[i] ?? ""), BigInt(worths[i] ?? 0));
      expect(tree.root).to.equal(root);
    }
  });

  it("has no total that is more than the contract can say", () => {
    const most = 2n ** 128n - 1n;
    const lines = new Uint8Array(64);
    const tree = (worths: readonly bigint[]) => new SumTree(lines, (i) => worths[i] ?? 0n);
    expect(tree([most, 0n]).total).to.equal(most);
    expect(tree([most, 1n]).total).to.equal(undefined);
    const lowered = tree([most - 1n, 1n]);
    lowered.set(1, new Uint8Array(32), 2n);
    expect(lowered.total).to.equal(undefined);
  });
});

describe("a line as the audit reads it", () => {
  it("is what was packed, to the last bit, at any place", () => {
    const line = fc.record({
      offerId: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
      partner: fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }).map((value) => toBeHex(value, 20)),
      count: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
      volumeUnits: fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const packed = getBytes(concat(lines.map(packLine)));
        for (const [i, one] of lines.entries()) {
          expect(lineIn(packed, i)).to.deep.equal(one);
          const { partner, ...rest } = unpackLine(packLine(one));
          expect({ ...rest, partner: partner.toLowerCase() }).to.deep.equal(one);
        }
      }),
    );
  });
});
