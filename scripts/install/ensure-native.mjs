/**
 * npm picks optional platform packages by the Node that npm itself runs on. On Node 20 it therefore skips
 * Hardhat's native EVM (which asks for Node 22), although our scripts run on the bundled Node 24. When the EVM
 * cannot be loaded, install once more with the bundled Node in charge. On Node >= 22.13 this does nothing, and neither does it
 * where Hardhat was left out (`npm ci --omit=dev`): what runs in production compiles nothing and plays no chain.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";

// In a process of its own: Node remembers a failed resolution for as long as the process lives.
function evmLoads() {
  return spawnSync(process.execPath, ["-e", 'require("@nomicfoundation/edr")']).status === 0;
}

if (existsSync("node_modules/hardhat") && !evmLoads()) {
  const npmCli = process.env.npm_execpath;
  if (process.env.PARTNER_PROGRAMS_REINSTALL || npmCli === undefined) {
    console.error("Hardhat's native EVM is missing. Use Node 22.13 or newer and run `npm ci` again.");
    process.exit(1);
  }
  const bundled = resolve(`node_modules/node-linux-${process.arch}/bin/node`);
  if (!existsSync(bundled)) {
    console.error(
      `Node ${process.version} is too old and no bundled Node exists for this platform. Use Node 22.13 or newer.`,
    );
    process.exit(1);
  }
  console.log("Installing Hardhat's native EVM with the bundled Node ...");
  const run = spawnSync(bundled, [npmCli, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], {
    stdio: "inherit",
    env: {
      ...process.env,
      PARTNER_PROGRAMS_REINSTALL: "1",
      PATH: `${dirname(bundled)}${delimiter}${process.env.PATH}`,
    },
  });
  if (run.status !== 0 || !evmLoads()) process.exit(run.status || 1);
}
