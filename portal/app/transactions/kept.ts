/** What is under way in this tab, kept over a reload: which transaction it was, of whom, and what was to follow. */
import { config } from "../config.ts";
import type { Execution } from "./execute.ts";

export interface UnderWay {
  /** Of the plan. */
  readonly title: string;
  readonly account: string;
  /** The step that the page was left in. */
  readonly what: string;
  /** What its wallet answered; without it the wallet was asked, and had not answered. */
  readonly hash?: string;
  /** Steps behind it. */
  readonly rest: readonly string[];
  /** When it was begun, in milliseconds. */
  readonly at: number;
}

/** Of this chain and contract: what another installation left here is none of ours. */
const keyOf = () => `partner-programs:under way:${config().chainId}:${config().programs}`;

/** What was not seen for longer is not waited for. */
const MAX_AGE_MS = 86_400_000;

/** What there is to keep of an execution; undefined: nothing of it is on its way. */
export function underWayOf(
  { title, account, at }: Pick<UnderWay, "title" | "account" | "at">,
  { steps, progress }: Pick<Execution, "steps" | "progress">,
): UnderWay | undefined {
  const index = progress.findIndex(({ state }) => state !== "confirmed" && state !== "signed");
  const [step, one] = [steps[index], progress[index]];
  if (step === undefined || one === undefined || one.state === "waiting") return undefined;
  // What an account's wallet proposes is kept for all tabs, and longer (`proposals.ts`).
  if ("proposed" in one && one.proposed !== undefined) return undefined;
  // Declined or refused: it can be begun again. What may still be mined, cannot.
  if (one.state === "failed" && (one.refused === true || one.hash === undefined)) return undefined;
  // A signature that was not given leaves nothing behind.
  if (step.kind === "sign") return undefined;
  const hash = "hash" in one ? one.hash : undefined;
  return {
    title,
    account,
    at,
    what: step.what,
    rest: steps.slice(index + 1).map(({ what }) => what),
    ...(hash !== undefined && { hash }),
  };
}

/** A proposal's hash is said once: what is told later of the same step does not forget it. */
export function keepUnderWay(now: UnderWay | undefined): void {
  try {
    const before = readUnderWay();
    const same = before !== undefined && before.at === now?.at && before.what === now.what;
    if (now === undefined) sessionStorage.removeItem(keyOf());
    else sessionStorage.setItem(keyOf(), JSON.stringify(same ? { ...before, ...now } : now));
  } catch {
    // A browser that keeps nothing: the page itself goes on as ever.
  }
}

export function readUnderWay(now = Date.now()): UnderWay | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf()) ?? "null") as UnderWay | null;
    if (kept === null || typeof kept.what !== "string" || !Array.isArray(kept.rest)) return undefined;
    if (kept.hash !== undefined && !/^0x[0-9a-f]{64}$/i.test(kept.hash)) return undefined;
    return now - kept.at < MAX_AGE_MS ? kept : undefined;
  } catch {
    return undefined;
  }
}
