/** Credit that partners have, in a test of what becomes of it. */
import { packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { NATIVE } from "@partner-programs/protocol/native";
import { attestationTypedData } from "@partner-programs/protocol/typedData";
import { id, type Wallet } from "ethers";
import type { Anvil } from "#harness/anvil.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { saleCampaign } from "./campaign.ts";

const DAY = 86_400;

/** Opens a campaign of `programs`' signer in a token, and gives each of `partners` ten conversions' worth, 20 whole tokens, without a hold. */
export async function giveCredit(
  {
    anvil,
    programs,
    domain,
    attester,
  }: {
    readonly anvil: Anvil;
    readonly programs: PartnerPrograms;
    readonly domain: ProgramsChain["domain"];
    readonly attester: Wallet;
  },
  token: string,
  decimals: number,
  partners: readonly string[],
): Promise<void> {
  const price = 2n * 10n ** BigInt(decimals);
  const given = saleCampaign({
    salt: token,
    token,
    attester: attester.address,
    price,
    terms: { holdSeconds: 0, noticeSeconds: DAY },
  });
  const campaignId = await programs.createCampaign.staticCall(given);
  await (await programs.createCampaign(given)).wait();
  const budget = 100n * price;
  await (await programs.fund(campaignId, budget, { value: token === NATIVE ? budget : 0n })).wait();
  const { timestamp } = (await anvil.provider.getBlock("latest")) as { timestamp: number };
  await anvil.rpc("evm_setNextBlockTimestamp", timestamp + 10);
  const lines = [...partners]
    .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .map((partner) => ({ offerId: 1, partner, count: 10, volumeUnits: 0n }));
  const tree = LineTree.of(lines.map((line) => ({ line, worth: 10n * price })));
  const body = {
    campaignId,
    firstConversion: 1n,
    conversions: 10 * partners.length,
    periodFrom: timestamp,
    periodTo: timestamp + 5,
    deadline: timestamp + DAY,
    conversionsRoot: id("conversions"),
    linesRoot: tree.root,
    lineCount: tree.count,
    total: tree.total,
  };
  const { types, message } = attestationTypedData(body);
  const signature = await attester.signTypedData(domain, types, message);
  await (await programs.attest(body, lines.map(packLine), [{ attester: 0, signature }])).wait();
}
