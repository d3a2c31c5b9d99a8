/**
 * Checks a campaign from the chain and public data alone: nothing of what the relayer, the attesters or the brand say is believed
 * that can be recomputed.
 */
import { parseArgs } from "node:util";
import { isBytes32 } from "@partner-programs/protocol/bytes32";
import { isRevert } from "@partner-programs/protocol/reverts";
import Table from "cli-table3";
import { getAddress, isAddress } from "ethers";
import { z } from "zod";
import { nodeFaults, nodeVariables } from "#service/chain/nodeSettings.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import { readDeployment } from "#service/deployments.ts";
import { createAudit } from "./audit/audit.ts";
import { publicData, readReceipts } from "./audit/data.ts";
import type { Finding } from "./audit/findings.ts";
import { readHistory } from "./audit/history.ts";
import { WORD } from "./audit/packed.ts";
import type { ReceiptSigner } from "./audit/receipts.ts";
import type { HistoryEvent } from "./audit/replay.ts";
import { checkShown } from "./audit/shown.ts";

export const HELP = `npm run audit -- --campaign <id> (--relayer <url> | --data <folder>) [options]

Recomputes a campaign from the chain's events and the public data of its batches, and says what does not agree. Ends with 0 if
everything agrees, with 1 if something does not, with 2 if it could not be looked at.

  --campaign <id>      0x and 64 digits
  --relayer <url>      takes batches, lines and descriptions from a relayer's public API
  --attester <url>     takes lines from an attester as well
  --data <folder>      takes them from files: <digest>.json as GET /v1/batches/<digest> gave it, <digest>.lines as that with
                       /lines behind it, descriptions/<hash>.json
  --rpc <url>          of a node of the chain; of several, all that is read of the chain has to be told by two (default: RPC_URL)
  --agree <n>          by so many instead (default: RPC_AGREE; 1: each is believed, and the next asked where one fails)
  --deployment <file>  deployments/<network>.json (default: DEPLOYMENT)
  --receipts <file>    checks these too: a JSON array of conversions as the API gives them, or of receipts; of conversions also by
                       which rate a sale in its own currency was converted
  --signer <address>   who signs receipts, also more than one (default: who the relayer says it is, and was before its key was replaced)
  --state <file>       keeps what was read of the chain, so that the next audit goes on from there
  --partners <n>       of so many partners, drawn by lot, it is looked at what is shown of each (default 1000)
  --show <n>           differences of each check that are printed (default 10)
  --json               prints JSON
  --help               this text

--relayer, --attester and --rpc may be given more than once: where one has nothing, or lies, the next is asked. --campaign, --rpc and
--deployment name what is checked; whoever runs the relayer or an attester has no say in the outcome.`;

/** A relayer that had another key before says so: what that one promised counts as well. */
const signerAddress = z
  .string()
  .refine((text) => isAddress(text))
  .transform((text) => getAddress(text));
const relayerSays = z.object({
  relayer: signerAddress,
  receiptSigners: z
    .array(
      z.object({
        address: signerAddress,
        until: z.iso
          .datetime()
          .transform((text) => Date.parse(text) / 1000)
          .nullable(),
      }),
    )
    .default([]),
});

/** Where the command line's words go, and where its lots come from. */
export interface Surroundings {
  readonly say: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  /** In [0, 1): draws partners, and of each the line whose proof is looked at. */
  readonly random?: () => number;
}

/** Runs one command line. @returns whether everything agrees @throws Error that says why it could not be looked at */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<boolean> {
  const { say, progress, env, random = Math.random } = surroundings;
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      campaign: text,
      relayer: { type: "string", multiple: true },
      attester: { type: "string", multiple: true },
      data: text,
      rpc: { type: "string", multiple: true },
      agree: text,
      deployment: text,
      receipts: text,
      signer: { type: "string", multiple: true },
      state: text,
      partners: text,
      show: text,
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    say(HELP);
    return true;
  }
  const need = (value: string | undefined, what: string) => {
    if (!value) throw new Error(`Give ${what}. See: npm run audit -- --help`);
    return value;
  };
  const campaignId = need(values.campaign, "--campaign").toLowerCase();
  if (!isBytes32(campaignId)) throw new Error(`--campaign ${campaignId} is not 0x and 64 digits.`);
  const show = Number(values.show ?? 10);
  if (!Number.isInteger(show) || show < 0) throw new Error(`--show ${values.show} is not a number of differences.`);
  const partners = Number(values.partners ?? 1_000);
  if (!Number.isInteger(partners) || partners < 0)
    throw new Error(`--partners ${values.partners} is not a number of partners.`);
  const noSigner = values.signer?.find((one) => !isAddress(one));
  if (noSigner !== undefined) throw new Error(`--signer ${noSigner} is no address.`);
  const { relayer: relayers = [], attester: attesters = [] } = values;
  need(values.data ?? relayers[0], "--relayer or --data");
  const data = publicData({ folder: values.data, relayers, attesters });
  const receipts = values.receipts === undefined ? [] : await readReceipts(values.receipts, campaignId);

  const rpc = need(values.rpc?.join() ?? env.RPC_URL, "--rpc, or RPC_URL");
  const deployment = readDeployment(need(values.deployment ?? env.DEPLOYMENT, "--deployment, or DEPLOYMENT"));
  // An audit that believes one node checks what that one says.
  const chain = await connectPrograms(...nodesOf(rpc, values.agree ?? env.RPC_AGREE, deployment));
  try {
    const { programs, lens, provider, chainId, address, deployedAt, domain } = chain;
    const head = await chain.block("latest");
    if (head === undefined) throw new Error("The node has no newest block.");
    await lens.campaign(campaignId).catch((error: unknown) => {
      if (!isRevert(error)) throw error;
      throw new Error(`The contract ${address} on chain ${chainId} has no campaign ${campaignId}.`);
    });
    const audit = createAudit(receipts);
    const { token } = await lens.termsOf(campaignId);
    const subject = { chainId, programs: address, campaignId, token };
    let [batches, conversions] = [0, 0];
    const follow = async (events: readonly HistoryEvent[]) => {
      for (const event of events) {
        const lookup = audit.apply(event);
        if (lookup === undefined) continue;
        if ("description" in lookup) {
          await audit.description(lookup.description, data.descriptions(lookup.description));
          continue;
        }
        const { digest, body } = lookup.batch;
        await audit.lines(lookup, data.lines(digest, WORD * body.lineCount));
        await audit.batch(lookup, data.batches(digest));
        batches++;
        conversions += body.conversions;
      }
    };
    const range = { from: deployedAt, to: head.number, stateFile: values.state };
    for await (const { to, events } of readHistory(provider, programs, subject, range)) {
      await follow(events);
      progress(`block ${to} of ${head.number}: ${batches} batches, ${conversions} conversions`);
    }
    let end = head;
    const advance = async () => {
      const newest = await chain.block("latest");
      if (newest === undefined || newest.number <= end.number) return 0;
      let count = 0;
      const since = { from: end.number + 1, to: newest.number, stateFile: undefined };
      for await (const { events } of readHistory(provider, programs, subject, since)) {
        await follow(events);
        count += events.length;
      }
      end = newest;
      return count;
    };
    const view = { replay: audit.replay, campaignId, chainId, programs, lens, address, head: () => end, advance };
    const known = await chain.token(token);
    const shown = { ...view, token: known };
    await checkShown(audit.findings, shown, data.sources, { partners, random });
    const at = { blockTag: end.number };
    const { available, reserved, nextConversion } = await lens.campaign(campaignId, at);
    const contract = {
      available,
      reserved,
      nextConversion,
      decimals: known.decimals,
      marks: (digest: string, word: number) => lens.settledLines(digest, word, at),
      loweredTo: async (digest: string) => (await lens.batch(digest, at)).loweredTo,
    };
    const call = (to: string, asked: string) =>
      provider.call({ to, data: asked }).catch((error: unknown) => {
        if (isRevert(error)) return undefined;
        throw error;
      });
    const rates = { call, file: data.rateFile };
    const findings = await audit.finish(end.time, contract, { domain, signers: await expectedSigners() }, rates);
    const ok = findings.every(({ failed }) => failed === 0);
    for (const { name, counts } of chain.nodes().nodes)
      if (counts.contradicted > 0)
        progress(`${name} told something else than the other nodes, ${counts.contradicted} times.`);
    say(
      values.json
        ? toJson({ campaign: campaignId, chainId, programs: address, block: end.number, ok }, findings, show)
        : toText(findings, show),
    );
    return ok;
  } finally {
    chain.close();
  }

  async function expectedSigners(): Promise<ReceiptSigner["signers"]> {
    if (receipts.length === 0) return undefined;
    if (values.signer !== undefined) return new Map(values.signer.map((one) => [getAddress(one), undefined]));
    for (const source of data.sources) {
      const status = relayerSays.safeParse(await source.page("/v1/status"));
      if (!status.success) continue;
      const { relayer, receiptSigners } = status.data;
      return new Map([
        ...receiptSigners.map(({ address, until }) => [address, until ?? undefined] as const),
        [relayer, undefined],
      ]);
    }
    return undefined;
  }
}

/** @throws Error that names what is wrong */
function nodesOf(
  rpc: string,
  agree: string | undefined,
  deployment: ReturnType<typeof readDeployment>,
): Parameters<typeof connectPrograms> {
  const read = z.object(nodeVariables).safeParse({ RPC_URL: rpc, RPC_AGREE: agree || undefined });
  // Not shown: a node's URL may have a key in it.
  if (!read.success)
    throw new Error(
      read.error.issues[0]?.path[0] === "RPC_AGREE"
        ? `--agree ${agree} is not a number of nodes.`
        : "--rpc must be http or https URLs of nodes of the chain, ten at most.",
    );
  const [fault] = nodeFaults(read.data);
  if (fault !== undefined) throw new Error(fault.replaceAll("RPC_URL", "--rpc").replaceAll("RPC_AGREE", "--agree"));
  return [read.data.RPC_URL, deployment, { agree: read.data.RPC_AGREE, everything: true }];
}

function toJson(about: object, findings: readonly Finding[], show: number): string {
  const checks = findings.map(({ differences, left, ...finding }) => ({
    ...finding,
    ok: finding.failed === 0,
    differences: differences.slice(0, show),
    left: left.slice(0, show),
  }));
  return JSON.stringify({ ...about, checks }, null, 2);
}

function toText(findings: readonly Finding[], show: number): string {
  const table = new Table({
    head: ["check", "", "checked", "differences"],
    colAligns: ["left", "left", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { title, checked, failed } of findings)
    table.push([
      title,
      failed > 0 ? "✗" : checked === 0 ? "–" : "✓",
      checked.toLocaleString("en"),
      failed === 0 ? "" : failed.toLocaleString("en"),
    ]);
  const wrong = findings.filter(({ failed }) => failed > 0);
  const lists = wrong.map(({ title, failed, differences }) => {
    const shown = differences.slice(0, show);
    const more = failed - shown.length;
    return [`✗ ${title}`, ...shown.map((one) => `  ${one}`), ...(more > 0 ? [`  … and ${more} more`] : [])].join("\n");
  });
  for (const { title, unchecked, left } of findings.filter((one) => one.unchecked > 0)) {
    const more = unchecked - Math.min(show, left.length);
    const rest = more > 0 ? [`  … and ${more} more`] : [];
    lists.push([`– ${title}: not checked`, ...left.slice(0, show).map((one) => `  ${one}`), ...rest].join("\n"));
  }
  const end =
    wrong.length === 0 ? "Everything agrees." : `${wrong.length} of ${findings.length} checks found differences.`;
  return [table.toString(), ...lists, end].join("\n\n");
}

if (import.meta.main) {
  const surroundings = { say: console.log, progress: console.error, env: process.env };
  await run(process.argv.slice(2), surroundings).then(
    (ok) => {
      process.exitCode = ok ? 0 : 1;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 2;
    },
  );
}
