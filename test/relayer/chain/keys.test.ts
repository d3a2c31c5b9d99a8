import { expect } from "chai";
import { id, Wallet } from "ethers";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { openKeys } from "#relayer/chain/keys.ts";
import type { Config } from "#relayer/config.ts";
import { noteReceiptSigner, readReceiptSigners } from "#relayer/store/receiptSigners.ts";

const [OLD, NEW, OTHER] = ["old", "new", "other"].map((name) => new Wallet(id(`the ${name} key`))) as [
  Wallet,
  Wallet,
  Wallet,
];

describe("a relayer's keys", function () {
  this.timeout(120_000);
  let relayer: LocalRelayer;
  let warned: Record<string, unknown>[];
  before(async () => {
    relayer = await openRelayer();
  });
  beforeEach(async () => {
    warned = [];
    await relayer.database.query("TRUNCATE receipt_signers, transactions, attempts");
  });
  after(() => relayer.close());

  const open = (config: Partial<Config>) =>
    openKeys({ RELAYER_LOST_ACCOUNTS: [], ...config } as Config, {
      provider: null as never,
      database: relayer.database,
      log: { warn: (said: object, text: string) => void warned.push({ ...said, text }) } as never,
    });
  const sent = (sender: string, nonce: number) =>
    relayer.database.query(
      "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ($1, $2, $3, '0x', 1, 'sent')",
      [sender, nonce, `${sender} ${nonce}`],
    );

  it("are noted before they sign: the first from the first receipt on, the next from its start on", async () => {
    await open({ RELAYER_PRIVATE_KEY: OLD.privateKey });
    const [first] = await readReceiptSigners(relayer.database);
    expect(first).to.deep.include({ address: OLD.address, since: null });
    await relayer.database.query("UPDATE receipt_signers SET last_seen = '2026-11-01T00:00:00Z'");
    const { signer, retired, lost } = await open({ RELAYER_PRIVATE_KEY: NEW.privateKey });
    expect([signer.address, retired, lost]).to.deep.equal([NEW.address, undefined, new Set()]);
    const both = await readReceiptSigners(relayer.database);
    expect(both.map(({ address }) => address)).to.deep.equal([OLD.address, NEW.address]);
    expect(both[0]?.last_seen).to.deep.equal(new Date("2026-11-01T00:00:00Z"));
    expect(Math.abs(Number(both[1]?.since) - Date.now())).to.be.below(60_000);
    // Another process with the old one still runs.
    await noteReceiptSigner(relayer.database, OLD.address);
    const [old] = await readReceiptSigners(relayer.database);
    expect(old?.since).to.equal(null);
    expect(Number(old?.last_seen)).to.be.above(Date.parse("2026-11-02T00:00:00Z"));
  });

  it("are shown to everybody with their times", async () => {
    await noteReceiptSigner(relayer.database, OLD.address);
    await relayer.database.query("UPDATE receipt_signers SET last_seen = '2026-11-01T00:00:00Z'");
    const shown = async () => (await relayer.call("GET", "/v1/status")).body;
    const old = { address: OLD.address, since: null, until: "2026-11-01T00:00:00.000Z" };
    // A process that has not noted itself yet signs all the same.
    expect((await shown()).receiptSigners).to.deep.equal([old, { address: relayer.relayer, since: null, until: null }]);
    await noteReceiptSigner(relayer.database, relayer.relayer);
    const { receiptSigners, relayer: now } = await shown();
    expect(receiptSigners[0]).to.deep.equal(old);
    expect(receiptSigners[1]).to.include({ address: now, until: null });
    expect(receiptSigners[1].since).to.match(/^\d{4}-/);
  });

  it("of before are told by what they left under way, and what becomes of that", async () => {
    for (const nonce of [1, 2]) await sent(OLD.address, nonce);
    await sent(OTHER.address, 1);
    await sent(NEW.address, 1);
    const keys = await open({ RELAYER_PRIVATE_KEY: NEW.privateKey, RELAYER_RETIRED_PRIVATE_KEY: OLD.privateKey });
    expect(keys.retired?.address).to.equal(OLD.address);
    const told = () =>
      Object.fromEntries(warned.map(({ sender, transactions, text }) => [sender, [transactions, text]]));
    expect(told()).to.deep.equal({
      [OLD.address]: [2, "transactions of the retired key are followed until they are mined"],
      [OTHER.address]: [
        1,
        "transactions of a key that is not here are followed, but cannot pay more: RELAYER_RETIRED_… would let them",
      ],
    });
    warned = [];
    await open({ RELAYER_PRIVATE_KEY: NEW.privateKey, RELAYER_LOST_ACCOUNTS: [OTHER.address] });
    expect(told()[OTHER.address]).to.deep.equal([1, "transactions of a lost key are given up, unless they are mined"]);
    expect(JSON.stringify(warned)).to.not.contain(OLD.privateKey.slice(2));
  });

  it("are not the same key twice", async () => {
    const failure = (config: Partial<Config>) => open(config).catch((error: Error) => error.message);
    expect(
      await failure({ RELAYER_PRIVATE_KEY: NEW.privateKey, RELAYER_RETIRED_PRIVATE_KEY: NEW.privateKey }),
    ).to.equal(
      `RELAYER_RETIRED_… is the key of ${NEW.address}, which RELAYER_… is as well. Set the key that was replaced there, or none.`,
    );
    for (const config of [
      { RELAYER_PRIVATE_KEY: NEW.privateKey, RELAYER_LOST_ACCOUNTS: [NEW.address] },
      {
        RELAYER_PRIVATE_KEY: OLD.privateKey,
        RELAYER_RETIRED_PRIVATE_KEY: NEW.privateKey,
        RELAYER_LOST_ACCOUNTS: [NEW.address],
      },
    ])
      expect(await failure(config)).to.equal(
        `RELAYER_LOST_ACCOUNTS has ${NEW.address}, whose key is configured here. Take one of the two out.`,
      );
    expect(await readReceiptSigners(relayer.database)).to.deep.equal([]);
  });
});
