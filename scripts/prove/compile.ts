/** The runtime code of a contract of the tests that uses `contracts/`, compiled as what is deployed is. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

interface Compiler {
  compile(input: string, callbacks?: { import: (name: string) => { contents: string } | { error: string } }): string;
  version(): string;
}

export const solc: Compiler = createRequire(import.meta.url)("solc");

export interface Message {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly start: number; readonly end: number };
}

const root = new URL("../../", import.meta.url);
const SETTINGS = {
  evmVersion: "osaka",
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

/** @param read What stands in a file, by its path in the repository. @throws Error if it does not compile */
export function runtimeCode(file: string, contract: string, read = readSource): Uint8Array {
  const input = {
    language: "Solidity",
    sources: { [file]: { content: read(file) } },
    settings: { ...SETTINGS, outputSelection: { [file]: { [contract]: ["evm.deployedBytecode.object"] } } },
  };
  const find = (name: string) => {
    try {
      return { contents: read(name.startsWith("@") ? `node_modules/${name}` : name) };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const {
    errors = [],
    contracts,
  }: {
    errors?: Message[];
    contracts?: Record<string, Record<string, { evm: { deployedBytecode: { object: string } } }>>;
  } = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const failed = errors.find(({ severity }) => severity === "error");
  if (failed !== undefined) throw new Error(failed.formattedMessage);
  return Buffer.from(contracts?.[file]?.[contract]?.evm.deployedBytecode.object ?? "", "hex");
}

/** A file of the repository, by its path in it. */
export const readSource = (name: string) => readFileSync(new URL(name, root), "utf8");
