import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call, waitFor } from "#harness/client.ts";
import { buildTown, click, type Town } from "#harness/town.ts";
import type { Finding } from "#scripts/audit/findings.ts";
import { run } from "#scripts/audit.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever the API shows
type Shown = any;

/** What somebody serves, and a name for it. */
const SERVED: readonly [what: string, path: RegExp][] = [
  ["status", /^\/v1\/status$/],
  ["campaign", /^\/v1\/campaigns\/0x\w+$/],
  ["list", /^\/v1\/campaigns\?/],
  ["batch", /^\/v1\/batches\/0x\w+$/],
  ["lines", /^\/v1\/batches\/0x\w+\/lines$/],
  ["proof", /^\/v1\/batches\/0x\w+\/lines\/\d+$/],
  ["description", /^\/v1\/descriptions\/0x\w+$/],
  ["partner", /^\/v1\/partners\/0x\w+$/],
  ["partner's lines", /^\/v1\/partners\/0x\w+\/lines\?/],
  ["pull", /^\/v1\/partners\/0x\w+\/pull\?/],
];

/** What only the relayer can know, or says of itself: docs/audit.md names it. */
const OWN_WORD =
  /^(status: (relayer|receiptSigners.*|passkeyFactory|waiting\.\w+|gaslessClaims.*)|(campaign|list): promised|batch: problem|pull: (attestations|lines)\.\d+\.\w+\.extra)$/;

/** Another value of the same kind. */
function other(value: unknown): unknown {
  if (value === null) return { amount: "1", effectiveAt: 1 };
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1_000_000;
  const text = String(value);
  if (/^\d+$/.test(text)) return String(BigInt(text) + 1n);
  if (/^0x[0-9a-fA-F]+$/.test(text)) return text.slice(0, -1) + (text.endsWith("1") ? "2" : "1");
  return `${text}x`;
}

/** Every way to change one value within `said`, or to leave out an item of a list. */
function* lies(said: Shown, path = ""): Generator<{ at: string; told: Shown }> {
  if (typeof said !== "object" || said === null) {
    yield { at: path, told: other(said) };
    return;
  }
  for (const [name, inner] of Object.entries(said)) {
    const at = path === "" ? name : `${path}.${name}`;
    for (const lie of lies(inner, at)) {
      const told = Array.isArray(said) ? [...said] : { ...said };
      told[name as never] = lie.told as never;
      yield { at: lie.at, told };
    }
    if (Array.isArray(said)) yield { at: `${at} left out`, told: said.filter((_, i) => String(i) !== name) };
  }
}

/** The bytes with one bit of one of them changed. */
const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));

describe("an audit of what is shown", function () {
  this.timeout(900_000);
  let town: Town;
  let campaignId: string;
  const servers: Server[] = [];

  const folder = mkdtempSync(join(tmpdir(), "partner-programs-audit-"));

  before(async () => {
    town = await buildTown();
    writeFileSync(join(folder, "deployment.json"), JSON.stringify(town.stack.deployment));
  });
  after(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await town?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function audit(...args: string[]): Promise<{ ok: boolean; said: Map<string, string> }> {
    const { stack } = town;
    const text: string[] = [];
    const subject = [
      "--campaign",
      campaignId,
      "--rpc",
      stack.rpcUrl,
      "--deployment",
      join(folder, "deployment.json"),
      "--show",
      "1000000",
    ];
    const ok = await run([...subject, "--json", ...args], {
      say: (one) => text.push(one),
      progress: () => {},
      env: {},
      // Whoever lies is asked for the very proofs that were noted.
      random: () => 0,
    });
    const { checks } = JSON.parse(text.join("\n")) as { checks: Finding[] };
    return { ok, said: new Map(checks.map(({ name, differences }) => [name, differences.join("\n")])) };
  }

  /** Something in front of `target` that tells what it is told to instead. */
  async function liar(target: string, told: ReadonlyMap<string, Shown | Uint8Array>): Promise<string> {
    const server = createServer(async (request, response) => {
      const path = request.url ?? "";
      const what = SERVED.find(([, one]) => one.test(path))?.[0] ?? "";
      const lie = told.get(`${what} ${path}`);
      if (lie !== undefined) return response.end(lie instanceof Uint8Array ? lie : JSON.stringify(lie));
      const answer = await fetch(new URL(path, target));
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A relayer that notes what it is asked. */
  async function note(target: string): Promise<{ url: string; asked: Map<string, Uint8Array> }> {
    const asked = new Map<string, Uint8Array>();
    const server = createServer(async (request, response) => {
      const answer = await fetch(new URL(request.url ?? "", target));
      const body = new Uint8Array(await answer.arrayBuffer());
      if (answer.ok) asked.set(request.url ?? "", body);
      response.writeHead(answer.status).end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  /** Every lie that can be told of what a true audit asks for: one of each resource at a time. */
  async function tellAll(
    about: readonly string[] = SERVED.map(([what]) => what),
  ): Promise<{ missed: string[]; told: number }> {
    const { stack } = town;
    const { url, asked } = await note(stack.apiUrl);
    const truth = await audit("--relayer", url, "--attester", stack.attesterUrl);
    expect([...truth.said.values()].join("")).to.equal("");
    expect(truth.ok).to.equal(true);
    /** Of each resource the lies that are still to be told. */
    const queues = [...asked].map(([path, bytes]) => {
      const what = SERVED.find(([, one]) => one.test(path))?.[0];
      expect(what, `${path} is no known resource`).to.not.equal(undefined);
      const binary = what === "lines" || what === "description";
      const all: { at: string; told: Shown }[] = binary
        ? [{ at: "bytes", told: flipped(bytes) }]
        : [...lies(JSON.parse(Buffer.from(bytes).toString()))];
      const own = all.filter(({ at }) => {
        if (!about.includes(what as string)) return false;
        if (what === "list" && at.includes(".description.")) return false;
        return !OWN_WORD.test(`${what}: ${what === "list" ? at.replace(/^items\.\d+\./, "") : at}`);
      });
      return { what: what as string, path, own };
    });
    const liars: { url: string; lies: { what: string; path: string; at: string }[] }[] = [];
    // What is told of a partner's lines is compared with those of the batch: whoever lies about the one is true to the other.
    const groups = [queues.filter(({ what }) => what === "batch"), queues.filter(({ what }) => what !== "batch")];
    for (const { group, i } of groups.flatMap((group) =>
      Array.from({ length: Math.max(0, ...group.map(({ own }) => own.length)) }, (_, i) => ({ group, i })),
    )) {
      const told = new Map<string, Shown>();
      const lies: { what: string; path: string; at: string }[] = [];
      for (const { what, path, own } of group) {
        const lie = own[i];
        if (lie === undefined) continue;
        told.set(`${what} ${path}`, lie.told);
        lies.push({ what, path, at: lie.at });
      }
      liars.push({ url: await liar(stack.apiUrl, told), lies });
    }
    const attester = await liar(
      stack.attesterUrl,
      new Map(
        [...asked].filter(([path]) => /lines$/.test(path)).map(([path, bytes]) => [`lines ${path}`, flipped(bytes)]),
      ),
    );
    const { ok, said } = await audit(...liars.flatMap(({ url }) => ["--relayer", url]), "--attester", attester);
    expect(ok).to.equal(false);
    const lines = [...said.values()].join("\n").split("\n");
    expect(
      lines.filter((line) => line.includes(attester)),
      "the attester's lie",
    ).to.not.have.lengthOf(0);
    const missed = liars.flatMap(({ url, lies }) => {
      const own = lines.filter((line) => line.includes(url));
      return lies.filter((lie) => !own.some((line) => isNamed(lie, line))).map(({ what, at }) => `${what}: ${at}`);
    });
    return { missed, told: liars.reduce((sum, { lies }) => sum + lies.length, 0) };
  }

  /** Whether a difference is about a lie: about what was asked, and where it says a field's name, that one. */
  function isNamed({ what, path, at }: { what: string; path: string; at: string }, line: string): boolean {
    const id = /0x\w+/.exec(path)?.[0] ?? "";
    const names = at
      .replace(/ left out$/, "")
      .replace(/^items\./, "")
      .split(".")
      .filter((one) => !/^\d+$/.test(one));
    const field = names[0] ?? "";
    switch (what) {
      case "status":
        return line.includes("says of itself") && line.includes(field);
      case "campaign":
        return line.includes("shows the campaign") && line.includes(`${field} is`);
      case "list":
        return (
          line.includes("lists the campaign") && (["", "id", "next"].includes(field) || line.includes(`${field} is`))
        );
      case "description":
        return line.includes(`description ${id}`);
      case "lines":
        return line.includes(`the lines of batch ${id}`);
      case "batch":
        return (
          line.toLowerCase().includes(`batch ${id}`) &&
          (field === "lines"
            ? /line/.test(line)
            : field === "leaves"
              ? /conversion/.test(line)
              : line.includes(`${field} is`))
        );
      case "proof":
        return line.includes(`of ${id}`) && /proof|attestation|commission|state/.test(line);
      case "partner":
        return line.includes("shows partner") && line.toLowerCase().includes(id.toLowerCase());
      case "partner's lines":
        return (
          line.includes("/lines?") || (line.includes("the lines of") && line.toLowerCase().includes(id.toLowerCase()))
        );
      default:
        return line.includes("can pull") && line.toLowerCase().includes(id.toLowerCase());
    }
  }

  it("names a lie about any field, while lines are held, and when they can be pulled", async () => {
    const { stack, programs, partners, brand } = town;
    const { provider, apiUrl } = stack;
    const opened = await town.open("shown", 3_600);
    campaignId = opened.campaignId;
    const { shop } = opened;
    const links = [await town.join(campaignId, 0), await town.join(campaignId, 1)];
    const [one, two] = partners as [(typeof partners)[number], (typeof partners)[number]];
    await (await programs.connect(one.signer).setPayout(brand.address, 600)).wait();
    await (await programs.connect(one.signer).setPayout(one.address, 0)).wait();
    await (await programs.connect(two.signer).revokeOrders()).wait();
    await (await programs.connect(brand.signer).announceDailyLimit(campaignId, 10n ** 12n)).wait();
    await (await programs.connect(brand.signer).announceWithdrawal(campaignId, 5n)).wait();
    const signUp = async (orderId: string, link: string) =>
      shop.reportConversion({ event: "signup", orderId, customerId: orderId, referralToken: await click(link) });
    const made: Awaited<ReturnType<typeof signUp>>[] = [];
    const isIn = (state: string, i: number) => async () => (await shop.conversion(made[i]?.id ?? "")).state === state;
    // In two batches at least, so that one partner has several lines.
    for (const part of [["a", "b"], ["c"]]) {
      for (const orderId of part) made.push(await signUp(orderId, links[0] as string));
      if (part.length === 1) made.push(await signUp("d", links[1] as string));
      for (const i of made.keys()) await waitFor("the attestation", isIn("attested", i));
    }
    await shop.refund(made[0]?.id ?? "");
    await waitFor("the reversal", isIn("reversed", 0));

    const held = await tellAll();
    expect(held.missed).to.deep.equal([]);
    expect(held.told).to.be.greaterThan(100);

    // The hold ends in a block behind which no other comes: what can be pulled stays so.
    await provider.send("evm_setAutomine", [false]);
    await provider.send("evm_setIntervalMining", [0]);
    await provider.send("evm_increaseTime", [4_000]);
    await provider.send("evm_mine", []);
    await waitFor("the lines to be due", async () => {
      const { items } = await call<Shown>(apiUrl, "GET", `/v1/partners/${two.address}/lines?campaignId=${campaignId}`);
      return items[0]?.state === "pullable";
    });
    const due = await tellAll(["pull"]);
    expect(due.missed).to.deep.equal([]);
    expect(due.told).to.be.greaterThan(20);
  });
});
