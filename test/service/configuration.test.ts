import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { id } from "ethers";
import { environment as attester } from "#attester/config.ts";
import { readConfig as readPortalConfig } from "#portal/environment.ts";
import { readConfig, environment as relayer } from "#relayer/config.ts";
import { readEnvironment } from "#service/environment.ts";
import { writeDeploymentFile } from "#test/support/deploymentFile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SECRET = "hunter2-and-some-more-characters-of-it";

describe("a start with a wrong configuration", function () {
  this.timeout(240_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-configuration-"));
    writeFileSync(join(folder, "deployment.json"), '{"network": "base"}');
    writeFileSync(join(folder, "half.json"), '{"network": ');
    writeFileSync(join(folder, "rules.json"), '{"version": 1, "campaigns": {"*": {"age": 5}}}');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts a command with nothing but `env`, and gives what it says when it ends. */
  function start(command: string[], env: Record<string, string>): { code: number | null; lines: string[] } {
    const ended = spawnSync(process.execPath, command, {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? "", HOME: folder, ENV_FILE: "", ...env },
      encoding: "utf8",
    });
    expect(ended.stdout).to.equal("");
    return { code: ended.status, lines: ended.stderr.trimEnd().split("\n") };
  }

  it("ends the relayer with every fault, its value and the remedy, and with no secret", () => {
    const { code, lines } = start(["relayer/main.ts"], {
      RPC_URL: `htps://node.example/${SECRET}`,
      DEPLOYMENT: join(folder, "missing.json"),
      DATABASE_URL: `mysql://relayer:${SECRET}@db/relayer`,
      RELAYER_KEYSTORE: join(folder, "key.json"),
      RELAYER_SECRET: "short",
      ATTESTER_URLS: `https://user:${SECRET}@one.example,two.example`,
      PORT: "99999",
      CONFIRMATIONS: "1.5",
      LOG_LEVEL: "loud",
      GASLESS_CLAIMS: "some",
      PORTAL_URLS: id("a key in a wrong place"),
    });
    expect(code).to.equal(1);
    expect(lines).to.deep.equal([
      "The relayer's configuration has 14 faults; .env.example explains each variable:",
      "  DATABASE_URL (65 characters, not shown): must begin with postgres:// or postgresql://.",
      "  RPC_URL (58 characters, not shown): part 1 must be a URL that begins with http:// or https://.",
      "  RELAYER_SECRET (5 characters, not shown): must have 32 characters or more.",
      '  ATTESTER_URLS is "https://…@one.example,two.example": part 2 must be a URL that begins with http:// or https://.',
      "  ATTESTER_TOKEN is not set. Set it to 16 characters or more, the same as the attesters have.",
      "  PUBLIC_URL is not set. Set it to the URL under which invite links and the API are reached.",
      "  PORTAL_URLS (66 characters, not shown): part 1 must be a URL that begins with http:// or https://.",
      '  PORT is "99999": must be 65535 or less.',
      '  CONFIRMATIONS is "1.5": must be a whole number.',
      '  GASLESS_CLAIMS is "some": "some" must be off, any, or a token\'s address and the least amount: 0x…:2.50.',
      '  LOG_LEVEL is "loud": must be one of debug, info, warn, error, silent.',
      `  DEPLOYMENT is "${folder}/missing.json": There is no deployment file ${folder}/missing.json. Run \`npm run deploy -- --network <name>\` first.`,
      "  RELAYER_KEYSTORE_PASSWORD_FILE is not set, but RELAYER_KEYSTORE is. Set both, or neither.",
      `  RELAYER_KEYSTORE is "${folder}/key.json": it cannot be read (ENOENT). Name a file that this process may read.`,
    ]);
  });

  it("ends the attester with what its files lack as well", () => {
    const { code, lines } = start(["attester/main.ts"], {
      DEPLOYMENT: join(folder, "half.json"),
      ATTESTER_RULES: join(folder, "rules.json"),
      ATTESTER_TOKEN: SECRET,
    });
    expect(code).to.equal(1);
    expect(lines[0]).to.equal("The attester's configuration has 4 faults; .env.example explains each variable:");
    expect(lines[1]).to.equal(
      "  RPC_URL is not set. Set it to the http or https URLs of nodes of the chain, comma-separated.",
    );
    expect(lines[2]).to.contain(`${folder}/half.json is not a deployment file: `);
    expect(lines[3]).to.match(/^ {2}ATTESTER_RULES is ".*rules\.json": .*age/);
    expect(lines[4]).to.equal(
      "  The key of the attester has to be in one place; 0 are configured. Set ATTESTER_PRIVATE_KEY, or ATTESTER_KEYSTORE and ATTESTER_KEYSTORE_PASSWORD_FILE, or ATTESTER_SIGNER_URL and ATTESTER_SIGNER_ADDRESS.",
    );
    expect(lines).to.have.length(5);
  });

  it("ends the portal", () => {
    const { code, lines } = start(["portal/main.ts"], {
      API_URL: "api.example",
      PUBLIC_RPC_URL: "https://rpc.example",
      DEPLOYMENT: join(folder, "deployment.json"),
      ATTESTERS: "0x12",
      OPERATOR_FEE_BPS: "50",
    });
    expect(code).to.equal(1);
    expect(lines[0]).to.contain("has 4 faults");
    expect(lines.slice(1, 3)).to.deep.equal([
      '  API_URL is "api.example": must be a URL that begins with http:// or https://.',
      '  ATTESTERS is "0x12": part 1 must be an address: 0x and 40 hexadecimal digits.',
    ]);
    expect(lines[3]).to.contain("deployment.json is not a deployment file: ");
    expect(lines[4]).to.equal(
      "  OPERATOR_FEE_BPS is 50, but OPERATOR is not set. Set it to the address that gets the fee.",
    );
  });

  it("ends a deployment and a brand's command line", () => {
    const campaign = ["scripts/campaign/main.ts", "suspend", "--network", "base", "--campaign", id("campaign")];
    const given = { BASE_RPC_URL: SECRET, DEPLOYER_PRIVATE_KEY: SECRET, DEPLOYMENT: join(folder, "missing.json") };
    expect(start(campaign, given)).to.deep.equal({
      code: 1,
      lines: [
        "This cannot begin:",
        "  BASE_RPC_URL (not shown) is no URL. It must begin with http:// or https://.",
        "  DEPLOYER_PRIVATE_KEY (not shown) must be 0x and 64 hexadecimal digits.",
        `  There is no deployment file ${folder}/missing.json. Run \`npm run deploy -- --network <name>\` first.`,
      ],
    });
    expect(start(["scripts/deploy.ts", "--network", "baseSepolia"], {})).to.deep.equal({
      code: 1,
      lines: [
        "This cannot begin:",
        "  BASE_SEPOLIA_RPC_URL is not set. Set it to the URL of a node of baseSepolia, in the environment, or by `npx hardhat keystore set BASE_SEPOLIA_RPC_URL`.",
        "  DEPLOYER_PRIVATE_KEY is not set. Set it to the key of the account that sends, in the environment, or by `npx hardhat keystore set DEPLOYER_PRIVATE_KEY`.",
      ],
    });
    const [, unknown] = start(["scripts/deploy.ts", "--network", "basis"], {}).lines;
    expect(unknown).to.match(/^ {2}--network is "basis", .* Name one of local, mainnet, sepolia, base, /);
  });
});

describe("a configuration", () => {
  it("takes a variable without a value for one that is not set", () => {
    const folder = mkdtempSync(join(tmpdir(), "partner-programs-configuration-"));
    const needed = {
      RPC_URL: "http://127.0.0.1:1",
      DEPLOYMENT: writeDeploymentFile(folder),
      RELAYER_PRIVATE_KEY: id("a key"),
      RELAYER_SECRET: SECRET,
      ATTESTER_URLS: "http://127.0.0.1:2",
      ATTESTER_TOKEN: SECRET,
      PUBLIC_URL: "http://127.0.0.1:3",
    };
    const config = readConfig({ ...needed, DATABASE_URL: "", METRICS_TOKEN: "", PORT: "", TRUST_PROXY: "" });
    rmSync(folder, { recursive: true });
    expect([config.DATABASE_URL, config.METRICS_TOKEN]).to.deep.equal([undefined, undefined]);
    expect([config.PORT, config.TRUST_PROXY, config.WEBHOOKS_ALLOW_PRIVATE]).to.deep.equal([8787, 0, false]);
  });
});

describe("a fault in a configuration", () => {
  it("repeats no value of a variable that holds a secret", () => {
    const secret = /KEY|SECRET|TOKEN|PASSWORD|RPC_URL|DATABASE_URL|SIGNER_URL/;
    const shown: string[] = [];
    for (const schema of [relayer, attester])
      for (const name of Object.keys(schema.shape)) {
        const message = messageOf(() => readEnvironment("process", schema, { [name]: "\u0000value" }));
        if (message.includes("value")) shown.push(name);
      }
    expect(shown).to.include.members(["PORT", "PUBLIC_URL", "LOG_LEVEL"]);
    expect(shown.filter((name) => secret.test(name))).to.deep.equal([]);
  });

  it("does not repeat what another variable holds as a secret", () => {
    const message = messageOf(() => readConfig({ ATTESTER_TOKEN: SECRET, PUBLIC_URL: SECRET, PORT: `1${SECRET}` }));
    expect(message).to.contain("PUBLIC_URL (38 characters, not shown)").and.to.contain("PORT (39 characters");
    expect(message).not.to.contain("hunter2");
  });

  it("shows a value as it would be quoted, and no more of it than is needed", () => {
    const message = messageOf(() => readPortalConfig({ API_URL: `a\n${"x".repeat(500)}` }));
    expect(message).to.contain(`API_URL is "a\\n${"x".repeat(98)}…": `);
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("Nothing was thrown.");
}
