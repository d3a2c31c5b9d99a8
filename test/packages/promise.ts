/** A campaign on a chain, one attestation in it, and the receipt of one of its conversions: what somebody verifies. */
import { packLine, unpackLine } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import { attestationTypedData, programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import { id, Wallet } from "ethers";
import type { Anvil } from "#harness/anvil.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { saleCampaign } from "../support/campaign.ts";

const DAY = 86_400;
const PRICE = 2_000_000n;
export const BUDGET = 100_000_000n;

/** JSON, as a file that the consumer reads: nothing in it is of this repository. */
export interface Promised {
  readonly rpcUrl: string;
  readonly campaignId: string;
  readonly place: { readonly chainId: number; readonly programs: string; readonly relayer: string };
  readonly lens: string;
  readonly conversion: {
    readonly id: string;
    readonly campaignId: string;
    readonly state: "attested";
    readonly number: string;
    readonly receipt: {
      readonly conversionKey: string;
      readonly salt: string;
      readonly receivedAt: number;
      readonly attestBy: number;
      readonly entries: readonly string[];
      readonly signature: string;
    };
  };
  readonly batch: {
    readonly conversionsRoot: string;
    readonly leaves: readonly {
      readonly number: string;
      readonly key: string;
      readonly salt: string;
      readonly entries: readonly string[];
    }[];
  };
}

export async function promise({ provider, url, rpc }: Anvil): Promise<Promised> {
  const attester = new Wallet(id("the attester"));
  const relayer = new Wallet(id("the relayer"));
  const brand = await provider.getSigner(0);
  const programs = await new PartnerPrograms__factory(brand).deploy();
  const lens = await new PartnerProgramsLens__factory(brand).deploy(programs);
  const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  await (await dollar.mint(brand.address, BUDGET)).wait();
  await (await dollar.approve(programs, BUDGET)).wait();
  const given = saleCampaign({
    salt: "packages",
    token: await dollar.getAddress(),
    attester: attester.address,
    price: PRICE,
  });
  const campaignId = await programs.createCampaign.staticCall(given);
  await (await programs.createCampaign(given)).wait();
  await (await programs.fund(campaignId, BUDGET)).wait();
  await rpc("evm_increaseTime", 100);
  await rpc("anvil_mine", 1);

  const partner = Wallet.createRandom().address;
  const entry = packLine({ offerId: 1, partner, count: 1, volumeUnits: 0n });
  const leaves = ["1", "2", "3"].map((number) => ({
    number,
    key: id(`order ${number}`),
    salt: id(`salt ${number}`),
    entries: [entry],
  }));
  const conversionsRoot = conversionTree(
    leaves.map((leaf) => ({ ...leaf, number: BigInt(leaf.number), entries: leaf.entries.map(unpackLine) })),
  ).root;
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  // Of one line the tree is the line itself.
  const line = packLine({ offerId: 1, partner, count: leaves.length, volumeUnits: 0n });
  const body = {
    campaignId,
    firstConversion: 1n,
    conversions: leaves.length,
    periodFrom: now - 1,
    periodTo: now,
    deadline: now + DAY,
    conversionsRoot,
    linesRoot: line,
    lineCount: 1,
    total: BigInt(leaves.length) * PRICE,
  };
  const { chainId } = await provider.getNetwork();
  const domain = programsDomain(chainId, await programs.getAddress());
  const attestation = attestationTypedData(body);
  const signature = await attester.signTypedData(domain, attestation.types, attestation.message);
  await (await programs.attest(body, [line], [{ attester: 0, signature }])).wait();

  const [, leaf] = leaves;
  if (leaf === undefined) throw new Error("There is no second conversion.");
  const receipt = {
    conversionKey: leaf.key,
    salt: leaf.salt,
    receivedAt: now - 1,
    attestBy: now + DAY,
    entries: leaf.entries,
  };
  const signed = receiptTypedData({ ...receipt, campaignId, entries: receipt.entries.map(unpackLine) });
  return {
    rpcUrl: url,
    campaignId,
    place: { chainId: Number(chainId), programs: await programs.getAddress(), relayer: relayer.address },
    lens: await lens.getAddress(),
    conversion: {
      id: "1",
      campaignId,
      state: "attested",
      number: leaf.number,
      receipt: { ...receipt, signature: await relayer.signTypedData(domain, signed.types, signed.message) },
    },
    batch: { conversionsRoot, leaves },
  };
}

/** What is left of the budget when the three conversions are attested. */
export const AVAILABLE = BUDGET - 3n * PRICE;
