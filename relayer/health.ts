/** Whether everything that a relayer needs is there: what a probe asks. */
import type { NodesReport } from "#service/chain/nodes.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { countForgotten, type ForgottenCount } from "./store/forgotten.ts";
import { type RefundTrouble, readRefundTrouble } from "./store/reversals.ts";
import { countSetAside, type SetAsideCount } from "./store/setAside.ts";
import { readIndexedBlock } from "./store/status.ts";

const ANSWER_MILLISECONDS = 3_000;

/** The index asks at least so often while it is well: what it was told then is not asked for again. */
export const HEAD_MILLISECONDS = 30_000;

/** The worker's sign of life: each round beats once. */
export interface Pulse {
  beat(): Promise<void>;
  /** Milliseconds since the last beat, or since the process began. */
  silence(): number;
}

export function createPulse(): Pulse {
  let last = performance.now();
  return {
    async beat() {
      last = performance.now();
    },
    silence: () => performance.now() - last,
  };
}

export interface Readiness {
  readonly database: string;
  readonly chain: string;
  readonly indexer: string;
  readonly worker: string;
  /** One of several that is set aside makes nothing less ready: `chain` says whether any answers. */
  readonly nodes: string;
  /** Not a part of the relayer: what a stranger does to a campaign does not make it less ready for the others. */
  readonly campaigns: string;
  /** Nor are these: what waits for attesters waits, and deadlines follow the chain's time. */
  readonly refunds: string;
  /** What attesters signed and the database does not know: after a restore. */
  readonly memory: string;
  readonly clock: string;
}

/** What is said of the parts does not make the relayer less ready. */
export const ADVICE: ReadonlySet<string> = new Set([
  "nodes",
  "campaigns",
  "refunds",
  "memory",
  "clock",
] satisfies (keyof Readiness)[]);

/** A block's time may be a little ahead of ours. */
const CLOCK_SECONDS = 15;

/** Each part of a relayer: "ok", or what is wrong with it. And what is wrong with campaigns. */
export async function readiness(
  database: Database,
  chain: ProgramsChain,
  pulse: Pulse | undefined,
  limits: { readonly lagBlocks: number; readonly silenceSeconds: number },
): Promise<Readiness> {
  const [block, head, aside, trouble, forgotten] = await Promise.all([
    within(readIndexedBlock(database)),
    within(chain.newest(HEAD_MILLISECONDS)),
    within(countSetAside(database)),
    within(readRefundTrouble(database)),
    within(countForgotten(database)),
  ]);
  const silence = pulse === undefined ? 0 : pulse.silence() / 1000;
  return {
    database: block === undefined ? "does not answer" : "ok",
    chain: head === undefined ? "does not answer" : "ok",
    indexer: describeLag(block, head?.number, limits.lagBlocks),
    worker: silence > limits.silenceSeconds ? `has not finished a round for ${Math.floor(silence)} seconds` : "ok",
    nodes: describeNodes(chain.nodes()),
    campaigns: describeCampaigns(aside),
    refunds: describeRefunds(trouble),
    memory: describeMemory(forgotten),
    clock: describeClock(head?.time),
  };
}

export function describeNodes({ nodes, needed }: NodesReport): string {
  const aside = nodes.filter(({ state }) => state !== "ok");
  if (aside.length === 0) return "ok";
  const which = aside.map(({ name, state }) => `${name} is ${state}`).join(", ");
  const left = nodes.length - aside.length;
  const waits = left < needed ? `; ${needed} have to tell the same of what decides money, and that waits` : "";
  return `${aside.length} of ${nodes.length} set aside: ${which}${waits}`;
}

function describeCampaigns(aside: SetAsideCount | undefined): string {
  if (aside === undefined) return "unknown";
  if (aside.first === undefined) return "ok";
  const { campaignId, event, block, reason } = aside.first;
  const why = event === null ? reason : `by its event ${event} of block ${block}: ${reason}`;
  return `${aside.count} set aside; the first is ${campaignId}, ${why}`;
}

function describeRefunds(trouble: RefundTrouble | undefined): string {
  if (trouble === undefined) return "unknown";
  const { refused, ends, problem, late } = trouble;
  const parts = [
    ...(refused > 0n
      ? [`${refused} wait and are lost to the hold from ${new Date(Number(ends) * 1000).toISOString()} on: ${problem}`]
      : []),
    ...(late > 0n ? [`${late} of the last seven days came too late: their commissions stay with the partners`] : []),
  ];
  return parts.join("; ") || "ok";
}

function describeMemory(found: ForgottenCount | undefined): string {
  if (found === undefined) return "unknown";
  const { unreconciled, problem, open, until, attested, missing } = found;
  const parts = [
    ...(unreconciled > 0n
      ? [
          `${unreconciled} campaigns get no numbers until it is known what their attesters signed; the first is ${problem}`,
        ]
      : []),
    ...(open > 0n
      ? [
          `attesters signed ${open} batches that this database does not know: no numbers in their campaigns until they are attested or dead, at ${new Date(Number(until) * 1000).toISOString()} at the latest`,
        ]
      : []),
    ...(missing > 0n
      ? [
          `${attested} batches on the chain, with ${missing} orders that this database does not know: have them reported again`,
        ]
      : []),
  ];
  return parts.join("; ") || "ok";
}

function describeClock(time: number | undefined): string {
  if (time === undefined) return "unknown";
  const ahead = time - Math.floor(Date.now() / 1000);
  return ahead > CLOCK_SECONDS
    ? `the chain's newest block is ${ahead} seconds ahead of this clock: set it (NTP). Deadlines follow the chain's time meanwhile`
    : "ok";
}

function describeLag(block: bigint | null | undefined, head: number | undefined, most: number): string {
  if (block === undefined || head === undefined) return "unknown";
  if (block === null) return "has indexed nothing yet";
  const lag = head - Number(block);
  return lag > most ? `is ${lag} blocks behind the chain's head; more than ${most} are too many` : "ok";
}

/** The answer, or nothing if it failed or took too long: a probe wants to know that, not why. */
async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MILLISECONDS, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
