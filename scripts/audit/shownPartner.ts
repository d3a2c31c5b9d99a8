/** What is shown of a partner, compared with the chain: where it is paid, its lines, and what it is told to pull. */
import { getAddress, getBytes, ZeroAddress } from "ethers";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { Batch } from "./batch.ts";
import { differences, OneOf } from "./expected.ts";
import { readPacked } from "./packed.ts";
import type { Replay } from "./replay.ts";
import { bodyOf, lineFault, lineState, SKEW_SECONDS } from "./shownBatch.ts";
import { climb } from "./sumTree.ts";

/** A line of a partner, as it was signed. */
export interface PartnerLine {
  readonly batch: Batch;
  readonly index: number;
  readonly attested: string;
}

/** Where a partner is paid, as the contract stores it. */
export interface Payout {
  readonly receiver: string;
  readonly lockSeconds: bigint;
  readonly nextAt: bigint;
  readonly optedOut: boolean;
  readonly nextReceiver: string;
  readonly nextLockSeconds: bigint;
}

/** What is compared, and when: Unix seconds. */
export interface View {
  readonly replay: Replay;
  readonly campaignId: string;
  readonly programs: PartnerPrograms;
  readonly address: string;
  readonly now: number;
  page(path: string): Promise<unknown>;
  readonly source: string;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever somebody serves; each part is compared before it is believed
type Shown = any;

export async function checkPayout({ source, replay, now, page }: View, partner: string, payout: Payout) {
  const due = payout.nextAt !== 0n && payout.nextAt <= BigInt(now);
  const at = (receiver: string, lockSeconds: bigint) => ({
    receiver: receiver === ZeroAddress ? null : receiver,
    lockSeconds: Number(lockSeconds),
  });
  const next = at(payout.nextReceiver, payout.nextLockSeconds);
  const shown = await page(`/v1/partners/${getAddress(partner)}`);
  return differences(`${source} shows partner ${partner}`, shown, {
    partner: getAddress(partner),
    payout: {
      ...(due ? next : at(payout.receiver, payout.lockSeconds)),
      next: due || payout.nextAt === 0n ? null : { ...next, effectiveAt: Number(payout.nextAt) },
      optedOut: payout.optedOut,
    },
    ordersFrom: replay.revoked.get(partner)?.toString() ?? null,
  });
}

const PAGE = 200;
const nameOf = (batch: string, index: number | string) => `line ${index} of ${batch}`;
const currentOf = ({ batch, index, attested }: PartnerLine) => batch.versions(index).at(-1) ?? attested;

function worthOf(replay: Replay, line: PartnerLine) {
  return replay.worth(line.batch, readPacked(currentOf(line)));
}

export async function checkLines(view: View, partner: string, lines: readonly PartnerLine[]): Promise<string[]> {
  const { replay, campaignId, source, now } = view;
  const missing = new Map(lines.map((line) => [nameOf(line.batch.digest, line.index), line]));
  const where = `${source} shows the lines of ${partner}`;
  const said: string[] = [];
  let cursor: string | null = null;
  for (let pages = Math.ceil(lines.length / PAGE) + 2; pages > 0; pages--) {
    const query = `campaignId=${campaignId}&limit=${PAGE}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const shown: Shown = await view.page(`/v1/partners/${getAddress(partner)}/lines?${query}`);
    if (!Array.isArray(shown?.items))
      return [`${where}: no page of lines, but ${JSON.stringify(shown)?.slice(0, 100)}.`];
    for (const item of shown.items as Shown[]) {
      const name = nameOf(item?.batch, item?.index);
      const line = missing.get(name);
      missing.delete(name);
      // What is not on the chain yet is its relayer's word.
      if (line === undefined && item?.state === "signed" && !replay.batches.has(item.batch)) continue;
      if (line === undefined) {
        said.push(`${where}: ${name} is none of it, or stands there twice.`);
        continue;
      }
      const fault = lineFault(line.batch, line.index);
      said.push(
        ...differences(`${where}, ${name}`, item, {
          campaignId,
          line: currentOf(line),
          lowered: line.batch.versions(line.index).length > 0,
          commission: String(worthOf(replay, line).commission),
          state: lineState(replay, line.batch, line.index, partner, now),
          releaseAt: line.batch.releaseAt,
          fault,
        }),
      );
      if ((item.faultText === null) !== (fault === null))
        said.push(`${where}, ${name}: faultText is ${item.faultText}.`);
    }
    if (shown.next === null) break;
    cursor = String(shown.next);
    if (pages === 1) said.push(`${where}: its pages do not end.`);
  }
  return [...said, ...[...missing.keys()].map((name) => `${where}, and leaves out ${name}.`)];
}

/** A line with its way to the root, as `pull` of the contract takes it. */
export async function checkProof(view: View, partner: string, line: PartnerLine): Promise<string[]> {
  const { replay, campaignId, source, now } = view;
  const { batch, index } = line;
  const shown: Shown = await view.page(`/v1/batches/${batch.digest}/lines/${index}`);
  const where = `${source} shows ${nameOf(batch.digest, index)}`;
  return [
    ...differences(where, shown, {
      attestation: bodyOf(batch, campaignId),
      commission: String(worthOf(replay, line).commission),
      state: lineState(replay, batch, index, partner, now),
    }),
    ...proofProblems(where, replay, shown?.proof, line),
  ];
}

function proofProblems(where: string, replay: Replay, proof: Shown, line: PartnerLine): string[] {
  const { batch, index } = line;
  const said = differences(`${where}, its proof`, proof, { index, line: currentOf(line) });
  if (said.length > 0) return said;
  const levels = Math.ceil(Math.log2(batch.body.lineCount));
  if (!/^0x([0-9a-f]{96})*$/.test(String(proof.path)) || proof.path.length !== 2 + 96 * levels)
    return [`${where}, its proof: path is not of ${levels} nodes.`];
  const { commission, fee } = worthOf(replay, line);
  const { root, total } = climb(index, getBytes(currentOf(line)), commission + fee, getBytes(proof.path));
  return differences(
    `${where}, where its proof leads`,
    { root, total: String(total) },
    {
      root: batch.head.root,
      total: String(batch.head.total),
    },
  );
}

/** In one call. */
const MAX_PULLED = 20;

/** What a partner is told to send to be paid. */
export async function checkPull(view: View, partner: string, lines: readonly PartnerLine[]): Promise<string[]> {
  const { replay, campaignId, source, now, programs, address } = view;
  const pays = lines.filter((line) => line.batch.state(line.index) === "held" && worthOf(replay, line).commission > 0n);
  const surely = pays.filter(({ batch }) => batch.releaseAt < now - SKEW_SECONDS);
  const maybe = pays.filter(({ batch }) => batch.releaseAt <= now + SKEW_SECONDS);
  const shown: Shown = await view.page(`/v1/partners/${getAddress(partner)}/pull?campaignId=${campaignId}`);
  const where = `${source} shows what ${partner} can pull`;
  if (shown === undefined)
    return surely.length === 0 ? [] : [`${where} as nothing; by the chain ${surely.length} lines are due.`];
  const [attestations, proofs]: Shown[][] = [shown?.attestations, shown?.lines];
  if (!Array.isArray(attestations) || !Array.isArray(proofs) || attestations.length !== proofs.length)
    return [`${where} without an attestation for each of its lines.`];
  const taken = new Set<PartnerLine>();
  const said: string[] = [];
  for (const [i, proof] of proofs.entries()) {
    const line = maybe.find(
      ({ batch, index }) =>
        index === proof?.index && differences("", attestations[i], bodyOf(batch, campaignId)).length === 0,
    );
    if (line === undefined || taken.has(line)) {
      said.push(`${where}: its ${i + 1}. line is none that is due.`);
      continue;
    }
    taken.add(line);
    said.push(...proofProblems(`${where}, ${nameOf(line.batch.digest, line.index)}`, replay, proof, line));
  }
  if (said.length > 0) return said;
  if (taken.size < Math.min(MAX_PULLED, surely.length))
    said.push(`${where}: ${taken.size} lines; by the chain ${surely.length} are due.`);
  const commission = [...taken].reduce((sum, line) => sum + worthOf(replay, line).commission, 0n);
  const call = [attestations.map((one) => ({ ...one })), proofs.map((one) => ({ ...one }))] as const;
  return [
    ...said,
    ...differences(where, shown, {
      commission: String(commission),
      to: address,
      data: programs.interface.encodeFunctionData("pull", call as never),
      more: new OneOf(surely.length > taken.size, maybe.length > taken.size),
    }),
  ];
}
