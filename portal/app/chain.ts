/** The chain, read without anybody's word for it, and the calls that wallets sign. Imports ethers: only lazily loaded pages import this. */
import { Contract, type Interface, JsonRpcProvider, type Log, TypedDataEncoder } from "ethers";
import { IPartnerPrograms__factory } from "#typechain/factories/interfaces/IPartnerPrograms__factory.ts";
import { IPartnerProgramsLens__factory } from "#typechain/factories/interfaces/IPartnerProgramsLens__factory.ts";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import type { IPartnerProgramsLens } from "#typechain/interfaces/IPartnerProgramsLens.ts";
import { config } from "./config.ts";
import { isNative, type TokenFormat } from "./money.ts";

let connection: JsonRpcProvider | undefined;

export function provider(): JsonRpcProvider {
  connection ??= new JsonRpcProvider(config().rpcUrl, config().chainId, { staticNetwork: true, cacheTimeout: -1 });
  return connection;
}

export const programsInterface = IPartnerPrograms__factory.createInterface() as unknown as Interface;
export const programs = (): IPartnerPrograms => IPartnerPrograms__factory.connect(config().programs, provider());
export const lens = (): IPartnerProgramsLens => IPartnerProgramsLens__factory.connect(config().lens, provider());

export const TOKEN_ABI = [
  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 value) returns (bool)",
  "function nonces(address) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
  "function mint(address to, uint256 amount)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC2612ExpiredSignature(uint256 deadline)",
  "error ERC2612InvalidSigner(address signer, address owner)",
] as const;

export function erc20(token: string): Contract {
  return new Contract(token, TOKEN_ABI, provider());
}

/** What amounts of a token are written with. @throws Error if there is no token */
export async function describeToken(token: string): Promise<TokenFormat> {
  if (isNative(token)) return { symbol: "ETH", decimals: 18 };
  const contract = erc20(token);
  try {
    const [symbol, decimals] = await Promise.all([
      contract.getFunction("symbol")(),
      contract.getFunction("decimals")(),
    ]);
    return { symbol: String(symbol).slice(0, 20), decimals: Number(decimals) };
  } catch {
    throw new Error(`${token} is no token on this chain. Check the address and the network.`);
  }
}

export async function balanceOf(token: string, owner: string): Promise<bigint> {
  return isNative(token) ? provider().getBalance(owner) : erc20(token).getFunction("balanceOf")(owner);
}

/** The EIP-712 domain under which a token takes permits (ERC-2612), or undefined if it takes none that we can be sure of. */
export async function permitDomain(token: string) {
  if (isNative(token)) return undefined;
  const contract = erc20(token);
  try {
    const separator: string = await contract.getFunction("DOMAIN_SEPARATOR")();
    const published = await contract
      .getFunction("eip712Domain")()
      .catch(() => undefined);
    const name: string = published?.[1] ?? (await contract.getFunction("name")());
    const domain = { name, version: published?.[2] ?? "1", chainId: config().chainId, verifyingContract: token };
    return TypedDataEncoder.hashDomain(domain) === separator ? domain : undefined;
  } catch {
    return undefined;
  }
}

/** Nodes bound how many blocks or logs an answer may span: a range that is refused is asked for in halves. */
async function readRange(topics: Topics, from: number, to: number): Promise<Log[]> {
  try {
    return await provider().getLogs({ address: config().programs, topics: [...topics], fromBlock: from, toBlock: to });
  } catch (error) {
    if (to - from < 100) throw error;
    const middle = Math.floor((from + to) / 2);
    return [...(await readRange(topics, from, middle)), ...(await readRange(topics, middle + 1, to))];
  }
}

type Topics = readonly (string | string[] | null)[];

/** An event of the contract, and in which block it was. */
export interface Happened {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: by the names of the event's arguments
  readonly args: any;
  readonly block: number;
  readonly transaction: string;
}

interface History {
  /** The last block that is not asked for again. */
  settled: number;
  /** Up to that block. */
  events: Happened[];
}

/** Blocks this far behind the head are taken for final, as the relayer does by default; what is nearer is asked for every time. */
const FINAL_DEPTH = 64;
const MOST_HISTORIES = 32;
const histories = new Map<string, History>();
const reading = new Map<string, Promise<readonly Happened[]>>();

/**
 * The contract's events with these topics, in order, from `since` to now. What is final is kept while the page is open: only what
 * came after it is asked for. Who asks while an answer is under way gets that one.
 */
export function readEvents(topics: Topics, since = config().fromBlock): Promise<readonly Happened[]> {
  const key = JSON.stringify([topics, since]);
  const under = reading.get(key);
  if (under !== undefined) return under;
  const now = readOn(key, topics, since).finally(() => reading.delete(key));
  reading.set(key, now);
  return now;
}

async function readOn(key: string, topics: Topics, since: number): Promise<readonly Happened[]> {
  const head = await provider().getBlockNumber();
  const kept = histories.get(key);
  // A head before what was final: the chain is another, as when a local one is started again.
  const known = kept === undefined || kept.settled >= head ? { settled: since - 1, events: [] } : kept;
  const recent = (await readRange(topics, known.settled + 1, head)).flatMap((log) => {
    const event = programsInterface.parseLog(log);
    return event === null
      ? []
      : [{ name: event.name, args: event.args, block: log.blockNumber, transaction: log.transactionHash }];
  });
  const settled = Math.max(known.settled, head - FINAL_DEPTH);
  const events = [...known.events, ...recent];
  histories.delete(key);
  histories.set(key, { settled, events: events.filter(({ block }) => block <= settled) });
  // The one that was asked for longest ago goes first.
  if (histories.size > MOST_HISTORIES) histories.delete(histories.keys().next().value as string);
  return events;
}

const topicOf = (name: string) => programsInterface.getEvent(name)?.topicHash ?? "";
const FOLLOWED = ["Funded", "Withdrawn", "Attested", "Reversed", "Released", "Pulled"];

/** Where a campaign's money went, added up from the contract's events. */
export interface ChainMoney {
  readonly funded: bigint;
  readonly withdrawn: bigint;
  readonly attested: bigint;
  readonly reversed: bigint;
  readonly released: bigint;
  readonly fees: bigint;
  /** Commissions and fees attested in the last 30 days. */
  readonly attestedLately: bigint;
  /** Since when these are counted, Unix seconds, and how many seconds that is. */
  readonly latelySince: number;
  readonly lately: number;
  readonly attestations: number;
  /** Seconds from the release of a commission to its partner's claim, of the latest releases. */
  readonly secondsToClaim: readonly number[];
}

export async function readMoney(campaignId: string, token: string): Promise<ChainMoney> {
  const events = await readEvents([FOLLOWED.map(topicOf), campaignId]);
  const sums = { funded: 0n, withdrawn: 0n, attested: 0n, reversed: 0n, released: 0n, fees: 0n, attestedLately: 0n };
  const partnersOf = new Map<string, string[]>();
  const releases: { block: number; partner: string }[] = [];
  const latest = await provider().getBlock("latest");
  const now = latest?.timestamp ?? Math.floor(Date.now() / 1000);
  forgetTimes(latest?.number ?? 0);
  const since = now - 30 * 86_400;
  let first = now;
  let attestations = 0;
  for (const { name, args, block } of events) {
    switch (name) {
      case "Funded":
        sums.funded += args.amount;
        break;
      case "Withdrawn":
        sums.withdrawn += args.amount;
        break;
      case "Attested":
        attestations++;
        sums.attested += args.commission;
        partnersOf.set(args.attestation, args.body.lines.map(partnerOfLine));
        if (Number(args.body.periodTo) >= since) {
          sums.attestedLately += args.commission + args.fee;
          first = Math.min(first, Number(args.body.periodFrom));
        }
        break;
      case "Reversed":
        sums.reversed += args.commission;
        if (Number(args.commission) > 0) sums.attestedLately -= args.commission + args.fee;
        break;
      case "Released":
        sums.released += args.commission;
        sums.fees += args.fee;
        for (const [index, partner] of (partnersOf.get(args.attestation) ?? []).entries())
          if (((args.lines[index >> 8] >> BigInt(index & 255)) & 1n) === 1n) releases.push({ block, partner });
        break;
      case "Pulled":
        sums.released += args.commission;
        sums.fees += args.fee;
        break;
    }
  }
  const secondsToClaim = await timesToClaim(releases.slice(-60), token);
  const attestedLately = sums.attestedLately > 0n ? sums.attestedLately : 0n;
  const latelySince = Math.max(since, first);
  return { ...sums, attestedLately, latelySince, lately: now - latelySince, attestations, secondsToClaim };
}

const partnerOfLine = (packed: string) => `0x${packed.slice(6, 46)}`.toLowerCase();

async function timesToClaim(releases: readonly { block: number; partner: string }[], token: string): Promise<number[]> {
  const [first] = releases;
  if (first === undefined) return [];
  const topic = (address: string) => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;
  const owners = [...new Set(releases.map(({ partner }) => topic(partner)))];
  const claims = await readEvents([topicOf("Claimed"), owners, topic(token)], first.block);
  const waits = releases.map(async ({ block, partner }) => {
    const claim = claims.find((one) => one.block >= block && one.args.owner.toLowerCase() === partner);
    return claim === undefined ? undefined : (await timeOf(claim.block)) - (await timeOf(block));
  });
  return (await Promise.all(waits)).filter((seconds) => seconds !== undefined);
}

const times = new Map<number, Promise<number>>();
const MOST_TIMES = 1_000;

function timeOf(block: number): Promise<number> {
  const known = times.get(block);
  if (known !== undefined) return known;
  const time = provider()
    .getBlock(block)
    .then((found) => found?.timestamp ?? 0);
  times.set(block, time);
  return time;
}

/** Forgets when blocks were that may still be replaced, and all of them before they are too many. */
function forgetTimes(head: number): void {
  for (const block of times.keys()) if (times.size > MOST_TIMES || block > head - FINAL_DEPTH) times.delete(block);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The `Attested` event of a batch. */
export async function readAttestation(campaignId: string, digest: string): Promise<Happened | undefined> {
  return (await readEvents([topicOf("Attested"), campaignId, digest]))[0];
}

/** A description as it was announced: the chain has its hash, and from when it counts. */
export interface Announced {
  readonly hash: string;
  readonly uri: string;
  readonly effectiveAt: number;
}

/** All descriptions that a campaign announced, in their order. */
export async function readAnnounced(campaignId: string): Promise<Announced[]> {
  const events = await readEvents([topicOf("DescriptionAnnounced"), campaignId]);
  return events.map(({ args }) => ({ hash: args.contentHash, uri: args.uri, effectiveAt: Number(args.effectiveAt) }));
}

/** Campaigns that are offered to an account, and that it has not accepted. */
export async function readOffered(account: string): Promise<string[]> {
  const topic = `0x${account.slice(2).toLowerCase().padStart(64, "0")}`;
  const events = await readEvents([topicOf("BrandTransferStarted"), null, null, topic]);
  const ids = [...new Set(events.map(({ args }) => args.campaignId as string))];
  const states = await Promise.all(ids.map((id) => programs().campaign(id)));
  return ids.filter((_, i) => states[i]?.pendingBrand.toLowerCase() === account.toLowerCase());
}

/** A campaign as the contract has it, settled to the current block, with what is announced. */
export async function readCampaign(campaignId: string) {
  const [overview, state] = await Promise.all([lens().overview(campaignId), programs().campaign(campaignId)]);
  return { overview, state };
}

export type ChainCampaign = Awaited<ReturnType<typeof readCampaign>>;
