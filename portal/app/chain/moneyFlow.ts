/** Where a campaign's money went, added up from the contract's events, and how long that took. */

import { unpackLine } from "@partner-programs/protocol/line";
import { isReleased } from "@partner-programs/protocol/releasedLines";
import { provider, topicOf } from "./contracts.ts";
import { FINAL_DEPTH, readEvents } from "./events.ts";

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
          if (isReleased(args.lines, index)) releases.push({ block, partner });
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

const partnerOfLine = (packed: string) => unpackLine(packed).partner.toLowerCase();

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
const MAX_TIMES = 1_000;

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
  for (const block of times.keys()) if (times.size > MAX_TIMES || block > head - FINAL_DEPTH) times.delete(block);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
