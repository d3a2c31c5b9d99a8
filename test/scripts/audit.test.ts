import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { descriptionHash } from "@partner-programs/protocol/description";
import { type Line, packLine, unpackLine } from "@partner-programs/protocol/line";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  type Receipt,
  receiptTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, getBytes, id, Wallet, ZeroAddress } from "ethers";
import type { CheckName, Finding } from "#scripts/audit/findings.ts";
import { HELP, run } from "#scripts/audit.ts";
import {
  attest,
  attesters,
  buildWorld,
  carry,
  conversions,
  DAY,
  HOLD,
  linesOf,
  treeOf,
  type World,
} from "../attester/world.ts";
import { startLyingNode } from "../support/lyingNode.ts";

const DESCRIPTION = `${JSON.stringify({
  version: 1,
  name: "audited",
  summary: "",
  destination: "https://brand.example/",
  attribution: { touch: "last", windowSeconds: 3_600, bindingSeconds: 0 },
  events: ["sale", "bonus"].map((name) => ({ name, title: `A ${name}`, perCustomer: null })),
  // Reached, and no offer pays it.
  targets: [{ name: "two", title: "Two", period: "once", counts: ["sale"], steps: [{ conversions: 2, bonus: "1" }] }],
})}\n`;

interface PublicFile {
  conversionsRoot: string;
  lines: { attested: string; current: string }[];
  leaves: { number: string; key: string; salt: string; entries: string[] }[];
}

interface Outcome {
  ok: boolean;
  checks: (Finding & { ok: boolean })[];
}

describe("an audit of a campaign", function () {
  this.timeout(240_000);
  let world: World;
  let folder: string;
  let campaignId: string;
  let digests: string[];
  let said: string[];
  let progress: string[];
  const servers: Server[] = [];
  const relayer = new Wallet(id("relayer"));
  const receipts: (Receipt & { signature: string })[] = [];

  before(async () => {
    world = await buildWorld();
    folder = mkdtempSync(join(tmpdir(), "partner-programs-audit-"));
    writeFileSync(join(folder, "deployment.json"), JSON.stringify(world.deployment));
    mkdirSync(join(folder, "true", "descriptions"), { recursive: true });
    writeFileSync(join(folder, "true", "descriptions", `${descriptionHash(DESCRIPTION)}.json`), DESCRIPTION);
    campaignId = await world.campaign({ description: descriptionHash(DESCRIPTION), terms: { openKinds: 0b101 } });
    await play();
  });
  after(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A history with everything in it: three batches, kinds, an offer that ends, a reversal, a pull, a release. */
  async function play() {
    const { programs, partners, chain } = world;
    const [alice, bob] = partners as [string, string];
    const first = await settle(1n, ["1", "2", "3"], alice, 1);
    await (await programs.setKinds(campaignId, [bob], 0b100)).wait();
    await (await programs.retireOffer(campaignId, 1)).wait();
    await world.pass(60);
    const second = await settle(4n, ["4", "5"], bob, 2);

    const reversal = {
      campaignId,
      attestation: digestFor(first),
      targets: [{ offerId: 1, partner: alice, count: 2, volumeUnits: 2_000n }],
      reasonHash: id("refunded"),
    };
    const { types, message } = reversalTypedData(reversal);
    const signature = await attesters[0].signTypedData(chain.domain, types, message);
    const target = message.targets[0] as string;
    const lowered = { ...treeOf(linesOf(first.leaves)).proof(0), target };
    const { reasonHash } = reversal;
    await (await programs.reverse(first.attestation, [lowered], reasonHash, [{ attester: 0, signature }])).wait();
    await world.pass(HOLD);
    await (await programs.release(first.attestation, 0, "0x", [target])).wait();
    await (await programs.pull([second.attestation], [treeOf(linesOf(second.leaves)).proof(0)])).wait();
    // Its second line is nobody's: it is refused, and what it was worth is available again.
    const third = await settle(6n, ["6"], alice, 1, { more: [["7", ZeroAddress]] });
    await world.pass(HOLD);
    const [chunk] = treeOf(linesOf(third.leaves)).chunks();
    await (await programs.release(third.attestation, 0, "0x", [...(chunk?.lines ?? [])])).wait();
    digests = [first, second, third].map(digestFor);
  }
  const digestFor = ({ attestation }: { attestation: Attestation }) =>
    digestOf(world.chain.domain, attestationTypedData(attestation));

  /** Attests orders and saves their public data, and their receipts. */
  async function settle(
    from: bigint,
    orderIds: string[],
    partner: string,
    offerId: number,
    {
      more = [],
      sign = {},
      lines,
    }: { more?: [string, string][]; sign?: Partial<Attestation>; lines?: readonly Line[] } = {},
  ) {
    const now = await world.now();
    const event = offerId === 1 ? "sale" : "invoice";
    const of = (number: bigint, orderId: string, whose: string) =>
      conversions(number, [orderId], { partner: whose, offerId, event, receivedAt: now - 10 });
    const all: [string, string][] = [...orderIds.map((orderId): [string, string] => [orderId, partner]), ...more];
    const leaves = all.flatMap(([orderId, whose], i) => of(from + BigInt(i), orderId, whose));
    const tree = treeOf(lines ?? linesOf(leaves));
    const signed = { linesRoot: tree.root, lineCount: tree.count, total: tree.total, ...sign };
    const attestation = attest(campaignId, leaves, now, signed);
    await carry(world, { attestation, conversions: leaves }, [0, attesters[0]]);
    save(join(folder, "true"), attestation, leaves, lines ?? linesOf(leaves));
    for (const leaf of leaves) receipts.push(await promise(leaf, now + DAY));
    return { attestation, leaves };
  }

  function save(
    where: string,
    attestation: Attestation,
    leaves: readonly GivenConversion[],
    signed: readonly Line[],
  ): void {
    const digest = digestFor({ attestation });
    const lines = signed.map(packLine);
    const file: PublicFile = {
      conversionsRoot: attestation.conversionsRoot,
      lines: lines.map((line) => ({ attested: line, current: line })),
      leaves: leaves.map(({ number, key, salt, entries }) => ({
        number: String(number),
        key,
        salt,
        entries: entries.map(packLine),
      })),
    };
    writeFileSync(join(where, `${digest}.json`), JSON.stringify(file, null, leaves.length));
    writeFileSync(join(where, `${digest}.lines`), getBytes(concat(lines)));
  }

  async function promise({ key, salt, entries }: GivenConversion, attestBy: number, signer = relayer) {
    const receipt = { campaignId, conversionKey: key, salt, receivedAt: attestBy - DAY, attestBy, entries };
    const { types, message } = receiptTypedData(receipt);
    return { ...receipt, signature: await signer.signTypedData(world.chain.domain, types, message) };
  }

  const toFile = (list: readonly object[]) =>
    JSON.stringify(list.map((one) => ({ ...one, entries: (one as Receipt).entries.map(packLine) })));

  /** Serves until the tests are over; returns where. */
  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function audit(...args: string[]): Promise<boolean> {
    [said, progress] = [[], []];
    const node = args.includes("--rpc") ? [] : ["--rpc", world.rpcUrl];
    const subject = ["--campaign", campaignId, ...node, "--deployment", join(folder, "deployment.json")];
    return run([...subject, ...args], {
      say: (text) => said.push(text),
      progress: (text) => progress.push(text),
      env: {},
    });
  }

  /** The audit of public data in which something was changed: the checks that fail, with their differences. */
  async function tampered(
    change: (data: string) => void,
    ...args: string[]
  ): Promise<Partial<Record<CheckName, string>>> {
    const data = mkdtempSync(join(folder, "tampered-"));
    cpSync(join(folder, "true"), data, { recursive: true });
    change(data);
    const ok = await audit("--data", data, "--json", ...args);
    const outcome: Outcome = JSON.parse(said.join("\n"));
    expect(outcome.ok).to.equal(ok);
    const failed = outcome.checks.filter((check) => !check.ok);
    return Object.fromEntries(failed.map(({ name, differences }) => [name, differences.join("\n")]));
  }
  const edit = (data: string, digest: string | undefined, change: (file: PublicFile) => void) => {
    const name = join(data, `${digest}.json`);
    const file: PublicFile = JSON.parse(readFileSync(name, "utf8"));
    change(file);
    writeFileSync(name, JSON.stringify(file));
  };
  const withReceipts = (data: string, list: readonly object[]) => {
    writeFileSync(join(data, "receipts.json"), toFile(list));
    return data;
  };

  it("finds that everything agrees where everything does, and says what it looked at", async () => {
    const held = join(withReceipts(folder, receipts), "receipts.json");
    // As a partner has it of the API: with what was sold.
    const conversionsHeld = JSON.parse(readFileSync(held, "utf8")).map((receipt: { campaignId: string }) => ({
      campaignId: receipt.campaignId,
      state: "attested",
      event: "sale",
      attributes: { plan: "annual" },
      history: null,
      receipt,
    }));
    writeFileSync(held, JSON.stringify(conversionsHeld));
    expect(await audit("--data", join(folder, "true"), "--receipts", held, "--signer", relayer.address)).to.equal(true);
    expect(said.join("\n")).to.contain("Everything agrees.").and.not.contain("✗");
    expect(said.join("\n")).to.match(/Every conversion is in its batch's root +│ ✓ +│ +7 /);
    // Of sales in other currencies there are none.
    const idle = said
      .join("\n")
      .split("\n")
      .filter((line) => line.includes("–"));
    expect(idle).to.have.lengthOf(1);
    expect(idle[0]).to.contain("Every sale in its own currency");
    expect(progress.at(-1)).to.match(/: 3 batches, 7 conversions$/);
    expect(await audit("--data", join(folder, "true"))).to.equal(true);
    expect(said.join("\n")).to.match(/Every receipt was kept, or is still in time +│ – +│ +0 /);
  });

  it("takes its data from a relayer as well, whoever that is", async () => {
    const url = await serve((request, response) => {
      const [, , what, name] = request.url?.split("/") ?? [];
      if (what === "status") return response.end(JSON.stringify({ relayer: relayer.address }));
      try {
        const lines = request.url?.endsWith("/lines");
        const file = what === "descriptions" ? `descriptions/${name}.json` : `${name}.${lines ? "lines" : "json"}`;
        return response.end(readFileSync(join(folder, "true", file)));
      } catch {
        return response.writeHead(404).end();
      }
    });
    const held = join(withReceipts(folder, receipts), "receipts.json");
    expect(await audit("--relayer", url, "--receipts", held, "--json")).to.equal(false);
    const { checks }: Outcome = JSON.parse(said.join("\n"));
    const failed = checks.filter(({ ok }) => !ok);
    // It has files of batches, and no more: of what it does not show it is told.
    expect(failed.map(({ name }) => name)).to.deep.equal(["shown"]);
    expect(failed[0]?.differences).to.contain(`${url} shows the campaign not at all.`);
  });

  it("finds a changed entry", async () => {
    const failed = await tampered((data) =>
      edit(data, digests[0], ({ leaves: [leaf] }) => {
        const [line] = leaf?.entries.map(unpackLine) ?? [];
        if (leaf !== undefined && line !== undefined) leaf.entries = [packLine({ ...line, volumeUnits: 999n })];
      }),
    );
    expect(Object.keys(failed)).to.deep.equal(["leaves", "lines"]);
    expect(failed.leaves).to.contain(`Batch ${digests[0]}: the conversions of the public data do not have the root`);
    expect(failed.lines).to.contain(
      "3 conversions and volume 3000 were signed, 3 and 2999 are those of the conversions",
    );
  });

  it("finds a leaf that is missing, and a batch that is", async () => {
    const failed = await tampered((data) => edit(data, digests[1], ({ leaves }) => leaves.pop()));
    expect(failed.leaves).to.contain("has 2 conversions on the chain, 1 in the public data");
    expect(failed.lines).to.contain(
      "2 conversions and volume 2000 were signed, 1 and 1000 are those of the conversions",
    );
    const hidden = await tampered((data) => rmSync(join(data, `${digests[1]}.json`)));
    expect(hidden).to.deep.equal({
      leaves: `The public data of batch ${digests[1]}, conversions 4 to 5, is not served.`,
    });
    for (const text of ["<html>", '{"leaves": [', '{"leaves": [{"number": 4}]}', "{} {}"]) {
      const broken = await tampered((data) => writeFileSync(join(data, `${digests[1]}.json`), text));
      expect(broken.leaves).to.contain(text === "{} {}" ? "cannot be read: It goes on" : "cannot be read");
    }
  });

  it("finds a number that is not in its place", async () => {
    const failed = await tampered((data) =>
      edit(data, digests[0], ({ leaves }) => {
        for (const leaf of leaves) if (leaf.number === "2") leaf.number = "3";
      }),
    );
    expect(failed.leaves).to.contain("conversion 1 has number 3 instead of 2");
  });

  it("finds lines that are not those that were signed", async () => {
    const failed = await tampered((data) =>
      edit(data, digests[2], ({ lines: [line] }) => {
        if (line !== undefined) line.attested = `${line.attested.slice(0, -1)}9`;
      }),
    );
    const what = `batch ${digests[2]}: its 2 lines are not the 2 that were signed`;
    expect(Object.keys(failed)).to.deep.equal(["lines", "shown"]);
    expect(failed.lines).to.contain(
      `: Batch ${digests[2]}: the lines of the public data are not those that were signed.`,
    );
    expect(failed.shown).to.contain(what);
  });

  it("finds that whoever serves the lines of a batch changed one, and takes them from the next who does not", async () => {
    const name = (data: string) => join(data, `${digests[1]}.lines`);
    const change = (data: string) => {
      const lines = readFileSync(name(data));
      lines[31] = (lines[31] ?? 0) ^ 1;
      writeFileSync(name(data), lines);
    };
    const alone = await tampered(change);
    expect(alone.roots).to.contain(`as the lines of batch ${digests[1]}, 32 bytes, does not have the root and the sum`);
    expect(alone.roots).to.contain(`Nobody who was asked gives the 1 lines of batch ${digests[1]}.`);
    expect(alone.releases).to.contain(`A pull of line 0 of ${digests[1]} paid 6000000; the line is not known.`);
    const attester = await serve((request, response) => {
      const digest = request.url?.split("/")[3];
      response.end(readFileSync(join(folder, "true", `${digest}.lines`)));
    });
    const dead = await serve((_, response) => void response.writeHead(500).end());
    const helped = await tampered(change, "--attester", dead, "--attester", attester);
    expect(Object.keys(helped)).to.deep.equal(["roots"]);
    expect(helped.roots).to.contain("What /").and.contain(digests[1]).and.not.contain("Nobody");
    // One that has none, or too many, is no better; one that is asked after it is.
    expect(await tampered((data) => rmSync(name(data)), "--attester", attester)).to.deep.equal({});
    const long = await tampered((data) => writeFileSync(name(data), Buffer.alloc(64)), "--attester", attester);
    expect(long.roots).to.contain("33 bytes");
  });

  it("finds another description than was announced, and one that nobody serves", async () => {
    const name = join("descriptions", `${descriptionHash(DESCRIPTION)}.json`);
    const changed = await tampered((data) => writeFileSync(join(data, name), DESCRIPTION.trim()));
    expect(changed.descriptions).to.contain("has the hash");
    expect(Object.keys(changed)).to.deep.equal(["descriptions"]);
    expect((await tampered((data) => rmSync(join(data, name)))).descriptions).to.contain("is not served");
  });

  it("finds a receipt that was kept late, with something else, or not at all", async () => {
    const now = await world.now();
    const [first] = receipts;
    if (first === undefined) throw new Error("no receipt");
    const of = (salt: string): GivenConversion => ({ number: 0n, key: id("unknown"), salt, entries: first.entries });
    const late = await promise({ number: 1n, ...first, key: first.conversionKey }, first.receivedAt - 100);
    const other = await promise({ number: 1n, ...first, key: first.conversionKey, salt: id("other") }, now + DAY);
    const broken = await promise(of(id("a")), now - 1);
    const inTime = await promise(of(id("b")), now + DAY);
    const forged = await promise({ number: 1n, ...first, key: first.conversionKey }, now + DAY, new Wallet(id("x")));
    const check = async (...list: object[]) => {
      const { receipts: failed = "", ...rest } = await tampered(
        (data) => withReceipts(data, list),
        "--receipts",
        join(withReceipts(folder, list), "receipts.json"),
        "--signer",
        relayer.address,
      );
      expect(rest).to.deep.equal({});
      return failed;
    };
    expect(await check(late)).to.match(/promised attestation until \d+; number 1 was attested at \d+\./);
    expect(await check(other)).to.contain("promised other entries than number 1 was attested with");
    expect(await check(broken)).to.contain("it was never attested");
    expect(await check(inTime)).to.equal("");
    expect(await check(forged)).to.contain("not by the relayer");
    // A relayer that had two keys.
    const two = [
      "--receipts",
      join(withReceipts(folder, [inTime, forged]), "receipts.json"),
      "--signer",
      relayer.address,
    ];
    await audit("--data", join(folder, "true"), ...two, "--signer", new Wallet(id("x")).address, "--json");
    expect(said.join("\n")).to.not.contain("not by the relayer");
    expect(await check({ ...inTime, signature: "0x12" })).to.contain("no signature that can be read");
    expect(await check(late, broken, other).then((text) => text.split("\n"))).to.have.length(3);
    // As the API gives it to its brand, which took it back before it was attested.
    const { campaignId: _, ...receipt } = { ...broken, entries: broken.entries.map(packLine) };
    writeFileSync(join(folder, "receipts.json"), JSON.stringify([{ campaignId, state: "reversed", receipt }]));
    const signed = ["--receipts", join(folder, "receipts.json"), "--signer", relayer.address];
    expect(await audit("--data", join(folder, "true"), ...signed)).to.equal(true);
  });

  /** The audit of true data by this node and others. */
  const byNodes = (...more: string[]) =>
    audit("--data", join(folder, "true"), "--rpc", world.rpcUrl, ...more).catch((error: Error) => error.message);

  it("reads of several nodes what two of them tell, names one that told something else, and ends where none is right", async () => {
    const [liar, third] = [await startLyingNode(world.rpcUrl), await startLyingNode(world.rpcUrl)];
    try {
      expect(await byNodes("--rpc", liar.url)).to.equal(true);
      // It leaves the last event out.
      liar.lies.set("eth_getLogs", async (_, truth) => (await truth()).slice(0, -1));
      expect(await byNodes("--rpc", liar.url)).to.match(/^The chain's nodes tell different things \(eth_getLogs\)/);
      expect(await byNodes("--rpc", liar.url, "--rpc", third.url)).to.equal(true);
      expect(progress.join("\n")).to.contain(`${new URL(liar.url).host} told something else than the other nodes`);
      // What one alone says is believed where that was asked for.
      expect(await byNodes("--rpc", liar.url, "--agree", "1")).to.equal(true);
    } finally {
      await Promise.all([liar.stop(), third.stop()]);
    }
  });

  it("says what is wrong with its nodes without showing their URLs", async () => {
    expect(await byNodes("--rpc", "ws://node.example/key")).to.equal(
      "--rpc must be http or https URLs of nodes of the chain, ten at most.",
    );
    expect(await byNodes("--rpc", world.rpcUrl)).to.match(/^--rpc \(not shown\) has a node twice/);
    expect(await byNodes("--agree", "2")).to.match(/^--agree is 2: --rpc has 1, which can never agree/);
    expect(await byNodes("--agree", "some")).to.equal("--agree some is not a number of nodes.");
  });

  it("goes on from what it kept, also when it was killed while it wrote", async () => {
    const state = join(folder, "state.jsonl");
    const again = () => audit("--data", join(folder, "true"), "--state", state, "--json");
    expect(await again()).to.equal(true);
    const whole = readFileSync(state, "utf8");
    const outcome = said.join();
    expect(await again()).to.equal(true);
    expect(readFileSync(state, "utf8")).to.equal(whole);
    expect(said.join()).to.equal(outcome);
    writeFileSync(state, `${whole}{"to": 99`);
    expect(await again()).to.equal(true);
    // What it kept is used: a piece of it that is not true is found out.
    writeFileSync(state, whole.replace(/"topics":\["0x......../, '"topics":["0x00000000'));
    expect(await again().catch((error: Error) => error.message)).to.contain("does not begin with its creation");
    // Of a chain that was reorganised nothing is kept.
    writeFileSync(state, whole.replace(/"hash":"0x../, '"hash":"0x--'));
    expect(await again()).to.equal(true);
    expect(readFileSync(state, "utf8")).to.equal(whole);
    writeFileSync(state, whole.replace(campaignId, id("another")));
    expect(await again().catch((error: Error) => error.message)).to.contain(
      "not the state of an audit of this campaign",
    );
  });

  it("asks a node that limits its answers for less at a time", async () => {
    let asked = 0;
    const url = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const calls = [JSON.parse(body)].flat();
      for (const { method, params } of calls) {
        if (method !== "eth_getLogs") continue;
        asked++;
        if (Number(params[0].toBlock) - Number(params[0].fromBlock) < 5) continue;
        const answers = calls.map(({ id }) => ({ jsonrpc: "2.0", id, error: { code: -32_005, message: "too many" } }));
        return response.end(JSON.stringify(answers.length === 1 ? answers[0] : answers));
      }
      const headers = { "content-type": "application/json" };
      response.end(await (await fetch(world.rpcUrl, { method: "POST", headers, body })).text());
    });
    expect(await audit("--data", join(folder, "true"), "--rpc", url)).to.equal(true);
    expect(asked).to.be.greaterThan(5);
    expect(said.join("\n")).to.match(/Every conversion is in its batch's root +│ ✓ +│ +7 /);
  });

  it("says what is missing, and what it cannot look at", async () => {
    const fails = (...args: string[]) =>
      run(args, { say: () => {}, progress: () => {}, env: {} }).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await fails()).to.contain("Give --campaign");
    expect(await fails("--campaign", "0x12")).to.contain("is not 0x and 64 digits");
    expect(await fails("--campaign", campaignId)).to.contain("Give --relayer or --data");
    expect(await fails("--campaign", campaignId, "--data", folder)).to.contain("Give --rpc");
    const there = ["--data", folder, "--rpc", world.rpcUrl, "--deployment", join(folder, "deployment.json")];
    expect(await fails("--campaign", id("none"), ...there)).to.contain(`has no campaign ${id("none")}`);
    expect(HELP).to.contain("--receipts");
    // Who has lines and does not give them leaves it unknown whether they are those that were signed.
    const secretive = await serve((request, response) => {
      const [, , what, name] = request.url?.split("/") ?? [];
      if (request.url?.endsWith("/lines")) return response.writeHead(403).end();
      if (what !== "batches") return response.writeHead(404).end();
      return response.end(readFileSync(join(folder, "true", `${name}.json`)));
    });
    const asked = ["--relayer", secretive, "--rpc", world.rpcUrl, "--deployment", join(folder, "deployment.json")];
    expect(await fails("--campaign", campaignId, ...asked)).to.match(/\/lines does not answer: 403\. Try again\.$/);
  });

  // From here on attesters lie: what they signed cannot be undone, so these come last.

  it("finds a key under two numbers, lines that are no sums, and a wrong root, though attesters signed them", async () => {
    const [alice] = world.partners as [string];
    await settle(8n, ["1"], alice, 1);
    const line = { offerId: 1, partner: alice, count: 1, volumeUnits: 5_000n };
    const inflated = await settle(9n, ["9"], alice, 1, { lines: [line] });
    const unproven = await settle(10n, ["10"], alice, 1, { sign: { conversionsRoot: id("anything") } });
    const failed = await tampered(() => {});
    expect(Object.keys(failed)).to.deep.equal(["leaves", "lines", "keys"]);
    expect(failed.keys)
      .to.match(/^[^\n]+$/)
      .and.contain(`: Conversion key ${id("key 1")} stands under number 1 and under 8.`);
    expect(failed.lines).to.contain(digestFor(inflated));
    expect(failed.leaves).to.contain(digestFor(unproven));
    expect(failed.leaves).to.contain(id("anything"));
    // A receipt is not kept by a batch that proves nothing.
    const held = join(withReceipts(folder, receipts.slice(-1)), "receipts.json");
    expect((await tampered(() => {}, "--receipts", held)).receipts).to.contain("does not prove its conversions");
    expect(await audit("--data", join(folder, "true"), "--show", "0")).to.equal(false);
    expect(said.join("\n")).to.contain("… and 1 more").and.contain("3 of 19 checks found differences.");
  });
});
