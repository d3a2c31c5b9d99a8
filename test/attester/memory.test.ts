import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenBatch } from "@partner-programs/protocol/attesterApi";
import {
  memoryPath,
  readRemembered,
  rememberedPath,
  whyNotRemembered,
} from "@partner-programs/protocol/attesterMemory";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, id, toBeHex, Wallet } from "ethers";
import { findForgotten } from "#attester/chain/forgotten.ts";
import { recall, recallAll } from "#attester/recalled.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import { startLyingNode } from "#test/support/lyingNode.ts";
import {
  type Attester,
  attest,
  attesters,
  buildAttester,
  buildWorld,
  carry,
  conversions,
  TOKEN,
  type World,
} from "./world.ts";

const HOUR = 3_600;

describe("an attester whose database was restored from an older backup", function () {
  this.timeout(240_000);
  let world: World;
  let folder: string;
  let campaignId: string;
  /** The one that goes on with its own database: it remembers all. */
  let whole: Attester;
  /** The same attester, with the database of before. */
  let restored: Attester;
  /** Known to both; attested after the backup; signed after it, and not on the chain. */
  let known: GivenBatch;
  let attestedSince: GivenBatch;
  let signedSince: GivenBatch;

  before(async () => {
    world = await buildWorld();
  });
  after(() => world?.close());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-memory-"));
    const at = (name: string) => join(folder, name);
    campaignId = await world.campaign({ members: attesters.map(({ address }) => address), threshold: 2 });
    const first = await buildAttester(world, { folder: at("now") });
    known = await sign(first, ["1", "2"]);
    await carry(world, known, [0, attesters[0]], [2, attesters[2]]);
    await first.close();
    cpSync(at("now"), at("backup"), { recursive: true });
    whole = await buildAttester(world, { folder: at("now") });
    attestedSince = await sign(whole, ["3", "4", "5"]);
    await carry(world, attestedSince, [0, attesters[0]], [2, attesters[2]]);
    signedSince = await sign(whole, ["6"]);
    restored = await buildAttester(world, { folder: at("backup") });
  });
  afterEach(async () => {
    await whole?.close();
    await restored?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A batch with the next numbers. */
  async function batch(orderIds: readonly string[], changes: object = {}): Promise<GivenBatch> {
    const now = await world.now();
    const { nextConversion } = await world.chain.lens.campaign(campaignId);
    const partner = world.partners[0] as string;
    const leaves = conversions(nextConversion, orderIds, { partner, receivedAt: now - 10 });
    return { attestation: attest(campaignId, leaves, now, changes), conversions: leaves };
  }
  async function sign(by: Attester, orderIds: readonly string[]): Promise<GivenBatch> {
    const request = await batch(orderIds);
    by.clock = await world.now();
    expect((await by.ask("/v1/attestations", request)).status).to.equal(200);
    return request;
  }
  const digestFor = ({ attestation }: GivenBatch) => digestOf(world.chain.domain, attestationTypedData(attestation));
  const signed = (by: Attester) => by.database.query("SELECT digest FROM signed_attestations");
  const remembers = async (by: Attester, from = 0n, after?: string) =>
    (await by.get(memoryPath(campaignId, from, after), TOKEN)).json();
  const recallFrom = (url: string, deadlineSeconds = HOUR) =>
    findForgotten(restored.reviewer, campaignId).then(async (forgotten) => {
      for (const one of forgotten) await recall({ ...restored.reviewer, token: TOKEN, deadlineSeconds }, one, [url]);
    });

  it("signs nothing for the campaign, and says what the chain has with its signature that it does not know", async () => {
    // The same order, under another number: whoever forgot it would sign it.
    const again = await batch(["3"]);
    for (const path of ["/v1/checks", "/v1/attestations"]) {
      const { body } = await restored.ask(path, again);
      expect(body.transient, JSON.stringify(body)).to.equal(true);
      expect(body.reason).to.contain(
        `1 attestations on the chain that its database does not know, the first ${digestFor(attestedSince)}`,
      );
      expect(body.reason).to.contain("npm run recall");
    }
    // Not even what it does remember.
    expect((await restored.ask("/v1/attestations", known)).status).to.equal(409);
    expect(await signed(restored)).to.deep.equal([{ digest: digestFor(known) }]);
    expect((await remembers(restored)).forgotten).to.deep.equal([digestFor(attestedSince)]);
    expect(await (await restored.get("/metrics")).text()).to.contain("attester_forgotten_attestations 1");
    // One that forgot nothing is asked the same.
    expect((await remembers(whole)).forgotten).to.deep.equal([]);
    expect(await (await whole.get("/metrics")).text()).to.contain("attester_forgotten_attestations 0");
  });

  it("finds it when its database is replaced while it runs, and when it comes to the chain later", async () => {
    await restored.database.query("DELETE FROM looked_at");
    await carry(world, signedSince, [0, attesters[0]], [2, attesters[2]]);
    const { reason } = (await restored.ask("/v1/checks", await batch(["9"]))).body;
    expect(reason).to.contain("2 attestations");
    expect((await remembers(restored)).forgotten).to.deep.equal([attestedSince, signedSince].map(digestFor));
  });

  it("takes it back from an attester that remembers, is silent until what else it may have signed is dead, and refuses the order then", async () => {
    await recallFrom(await whole.listen());
    const rows = (by: Attester, table: string) =>
      by.database.query(`SELECT * FROM ${table} WHERE digest = $1 ORDER BY 1, 2, 3`, [digestFor(attestedSince)]);
    for (const table of ["signed_conversions", "signed_orders", "signed_lines"])
      expect(await rows(restored, table), table).to.deep.equal(await rows(whole, table));
    const again = await batch(["3"]);
    const asked = async () => (await restored.ask("/v1/checks", again)).body;
    expect((await asked()).reason).to.contain(
      "its database was restored: what it signed and forgot can still be attested until".slice(4),
    );
    // One that it has no record of, and that is not on the chain, would be signed again here.
    expect((await restored.ask("/v1/attestations", await batch(["6"]))).status).to.equal(409);

    await world.pass(HOUR + 60);
    const late = await batch(["3", "7"]);
    restored.clock = await world.now();
    const { ok, transient, conversions: named } = (await restored.ask("/v1/checks", late)).body;
    expect([ok, transient]).to.deep.equal([false, false]);
    expect(named).to.deep.equal([
      {
        number: late.conversions[0]?.number.toString(),
        reason: `its key or its order was attested before, in ${digestFor(attestedSince)}.`,
      },
    ]);
    expect((await restored.ask("/v1/attestations", await batch(["7"]))).status).to.equal(200);
  });

  it("believes nobody who gives back something else", async () => {
    const url = await whole.listen();
    await whole.database.query("UPDATE signed_conversions SET key = $2 WHERE digest = $1 AND number = 4", [
      digestFor(attestedSince),
      id("another key"),
    ]);
    const failed = await recallFrom(url).then(
      () => "nothing",
      (error: Error) => error.message,
    );
    expect(failed).to.match(/Nobody gives attestation 0x.* back\. http.*: they have root 0x.*was signed/);
    // Without salts nobody sees that the key is another.
    await whole.database.query("UPDATE signed_conversions SET salt = NULL WHERE digest = $1", [
      digestFor(attestedSince),
    ]);
    expect(
      await recallFrom(url).then(
        () => "nothing",
        (error: Error) => error.message,
      ),
    ).to.contain("conversion 3 comes without its salt");
    expect((await restored.ask("/v1/checks", await batch(["9"]))).body.reason).to.contain("npm run recall");
  });

  it("goes on with the other campaigns where one cannot be given back, and says which", async () => {
    const url = await whole.listen();
    const lines: string[] = [];
    const recalling = { ...restored.reviewer, token: TOKEN, deadlineSeconds: HOUR };
    const unknown = id("a campaign that the chain does not have");
    const failed = await recallAll(recalling, [unknown, campaignId], [url], (line) => lines.push(line));
    expect(lines).to.deep.equal([`${digestFor(attestedSince)}: given back by ${url}`]);
    expect(failed).to.have.length(1);
    expect(failed[0]).to.match(new RegExp(`^${unknown}: .`));
  });

  it("takes the signatures of others for theirs, and any that it cannot read for its own", async () => {
    const other = await buildAttester(world, { wallet: attesters[1] });
    try {
      expect((await other.ask("/v1/checks", await batch(["9"]))).body).to.deep.equal({ ok: true });
    } finally {
      await other.close();
    }
    const { chain } = world;
    const wrapped = (data: string) =>
      findForgotten(
        {
          ...restored.reviewer,
          chain: {
            ...chain,
            provider: new Proxy(chain.provider, {
              get: (target, name) =>
                name === "getTransaction" ? async () => ({ data }) : Reflect.get(target, name, target).bind(target),
            }),
          },
        },
        campaignId,
      );
    const signedBy = async (wallet: Wallet) =>
      concat([toBeHex(65, 32), await wallet.signTypedData(chain.domain, ...typed(attestedSince))]);
    const [, second, third] = await Promise.all(attesters.map(signedBy));
    expect(await wrapped(concat(["0x12345678", second as string, third as string]))).to.deep.equal([]);
    // One of them alone the contract would not have taken: another was there that cannot be read, and it may be this one's.
    await restored.database.query("DELETE FROM looked_at");
    expect(await wrapped(concat(["0x12345678", second as string]))).to.have.length(1);
    await restored.database.query("DELETE FROM looked_at");
    await restored.database.query("DELETE FROM forgotten_attestations");
    expect(await wrapped("0x12345678")).to.have.length(1);
  });

  it("takes no batch for its own of a set that it is not in, whatever cannot be read of it", async () => {
    const stranger = await buildAttester(world, { wallet: new Wallet(id("a stranger")) });
    try {
      const chain = {
        ...world.chain,
        provider: new Proxy(world.chain.provider, {
          get: (target, name) =>
            name === "getTransaction"
              ? async () => ({ to: attesters[0].address, data: "0x12345678" })
              : Reflect.get(target, name, target).bind(target),
        }),
      };
      expect(await findForgotten({ ...stranger.reviewer, chain }, campaignId)).to.deep.equal([]);
    } finally {
      await stranger.close();
    }
  });

  it("says nothing on the word of a node that leaves attestations out", async () => {
    const node = await startLyingNode(world.rpcUrl);
    const chain = await connectPrograms(node.url, world.deployment);
    try {
      node.lies.set("eth_getLogs", async () => []);
      const failed = await findForgotten({ ...restored.reviewer, chain }, campaignId).then(
        () => "nothing",
        (error: Error) => error.message,
      );
      expect(failed).to.contain("The contract's next number is 6").and.to.contain("end before 1");
    } finally {
      chain.close();
      await node.stop();
    }
  });

  it("tells what it signed from a number on, page by page, and a batch with all that was signed, to nobody without its token", async () => {
    for (const path of [memoryPath(campaignId, 0n), rememberedPath(digestFor(known))])
      expect((await whole.get(path)).status).to.equal(401);
    const all = (await remembers(whole)).signed;
    expect(all.map(({ digest }: { digest: string }) => digest)).to.deep.equal(
      [known, attestedSince, signedSince].map(digestFor),
    );
    expect(all[1]).to.deep.equal({
      digest: digestFor(attestedSince),
      firstConversion: "3",
      conversions: 3,
      deadline: attestedSince.attestation.deadline,
    });
    expect((await remembers(whole, 3n, digestFor(attestedSince))).signed).to.deep.equal(all.slice(2));
    expect((await remembers(whole, 4n)).signed).to.deep.equal(all.slice(2));

    const answer = await whole.get(rememberedPath(digestFor(attestedSince)), TOKEN);
    const remembered = await readRemembered(answer.body as ReadableStream<Uint8Array>);
    expect(whyNotRemembered(remembered)).to.equal(undefined);
    expect(remembered.attestation).to.deep.equal(attestedSince.attestation);
    expect(remembered.conversions.map(({ order }) => order)).to.deep.equal(
      ["3", "4", "5"].map((orderId) => ({
        event: "sale",
        orderId,
        receivedAt: attestedSince.attestation.periodTo - 10,
      })),
    );
    expect((await whole.get(rememberedPath(id("none")), TOKEN)).status).to.equal(404);
  });

  const typed = ({ attestation }: GivenBatch) => {
    const { types, message } = attestationTypedData(attestation);
    return [types, message] as const;
  };
});
