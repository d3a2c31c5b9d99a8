/** A step as a wallet is given it: a call's data, or typed data (EIP-712). */
import { id } from "ethers";
import { fundingInterface, programsInterface } from "../chain/contracts.ts";
import { tokenInterface } from "../chain/token.ts";
import { config } from "../config.ts";
import type { Step } from "./plan.ts";

export type Call = Extract<Step, { kind: "call" }>;
export type SignStep = Extract<Step, { kind: "sign" }>;
export type CarryStep = Extract<Step, { kind: "carry" }>;

export function interfaceOf({ to }: Call) {
  if (to === "programs") return programsInterface;
  return to === "funding" ? fundingInterface : tokenInterface;
}

function addressOf({ to, method }: Call): string {
  const { programs, funding } = config();
  if (to === "programs") return programs;
  if (to !== "funding") return to.token;
  if (funding === null) throw new Error(`This installation names no contract that has ${method}.`);
  return funding;
}

export function encode(step: Call) {
  return {
    to: addressOf(step),
    data: interfaceOf(step).encodeFunctionData(step.method, [...step.args]),
    value: `0x${(step.value ?? 0n).toString(16)}`,
  };
}

/** Tells which calls these are. */
export const digestOf = (calls: readonly Call[]) => id(JSON.stringify(calls.map(encode)));

/** For JSON: a bigint as its digits. */
export const plainly = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** What `eth_signTypedData_v4` takes. */
export function typedData(step: SignStep): string {
  const EIP712Domain = [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ].filter(({ name }) => name in step.domain);
  const primaryType = Object.keys(step.types)[0];
  return JSON.stringify(
    { domain: step.domain, types: { EIP712Domain, ...step.types }, primaryType, message: step.message },
    plainly,
  );
}
