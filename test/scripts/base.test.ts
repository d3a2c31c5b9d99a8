import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { computeAddress, id } from "ethers";
import { readConfig as readAttesterConfig } from "#attester/config.ts";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { prepareDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { freePorts } from "#harness/ports.ts";
import { start } from "#harness/processes.ts";
import { readConfig } from "#relayer/config.ts";
import { deploy, fundingAddress, lensAddress, programsAddress } from "#scripts/deploy.ts";
import { connectPrograms } from "#service/chain/programs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/operations/production.md"), "utf8");
/** Of anvil's first account. */
const DEPLOYER_PRIVATE_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const NEEDED = {
  RELAYER_SECRET: "f".repeat(64),
  ATTESTER_URLS: "https://attester.example.com",
  ATTESTER_TOKEN: "f".repeat(32),
  PUBLIC_URL: "https://partners.example.com",
};

describe("on a chain that plays Base, by its id", function () {
  this.timeout(180_000);
  let anvil: Anvil;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-base-"));
    anvil = await startAnvil("--chain-id", "8453");
  });
  after(() => {
    anvil?.stop();
    rmSync(folder, { recursive: true });
  });

  it("the page's command says what a deployment costs, and sends nothing", async () => {
    const [, ...args] = /`npm run (deploy) -- (--network base) (--dry-run)`/.exec(PAGE)?.slice(1) ?? [];
    expect(args).to.have.length(2);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["scripts/deploy.ts", ...args.flatMap((arg) => arg.split(" "))],
      { cwd: ROOT, env: { ...process.env, BASE_RPC_URL: anvil.url, DEPLOYER_PRIVATE_KEY } },
    );
    for (const address of [programsAddress, lensAddress, fundingAddress]) expect(stdout).to.contain(`: ${address}\n`);
    expect(stdout).to.match(/^cost: \d+ gas at \d+ wei, [\d.]+ coins$/m);
    expect(await anvil.provider.getCode(programsAddress)).to.equal("0x");
  });

  it("contracts are where they are everywhere, and processes take from their file what fits Base", async () => {
    const DEPLOYMENT = join(folder, "base.json");
    const deployed = await deploy(await anvil.provider.getSigner(0), "base", DEPLOYMENT, () => {});
    expect([deployed.chainId, deployed.network]).to.deep.equal([8_453, "base"]);
    expect(deployed.contracts.PartnerPrograms.address).to.equal(programsAddress);
    const given = { ...NEEDED, RPC_URL: anvil.url, DEPLOYMENT };
    const relayer = readConfig({ ...given, RELAYER_PRIVATE_KEY: id("a key") });
    expect(relayer).to.include({ CONFIRMATIONS: 600, MAX_FEE_GWEI: "5", READY_LAG_BLOCKS: 60 });
    const attester = readAttesterConfig({ ...given, ATTESTER_PRIVATE_KEY: id("a key"), CONFIRMATIONS: "900" });
    expect(attester.CONFIRMATIONS).to.equal(900);
    const chain = await connectPrograms(relayer.RPC_URL, deployed);
    expect(chain.chainId).to.equal(8_453);
    chain.close();
  });

  it("a relayer goes on with another key as docs/operations/rotation.md says, and shows whose receipts count", async () => {
    const [old, next] = [id("the old key"), id("the next key")];
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const dataDir = join(folder, "relayer");
    await prepareDatabase(dataDir, RELAYER_MIGRATIONS);
    /** What it says of itself, once it is up with this key. */
    async function statusWith(keys: Record<string, string>) {
      const { RELAYER_SECRET, ATTESTER_TOKEN, ATTESTER_URLS } = NEEDED;
      const relayer = await start("relayer", ["relayer/main.ts"], {
        cwd: ROOT,
        env: {
          ...{ RELAYER_SECRET, ATTESTER_TOKEN, ATTESTER_URLS, PUBLIC_URL: url, PORT: String(port) },
          ...{ RPC_URL: anvil.url, DEPLOYMENT: join(folder, "base.json"), DATA_DIR: dataDir },
          ...keys,
        },
        log: join(folder, "relayer.log"),
        ready: async () => (await fetch(`${url}/healthz`)).ok,
      });
      const status = await (await fetch(`${url}/v1/status`)).json();
      await relayer.stop();
      return status;
    }
    const before = await statusWith({ RELAYER_PRIVATE_KEY: old });
    expect(before.receiptSigners).to.deep.equal([{ address: computeAddress(old), since: null, until: null }]);
    const after = await statusWith({ RELAYER_PRIVATE_KEY: next, RELAYER_RETIRED_PRIVATE_KEY: old });
    expect(after.relayer).to.equal(computeAddress(next));
    const [first, second] = after.receiptSigners;
    expect(first).to.include({ address: computeAddress(old), since: null });
    expect(Date.parse(first.until)).to.be.at.most(Date.parse(second.since));
    expect(second).to.include({ address: computeAddress(next), until: null });
    const log = readFileSync(join(folder, "relayer.log"), "utf8");
    for (const key of [old, next]) expect(log).to.not.contain(key.slice(2));
  });
});
