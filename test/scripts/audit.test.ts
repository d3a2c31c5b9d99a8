import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { descriptionHash } from "@partner-programs/protocol/description";
import { packLine, unpackLine } from "@partner-programs/protocol/line";
import { conversionTree, lineProof } from "@partner-programs/protocol/trees";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  type Receipt,
  receiptTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { createAudit } from "#scripts/audit/audit.ts";
import type { CheckName, Finding } from "#scripts/audit/findings.ts";
import { HELP, run } from "#scripts/audit.ts";
import { attest, attesters, buildWorld, carry, conversions, DAY, HOLD, type World } from "../attester/world.ts";

const DESCRIPTION = '{"version": 1, "name": "audited"}\n';

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

    const [line] = first.lines;
    if (line === undefined) throw new Error("no line");
    const reversal = {
      campaignId,
      attestation: digestOf(chain.domain, attestationTypedData(first)),
      targets: [{ ...line, count: 2, volumeUnits: 2_000n }],
      reasonHash: id("refunded"),
    };
    const { types, message } = reversalTypedData(reversal);
    const signature = await attesters[0].signTypedData(chain.domain, types, message);
    const lines = [message.targets[0] as string];
    await (
      await programs.reverse({ ...reversal, targets: lines }, [lineProof(first.lines, 0)], [{ attester: 0, signature }])
    ).wait();
    await world.pass(HOLD);
    await (await programs.release(campaignId, reversal.attestation, lines, [])).wait();
    const pulled = digestOf(chain.domain, attestationTypedData(second));
    await (await programs.pull(campaignId, pulled, lineProof(second.lines, 0))).wait();
    const third = await settle(6n, ["6"], alice, 1);
    digests = [first, second, third].map((one) => digestOf(chain.domain, attestationTypedData(one)));
  }

  /** Attests orders and saves their public data, and their receipts. */
  async function settle(
    from: bigint,
    orderIds: string[],
    partner: string,
    offerId: number,
    changes: Partial<Attestation> = {},
  ) {
    const now = await world.now();
    const event = offerId === 1 ? "sale" : "invoice";
    const leaves = conversions(from, orderIds, { partner, offerId, event, receivedAt: now - 10 });
    const attestation = attest(campaignId, leaves, now, changes);
    await carry(world, attestation, [0, attesters[0]]);
    save(join(folder, "true"), attestation, leaves);
    for (const leaf of leaves) receipts.push(await promise(leaf, now + DAY));
    return attestation;
  }

  function save(where: string, attestation: Attestation, leaves: readonly GivenConversion[]): void {
    const digest = digestOf(world.chain.domain, attestationTypedData(attestation));
    const lines = attestation.lines.map(packLine);
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
    writeFileSync(join(where, `${digest}.json`), JSON.stringify(file));
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
    const subject = ["--campaign", campaignId, "--rpc", world.rpcUrl, "--deployment", join(folder, "deployment.json")];
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
    expect(await audit("--data", join(folder, "true"), "--receipts", held, "--signer", relayer.address)).to.equal(true);
    expect(said.join("\n")).to.contain("Everything agrees.").and.not.contain("✗");
    expect(said.join("\n")).to.match(/Every conversion is in its batch's root +│ ✓ +│ +6 /);
    expect(said.join("\n")).to.not.contain("–");
    expect(progress.at(-1)).to.match(/: 3 batches, 6 conversions$/);
    expect(await audit("--data", join(folder, "true"))).to.equal(true);
    expect(said.join("\n")).to.match(/Every receipt was kept, or is still in time +│ – +│ +0 /);
  });

  it("takes its data from a relayer as well, whoever that is", async () => {
    const url = await serve((request, response) => {
      const [, , what, name] = request.url?.split("/") ?? [];
      if (what === "status") return response.end(JSON.stringify({ relayer: relayer.address }));
      try {
        const file = what === "descriptions" ? `descriptions/${name}.json` : `${name}.json`;
        return response.end(readFileSync(join(folder, "true", file)));
      } catch {
        return response.writeHead(404).end();
      }
    });
    const held = join(withReceipts(folder, receipts), "receipts.json");
    expect(await audit("--relayer", url, "--receipts", held)).to.equal(true);
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
    expect(failed.lines).to.contain("3 conversions and volume 3000 on the chain, 3 and 2999 by the conversions");
  });

  it("finds a leaf that is missing, and a batch that is", async () => {
    const failed = await tampered((data) => edit(data, digests[1], ({ leaves }) => leaves.pop()));
    expect(failed.leaves).to.contain("has 2 conversions on the chain, 1 in the public data");
    expect(failed.lines).to.contain("2 conversions and volume 2000 on the chain, 1 and 1000 by the conversions");
    const hidden = await tampered((data) => rmSync(join(data, `${digests[1]}.json`)));
    expect(hidden).to.deep.equal({
      leaves: `The public data of batch ${digests[1]}, conversions 4 to 5, is not served.`,
    });
    const broken = await tampered((data) => writeFileSync(join(data, `${digests[1]}.json`), "<html>"));
    expect(broken.leaves).to.contain("cannot be read");
  });

  it("finds a number that is not in its place", async () => {
    const failed = await tampered((data) =>
      edit(data, digests[0], ({ leaves }) => {
        for (const leaf of leaves) if (leaf.number === "2") leaf.number = "3";
      }),
    );
    expect(failed.leaves).to.contain("conversion 1 has number 3 instead of 2");
  });

  it("finds lines that are not those on the chain", async () => {
    const failed = await tampered((data) =>
      edit(data, digests[2], ({ lines: [line] }) => {
        if (line !== undefined) line.attested = `${line.attested.slice(0, -1)}9`;
      }),
    );
    expect(failed).to.deep.equal({
      lines: `Batch ${digests[2]}: the lines of the public data are not those on the chain.`,
    });
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
    expect(await check({ ...inTime, signature: "0x12" })).to.contain("no signature that can be read");
    expect(await check(late, broken, other).then((text) => text.split("\n"))).to.have.length(3);
    // As the API gives it to its brand, which took it back before it was attested.
    const { campaignId: _, ...receipt } = { ...broken, entries: broken.entries.map(packLine) };
    writeFileSync(join(folder, "receipts.json"), JSON.stringify([{ campaignId, state: "reversed", receipt }]));
    const signed = ["--receipts", join(folder, "receipts.json"), "--signer", relayer.address];
    expect(await audit("--data", join(folder, "true"), ...signed)).to.equal(true);
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
    expect(said.join("\n")).to.match(/Every conversion is in its batch's root +│ ✓ +│ +6 /);
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
  });

  // From here on attesters lie: what they signed cannot be undone, so these come last.

  it("finds a key under two numbers, lines that are no sums, and a wrong root, though attesters signed them", async () => {
    const [alice] = world.partners as [string];
    const doubled = await settle(7n, ["1"], alice, 1);
    const [line] = doubled.lines;
    if (line === undefined) throw new Error("no line");
    const inflated = await settle(8n, ["8"], alice, 1, { lines: [{ ...line, volumeUnits: 5_000n }] });
    const unproven = await settle(9n, ["9"], alice, 1, { conversionsRoot: id("anything") });
    const failed = await tampered(() => {});
    expect(Object.keys(failed)).to.deep.equal(["leaves", "lines", "keys"]);
    expect(failed.keys).to.equal(`Conversion key ${id("key 1")} stands under number 1 and under 7.`);
    expect(failed.lines).to.contain(digestOf(world.chain.domain, attestationTypedData(inflated)));
    expect(failed.leaves).to.contain(digestOf(world.chain.domain, attestationTypedData(unproven)));
    expect(failed.leaves).to.contain(id("anything"));
    // A receipt is not kept by a batch that proves nothing.
    const held = join(withReceipts(folder, receipts.slice(-1)), "receipts.json");
    expect((await tampered(() => {}, "--receipts", held)).receipts).to.contain("does not prove its conversions");
    expect(await audit("--data", join(folder, "true"), "--show", "0")).to.equal(false);
    expect(said.join("\n")).to.contain("… and 1 more").and.contain("3 of 12 checks found differences.");
  });
});

describe("an audit of a history that the contract would not have written", () => {
  const PARTNER = "0x1111111111111111111111111111111111111111";
  const line = { offerId: 1, partner: PARTNER, count: 2, volumeUnits: 100n };
  const offer = { flatAmount: 10n, rateBps: 1_000, capUnits: 50n, kind: 0, validFrom: 100n, validTo: 200n };
  const body = {
    firstConversion: 1n,
    conversions: 2n,
    periodFrom: 100n,
    periodTo: 200n,
    conversionsRoot: id("root"),
    lines: [packLine(line)],
  };
  // 2 × 10, and a tenth of 100; a twentieth of that is 1.5, rounded down.
  const attested = { attestation: id("batch"), commission: 30n, fee: 1n, releaseAt: 310n, body };
  const created = { terms: { holdSeconds: 10n, openKinds: 1n, feeBps: 500n, unitExponent: 0n } };
  const history: [string, object][] = [
    ["CampaignCreated", created],
    ["OfferAppended", { offerId: 1n, offer }],
    ["Funded", { amount: 100n }],
    ["Attested", attested],
  ];
  const contract = { available: 69n, reserved: 31n, nextConversion: 3n };
  const replay = (events: [string, object][], state = contract) => {
    const audit = createAudit();
    for (const [name, args] of events) audit.apply({ name, args });
    const failed = audit.finish(0, state, { domain: {}, signer: undefined }).filter((finding) => finding.failed > 0);
    return Object.fromEntries(failed.map(({ name, differences }) => [name, differences.join("\n")]));
  };
  const attest = (changes: object, inBody: object = {}): [string, object][] => [
    ...history.slice(0, 3),
    ["Attested", { ...attested, ...changes, body: { ...body, ...inBody } }],
  ];

  it("has nothing to say against one that it would have written", () => {
    expect(replay(history)).to.deep.equal({});
  });

  it("finds a gap in the numbers", () => {
    expect(replay(attest({}, { firstConversion: 2n }), { ...contract, nextConversion: 4n }).numbers).to.contain(
      "begins with number 2; the next was 1",
    );
    expect(replay(attest({}, { firstConversion: 2n }), { ...contract, nextConversion: 4n }).numbers).to.not.contain(
      "\n",
    );
    expect(replay(history, { ...contract, nextConversion: 4n }).numbers).to.contain("the events lead to 3");
  });

  it("finds a commission, a fee, a volume or an offer that was never published", () => {
    const owed = { available: 68n, reserved: 32n };
    expect(replay(attest({ commission: 31n }), { ...contract, ...owed }).offers).to.contain("it is 30 and 1");
    expect(replay(attest({ fee: 2n }), { ...contract, ...owed }).offers).to.contain("it is 30 and 1");
    const greedy = { lines: [packLine({ ...line, volumeUnits: 101n })] };
    expect(replay(attest({}, greedy)).offers).to.contain("above the offer's cap, 100");
    const unknown = { lines: [packLine({ ...line, offerId: 2 })] };
    expect(replay(attest({}, unknown)).offers).to.contain("never published such an offer");
  });

  it("finds a partner without the kind, as the kinds were then", () => {
    const listed = (mask: number, previousMask: number, effectiveAt: number): [string, object] => [
      "KindsSet",
      { partner: PARTNER, mask, previousMask, effectiveAt },
    ];
    const before = (event: [string, object]) => replay([...history.slice(0, 3), event, ...history.slice(3)]);
    expect(before(listed(0b10, 0, 0)).kinds).to.contain('the kind "affiliate"');
    expect(before(listed(0b10, 0b1, 199)).kinds).to.contain("did not have");
    expect(before(listed(0b10, 0b1, 200))).to.deep.equal({});
    expect(replay([...history, listed(0b10, 0, 0)])).to.deep.equal({});
  });

  it("finds a period outside the offer's validity, as that was then", () => {
    expect(replay(attest({}, { periodFrom: 99n })).periods).to.contain("[99, 200)");
    const retired: [string, object] = ["OfferRetirementAnnounced", { offerId: 1n, effectiveAt: 199n }];
    expect(replay([...history.slice(0, 3), retired, ...history.slice(3)]).periods).to.contain("[100, 199)");
    expect(replay([...history, retired])).to.deep.equal({});
  });

  it("finds a reversal that raises, that returns another amount, or that names another line", () => {
    const reverse = (lowered: object, commission: bigint, fee: bigint) =>
      replay(
        [
          ...history,
          ["Reversed", { attestation: id("batch"), lines: [packLine({ ...line, ...lowered })], commission, fee }],
        ],
        { ...contract, available: 69n + commission + fee, reserved: 31n - commission - fee },
      ).reversals;
    expect(reverse({ count: 1, volumeUnits: 50n }, 15n, 1n)).to.equal(undefined);
    expect(reverse({ count: 1, volumeUnits: 50n }, 14n, 1n)).to.contain("it is 15 and 1");
    expect(reverse({ count: 3 }, -10n, -1n)).to.contain("raises it: from 2 and 100 to 3 and 100");
    expect(reverse({ partner: `0x${"2".repeat(40)}` }, 0n, 0n)).to.contain("no such line");
  });

  it("finds a release that pays another amount, twice, or somebody else", () => {
    const released = (changes: object = {}): [string, object] => [
      "Released",
      { attestation: id("batch"), lines: [1n, 0n], commission: 30n, fee: 1n, ...changes },
    ];
    const pulled = (changes: object = {}): [string, object] => [
      "Pulled",
      { attestation: id("batch"), partner: PARTNER, index: 0n, commission: 30n, fee: 1n, ...changes },
    ];
    const after = (reserved: bigint, ...events: [string, object][]) =>
      replay([...history, ...events], { ...contract, reserved });
    expect(after(0n, released())).to.deep.equal({});
    expect(after(0n, pulled())).to.deep.equal({});
    expect(after(1n, released({ commission: 29n })).releases).to.contain("it is 30 and 1");
    expect(after(-31n, released(), pulled()).releases).to.contain("released twice");
    expect(after(0n, pulled({ partner: `0x${"2".repeat(40)}` })).releases).to.contain(`the line is ${PARTNER}'s`);
    const reversed: [string, object] = [
      "Reversed",
      { attestation: id("batch"), lines: [packLine(line)], commission: 0n, fee: 0n },
    ];
    expect(after(0n, released(), reversed).reversals).to.contain("it was released before");
  });

  it("finds entries that hide behind right sums: above the cap, of several conversions, in no line", () => {
    const leaf = (number: bigint, ...entries: object[]) => ({
      number,
      key: id(`key ${number}`),
      salt: id("salt"),
      entries: entries.map((entry) => ({ ...line, count: 1, volumeUnits: 50n, ...entry })),
    });
    const prove = (...leaves: ReturnType<typeof leaf>[]) => {
      const audit = createAudit();
      for (const [name, args] of attest({}, { conversionsRoot: conversionTree(leaves).root })) {
        const wanted = audit.apply({ name, args });
        if (wanted === undefined || !("batch" in wanted)) continue;
        const packed = leaves.map((one) => ({
          ...one,
          number: String(one.number),
          entries: one.entries.map(packLine),
        }));
        audit.batch(wanted, { leaves: packed });
      }
      const failed = audit
        .finish(0, contract, { domain: {}, signer: undefined })
        .filter((finding) => finding.failed > 0);
      return Object.fromEntries(failed.map(({ name, differences }) => [name, differences.join("\n")]));
    };
    expect(prove(leaf(1n, {}), leaf(2n, {}))).to.deep.equal({});
    expect(prove(leaf(1n, { volumeUnits: 51n }), leaf(2n, { volumeUnits: 49n }))).to.deep.equal({
      offers: "Conversion 1: volume 51 is above the cap of offer 1, 50.",
    });
    expect(prove(leaf(1n, { count: 0 }), leaf(2n, { count: 2 })).offers).to.equal(
      "Conversion 1: an entry counts 0 times.\nConversion 2: an entry counts 2 times.",
    );
    expect(prove(leaf(1n, {}), leaf(2n, {}, { offerId: 7 })).lines).to.contain(
      "offer 7 for 0x1111111111111111111111111111111111111111 are in no line",
    );
  });

  it("knows that without a hold a commission is credited at once", () => {
    const events: [string, object][] = [
      ["CampaignCreated", { terms: { ...created.terms, holdSeconds: 0n } }],
      ...history.slice(1),
    ];
    expect(replay(events, { ...contract, reserved: 0n })).to.deep.equal({});
    const again: [string, object] = [
      "Released",
      { attestation: id("batch"), lines: [1n, 0n], commission: 30n, fee: 1n },
    ];
    expect(replay([...events, again], { ...contract, reserved: -31n }).releases).to.contain("released twice");
  });

  it("finds that the contract holds something else", () => {
    expect(replay(history, { ...contract, available: 68n }).balances).to.contain(
      "has 68 available, the events add up to 69",
    );
    expect(replay(history, { ...contract, reserved: 32n }).balances).to.contain(
      "has 32 reserved, the events add up to 31",
    );
  });
});
