/** What a browser checks of a conversion, each step with what it compared. Nothing here takes the relayer's word where the chain has one. */

import { lineKey, packedLines, unpackLine } from "@partner-programs/protocol/line";
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import { conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Conversion as SdkConversion } from "@partner-programs/sdk/types";
import {
  areLinesOf,
  attestationDigest,
  isAttestedAsPromised,
  isPaidBy,
  isReceiptOf,
  type Pricing,
  receiptSigner,
} from "@partner-programs/sdk/verify";
import { api } from "../../api/api.ts";
import type { Batch, Conversion, Status } from "../../api/schema.d.ts";
import { getAddress } from "../../chain/address.ts";
import { type AttestedBatch, type LineFate, readAttested, readFate } from "../../chain/batch.ts";
import { lens } from "../../chain/contracts.ts";
import { config } from "../../config.ts";
import { dateText } from "../../text/dates.ts";
import { countText, moneyText, shortAddress, type TokenFormat } from "../../text/money.ts";

export interface Checked {
  readonly title: string;
  readonly outcome: "holds" | "fails" | "open";
  readonly text: string;
}

const holds = (condition: boolean): Checked["outcome"] => (condition ? "holds" : "fails");

export async function prove(conversion: Conversion, token: TokenFormat): Promise<Checked[]> {
  const receipt = await checkReceipt(conversion);
  if (conversion.batch === null) {
    const text = "It is not attested yet: until then the receipt is what you hold.";
    return [receipt, { title: "On the chain", outcome: "open", text }];
  }
  const [batch, attested] = await Promise.all([
    api.batch(conversion.batch),
    readAttested(conversion.campaignId, conversion.batch),
  ]);
  if (attested === undefined)
    return [
      receipt,
      { title: "On the chain", outcome: "open", text: "The contract has no attestation of this batch yet." },
    ];
  const onChain = attested.lines.length > 0;
  const [overview, lines] = await Promise.all([
    lens().overview(conversion.campaignId),
    onChain ? attested.lines : api.lines(conversion.batch).then(packedLines),
  ]);
  const { attestation } = attested;
  return [
    receipt,
    checkAttestation(conversion.batch, attested),
    await checkAttesters(conversion.campaignId, attested.attesterSet),
    checkRoot(batch, attestation.conversionsRoot),
    {
      title: "Your conversion",
      outcome: holds(isAttestedAsPromised(asSdk(conversion), batch, attestation.conversionsRoot)),
      text: `Leaf number ${conversion.number} has the key, the salt and the entries that your receipt promises.`,
    },
    checkLines(attestation, lines, overview, token, onChain),
    checkPaid(conversion, batch, lines),
    await checkMoney(conversion, lines, token),
  ];
}

/** The pages' conversion has what the SDK's has, as far as proofs are concerned. */
const asSdk = (conversion: Conversion) => conversion as unknown as SdkConversion;

async function checkReceipt(conversion: Conversion): Promise<Checked> {
  const title = "The receipt";
  if (conversion.receipt === null)
    return { title, outcome: "open", text: "There is none: the conversion was rejected." };
  const signer = receiptSigner(asSdk(conversion), config().chainId, config().programs);
  const { relayer, receiptSigners } = await api.status();
  const isOurs = isReceiptOf(receiptSigners, asSdk(conversion), config().chainId, config().programs);
  return {
    title,
    outcome: holds(isOurs),
    text: `Signed by ${shortAddress(signer)}${saySigner(signer, relayer, receiptSigners, isOurs)} it promises an attestation by ${dateText(conversion.receipt.attestBy)}.`,
  };
}

/** Who that is: the relayer, the relayer as it was before its key was replaced, or somebody else. */
function saySigner(signer: string, relayer: string, signers: Status["receiptSigners"], isOurs: boolean): string {
  if (signer === relayer) return ", the relayer,";
  const until = signers.find(({ address }) => address === signer)?.until;
  if (!until) return `, but the relayer is ${shortAddress(relayer)};`;
  const then = dateText(Math.floor(Date.parse(until) / 1000), "second");
  return isOurs
    ? `, the relayer's key until ${then},`
    : `, the relayer's key only until ${then}: this conversion was received later;`;
}

function checkAttestation(name: string, { attestation, transaction }: AttestedBatch): Checked {
  const digest = attestationDigest(attestation, config().chainId, config().programs);
  return {
    title: "The attestation",
    outcome: holds(digest === name),
    text: `The contract's event in transaction ${shortAddress(transaction)} hashes to ${shortAddress(digest)}, the batch's name. The contract checked the attesters' signatures over it before it took it in.`,
  };
}

async function checkAttesters(campaignId: string, index: number): Promise<Checked> {
  const set = await lens().attesterSet(campaignId, index);
  return {
    title: "Who attested",
    outcome: holds(set.members.length > 0 && Number(set.threshold) * 2 > set.members.length),
    text: `${set.threshold} of ${set.members.length}, of the brand's set ${index}: ${set.members.map((member) => shortAddress(getAddress(member))).join(", ")}.`,
  };
}

function checkRoot(batch: Batch, root: string): Checked {
  const leaves = batch.leaves.map((leaf) => ({
    ...leaf,
    number: BigInt(leaf.number),
    entries: leaf.entries.map(unpackLine),
  }));
  return {
    title: "All conversions of the batch",
    outcome: holds(leaves.length > 0 && conversionTree(leaves).root === root),
    text: `Your browser hashed the ${countText(leaves.length)} published leaves, and compared their root with the one that was signed: ${shortAddress(root)}.`,
  };
}

/** The lines, wherever they came from, are those that were signed, and worth what was signed by the published offers. */
function checkLines(
  attestation: Attestation,
  lines: readonly string[],
  pricing: Pricing,
  token: TokenFormat,
  onChain: boolean,
): Checked {
  return {
    title: "All lines of the batch",
    outcome: holds(areLinesOf(attestation, lines, pricing)),
    text: `Your browser took the ${countText(lines.length)} lines ${onChain ? "from the chain" : "from the relayer"}, priced them by the published offers, and compared root and sum with those that were signed: ${shortAddress(attestation.linesRoot)}, ${moneyText(attestation.total, token)} with fees.`,
  };
}

/** What all conversions of the batch say of this partner and offer stands in the lines. */
function checkPaid(conversion: Conversion, batch: Batch, lines: readonly string[]): Checked {
  const entry = conversion.receipt?.entries[0];
  const line = entry === undefined ? undefined : lines.map(unpackLine).find(isLike(entry));
  return {
    title: "The line that pays",
    outcome: holds(isPaidBy(asSdk(conversion), batch, lines)),
    text: `The lines count for each partner and offer at least what all conversions of the batch come to; the one that pays this conversion counts ${countText(line?.count ?? 0)}.`,
  };
}

const isLike = (packed: string) => {
  const key = lineKey(unpackLine(packed));
  return (line: ReturnType<typeof unpackLine>) => lineKey(line) === key;
};

async function checkMoney(conversion: Conversion, lines: readonly string[], token: TokenFormat): Promise<Checked> {
  const title = "The money";
  const entry = conversion.receipt?.entries[0];
  const index = entry === undefined ? -1 : lines.map(unpackLine).findIndex(isLike(entry));
  if (entry === undefined || index < 0) return { title, outcome: "fails", text: "No line of the batch pays it." };
  const fate = await readFate(conversion.campaignId, conversion.batch ?? "", index);
  return { title, ...sayFate(fate, unpackLine(entry).partner, token) };
}

/** What became of a line, in words. */
export function sayFate(
  { releaseAt, settled, lowered, refused }: LineFate,
  partner: string,
  token: TokenFormat,
  now = Date.now() / 1000,
): Omit<Checked, "title"> {
  if (refused !== undefined)
    return {
      outcome: "fails",
      text: `The contract refused this line. ${REASONS[faultReason(refused.fault)]} The ${moneyText(refused.returned, token)} that it was worth went back to the campaign's budget.`,
    };
  const after =
    lowered === undefined
      ? ""
      : ` A refund within the hold lowered it to ${countText(unpackLine(lowered).count)} conversions.`;
  if (settled)
    return {
      outcome: "holds",
      text:
        releaseAt === 0
          ? "The campaign has no hold: it was credited at once."
          : `Settled for ${shortAddress(partner)}: a credit that nobody can take back, or paid already.${after}`,
    };
  return {
    outcome: "open",
    text:
      releaseAt <= now
        ? `The hold is over: anyone can release it now, and you can collect it yourself.${after}`
        : `On hold until ${dateText(releaseAt, "second")}.${after}`,
  };
}
