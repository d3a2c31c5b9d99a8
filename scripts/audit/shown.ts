/**
 * Compares all that relayers show of a campaign with the chain: the campaign's terms and money, its batches line by line, and its
 * partners. A relayer goes on while it is looked at, and so does the chain: what differs is looked at again.
 */
import type { Token } from "@partner-programs/protocol/token";
import { keccak256, ZeroAddress } from "ethers";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import type { Batch } from "./batch.ts";
import { inForceAt } from "./conditions.ts";
import type { Source } from "./data.ts";
import { differences } from "./expected.ts";
import type { Findings } from "./findings.ts";
import { readPacked } from "./packed.ts";
import { NotGiven } from "./publicBatch.ts";
import type { Replay } from "./replay.ts";
import { checkShownBatch } from "./shownBatch.ts";
import { checkLines, checkPayout, checkProof, checkPull, type PartnerLine, type View } from "./shownPartner.ts";

/** The campaign at the block up to which its events were replayed, and how to go on from there. */
export interface ChainView {
  readonly replay: Replay;
  readonly campaignId: string;
  readonly chainId: number;
  readonly programs: PartnerPrograms;
  readonly lens: PartnerProgramsLens;
  readonly address: string;
  readonly token: Token;
  /** The last block that was read: its number, and its time in Unix seconds. */
  head(): { readonly number: number; readonly time: number };
  /** Reads and replays what has come since. @returns how many events */
  advance(): Promise<number>;
}

export interface ShownOptions {
  /** Of how many partners, drawn by lot, it is looked at what is shown of each. */
  readonly partners: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What somebody shows is asked for again so often while it is behind the chain, or the chain goes on. */
const MAX_TRIES = 10;
const PAUSE_MILLISECONDS = 1_000;
const NO_LIMIT = 2n ** 128n - 1n;

export async function checkShown(
  findings: Findings,
  chain: ChainView,
  sources: readonly Source[],
  options: ShownOptions,
): Promise<void> {
  const { replay } = chain;
  const partners = draw([...replay.partners], options);
  // Where one of several does not answer, that is said of it; where none does, there is nothing to look at.
  const answers = await Promise.allSettled(sources.map((source) => source.page("/v1/status")));
  const [failed] = answers.filter((answer) => answer.status === "rejected");
  if (failed !== undefined && answers.every(({ status }) => status === "rejected")) throw failed.reason;
  for (const source of sources) {
    const looker = lookAt(findings, chain, source);
    if (source.live) {
      await looker.look(() => checkStatus(chain, source));
      await looker.look(() => checkCampaign(chain, source));
      await looker.look(() => checkList(chain, source));
    }
    const lines = new Map(partners.map((partner) => [partner, [] as PartnerLine[]]));
    for (const batch of [...replay.batches.values()])
      await looker.look(() => checkBatch(chain, source, batch, source.live ? lines : new Map()));
    if (!source.live) continue;
    for (const [partner, own] of lines) {
      const view = viewOf(chain, source);
      await looker.look(async () =>
        checkPayout(view(), partner, await chain.lens.payoutOf(partner, { blockTag: chain.head().number })),
      );
      await looker.look(() => checkLines(view(), partner, own));
      const one = own[Math.floor(options.random() * own.length)];
      if (one !== undefined) await looker.look(() => checkProof(view(), partner, one));
      await looker.look(() => checkPull(view(), partner, own));
    }
  }
}

/** Without repetition, each as likely as any other. */
function draw(partners: string[], { partners: count, random }: ShownOptions): string[] {
  for (let i = 0; i < Math.min(count, partners.length - 1); i++) {
    const other = i + Math.floor(random() * (partners.length - i));
    [partners[i], partners[other]] = [partners[other] as string, partners[i] as string];
  }
  return partners.slice(0, count);
}

/** Looks at one thing after the other that a source shows. Its patience is one for all of them. */
function lookAt(findings: Findings, chain: ChainView, source: Source) {
  let pauses = 0;
  let mustHave = chain.head().number;
  const isBehind = async () => {
    const status = (await source.page("/v1/status").catch(() => undefined)) as { indexedBlock?: unknown } | undefined;
    return typeof status?.indexedBlock === "number" && status.indexedBlock < mustHave;
  };
  return {
    async look(check: () => Promise<readonly string[]>): Promise<void> {
      findings.count("shown");
      for (let tries = 0; ; tries++) {
        const said = await check().catch((error: unknown) => {
          if (error instanceof NotGiven) return [error.message];
          throw error;
        });
        if (said.length === 0) return;
        if (source.live && tries < MAX_TRIES) {
          const moved = (await chain.advance()) > 0;
          if (moved) mustHave = chain.head().number;
          const behind = pauses < MAX_TRIES && (await isBehind());
          if (behind) {
            pauses++;
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
          }
          if (moved || behind) continue;
        }
        for (const one of said) findings.differ("shown", one);
        return;
      }
    },
  };
}

/** A relayer's clock is the wall's, or its chain's if that is ahead. */
const nowOf = (chain: ChainView) => Math.max(chain.head().time, Math.floor(Date.now() / 1000));

const viewOf = (chain: ChainView, source: Source) => (): View => ({
  ...chain,
  now: nowOf(chain),
  source: source.name,
  page: (path) => source.page(path),
});

async function checkStatus({ chainId, address, head }: ChainView, source: Source): Promise<string[]> {
  const shown = (await source.page("/v1/status")) as { indexedBlock?: unknown } | undefined;
  const where = `${source.name} says of itself`;
  if (shown === undefined) return [`${where} nothing.`];
  const said = differences(where, shown, { chainId, programs: address });
  const { indexedBlock } = shown;
  // A node may be a few blocks behind another.
  if (
    indexedBlock !== null &&
    !(Number.isInteger(indexedBlock) && Number(indexedBlock) <= head().number + BLOCKS_AHEAD)
  )
    said.push(`${where}: indexedBlock is ${indexedBlock}; the chain has ${head().number} blocks.`);
  return said;
}

const BLOCKS_AHEAD = 100;

async function checkCampaign(chain: ChainView, source: Source): Promise<string[]> {
  const where = `${source.name} shows the campaign`;
  const shown = await source.page(`/v1/campaigns/${chain.campaignId}`);
  return shown === undefined ? [`${where} not at all.`] : compareCampaign(chain, source, where, shown);
}

/** The list shows it as it is shown alone. */
async function checkList(chain: ChainView, source: Source): Promise<string[]> {
  const path = `/v1/campaigns?ids=${chain.campaignId}`;
  const list = (await source.page(path)) as { items?: unknown; next?: unknown } | undefined;
  const where = `${source.name} lists the campaign`;
  const [shown, ...others]: readonly { id?: unknown }[] = Array.isArray(list?.items) ? list.items : [];
  if (shown?.id !== chain.campaignId) return [`${where} not at all.`];
  if (others.length > 0 || list?.next !== null) return [`${where} with others, at ${path}.`];
  return compareCampaign(chain, source, where, shown);
}

async function compareCampaign(chain: ChainView, source: Source, where: string, shown: unknown): Promise<string[]> {
  const { setAside } = shown as { setAside?: unknown };
  if (setAside !== null)
    return [`${where}: setAside is ${JSON.stringify(setAside)?.slice(0, 300)}, so all else is as it once was.`];
  const money = moneyOf(chain.replay, shown as Record<string, unknown>);
  const description = await descriptionIn(chain, source);
  return differences(where, shown, { ...(await termsOf(chain)), ...money, ...description });
}

/** What the contract stores of it. */
async function termsOf(chain: ChainView): Promise<Record<string, unknown>> {
  const { lens, campaignId, token, head } = chain;
  const at = { blockTag: head().number };
  const [terms, state] = await Promise.all([lens.termsOf(campaignId, at), lens.campaign(campaignId, at)]);
  const now = BigInt(nowOf(chain));
  const limit = (amount: bigint) => (!state.limited || amount === NO_LIMIT ? null : String(amount));
  const due = state.nextDailyLimitAt !== 0n && state.nextDailyLimitAt <= now;
  const nextLimit = { amount: limit(state.nextDailyLimit), effectiveAt: Number(state.nextDailyLimitAt) };
  const time = (at: bigint) => (at === 0n ? null : Number(at));
  return {
    id: campaignId,
    brand: state.brand,
    token: terms.token,
    tokenSymbol: token.symbol,
    tokenDecimals: token.decimals,
    holdSeconds: Number(terms.holdSeconds),
    noticeSeconds: Number(terms.noticeSeconds),
    feeBps: Number(terms.feeBps),
    operator: terms.operator,
    available: String(state.available),
    reserved: String(state.reserved),
    linesOnChain: terms.linesOnChain || terms.holdSeconds === 0n,
    dailyLimit: limit(due ? state.nextDailyLimit : state.dailyLimit),
    nextDailyLimit: due || state.nextDailyLimitAt === 0n ? null : nextLimit,
    pendingBrand:
      state.pendingBrand === ZeroAddress
        ? null
        : { brand: state.pendingBrand, effectiveAt: Number(state.transferableAt) },
    pendingWithdrawal:
      state.withdrawableAt === 0n
        ? null
        : { amount: String(state.withdrawalAmount), effectiveAt: Number(state.withdrawableAt) },
    suspendedUntil: time(state.suspendedUntil),
    closesAt: time(state.closesAt),
    finalAt: time(state.finalAt),
    nextConversion: String(state.nextConversion),
  };
}

/** Sums of the campaign's events. Where a relayer does not know some lines, it says for how much it cannot tell credits from what is paid. */
function moneyOf({ funded, released, fees, withdrawn, earned }: Replay, shown: Record<string, unknown>) {
  let [credits, paid] = [0n, 0n];
  for (const one of earned.values()) {
    credits += one.released;
    paid += one.paid;
  }
  const sums = { funded, released, fees, withdrawn };
  const [c, p, u] = ["credits", "paid", "unexplained"].map((name) => {
    const text = String(shown[name]);
    return /^\d{1,78}$/.test(text) ? BigInt(text) : -1n;
  }) as [bigint, bigint, bigint];
  const explained = c >= 0n && c <= credits && p >= 0n && p <= paid && c + p + u === released;
  const rest = u > 0n && explained ? {} : { credits: String(credits), paid: String(paid), unexplained: "0" };
  return { ...Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, String(sum)])), ...rest };
}

/** The description in force, as far as the source has it: it is shown as the JSON that it is. */
async function descriptionIn(chain: ChainView, source: Source): Promise<Record<string, unknown>> {
  const { descriptions } = chain.replay;
  const now = nowOf(chain);
  const inForce = inForceAt(descriptions, now);
  if (inForce === undefined) return { description: null };
  const bytes = await source.description(inForce.hash);
  // That it serves another is said by itself.
  if (bytes !== undefined && keccak256(bytes) !== inForce.hash) return {};
  return { description: bytes === undefined ? null : JSON.parse(new TextDecoder().decode(bytes)) };
}

async function checkBatch(
  chain: ChainView,
  source: Source,
  batch: Batch,
  lines: ReadonlyMap<string, PartnerLine[]>,
): Promise<string[]> {
  const data = await source.batch(batch.digest);
  // That nobody has it is said by itself, and who has it not says so.
  if (data === undefined) return [];
  const { replay, campaignId } = chain;
  for (const own of lines.values())
    own.splice(0, own.length, ...own.filter((line) => line.batch.digest !== batch.digest));
  return checkShownBatch(
    { replay, campaignId, now: nowOf(chain) },
    batch,
    { source: source.name, live: source.live, data },
    {
      wants: (partner) => lines.has(partner),
      seen: (index, attested) => {
        const { partner } = readPacked(attested);
        lines.get(partner)?.push({ batch, index, attested });
      },
    },
  );
}
