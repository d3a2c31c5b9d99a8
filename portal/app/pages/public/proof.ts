/** What a browser checks of a conversion, each step with what it compared. Nothing here takes the relayer's word where the chain has one. */

import { unpackLine } from "@partner-programs/protocol/line";
import { isReleased } from "@partner-programs/protocol/releasedLines";
import { conversionTree } from "@partner-programs/protocol/trees";
import { type Attestation, attestationTypedData, digestOf, programsDomain } from "@partner-programs/protocol/typedData";
import type { Conversion as SdkConversion } from "@partner-programs/sdk/types";
import { isAttestedAsPromised, receiptSigner } from "@partner-programs/sdk/verify";
import { getAddress } from "ethers";
import { api } from "../../api/api.ts";
import type { Batch, Conversion } from "../../api/schema.d.ts";
import { readAttestation } from "../../chain/campaign.ts";
import { programs } from "../../chain/contracts.ts";
import { config } from "../../config.ts";
import { dateText } from "../../text/dates.ts";
import { shortAddress } from "../../text/money.ts";

export interface Checked {
  readonly title: string;
  readonly outcome: "holds" | "fails" | "open";
  readonly text: string;
}

const holds = (condition: boolean): Checked["outcome"] => (condition ? "holds" : "fails");

export async function prove(conversion: Conversion): Promise<Checked[]> {
  const steps: Checked[] = [await checkReceipt(conversion)];
  if (conversion.batch === null) {
    steps.push({
      title: "On the chain",
      outcome: "open",
      text: "It is not attested yet: until then the receipt is what you hold.",
    });
    return steps;
  }
  const [batch, attested] = await Promise.all([
    api.batch(conversion.batch),
    readAttestation(conversion.campaignId, conversion.batch),
  ]);
  if (attested === undefined) {
    steps.push({ title: "On the chain", outcome: "open", text: "The contract has no attestation of this batch yet." });
    return steps;
  }
  const body = toAttestation(attested.args.body);
  const digest = digestOf(programsDomain(config().chainId, config().programs), attestationTypedData(body));
  steps.push(
    {
      title: "The attestation",
      outcome: holds(digest === conversion.batch),
      text: `The contract's event in transaction ${shortAddress(attested.transaction)} hashes to ${shortAddress(digest)}, the batch's name. The contract checked the attesters' signatures over it before it took it in.`,
    },
    await checkAttesters(conversion.campaignId, Number(attested.args.attesterSet)),
    checkRoot(batch, body.conversionsRoot),
    {
      title: "Your conversion",
      outcome: holds(isAttestedAsPromised(asSdk(conversion), batch, body.conversionsRoot)),
      text: `Leaf number ${conversion.number} has the key, the salt and the entries that your receipt promises.`,
    },
    checkLine(conversion, body),
    await checkMoney(conversion, body),
  );
  return steps;
}

/** The pages' conversion has what the SDK's has, as far as proofs are concerned. */
const asSdk = (conversion: Conversion) => conversion as unknown as SdkConversion;

async function checkReceipt(conversion: Conversion): Promise<Checked> {
  const title = "The receipt";
  if (conversion.receipt === null)
    return { title, outcome: "open", text: "There is none: the conversion was rejected." };
  const signer = receiptSigner(asSdk(conversion), config().chainId, config().programs);
  const { relayer } = await api.status();
  return {
    title,
    outcome: holds(signer === relayer),
    text: `Signed by ${shortAddress(signer)}${signer === relayer ? ", the relayer," : `, but the relayer is ${shortAddress(relayer)};`} it promises an attestation by ${dateText(conversion.receipt.attestBy)}.`,
  };
}

async function checkAttesters(campaignId: string, index: number): Promise<Checked> {
  const set = await programs().attesterSet(campaignId, index);
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
    outcome: holds(conversionTree(leaves).root === root),
    text: `Your browser hashed the ${leaves.length} published leaves, and compared their root with the one that was signed: ${shortAddress(root)}.`,
  };
}

/** The conversion's entries are part of the lines that were paid. */
function checkLine(conversion: Conversion, body: Attestation): Checked {
  const entries = (conversion.receipt?.entries ?? []).map(unpackLine);
  const covered = entries.every((entry) =>
    body.lines.some(
      (line) =>
        line.offerId === entry.offerId &&
        line.partner === entry.partner &&
        line.count >= entry.count &&
        line.volumeUnits >= entry.volumeUnits,
    ),
  );
  return {
    title: "The line that pays",
    outcome: holds(covered && entries.length > 0),
    text: `The attestation has a line for each partner and offer; the one that pays this conversion counts ${body.lines.find((line) => line.partner === entries[0]?.partner)?.count ?? 0} conversions.`,
  };
}

async function checkMoney(conversion: Conversion, body: Attestation): Promise<Checked> {
  const title = "The money";
  const partner = unpackLine(conversion.receipt?.entries[0] ?? "0x0").partner;
  const stored = await programs().batch(conversion.campaignId, conversion.batch ?? "");
  const index = body.lines.findIndex((line) => line.partner === partner);
  if (Number(stored.releaseAt) === 0)
    return { title, outcome: "holds", text: "The campaign has no hold: it was credited at once." };
  const released = isReleased(stored.released, index);
  const over = Number(stored.releaseAt) <= Date.now() / 1000;
  return {
    title,
    outcome: released ? "holds" : "open",
    text: released
      ? `Released to ${shortAddress(partner)}: a credit that nobody can take back, or claimed already.`
      : over
        ? "The hold is over: anyone can release it now."
        : `On hold until ${dateText(stored.releaseAt, "second")}.`,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the event's tuple, as ethers decodes it
function toAttestation(body: any): Attestation {
  return {
    campaignId: body.campaignId,
    firstConversion: body.firstConversion,
    conversions: Number(body.conversions),
    periodFrom: Number(body.periodFrom),
    periodTo: Number(body.periodTo),
    deadline: Number(body.deadline),
    conversionsRoot: body.conversionsRoot,
    lines: [...body.lines].map(unpackLine),
  };
}
