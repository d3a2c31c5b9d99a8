import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

/** The compiler is a locked npm package (wasm), so a build is offline and hash-pinned; SOLC_PATH names a native one. */
const compiler = {
  version: "0.8.37",
  path: process.env.SOLC_PATH ?? require.resolve("solc/soljson.js"),
};
const settings = {
  evmVersion: "osaka",
  optimizer: { enabled: true, runs: 200 }, // more would make it larger than EIP-170's 24,576 bytes allow, for little gas
  // No metadata hash in the bytecode: the CREATE2 address depends on the code alone, not on comments or paths.
  metadata: { bytecodeHash: "none" as const },
};

/** Which slice of the long walks this is, from 1 on. */
const deep = process.env.DEEP ? Number(process.env.DEEP) : undefined;

/** A real network: `<NAME>_RPC_URL` and DEPLOYER_PRIVATE_KEY from Hardhat's keystore (`npx hardhat keystore set …`) or the environment. */
const real = (name: string, chainType: "l1" | "op" | "generic") => ({
  type: "http" as const,
  chainType,
  url: configVariable(`${name}_RPC_URL`),
  accounts: [configVariable("DEPLOYER_PRIVATE_KEY")],
});

/**
 * The Solidity tests are compiled without the IR pipeline, into a folder of their own: everything else deploys what is in
 * artifacts/, and must find the production build there.
 */
const built = process.env.SOLIDITY_TESTS
  ? { artifacts: "./cache/solidity-tests/artifacts", cache: "./cache/solidity-tests" }
  : {};

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/solidity" }, ...built },
  solidity: {
    profiles: {
      // Fast to compile, for tests.
      default: { ...compiler, settings },
      // What is deployed and measured. Compiled together: file by file makes the same bytecode in more than twice the time.
      production: { ...compiler, settings: { ...settings, viaIR: true }, isolated: false },
    },
  },
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      // The test build (without IR) is larger than the limit; the production build is checked against it.
      allowUnlimitedContractSize: true,
    },
    // The chain that `npm start` runs (`hardhat node --network chain`). A block has the time of its wall clock, never ahead
    // of it: the relayer's clock and the chain's are the same.
    chain: {
      type: "edr-simulated",
      chainType: "l1",
      chainId: 31337,
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true, interval: 1_000 },
      accounts: { count: 40 },
      loggingEnabled: false,
    },
    local: { type: "http", chainType: "l1", url: process.env.LOCAL_RPC_URL ?? "http://127.0.0.1:8545" },
    mainnet: real("MAINNET", "l1"),
    sepolia: real("SEPOLIA", "l1"),
    base: real("BASE", "op"),
    baseSepolia: real("BASE_SEPOLIA", "op"),
    arbitrum: real("ARBITRUM", "generic"),
    arbitrumSepolia: real("ARBITRUM_SEPOLIA", "generic"),
    optimism: real("OPTIMISM", "op"),
    optimismSepolia: real("OPTIMISM_SEPOLIA", "op"),
    polygon: real("POLYGON", "generic"),
    polygonAmoy: real("POLYGON_AMOY", "generic"),
  },
  verify: {
    etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") },
    ...(process.env.SOURCIFY_URL === undefined ? {} : { sourcify: { apiUrl: process.env.SOURCIFY_URL } }),
  },
  test: {
    // A test that is skipped is a test that fails.
    mocha: { forbidOnly: true, forbidPending: true },
    solidity: {
      fsPermissions: { readDirectory: ["./protocol/vectors"] },
      // A slice of `npm run test:deep` (scripts/deep.ts) has walks of its own: they follow from the seed.
      ...(deep === undefined ? {} : { fuzz: { seed: `0x${deep.toString(16).padStart(64, "0")}` } }),
      // A revert is a failure: the handler foretells every outcome.
      invariant: { runs: 32, depth: deep === undefined ? 64 : 256, failOnRevert: true },
    },
  },
  typechain: { outDir: "./typechain-types" },
});
