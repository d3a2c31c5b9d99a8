/** A brand's transactions, and a partner's few, from the command line: checked, said in words, rehearsed, confirmed, and only then sent. */
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readRevert } from "@partner-programs/protocol/reverts";
import { type ContractRunner, formatEther, isHexString, type Signer } from "ethers";
import { readDeployment } from "#service/deployments.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { openNetwork } from "../network.ts";
import { VERBS } from "./verbs.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export const HELP = `npm run campaign -- <verb> --network <name> --campaign <id> [options]

Verbs, with their options:
${Object.entries(VERBS)
  .map(([name, { help, options }]) =>
    [
      `  ${name.padEnd(20)}${help}`,
      ...Object.entries(options).map(([option, what]) => `${" ".repeat(22)}--${option.padEnd(12)}${what}`),
    ].join("\n"),
  )
  .join("\n")}

  --network <name>   a network of hardhat.config.ts; keys and RPC URLs from Hardhat's keystore or the environment
  --campaign <id>    0x…, as \`create\` prints it
  --dry-run          says what it would do and what it would cost, and sends nothing
  --yes              sends without asking
  --help             this text`;

/** What the command line needs from outside, so that a test can give it. */
export interface Surroundings {
  readonly say: (line: string) => void;
  readonly confirm: () => Promise<boolean>;
  /** The account of a network, and the contracts' addresses there. */
  readonly connect: (network: string) => Promise<{ signer: Signer; programs: string; lens: string }>;
}

/** Runs one command line. @throws Error that names what is wrong and the remedy */
export async function run(args: readonly string[], { say, confirm, connect }: Surroundings): Promise<void> {
  const names = new Set(Object.values(VERBS).flatMap(({ options }) => Object.keys(options)));
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      network: { type: "string" },
      campaign: { type: "string" },
      "dry-run": { type: "boolean" },
      yes: { type: "boolean" },
      help: { type: "boolean" },
      ...Object.fromEntries([...names].map((name) => [name, { type: "string" as const }])),
    },
  });
  if (values.help) return say(HELP);
  const given = (name: string) => (values as Record<string, string | undefined>)[name];
  const option = (name: string) => {
    const value = given(name);
    if (value === undefined) throw new Error(`Give --${name}. See: npm run campaign -- --help`);
    return value;
  };
  const [name = ""] = positionals;
  const verb = VERBS[name];
  if (verb === undefined)
    throw new Error(
      `${name === "" ? "Name a verb" : `"${name}" is no verb`}: ${Object.keys(VERBS).join(", ")}. See: npm run campaign -- --help`,
    );
  const needed = ["network", ...(verb.withoutCampaign ? [] : ["campaign"]), ...Object.keys(verb.options)];
  const missing = needed.filter((one) => given(one) === undefined).map((one) => `--${one}`);
  if (missing.length > 0) throw new Error(`Give ${missing.join(", ")}. See: npm run campaign -- --help`);

  const { signer, programs: address, lens: lensAddress } = await connect(option("network"));
  const lens = PartnerProgramsLens__factory.connect(lensAddress, signer as ContractRunner as Signer);
  const programs = PartnerPrograms__factory.connect(address, signer as ContractRunner as Signer);
  try {
    const { summary, steps } = await verb.prepare({ programs, lens, signer, option, given });
    say(`From ${await signer.getAddress()} on ${option("network")}:`);
    for (const line of summary) say(`  ${line}`);
    const price = (await signer.provider?.getFeeData())?.gasPrice ?? 0n;
    for (const [i, { what, estimate }] of steps.entries()) {
      // A later step can only be rehearsed when the one before it is made.
      const gas = i === 0 ? await estimate() : undefined;
      say(
        `  step ${i + 1} of ${steps.length}: ${what}${gas === undefined ? "" : `, ${gas} gas, ${formatEther(gas * price)} coins`}`,
      );
    }
    if (values["dry-run"]) return say("Nothing was sent.");
    if (!values.yes && !(await confirm())) return say("Nothing was sent.");
    for (const { what, send } of steps) {
      const sent = await send();
      say(`${what}: sent ${sent.hash}`);
      const receipt = await sent.wait();
      say(`${what}: in block ${receipt?.blockNumber}, ${receipt?.gasUsed} gas`);
    }
  } catch (error) {
    const data = revertData(error);
    const { words } = readRevert(programs.interface, data);
    if (words === "") throw error;
    throw new Error(`The contract would not do that: ${words}. Nothing was sent.`);
  }
}

/** What the contract reverted with; libraries and nodes hide it in different places. */
function revertData(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 5) return undefined;
  const { data, ...rest } = { ...error, cause: (error as Error).cause } as Record<string, unknown>;
  if (isHexString(data) && data.length >= 10) return data;
  return [data, rest.error, rest.info, rest.cause]
    .map((inner) => revertData(inner, depth + 1))
    .find((found) => found !== undefined);
}

async function connectNetwork(name: string) {
  const file = process.env.DEPLOYMENT ?? resolve(ROOT, `deployments/${name}.json`);
  const { signer } = await openNetwork(name, file);
  const { PartnerPrograms, PartnerProgramsLens } = readDeployment(file).contracts;
  return {
    signer,
    programs: PartnerPrograms.address,
    lens: PartnerProgramsLens.address,
  };
}

async function ask(): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question("Send? [y/N] ");
  prompt.close();
  return answer.trim().toLowerCase() === "y";
}

if (import.meta.main) {
  await run(process.argv.slice(2), { say: console.log, confirm: ask, connect: connectNetwork }).catch(
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
