/**
 * `npm run test:deep`: the invariants, 256 walks of 256 steps, as eight slices of 32 in a process each, because the runner keeps a
 * trace of all that it does until it ends. `npm run test:deep -- 3 5` walks the third and the fifth alone.
 */
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SLICES = 8;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const given = process.argv.slice(2);
const ALL = Array.from({ length: SLICES }, (_, i) => i + 1);
const wrong = given.find((slice) => !ALL.includes(Number(slice)));
if (wrong !== undefined) throw new RangeError(`A slice is a number from 1 to ${SLICES}, not ${wrong}.`);
const slices = given.length > 0 ? given.map(Number) : ALL;

const failed = slices.filter((slice) => {
  console.log(`\nSlice ${slice} of ${SLICES}`);
  const args = ["node_modules/hardhat/dist/src/cli.js", "test", "solidity", "--no-typechain"];
  const { status } = spawnSync(process.execPath, [...args, "test/solidity/Invariants.t.sol"], {
    cwd: ROOT,
    env: { ...process.env, DEEP: String(slice), SOLIDITY_TESTS: "1" },
    stdio: "inherit",
  });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`\nAn invariant does not hold in slice ${failed.join(", ")}.`);
  process.exitCode = 1;
}
