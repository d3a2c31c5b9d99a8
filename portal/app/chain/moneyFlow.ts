/** Where a campaign's money went, added up from the contract's events, and how long that took. */

import { unpackLine } from "@partner-programs/protocol/line";
import { lens, provider, topicOf } from "./contracts.ts";
import { FINAL_DEPTH, readEvents } from "./events.ts";

const FOLLOWED = ["Funded", "Withdrawn", "Attested", "Reversed", "Released", "Pulled", "LineRefused"];

/** Where a campaign's money went, added up from the contract's events. */
export interface ChainMoney {
  readonly funded: bigint;
  readonly withdrawn: bigint;
  /** Commissions and fees. */
  readonly attested: bigint;
  readonly reversed: bigint;
  /** Of lines that did not hold: available again. */
  readonly refused: bigint;
  readonly released: bigint;
  readonly fees: bigint;
  /** Commissions and fees attested in the last 30 days. */
  readonly attestedLately: bigint;
  /** Since when these are counted, Unix seconds, and how many seconds that is. */
  readonly latelySince: number;
  readonly lately: number;
  readonly attestations: number;
  /** Lines that did not hold, the newest first. */
  readonly refusals: readonly RefusedLine[];
  /** Seconds from the release of a commission to its partner's claim, of the latest releases. */
  readonly secondsToClaim: readonly number[];
}

/** A line that the contract paid nobody for. */
export interface RefusedLine {
  readonly batch: string;
  readonly index: number;
  readonly partner: string;
  /** The contract's number of why. */
  readonly fault: number;
  readonly returned: bigint;
  readonly transaction: string;
}

/** `given`: the campaign's token and fee, as the contract says them. */
export async function readMoney(
  campaignId: string,
  given: Promise<{ readonly token: string; readonly feeBps: bigint }> = lens().termsOf(campaignId),
): Promise<ChainMoney> {
  // One head for all that is read: each look at it would be a way to the node and back more.
  const [latest, { token, feeBps }] = await Promise.all([provider().getBlock("latest"), given]);
  const head = latest?.number;
  const events = await readEvents([FOLLOWED.map(topicOf), campaignId], undefined, head);
  const sums = { funded: 0n, withdrawn: 0n, attested: 0n, reversed: 0n, refused: 0n, released: 0n, fees: 0n };
  let lately = 0n;
  const partnersOf = new Map<string, string[]>();
  const releases: { block: number; partner: string }[] = [];
  const now = latest?.timestamp ?? Math.floor(Date.now() / 1000);
  forgetTimes(latest?.number ?? 0);
  const since = now - 30 * 86_400;
  let first = now;
  let attestations = 0;
  const refusals: RefusedLine[] = [];
  for (const { name, args, block, transaction } of events) {
    switch (name) {
      case "Funded":
        sums.funded += args.amount;
        break;
      case "Withdrawn":
        sums.withdrawn += args.amount;
        break;
      case "Attested":
        attestations++;
        sums.attested += args.body.total;
        partnersOf.set(args.attestation, args.lines.map(partnerOfLine));
        if (Number(args.body.periodTo) >= since) {
          lately += args.body.total;
          first = Math.min(first, Number(args.body.periodFrom));
        }
        break;
      case "Reversed":
        sums.reversed += args.returned;
        lately -= args.returned;
        break;
      case "Released":
        sums.released += args.commission;
        sums.fees += args.fee;
        // Where the lines are not on the chain nobody's claim can be told from others'.
        for (const partner of inWord(partnersOf.get(args.attestation) ?? [], args.word, args.lines))
          releases.push({ block, partner });
        break;
      case "Pulled":
        sums.released += args.commission;
        // Its fee is not in the event: it follows from the terms.
        sums.fees += (args.commission * feeBps) / 10_000n;
        break;
      case "LineRefused":
        sums.refused += args.returned;
        lately -= args.returned;
        refusals.unshift({
          batch: args.attestation,
          index: Number(args.index),
          partner: unpackLine(args.line).partner,
          fault: Number(args.fault),
          returned: args.returned,
          transaction,
        });
        break;
    }
  }
  const secondsToClaim = await timesToClaim(releases.slice(-60), token, head);
  const attestedLately = lately > 0n ? lately : 0n;
  const latelySince = Math.max(since, first);
  return { ...sums, attestedLately, latelySince, lately: now - latelySince, attestations, refusals, secondsToClaim };
}

/** Of a batch's partners those whose lines `marks`, a bit each, names in a word of 256. */
function inWord(partners: readonly string[], word: bigint, marks: bigint): string[] {
  const first = Number(word) * 256;
  return partners.slice(first, first + 256).filter((_, i) => ((marks >> BigInt(i)) & 1n) === 1n);
}

const partnerOfLine = (packed: string) => unpackLine(packed).partner.toLowerCase();

async function timesToClaim(
  releases: readonly { block: number; partner: string }[],
  token: string,
  head: number | undefined,
): Promise<number[]> {
  const [first] = releases;
  if (first === undefined) return [];
  const topic = (address: string) => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;
  const owners = [...new Set(releases.map(({ partner }) => topic(partner)))];
  const claims = await readEvents([topicOf("Claimed"), owners, topic(token)], first.block, head);
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
