import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

/** The compiler is a locked npm package (wasm), so a build is offline and hash-pinned; SOLC_PATH names a native one. */
const compiler = {
  version: "0.8.37",
  path: process.env.SOLC_PATH ?? require.resolve("solc/soljson.js"),
};
const settings = {
  evmVersion: "osaka",
  optimizer: { enabled: true, runs: 200 }, // more would exceed the 24,576 bytes of EIP-170
  // No metadata hash in the bytecode: the CREATE2 address depends on the code alone, not on comments or paths.
  metadata: { bytecodeHash: "none" as const },
};

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/solidity" } },
  solidity: {
    profiles: {
      // Fast to compile, for tests.
      default: { ...compiler, settings },
      // What is deployed and measured.
      production: { ...compiler, settings: { ...settings, viaIR: true } },
    },
  },
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      // The test build (without IR) is larger than the limit; the production build is checked against it.
      allowUnlimitedContractSize: true,
    },
  },
  typechain: { outDir: "./typechain-types" },
});
