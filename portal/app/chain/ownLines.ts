/**
 * A partner's lines that nobody settled yet, found without the relayer: batches by the contract's events, their lines from the chain
 * or from whoever keeps them, believed only where they have the root and the sum that were signed.
 */
import { LINE_BYTES, type Line, packedLines, unpackLine } from "@partner-programs/protocol/line";
import type { LineProof, LineTree } from "@partner-programs/protocol/lineTree";
import { pricedOffers, treeOf } from "@partner-programs/protocol/pricedTree";
import { type Attestation, attestationOf } from "@partner-programs/protocol/typedData";
import type { IPartnerProgramsLens } from "#typechain/interfaces/IPartnerProgramsLens.ts";
import { config } from "../config.ts";
import { lens, topicOf } from "./contracts.ts";
import { type ChainEvent, readEvents } from "./events.ts";

/** A line with what the contract says of it, and with what it takes to settle it. */
export interface OwnLine {
  readonly campaignId: string;
  readonly digest: string;
  readonly attestation: Attestation;
  readonly proof: LineProof;
  readonly commission: bigint;
  readonly releaseAt: number;
  /** The contract's number of why it pays nobody; 0: it holds. */
  readonly fault: number;
}

export interface OwnLines {
  readonly lines: readonly OwnLine[];
  /** Tokens of the campaigns that were looked at. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Batches whose lines nobody gives. */
  readonly missing: readonly string[];
}

/** What the events say of a batch. */
interface Batch {
  readonly campaignId: string;
  readonly digest: string;
  readonly attestation: Attestation;
  /** Packed; none where the campaign does not give them to the chain. */
  readonly given: readonly string[];
  readonly settled: Set<number>;
  /** As reversals left them, by their places. */
  readonly lowered: Map<number, Line>;
}

type Overview = IPartnerProgramsLens.OverviewStructOutput;

const FOLLOWED = ["Attested", "LineLowered", "LineRefused", "Pulled", "Released"];
const ANSWERS_WITHIN_MS = 20_000;

/** @param campaignId null: of all campaigns */
export async function readOwnLines(partner: string, campaignId: string | null): Promise<OwnLines> {
  const open = openBatches(await readEvents([FOLLOWED.map(topicOf), campaignId]));
  const ids = [...new Set([...open.map((batch) => batch.campaignId), ...(campaignId === null ? [] : [campaignId])])];
  const campaigns = new Map(await Promise.all(ids.map(async (id) => [id, await lens().overview(id)] as const)));
  const lines: OwnLine[] = [];
  const missing: string[] = [];
  for (const batch of open) {
    const overview = campaigns.get(batch.campaignId) as Overview;
    // Without a hold it was settled as it was attested.
    if (overview.terms.holdSeconds === 0n) continue;
    const tree = await readTree(batch, overview);
    if (tree === undefined) missing.push(batch.digest);
    else lines.push(...(await linesIn(batch, tree, partner)));
  }
  const tokens = new Map([...campaigns].map(([id, { terms }]) => [id, terms.token]));
  return { lines: lines.sort((a, b) => a.releaseAt - b.releaseAt), tokens, missing };
}

/** Batches of which something is not settled. */
function openBatches(events: readonly ChainEvent[]): Batch[] {
  const batches = new Map<string, Batch>();
  for (const { name, args } of events) {
    const { attestation: digest, campaignId } = args;
    if (name === "Attested") {
      const attestation = attestationOf(args.body);
      const given: string[] = [...args.lines];
      batches.set(digest, { campaignId, digest, attestation, given, settled: new Set(), lowered: new Map() });
    }
    const batch = batches.get(digest);
    if (name === "LineLowered") batch?.lowered.set(Number(args.index), unpackLine(args.line));
    if (name === "LineRefused" || name === "Pulled") batch?.settled.add(Number(args.index));
    if (name === "Released")
      for (let bit = 0, left: bigint = args.lines; left > 0n; bit++, left >>= 1n)
        if (left & 1n) batch?.settled.add(256 * Number(args.word) + bit);
  }
  return [...batches.values()].filter(({ settled, attestation }) => settled.size < attestation.lineCount);
}

/** The batch's tree as reversals left it; undefined: nobody gives the lines that were signed. */
async function readTree({ digest, attestation, given, lowered }: Batch, overview: Overview) {
  const campaign = { feeBps: Number(overview.terms.feeBps), unitExponent: Number(overview.terms.unitExponent) };
  const build = (lines: readonly Line[]) => treeOf(lines, pricedOffers(overview.offers), campaign, attestation);
  for await (const packed of given.length > 0 ? [given] : offered(digest, attestation.lineCount)) {
    const lines = packed.map(unpackLine);
    const signed = asSigned(attestation, () => build(lines));
    if (signed === undefined) continue;
    return lowered.size === 0 ? signed : build(lines.map((line, index) => lowered.get(index) ?? line));
  }
  return undefined;
}

/** The tree, if it has the root and the sum that were signed. */
function asSigned({ linesRoot, total }: Attestation, build: () => LineTree): LineTree | undefined {
  try {
    const tree = build();
    return tree.root === linesRoot && tree.total === total ? tree : undefined;
  } catch (error) {
    // No batch can have lines that are worth so much.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What the relayer and attesters say the lines of a batch are, one after the other: whoever does not answer is passed over. */
async function* offered(digest: string, lineCount: number): AsyncGenerator<string[]> {
  const { apiUrl, attesterUrls } = config();
  for (const url of [...attesterUrls, apiUrl]) {
    const bytes = await fetchLines(new URL(`/v1/batches/${digest}/lines`, url), LINE_BYTES * lineCount).catch(
      () => undefined,
    );
    if (bytes !== undefined) yield packedLines(bytes);
  }
}

/** No more is read than the batch can have: whoever answers is not trusted to end. */
async function fetchLines(url: URL, length: number): Promise<Uint8Array | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let piece = await reader.read(); response.ok && !piece.done; piece = await reader.read()) {
    if (at + piece.value.length > length) break;
    bytes.set(piece.value, at);
    at += piece.value.length;
  }
  await reader.cancel();
  return at === length ? bytes : undefined;
}

/** The partner's lines that are not settled. What they are worth, when, and whether they hold, the contract says. */
async function linesIn(batch: Batch, tree: LineTree, partner: string): Promise<OwnLine[]> {
  const own: OwnLine[] = [];
  const { campaignId, digest, attestation, settled } = batch;
  const address = partner.slice(2).toLowerCase();
  for (let index = 0; index < tree.count; index++) {
    // As it stands in the packed line, behind the offer: reading a million of them would take seconds.
    if (tree.line(index).slice(6, 46) !== address || settled.has(index)) continue;
    const proof = tree.proof(index);
    const status = await lens().lineStatus(attestation, proof);
    const { commission, fault, releaseAt } = status;
    if (!status.settled && (commission > 0n || fault > 0n))
      own.push({
        campaignId,
        digest,
        attestation,
        proof,
        commission,
        releaseAt: Number(releaseAt),
        fault: Number(fault),
      });
  }
  return own;
}
