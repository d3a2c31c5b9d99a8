import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { linesPath, writeBatch } from "@partner-programs/protocol/attesterApi";
import { packLine } from "@partner-programs/protocol/line";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, hexlify } from "ethers";
import { endWithUs } from "#harness/children.ts";
import { ATTESTER_MIGRATIONS, prepareDatabase } from "#harness/database.ts";
import { freePorts } from "#harness/ports.ts";
import { attest, attesters, buildWorld, carry, conversions, linesOf, TOKEN, type World } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../attester/main.ts", import.meta.url));

describe("attesters as processes", function () {
  this.timeout(600_000);
  let world: World;
  let folder: string;
  const children: ChildProcess[] = [];

  before(async () => {
    world = await buildWorld();
    folder = mkdtempSync(join(tmpdir(), "partner-programs-attesters-"));
    writeFileSync(join(folder, "deployment.json"), JSON.stringify(world.deployment));
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts attester `i`, which differs from the others in its key, its port and its database. */
  async function start(i: number, env: Record<string, string> = {}) {
    const [port] = await freePorts(1);
    await prepareDatabase(join(folder, `attester ${i}`), ATTESTER_MIGRATIONS);
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env.PATH ?? "",
        ENV_FILE: "",
        RPC_URL: world.rpcUrl,
        DEPLOYMENT: join(folder, "deployment.json"),
        ATTESTER_PRIVATE_KEY: attesters[i]?.privateKey ?? "",
        ATTESTER_TOKEN: TOKEN,
        DATA_DIR: join(folder, `attester ${i}`),
        PORT: String(port),
        ...env,
      },
    });
    children.push(child);
    endWithUs(child);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const url = `http://127.0.0.1:${port}`;
    const until = async (what: () => Promise<boolean>) => {
      for (let tries = 0; tries < 900; tries++) {
        if (await what().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`It did not happen. The output:\n${output}`);
    };
    return { child, url, ended, until, output: () => output };
  }

  it("run beside each other, and two of three signatures carry a batch", async () => {
    const running = await Promise.all([0, 1, 2].map((i) => start(i)));
    for (const { url, until } of running) await until(async () => (await fetch(`${url}/healthz`)).ok);
    const campaignId = await world.campaign({ members: attesters.map(({ address }) => address), threshold: 2 });
    const now = await world.now();
    const leaves = conversions(1n, ["1", "2"], { partner: world.partners[0] as string, receivedAt: now - 10 });
    const attestation = attest(campaignId, leaves, now);
    const answers = await Promise.all(
      running.map(async ({ url }) => {
        const response = await fetch(`${url}/v1/attestations`, {
          method: "POST",
          headers: { "content-type": NDJSON, authorization: `Bearer ${TOKEN}` },
          body: await buffer(writeBatch({ attestation, conversions: leaves })),
        });
        return (await response.json()) as { signature: string };
      }),
    );
    expect(new Set(answers.map(({ signature }) => signature.length))).to.deep.equal(new Set([132]));
    // Whoever wants to be paid reads of any of them what they signed, without a token.
    const digest = digestOf(world.chain.domain, attestationTypedData(attestation));
    for (const { url } of running) {
      const served = await fetch(new URL(linesPath(digest), url));
      expect(await served.arrayBuffer().then((bytes) => hexlify(new Uint8Array(bytes)))).to.equal(
        concat(linesOf(leaves).map(packLine)),
      );
    }
    await carry(world, { attestation, conversions: leaves }, [0, attesters[0]], [2, attesters[2]]);
    expect((await world.chain.lens.campaign(campaignId)).nextConversion).to.equal(3n);
    for (const { child } of running) child.kill("SIGTERM");
    for (const { ended } of running) expect(await ended).to.equal(0);
  });

  it("do not start with wrong rules, and say on SIGHUP whether new ones can be used", async () => {
    const file = join(folder, "rules.json");
    writeFileSync(file, '{"version": 1, "campaigns": {"*": {"offer": [1]}}}');
    const refused = await start(0, { ATTESTER_RULES: file });
    expect(await refused.ended).to.equal(1);
    expect(refused.output()).to.contain("offer");
    expect(refused.output()).to.not.contain(attesters[0].privateKey);

    writeFileSync(file, '{"version": 1, "campaigns": {"*": {}}}');
    const { child, url, until, output, ended } = await start(0, { ATTESTER_RULES: file });
    await until(async () => (await fetch(`${url}/healthz`)).ok);
    writeFileSync(file, '{"version": 1, "campaigns": {}');
    child.kill("SIGHUP");
    await until(async () => output().includes("cannot be used"));
    writeFileSync(file, '{"version": 1, "campaigns": {}}');
    child.kill("SIGHUP");
    await until(async () => output().includes("rules read"));
    child.kill("SIGTERM");
    expect(await ended).to.equal(0);
  });
});
