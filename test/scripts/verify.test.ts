import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deploy, programsAddress } from "#scripts/deploy.ts";

const require = createRequire(import.meta.url);
const ROOT = resolve(import.meta.dirname, "../..");
/** The first account of anvil's well-known mnemonic. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const CHAIN_ID = 84_532;

interface Submission {
  readonly path: string;
  readonly stdJsonInput: { sources: Record<string, { content: string }> };
  readonly compilerVersion: string;
  readonly contractIdentifier: string;
}

const contract = (known: boolean) => {
  const match = known ? "match" : null;
  return { match, creationMatch: match, runtimeMatch: match, chainId: String(CHAIN_ID), address: programsAddress };
};

/** An explorer cannot be had here: this one keeps what it is shown, and finds it right. */
function startExplorer(submissions: Submission[]): Promise<Server> {
  const server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    const path = request.url ?? "";
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      submissions.push({ path, ...JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(202).end(JSON.stringify({ verificationId: "1" }));
    } else if (path.startsWith("/v2/contract/")) {
      const known = submissions.some((one) => one.path.endsWith(path.split("/").at(-1) ?? "?"));
      response.writeHead(known ? 200 : 404).end(JSON.stringify(contract(known)));
    } else {
      response.end(
        JSON.stringify({
          isJobCompleted: true,
          verificationId: "1",
          jobStartTime: "2030-01-01T00:00:00Z",
          contract: contract(true),
        }),
      );
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

describe("verifying a deployment", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-verify-"));
  const file = join(folder, "baseSepolia.json");
  const submissions: Submission[] = [];
  let anvil: Anvil;
  let explorer: Server;
  let env: Record<string, string>;

  before(async () => {
    anvil = await startAnvil("--chain-id", String(CHAIN_ID));
    explorer = await startExplorer(submissions);
    env = {
      BASE_SEPOLIA_RPC_URL: anvil.url,
      DEPLOYER_PRIVATE_KEY: KEY,
      SOURCIFY_URL: `http://127.0.0.1:${(explorer.address() as AddressInfo).port}`,
    };
    await deploy(new Wallet(KEY, anvil.provider), "baseSepolia", file, () => {});
  });
  after(() => {
    anvil.stop();
    explorer.close();
    rmSync(folder, { recursive: true });
  });

  const run = () =>
    promisify(execFile)(
      process.execPath,
      ["scripts/verify.ts", "--network", "baseSepolia", "--explorer", "sourcify", "--deployment", file],
      { cwd: ROOT, env: { ...process.env, ...env } },
    );

  it("shows the explorer a source that compiles to the code at the address", async () => {
    await run();
    expect(submissions.map(({ contractIdentifier }) => contractIdentifier.split(":")[1])).to.deep.equal([
      "PartnerPrograms",
      "PartnerProgramsLens",
      "Funding",
    ]);
    const [shown] = submissions as [Submission];
    const [source = "", name = ""] = shown.contractIdentifier.split(":");
    const settings = { outputSelection: { "*": { "*": ["evm.deployedBytecode"] } } };
    const input = JSON.parse(JSON.stringify(shown.stdJsonInput));
    input.settings = { ...input.settings, ...settings };
    const compiled = JSON.parse(require("solc").compile(JSON.stringify(input)));
    const { object, immutableReferences } = compiled.contracts[source][name].evm.deployedBytecode;
    const code = (await anvil.provider.getCode(programsAddress)).slice(2);
    // What is immutable (the cache of EIP-712) is zero in what the compiler gives, and has its values on the chain.
    const immutable = Object.values(immutableReferences as Record<string, { start: number; length: number }[]>).flat();
    const masked = immutable.reduce(
      (hex, { start, length }) => hex.slice(0, 2 * start) + "00".repeat(length) + hex.slice(2 * (start + length)),
      code,
    );
    expect(masked).to.equal(object);
  });

  it("changes nothing the second time", async () => {
    const before = submissions.length;
    const { stdout } = await run();
    expect(submissions.length).to.equal(before);
    expect(stdout).to.contain("sourcify: PartnerPrograms at").and.to.contain("is verified");
  });

  it("says what it could not verify, and where, and fails", async () => {
    explorer.close();
    explorer.closeAllConnections();
    const failed = await run().then(
      () => undefined,
      (error: { stderr: string; code: number }) => error,
    );
    expect(failed?.code).to.equal(1);
    expect(failed?.stderr).to.contain("Not verified").and.to.contain(`sourcify: PartnerPrograms at ${programsAddress}`);
  });

  it("refuses an explorer that there is not", async () => {
    const failed = await promisify(execFile)(
      process.execPath,
      ["scripts/verify.ts", "--network", "baseSepolia", "--explorer", "scan"],
      { cwd: ROOT },
    ).then(
      () => undefined,
      (error: { stderr: string }) => error,
    );
    expect(failed?.stderr).to.contain('There is no explorer "scan"');
  });
});
