/** A batch that its sole attester sends by itself, as a shop does that reports for itself: nobody looks at it before the contract does. */
import { type Line, packLine } from "@partner-programs/protocol/line";
import { pricedOffers, treeOf } from "@partner-programs/protocol/pricedTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import { attestationTypedData, digestOf, programsDomain } from "@partner-programs/protocol/typedData";
import { type ContractTransactionResponse, id, type JsonRpcProvider, type Signer } from "ethers";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import { chainTime } from "./client.ts";
import { pause } from "./random.ts";

/** Long enough for a slow machine: the transaction is sent at once. */
const DEADLINE_SECONDS = 3_600;

/** A time of the chain before which every offer was valid for a second: a quick machine is still in their first. */
async function timeWithin(
  offers: readonly { readonly validFrom: bigint }[],
  provider: JsonRpcProvider,
): Promise<number> {
  const begin = Math.max(...offers.map(({ validFrom }) => Number(validFrom)));
  for (;;) {
    const now = await chainTime(provider);
    if (now > begin) return now;
    await pause(200);
    await provider.send("evm_mine", []);
  }
}

/**
 * What such an attestation is, and how its attester sends it. Whether the lines hold, and are the sums of the conversions, is not looked
 * at: that is the point.
 */
export async function prepareAlone(
  where: { readonly programs: PartnerPrograms; readonly lens: PartnerProgramsLens; readonly provider: JsonRpcProvider },
  campaignId: string,
  lines: readonly Line[],
  conversions: number,
): Promise<{ digest: string; send: (attester: Signer) => Promise<ContractTransactionResponse> }> {
  const { programs, lens, provider } = where;
  const { terms, offers, nextConversion } = await lens.overview(campaignId);
  const now = await timeWithin(offers, provider);
  const period = { periodFrom: now - 1, periodTo: now };
  const campaign = { feeBps: Number(terms.feeBps), unitExponent: Number(terms.unitExponent) };
  const tree = treeOf(lines, pricedOffers(offers), campaign, period);
  const leaves = Array.from({ length: conversions }, (_, i) => ({
    number: nextConversion + BigInt(i),
    key: id(`${campaignId} key ${i}`),
    salt: id(`${campaignId} salt ${i}`),
    entries: [],
  }));
  const attestation = {
    campaignId,
    firstConversion: nextConversion,
    conversions,
    ...period,
    deadline: now + DEADLINE_SECONDS,
    conversionsRoot: conversionTree(leaves).root,
    linesRoot: tree.root,
    lineCount: tree.count,
    total: tree.total,
  };
  const { chainId } = await provider.getNetwork();
  const domain = programsDomain(Number(chainId), await programs.getAddress());
  const packed = terms.linesOnChain ? lines.map(packLine) : [];
  return {
    digest: digestOf(domain, attestationTypedData(attestation)),
    send: (attester) => programs.connect(attester).attest(attestation, packed, []),
  };
}
