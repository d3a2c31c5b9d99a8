/** What becomes of a batch by what the contract and the attesters say of it, before anybody signs and after. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { unpackLine } from "@partner-programs/protocol/line";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { makeError } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import type { Answer, Attesters, Opinion } from "#relayer/attesters/client.ts";
import { number } from "#relayer/worker/number.ts";
import { sign } from "#relayer/worker/sign.ts";
import type { Reconciled, Work } from "#relayer/worker/work.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 3_600 };
const MEMBERS = [newWallet(), newWallet(), newWallet()] as const;
const [A, B, C] = MEMBERS;
const signature = (of: number) => `0x${`${of}${of}`.repeat(65)}`;
const never: Refusal = { reason: "not at all", transient: false, conversions: [] };
const later: Refusal = { reason: "not yet", transient: true, conversions: [] };
const without = (...numbers: bigint[]): Refusal => ({
  reason: "not these",
  transient: false,
  conversions: numbers.map((one) => ({ number: one, reason: `no order ${one}` })),
});
const programs = PartnerPrograms__factory.createInterface();

describe("a batch that is to be signed", () => {
  let relayer: LocalRelayer;
  let campaignId: string;
  /** What the attesters and the contract were asked, in that order. */
  let asked: string[];
  let opinions: Opinion[];
  let answers: Answer[];
  let reconciled: boolean;
  let revert: [name: string, ...args: unknown[]];
  /** What the contract says of some lines of an attestation. */
  let rehearsed: (attestation: Attestation, lines: readonly string[]) => { worth: bigint; faults: object[] };

  before(async function () {
    this.timeout(OPENING);
    relayer = await openRelayer();
  });
  after(() => relayer?.close());
  beforeEach(() => relayer.database.query("TRUNCATE campaigns, chain_cursor CASCADE"));
  besideANeighbour(() => relayer, "beforeEach");
  beforeEach(async () => {
    asked = [];
    reconciled = true;
    opinions = [undefined, undefined, undefined];
    answers = [1, 2, 3].map((of) => ({ signature: signature(of) }));
    revert = ["TooFewSignatures", 0, 2];
    rehearsed = ({ total }) => ({ worth: total, faults: [] });
    const campaign = await relayer.openCampaign({});
    campaignId = campaign.campaignId;
    for (const volume of ["100", "200", "300", "400", "500"]) {
      const partner = await campaign.join();
      const { body } = await campaign.report({ volume, referralToken: partner.click() });
      expect(body.state, body.reasonText).to.equal("accepted");
    }
    await number(work(), BOUNDS, Date.now() + 2_000);
  });

  function work(): Work & Reconciled {
    const chain = {
      chainId: 31337,
      domain: relayer.domain,
      address: relayer.domain.verifyingContract,
      programs: { interface: programs },
      lens: {
        campaign: async () => ({ attesterSet: 0n, attestersAnnounced: false }),
        attesterSet: async () => ({ members: [A, B, C], threshold: 2n, effectiveAt: 0n }),
        rehearse: async (attestation: Attestation, _first: number, lines: readonly string[]) =>
          rehearsed(attestation, lines),
      },
      provider: {
        async call() {
          const [name, ...args] = revert;
          const data = programs.encodeErrorResult(name as "TooFewSignatures", args as never);
          throw makeError("execution reverted", "CALL_EXCEPTION", { data } as never);
        },
      },
    } as unknown as ProgramsChain;
    const attesters: Attesters = {
      async check(members, batch) {
        expect(members).to.deep.equal(MEMBERS);
        for await (const one of batch.conversions) asked.push(`would you sign ${one.number}?`);
        return opinions;
      },
      async attest(members) {
        expect(members).to.deep.equal(MEMBERS);
        asked.push("sign");
        return answers;
      },
      reverse: async () => [],
      states: () => new Map(),
    };
    const { failures } = openFailures();
    const parts = { database: relayer.database, chain, attesters, failures, isReconciled: () => reconciled };
    return parts as unknown as Work & Reconciled;
  }

  /** One round, with every batch due: how the batch stands then, its conversions, and how large the next may be. */
  async function outcome() {
    await relayer.database.query("UPDATE batches SET retry_at = now()");
    await sign(work(), Date.now());
    const [batch] = await relayer.database.query<{
      state: string;
      problem: string | null;
      signatures: string[] | null;
      waits: boolean;
    }>("SELECT state, problem, signatures, retry_at > now() AS waits FROM batches WHERE campaign_id = $1", [
      campaignId,
    ]);
    const conversions = await relayer.database.query<{ state: string; reason: string | null; note: string | null }>(
      "SELECT state, reason, note FROM conversions WHERE campaign_id = $1 ORDER BY id",
      [campaignId],
    );
    const [campaign] = await relayer.database.query<{ batch_limit: number | null }>(
      "SELECT batch_limit FROM campaigns WHERE id = $1",
      [campaignId],
    );
    return {
      ...batch,
      limit: campaign?.batch_limit ?? null,
      conversions: conversions.map(({ state, reason, note }) => [state, reason, note].filter(Boolean).join(": ")),
    };
  }
  const five = (state: string) => Array<string>(5).fill(state);

  it("is signed by all once enough would, each asked first, and each signature at its member's place", async () => {
    opinions = [undefined, later, undefined];
    answers = [{ signature: signature(1) }, later, { signature: signature(3) }];
    expect(await outcome()).to.deep.equal({
      state: "signed",
      problem: null,
      signatures: [signature(1), null, signature(3)],
      waits: false,
      limit: null,
      conversions: five("batched"),
    });
    expect(asked).to.deep.equal([...[1, 2, 3, 4, 5].map((n) => `would you sign ${n}?`), "sign"]);
  });

  it("waits, and nothing of it is left to the brand, while those who refuse it do so for now", async () => {
    opinions = [undefined, later, { ...without(2n), transient: true }];
    expect(await outcome()).to.deep.equal({
      state: "built",
      problem: `${A}: yes; ${B}: not yet; ${C}: not these`,
      signatures: null,
      waits: true,
      limit: null,
      conversions: five("batched"),
    });
    expect(asked).to.not.include("sign");
    opinions = [undefined, undefined, later];
    expect(await outcome()).to.include({ state: "signed" });
  });

  it("that was asked for is kept as it is when too few sign, and those are asked for signatures alone", async () => {
    answers = [{ signature: signature(1) }, later, never];
    expect(await outcome()).to.deep.include({
      state: "asked",
      problem: `${A}: yes; ${B}: not yet; ${C}: not at all`,
      signatures: null,
      waits: true,
      conversions: five("batched"),
    });
    asked = [];
    answers = [{ signature: signature(1) }, { signature: signature(2) }, never];
    expect(await outcome()).to.deep.include({ state: "signed", signatures: [signature(1), signature(2), null] });
    expect(asked).to.deep.equal(["sign"]);
  });

  it("goes on without the conversions that attesters refuse, which wait for the brand with the reason", async () => {
    opinions = [without(2n, 4n), undefined, without(2n, 4n)];
    opinions[1] = without(4n);
    expect(await outcome()).to.deep.include({
      state: "dead",
      limit: null,
      conversions: [
        "accepted",
        "review: attesters_refused: no order 2",
        "accepted",
        "review: attesters_refused: no order 4; no order 4",
        "accepted",
      ],
    });
    expect(asked).to.not.include("sign");
  });

  it("is tried with half, rounded up, when too many refuse it as a whole", async () => {
    opinions = [never, undefined, never];
    expect(await outcome()).to.deep.include({ state: "dead", limit: 3, conversions: five("accepted") });
  });

  it("is built again when the contract counts it otherwise, and nobody is asked", async () => {
    rehearsed = ({ total }) => ({ worth: total - 1n, faults: [] });
    const { problem, ...rest } = await outcome();
    expect(rest).to.deep.include({ state: "dead", limit: null, conversions: five("accepted") });
    expect(problem).to.match(/^By the contract the lines are worth \d+, and by the offers known here \d+\.$/);
    expect(asked).to.deep.equal([]);
  });

  it("loses the conversions of a line that the contract would not pay, alone neither, with its reason", async () => {
    rehearsed = ({ total }, lines) => {
      const faults = lines.flatMap((line, index) =>
        unpackLine(line).volumeUnits === 20_000n ? [{ index: BigInt(index), fault: 4n }] : [],
      );
      return { worth: total, faults };
    };
    const { problem, ...rest } = await outcome();
    expect(rest).to.deep.include({
      state: "dead",
      limit: null,
      conversions: ["accepted", "rejected: volume_exceeds_cap", "accepted", "accepted", "accepted"],
    });
    expect(problem).to.match(/^line \d: [^;]+$/);
    expect(asked).to.deep.equal([]);
  });

  it("is tried with half when a conversion of such a line would be paid alone, in its own second", async () => {
    const periods: [number, number][] = [];
    rehearsed = ({ total, periodFrom, periodTo }, lines) => {
      periods.push([periodFrom, periodTo]);
      const whole = lines.length === 5;
      return { worth: total, faults: whole ? lines.map((_, index) => ({ index: BigInt(index), fault: 6n })) : [] };
    };
    const { problem, ...rest } = await outcome();
    expect(rest).to.deep.include({ state: "dead", limit: 3, conversions: five("accepted") });
    expect(problem?.split("; "), "five are named").to.have.length(5);
    const [, ...alone] = periods;
    expect(alone).to.have.length(5);
    for (const [from, to] of alone) expect(to - from).to.equal(1);
  });

  it("is left alone while it is not known what attesters signed, whatever they would say of it now", async () => {
    reconciled = false;
    opinions = [without(1n), without(1n), without(1n)];
    expect(await outcome()).to.deep.include({ state: "built", problem: null, conversions: five("batched") });
    expect(asked).to.deep.equal([]);
    reconciled = true;
    expect((await outcome()).state).to.equal("dead");
  });

  for (const [what, error, state, limit] of [
    ["for which there is no money is tried with half", ["DailyLimitExceeded", `0x${"11".repeat(32)}`, 2, 1], "dead", 3],
    ["of a suspended campaign waits", ["CampaignSuspended", `0x${"11".repeat(32)}`], "built", null],
  ] as const)
    it(what, async () => {
      const fragment = programs.getError(error[0]);
      revert = [error[0], ...(fragment?.inputs ?? []).map((_, i) => error[i + 1] ?? 1)];
      const { problem, ...rest } = await outcome();
      expect(rest).to.deep.include({ state, limit });
      expect(problem).to.contain(error[0]);
      expect(asked).to.deep.equal([]);
    });

  it("that came past its deadline by the chain's time is built again, by that time", async () => {
    await relayer.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, 'here', 9, '0x', 9, 9, 9)`,
    );
    const chainTime = Math.floor(Date.now() / 1000) + 10_000;
    const inputs = programs.getError("DeadlinePassed")?.inputs ?? [];
    revert = ["DeadlinePassed", ...inputs.map(({ name }) => (name === "time" ? chainTime : 1))];
    expect(await outcome()).to.deep.include({ state: "dead", limit: null, conversions: five("accepted") });
    const [cursor] = await relayer.database.query<{ ahead: number }>(
      "SELECT seconds_ahead::float8 AS ahead FROM chain_cursor",
    );
    expect(cursor?.ahead).to.be.within(9_000, 10_000);
  });
});
