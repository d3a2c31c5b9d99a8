import { encodeEventName } from "@partner-programs/protocol/eventName";
import { packLine } from "@partner-programs/protocol/line";
import { readToken } from "@partner-programs/protocol/token";
import { expect } from "chai";
import {
  AbiCoder,
  concat,
  getAddress,
  hexlify,
  id,
  type Log,
  makeError,
  type ParamType,
  toBeHex,
  toUtf8Bytes,
  ZeroAddress,
  ZeroHash,
} from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type Chance, chance } from "#harness/random.ts";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { findBatchesToRelease, findBatchesToSign, findBatchesToSubmit } from "#relayer/store/batches.ts";
import { findCampaignsWithDeadBatches } from "#relayer/store/deadBatches.ts";
import { findCampaignsToNumber } from "#relayer/store/numbering.ts";
import { findBatchesToReverse } from "#relayer/store/reversals.ts";
import { readSetAside } from "#relayer/store/setAside.ts";
import { index } from "#relayer/worker/index.ts";
import { createReread } from "#relayer/worker/reread.ts";
import { type ProgramsChain, readEvent } from "#service/chain/programs.ts";
import { readRotating } from "#service/rotating.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { openReaders } from "../../support/eventReaders.ts";
import { SEED, sayInputs, secondsOf } from "../../support/fuzz.ts";

const CONTRACT = PartnerPrograms__factory.createInterface();
const CODER = AbiCoder.defaultAbiCoder();
const CONFIRMATIONS = 4;
const SECONDS = secondsOf(1, 0);
const MIRROR = [
  "campaigns",
  "offers",
  "kinds",
  "announced_descriptions",
  "batches",
  "batch_lines",
  "payouts",
  "last_claims",
  "payout_addresses",
  "revoked_orders",
  "set_aside",
];
const BRAND = address("the brand");
const TOKEN = address("the token");

function address(of: string): string {
  return getAddress(`0x${id(of).slice(26)}`);
}

/** Text as the chain holds it: bytes. */
type Values = Readonly<Record<string, unknown>>;
type Told = readonly [name: string, values: Values];

/** A log as the contract writes it; text is given as bytes, which are not always UTF-8. */
function toLog([name, values]: Told, block: number, place: number): Log {
  const fragment = CONTRACT.getEvent(name as "Funded");
  const type = (input: ParamType) => (input.baseType === "string" ? "bytes" : input);
  const indexed = fragment.inputs.filter((input) => input.indexed === true);
  const plain = fragment.inputs.filter((input) => input.indexed !== true);
  const topics = indexed.map((input) => CODER.encode([input], [values[input.name]]));
  const data = CODER.encode(
    plain.map(type),
    plain.map((input) => values[input.name]),
  );
  const transactionHash = id(`${block} ${place}`);
  return { topics: [fragment.topicHash, ...topics], data, blockNumber: block, index: place, transactionHash } as never;
}

/** A chain whose blocks a test writes, and takes back. */
function writeChain() {
  let blocks: { hash: string; logs: Log[] }[] = [{ hash: id("0"), logs: [] }];
  let made = 0;
  const tokens = new Map<string, (data: string) => Promise<string>>();
  /** Events that the node leaves out, by name. */
  const unsaid = new Set<string>();
  const cuts = { left: 0 };
  const eventsOf = (some: readonly { logs: Log[] }[]) =>
    some
      .flatMap(({ logs }) => logs.flatMap((log) => readEvent(CONTRACT, log) ?? []))
      .filter(({ name }) => !unsaid.has(name));
  const chain = {
    chainId: 31337,
    address: address("the contract"),
    deployedAt: 0,
    block: async (tag: number | "latest") => {
      const number = tag === "latest" ? blocks.length - 1 : tag;
      const block = blocks[number];
      const parent = blocks[number - 1]?.hash ?? ZeroHash;
      return block && { number, hash: block.hash, parent, time: 1_000 + number, bloom: "0x" };
    },
    events: async (from: number, to: number) => eventsOf(blocks.slice(from, to + 1)),
    /** In two halves; the second is cut off as often as `cuts` says. */
    async *pieces(from: number, to: number) {
      const middle = Math.floor((from + to) / 2);
      yield { to: middle, events: eventsOf(blocks.slice(from, middle + 1)) };
      if (cuts.left-- > 0) throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
      yield { to, events: eventsOf(blocks.slice(middle + 1, to + 1)) };
    },
    recent: async (_since: number, heads: readonly { number: number }[]) => ({
      events: eventsOf(heads.flatMap(({ number }) => blocks[number] ?? [])),
      told: new Map(),
    }),
    token: (token: string) => readToken(token, tokens.get(token) ?? (async () => "0x")),
  } as unknown as ProgramsChain;
  return {
    chain,
    tokens,
    unsaid,
    cuts,
    logs: () => blocks.flatMap(({ logs }) => logs),
    head: () => blocks.length - 1,
    mine(...told: readonly Told[]): number {
      const number = blocks.length;
      blocks.push({ hash: id(`block ${++made}`), logs: told.map((one, place) => toLog(one, number, place)) });
      return number;
    },
    goBack(count: number) {
      blocks = blocks.slice(0, Math.max(1, blocks.length - count));
    },
  };
}

const created = (campaignId: string, token = TOKEN): Told => [
  "CampaignCreated",
  {
    campaignId,
    brand: BRAND,
    token,
    salt: ZeroHash,
    terms: [token, 86_400, 604_800, 0, 4, true, ZeroAddress, 1],
  },
];
const offered = (campaignId: string, offerId: number, eventName = encodeEventName("sale")): Told => [
  "OfferAppended",
  { campaignId, offerId, offer: [2_000_000n, 0, 0, 0, 2n ** 40n - 1n, 0, eventName, 0, ZeroAddress] },
];
const funded = (campaignId: string, amount: bigint): Told => ["Funded", { campaignId, funder: BRAND, amount }];
const described = (campaignId: string, uri: string | Uint8Array): Told => [
  "DescriptionAnnounced",
  { campaignId, contentHash: id("text"), uri, effectiveAt: 0 },
];
/** A batch of one line: it is the root itself. */
const LINE = packLine({ offerId: 1, partner: BRAND, count: 1, volumeUnits: 0n });
const attested = (campaignId: string, conversions: number): Told => [
  "Attested",
  {
    campaignId,
    attestation: id(`batch of ${campaignId}`),
    attesterSet: 0,
    body: [campaignId, 1, conversions, 900, 1_000, 2_000, ZeroHash, LINE, 1, 2_000_000n],
    lines: [LINE],
  },
];

describe("what strangers write to the chain", function () {
  this.timeout(600_000 + SECONDS * 4_000);
  const honest = id("the honest campaign");
  const stranger = id("the stranger's campaign");
  let relayer: LocalRelayer;
  let fresh: LocalRelayer;
  let written: ReturnType<typeof writeChain>;

  before(async function () {
    this.timeout(OPENING);
    relayer = await openRelayer({ config: { METRICS_TOKEN: readRotating("a token of sixteen characters", 16) } });
    fresh = await openRelayer();
  });
  after(async () => {
    await relayer.close();
    await fresh.close();
  });
  beforeEach(async () => {
    await empty(relayer);
    written = writeChain();
    written.mine(created(honest), offered(honest, 1));
  });

  async function empty({ database }: LocalRelayer): Promise<void> {
    const tables = await database.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'",
    );
    await database.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")} RESTART IDENTITY CASCADE`);
  }
  const indexAll = async ({ database } = relayer) => {
    while ((await index(database, written.chain, CONFIRMATIONS)) > 0);
  };
  const rows = (text: string, ...parameters: unknown[]) =>
    relayer.database.query<Record<string, unknown>>(text, parameters);
  const available = async (campaignId: string) =>
    (await rows("SELECT available FROM campaigns WHERE id = $1", campaignId))[0]?.available;
  const aside = () => readSetAside(relayer.database);
  async function mirror({ database } = relayer): Promise<Record<string, string[]>> {
    const entries = await Promise.all(
      MIRROR.map(async (table) => {
        const found = await database.query<{ row: string }>(
          `SELECT (to_jsonb(${table}) - 'created_at' - 'retry_at' - 'since' - 'promised'
             - CASE WHEN '${table}' = 'announced_descriptions' THEN 'id' ELSE '' END)::text AS row FROM ${table} ORDER BY 1`,
        );
        return [table, found.map(({ row }) => row)] as const;
      }),
    );
    return Object.fromEntries(entries);
  }
  /** What the index holds if somebody begins now. A campaign whose creation was taken back stays, empty: it is left out. */
  async function expectAsAfresh(what: string): Promise<void> {
    await empty(fresh);
    await indexAll(fresh);
    const [ours, theirs] = [await mirror(), await mirror(fresh)];
    const known = new Set(
      (await fresh.database.query<{ id: string }>("SELECT id FROM campaigns")).map((one) => one.id),
    );
    ours.campaigns = (ours.campaigns ?? []).filter((row) => known.has(JSON.parse(row).id));
    expect(ours, what).to.deep.equal(theirs);
  }
  /** A call that a token answers with `text` as its symbol and `decimals`. */
  const saying =
    (text: string | Uint8Array, decimals = 6) =>
    async (data: string) =>
      data === id("symbol()").slice(0, 10)
        ? CODER.encode(["bytes"], [typeof text === "string" ? toUtf8Bytes(text) : text])
        : CODER.encode(["uint8"], [decimals]);

  /** Everything of both campaigns is indexed, and nobody is set aside. */
  async function expectAllWell(): Promise<void> {
    const last = written.mine(funded(honest, 7n), funded(stranger, 5n));
    await indexAll();
    expect(await aside()).to.deep.equal([]);
    expect([await available(honest), await available(stranger)]).to.deep.equal([7n, 5n]);
    expect(await rows("SELECT block FROM chain_cursor")).to.deep.equal([{ block: BigInt(last) }]);
  }

  it("history is read in pieces, and goes on behind the last one that was stored, whoever stands aside in it", async () => {
    const others = Array.from({ length: 6 }, (_, n) => id(`campaign ${n}`));
    written.mine(...[...others, stranger].map((one) => created(one)));
    // A second campaign of the same offer: the contract has no such thing, and nobody here can apply it.
    written.mine(
      offered(stranger, 1),
      ...others.map((one) => funded(one, 3n)),
      offered(stranger, 1),
      funded(stranger, 9n),
    );
    for (let n = 0; n < 400; n++) written.mine();
    written.cuts.left = 1;
    const half = await indexAll().catch((error) => error);
    expect(half.code).to.equal("ECONNREFUSED");
    const [{ block } = {}] = await rows("SELECT block FROM chain_cursor");
    expect(Number(block)).to.be.within(10, written.head() - 256);
    expect(await available(others[0] as string)).to.equal(3n);
    written.mine(...others.map((one) => funded(one, 4n)));
    await indexAll();
    for (const one of others) expect(await available(one)).to.equal(7n);
    expect((await aside()).map(({ campaignId, event }) => [campaignId, event])).to.deep.equal([
      [stranger, "OfferAppended"],
    ]);
    expect(await available(stranger)).to.equal(0n);
  });

  const NAMES: [what: string, bytes: string, shown: string][] = [
    ["bytes that are no UTF-8", `0xff${"00".repeat(23)}`, `0xff${"00".repeat(23)}`],
    ["a NUL in it", concat([toUtf8Bytes("sale"), toBeHex(1, 20)]), `0x73616c65${"00".repeat(19)}01`],
    ["nothing in it", `0x${"00".repeat(24)}`, `0x${"00".repeat(24)}`],
    [
      "a mark that turns text around",
      concat([toUtf8Bytes("\u202esale"), `0x${"00".repeat(17)}`]),
      `0xe280ae73616c65${"00".repeat(17)}`,
    ],
  ];
  for (const [what, bytes, shown] of NAMES)
    it(`an event's name with ${what} is kept as its bytes`, async () => {
      written.mine(created(stranger), offered(stranger, 1, bytes));
      await expectAllWell();
      expect(await rows("SELECT event FROM offers WHERE campaign_id = $1", stranger)).to.deep.equal([{ event: shown }]);
    });

  const URIS: [what: string, uri: Uint8Array, kept: string][] = [
    ["a NUL", toUtf8Bytes("https://a\0b.example/"), "https://a\u{FFFD}b.example/"],
    ["bytes that are no UTF-8", new Uint8Array([0x61, 0xff, 0x62, 0xed, 0xa0, 0x80]), "a\u{FFFD}b\u{FFFD}"],
    ["100 kB", toUtf8Bytes("x".repeat(100_000)), "x".repeat(100_000)],
    ["nothing", new Uint8Array(), ""],
  ];
  for (const [what, uri, kept] of URIS)
    it(`a description's address with ${what} is kept as text`, async () => {
      written.mine(created(stranger), described(stranger, uri));
      await expectAllWell();
      const [row] = await rows("SELECT uri FROM announced_descriptions WHERE campaign_id = $1", stranger);
      expect(String(row?.uri).replace(/\u{FFFD}+/gu, "\u{FFFD}")).to.equal(kept);
    });

  const thrown = (code: string) => async () => {
    throw makeError("refused", code as never, { data: "0x" } as never);
  };
  const TOKENS: [what: string, call: (data: string) => Promise<string>, symbol: string, decimals: number][] = [
    ["a NUL in its symbol", saying("U\0SD"), "USD", 6],
    ["a symbol that is no UTF-8", saying(new Uint8Array([0xff, 0xfe])), "tokens", 6],
    ["a symbol of a megabyte", async () => `0x${"00".repeat(31)}${"20".padEnd(2_000_000, "78")}`, "tokens", 0],
    ["marks that turn its symbol around", saying("\u202e\u200fUSD\u2066"), "USD", 6],
    ["nothing but such marks", saying("\u202e\u200b\u2066"), "tokens", 6],
    ["a symbol of four thousand characters", saying("x".repeat(4_000)), "x".repeat(32), 6],
    ["markup for a symbol", saying("<b onclick=x>"), "<b onclick=x>", 6],
    ["characters of two halves", saying("😀".repeat(40)), "😀".repeat(32), 6],
    ["255 decimals", saying("USD", 255), "USD", 255],
    ["a function that reverts", thrown("CALL_EXCEPTION"), "tokens", 0],
    ["an answer of one byte", async () => "0x01", "tokens", 0],
    ["an answer that points outside of itself", async () => `0x${"ff".repeat(64)}`, "tokens", 255],
  ];
  for (const [what, call, symbol, decimals] of TOKENS)
    it(`a token with ${what} is shown as far as it can be`, async () => {
      written.tokens.set(address("strange"), call);
      written.mine(created(stranger, address("strange")));
      await expectAllWell();
      expect(await rows("SELECT token_symbol, token_decimals FROM campaigns WHERE id = $1", stranger)).to.deep.equal([
        { token_symbol: symbol, token_decimals: decimals },
      ]);
      expect((await relayer.call("GET", `/v1/campaigns/${stranger}`)).body.tokenSymbol).to.equal(symbol);
    });

  it("a batch of as many conversions as 32 bits can count is kept", async () => {
    written.mine(
      created(stranger),
      offered(stranger, 1),
      funded(stranger, 2_000_000n),
      attested(stranger, 4_294_967_040),
    );
    await expectAllWell();
    expect(await rows("SELECT conversions FROM batches")).to.deep.equal([{ conversions: 4_294_967_040n }]);
    expect(await rows("SELECT next_conversion FROM campaigns WHERE id = $1", stranger)).to.deep.equal([
      { next_conversion: 4_294_967_041n },
    ]);
    const batch = await relayer.call("GET", `/v1/batches/${id(`batch of ${stranger}`)}`);
    expect([batch.status, batch.body.conversions]).to.deep.equal([200, 4_294_967_040]);
  });

  describe("an event that cannot be applied", () => {
    /** The second offer of the same number cannot be kept. */
    let block: number;
    beforeEach(async () => {
      written.mine(created(stranger), offered(stranger, 1), funded(stranger, 5n));
      block = written.mine(funded(honest, 3n), offered(stranger, 1), funded(stranger, 5n), funded(honest, 4n));
      await indexAll();
    });

    it("sets its campaign aside where it stood, and everybody else goes on", async () => {
      expect(await aside()).to.deep.equal([
        {
          campaignId: stranger,
          block,
          index: 1,
          event: "OfferAppended",
          reason: 'duplicate key value violates unique constraint "offers_pkey"',
        },
      ]);
      expect([await available(honest), await available(stranger)]).to.deep.equal([7n, 5n]);
      written.mine(funded(honest, 1n), funded(stranger, 1n));
      await indexAll();
      expect([await available(honest), await available(stranger)]).to.deep.equal([8n, 5n]);
    });

    it("is said by the campaign's page, readiness and metrics, and the relayer is ready all the same", async () => {
      const reason = 'duplicate key value violates unique constraint "offers_pkey"';
      const { body } = await relayer.call("GET", `/v1/campaigns/${stranger}`);
      expect(body.setAside).to.deep.equal({ block, event: "OfferAppended", reason });
      expect((await relayer.call("GET", `/v1/campaigns/${honest}`)).body.setAside).to.equal(null);
      const ready = await relayer.call("GET", "/readyz");
      expect(ready.body.campaigns ?? ready.body.detail).to.equal(
        `1 set aside; the first is ${stranger}, by its event OfferAppended of block ${block}: ${reason}`,
      );
      expect(ready.status).to.equal(200);
      const metrics = createMetrics();
      await metrics.readState(relayer.database, { number: 1, time: 1 });
      expect(await metrics.text()).to.contain("\nrelayer_campaigns_set_aside 1\n");
    });

    it("is taken back with its block, and the campaign goes on", async () => {
      written.goBack(1);
      written.mine(funded(stranger, 11n));
      await indexAll();
      expect(await aside()).to.deep.equal([]);
      expect(await available(stranger)).to.equal(16n);
    });

    it("is tried again once by each process, from that event on, and all is as if nothing had been", async () => {
      written.mine(funded(stranger, 100n), funded(honest, 1n));
      await indexAll();
      const { failures, logged } = openFailures();
      const work = { database: relayer.database, chain: written.chain, failures };
      const reread = createReread(work);
      expect([await reread(), await reread()]).to.deep.equal([1, 0]);
      expect(logged.map(({ job, campaignId, error }) => ({ job, campaignId, error }))).to.deep.equal([
        {
          job: "reread",
          campaignId: stranger,
          error: `CampaignSetAside: Campaign ${stranger} is set aside: its event OfferAppended of block ${block} could not be applied (duplicate key value violates unique constraint "offers_pkey").`,
        },
      ]);
      expect((await aside()).map(({ index: place }) => place)).to.deep.equal([1]);
      expect(await available(stranger)).to.equal(5n);
      // A later version, to which the event is none to stumble over.
      await rows("DELETE FROM offers WHERE campaign_id = $1", stranger);
      expect(await createReread(work)()).to.equal(1);
      expect(await aside()).to.deep.equal([]);
      expect([await available(honest), await available(stranger)]).to.deep.equal([8n, 110n]);
      // What was read again can be taken back as well.
      written.goBack(1);
      written.mine();
      await indexAll();
      expect([await available(honest), await available(stranger)]).to.deep.equal([7n, 10n]);
    });

    it("leaves nothing to do for the worker, and no report is promised anything", async () => {
      const { campaignId, key, report } = await openWithWork();
      const seen = async () => ({
        number: (await findCampaignsToNumber(relayer.database, new Date(Date.now() + 60_000), 1)).length,
        sign: (await findBatchesToSign(relayer.database)).length,
        submit: (await findBatchesToSubmit(relayer.database, 2e9)).length,
        release: (await findBatchesToRelease(relayer.database, 2e9, 8)).length,
        reverse: (await findBatchesToReverse(relayer.database)).length,
        dead: (await findCampaignsWithDeadBatches(relayer.database)).length,
      });
      expect(await seen()).to.deep.equal({ number: 1, sign: 1, submit: 1, release: 1, reverse: 0, dead: 1 });
      await rows("INSERT INTO set_aside VALUES ($1, 5, 0, 'Funded', 'a reason')", campaignId);
      expect(await seen()).to.deep.equal({ number: 0, sign: 0, submit: 0, release: 0, reverse: 0, dead: 0 });
      const refused = await report("2", key);
      expect([refused.status, refused.body.detail]).to.deep.equal([
        503,
        `Campaign ${campaignId} is set aside: its event Funded of block 5 could not be applied (a reason). Nothing is lost; send it again when GET /v1/campaigns/${campaignId} says that \`setAside\` is null.`,
      ]);
      expect(await rows("SELECT count(*)::int AS n FROM conversions WHERE receipt IS NOT NULL")).to.deep.equal([
        { n: 1 },
      ]);
      await rows("DELETE FROM set_aside WHERE campaign_id = $1", campaignId);
      expect((await report("2", key)).status).to.equal(201);
    });
  });

  /** A campaign with an accepted conversion, and a batch in each state in which the worker has something to do. */
  async function openWithWork() {
    const campaign = await relayer.openCampaign({});
    const partner = await campaign.join();
    const report = (orderId: string, _key?: unknown) =>
      campaign.report({ orderId, event: "sale", volume: "10", referralToken: partner.click() });
    expect((await report("1")).status).to.equal(201);
    for (const [i, state] of ["built", "signed", "attested"].entries())
      await rows(
        `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
           conversions_root, lines_root, line_count, total, current_root, current_total, lines_known, state, release_at,
           attested_block)
         VALUES ($1, $2, $3, 1, 0, 1, 1, '', '', 1, 0, '', 0, true, $4, 1, 1)`,
        id(state),
        campaign.campaignId,
        10 + i,
        state,
      );
    await rows("UPDATE chain_cursor SET final_time = 2000, final_block = 1");
    return { campaignId: campaign.campaignId, key: undefined, report };
  }

  it("a block that is final by now is applied once, when one goes back to before it", async () => {
    // The index stands at 2, 3 and 7; at 8 the third is the last final one at which it stood, and the fourth is final.
    for (const heads of [1, 1, 4]) {
      for (let i = 0; i < heads; i++) written.mine(funded(honest, 1n));
      await indexAll();
    }
    written.mine(funded(honest, 1n));
    await indexAll();
    written.goBack(3);
    for (let i = 0; i < 4; i++) written.mine(funded(honest, 1n));
    await indexAll();
    expect(await available(honest)).to.equal(8n);
  });

  it("a campaign that was never seen being created is set aside, and read from the beginning when it is", async () => {
    written.unsaid.add("CampaignCreated");
    written.mine(created(stranger), offered(stranger, 1), funded(stranger, 5n));
    written.mine(funded(honest, 1n), funded(stranger, 2n));
    await indexAll();
    const reason = `Campaign ${stranger} has an event but was never seen being created.`;
    expect((await aside()).find(({ campaignId }) => campaignId === stranger)?.reason).to.equal(reason);
    expect(await available(stranger)).to.equal(undefined);
    written.unsaid.clear();
    const work = { database: relayer.database, chain: written.chain, failures: openFailures().failures };
    await createReread(work)();
    expect(await aside()).to.deep.equal([]);
    expect([await available(honest), await available(stranger)]).to.deep.equal([1n, 7n]);
    await expectAsAfresh("after reading from the beginning");
  });

  /** Whatever the relayer shows of a campaign to everybody is shown. */
  async function expectPages(campaignId: string, what: string): Promise<void> {
    const batches = [0, 1, 2].map((i) => id(`${campaignId} ${i}`));
    for (const path of [
      "/v1/campaigns",
      `/v1/campaigns/${campaignId}`,
      `/v1/campaigns/${campaignId}/health`,
      ...batches.flatMap((digest) => ["", "/lines", "/lines/0"].map((more) => `/v1/batches/${digest}${more}`)),
      `/v1/partners/${BRAND}`,
      `/v1/partners/${BRAND}/lines`,
      `/v1/partners/${BRAND}/pull?campaignId=${campaignId}`,
    ])
      expect((await relayer.call("GET", path)).status, `${what}: ${path}`).to.be.oneOf([200, 404]);
  }

  it(`of any bytes in any order stops nobody, and can be taken back (FUZZ_SEED=${SEED})`, async () => {
    const random = chance(SEED);
    const strangers = Array.from({ length: 6 }, (_, i) => id(`stranger ${i}`));
    written.mine(
      ...strangers.slice(0, 5).map((one) => created(one)),
      ...strangers.slice(0, 3).map((one) => offered(one, 1)),
    );
    for (let i = 0; i < CONFIRMATIONS; i++) written.mine();
    await indexAll();
    /** What the honest campaign was given, block by block. */
    const given = [0n];
    const readers = await openReaders(written.chain, written.logs, written.head);
    const until = Date.now() + SECONDS * 1_000;
    let events = 0;
    for (let round = 0; round < 16 || Date.now() < until; round++) {
      const back = random.hit(0.3) ? Math.min(1 + random.below(CONFIRMATIONS - 1), given.length - 1) : 0;
      written.goBack(back);
      given.splice(given.length - back, back);
      for (let blocks = back + random.below(3); blocks >= 0; blocks--) {
        const told: Told[] = Array.from({ length: random.below(6) }, () => anyEvent(random, strangers, `${round}`));
        const amount = BigInt(random.below(1_000));
        written.mine(...told, funded(honest, amount), ...told.slice(0, 1));
        events += told.length + 1;
        given.push(amount);
      }
      await indexAll();
      const sum = given.reduce((a, b) => a + b);
      expect(await available(honest), `round ${round}`).to.equal(sum);
      if (round % 8 === 7) await expectAsAfresh(`round ${round}, FUZZ_SEED=${SEED}`);
      await expectPages(random.pick([honest, ...strangers]), `round ${round}`);
      await readers.read(random.pick([honest, ...strangers]));
    }
    readers.close();
    sayInputs("events", events);
    const reread = createReread({
      database: relayer.database,
      chain: written.chain,
      failures: openFailures().failures,
    });
    while ((await reread()) > 0);
    await expectAsAfresh(`after reading again, FUZZ_SEED=${SEED}`);
  });
});

const EVENTS = CONTRACT.fragments.flatMap((one) =>
  one.type === "event" ? [(one as { name: string } & typeof one).name] : [],
);

/** Any event of the contract with any values that its types can hold. */
function anyEvent(random: Chance, campaigns: readonly string[], unique: string): Told {
  const name = random.pick(EVENTS);
  const campaignId = name === "CampaignCreated" ? id(`${unique} ${random.next()}`) : random.pick(campaigns);
  const values: Record<string, unknown> = {};
  for (const input of CONTRACT.getEvent(name as "Funded").inputs) values[input.name] = anyValue(random, input);
  if ("campaignId" in values) values.campaignId = campaignId;
  if ("attestation" in values) values.attestation = id(`${campaignId} ${random.below(3)}`);
  if (random.hit(0.5) && "offerId" in values) values.offerId = random.below(3);
  return [name, values];
}

function anyValue(random: Chance, type: ParamType): unknown {
  const bytes = (length: number) =>
    hexlify(Uint8Array.from({ length }, () => random.pick([0, 1, 0x61, 0x80, 0xed, 0xff, random.below(256)])));
  if (type.baseType === "tuple") return (type.components ?? []).map((one) => anyValue(random, one));
  if (type.baseType === "array") {
    const length = type.arrayLength === -1 ? random.below(4) : Number(type.arrayLength);
    return Array.from({ length }, () => anyValue(random, type.arrayChildren as ParamType));
  }
  if (type.baseType === "string") return bytes(random.below(80));
  if (type.baseType === "bool") return random.hit(0.5);
  if (type.baseType === "address") return random.hit(0.5) ? BRAND : getAddress(bytes(20));
  const width = /^uint(\d+)$/.exec(type.baseType)?.[1];
  if (width !== undefined) {
    const most = 2n ** BigInt(width) - 1n;
    return random.pick([0n, 1n, 2n, most, BigInt(bytes(32)) & most]);
  }
  return bytes(Number(/^bytes(\d+)$/.exec(type.baseType)?.[1] ?? 0));
}
