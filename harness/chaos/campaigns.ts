/** The campaigns of a chaos run, with their brands, partners and shops. */

import { descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { id, type JsonRpcProvider, NonceManager, parseUnits, ZeroAddress } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { AS_A_BROWSER, call, type Performance, signIn, waitFor } from "../client.ts";
import { FIRST_BRAND, FIRST_PARTNER, localKey, OPERATOR, type Person, person } from "../people.ts";
import { ATTESTERS, type Cluster, CONFIRMATIONS } from "./cluster.ts";

const DAY = 86_400;
export const HOLD = 12;
const PARTNERS = 6;

/** A campaign to be driven through chaos: how its conversions are reported, and what each is worth. */
export interface Driven {
  readonly campaignId: string;
  readonly event: string;
  readonly secret: string;
  /** Of each partner: a referral token of its link. */
  readonly tokens: readonly { readonly partner: string; readonly token: string }[];
  /** In whole tokens. */
  readonly volume: string;
  /** In base units: what the published offer pays for one, without a rest, so that all can be added up to the wei. */
  readonly commission: bigint;
}

const KINDS = [
  { event: "signup", flatAmount: parseUnits("2", 6), rateBps: 0, capUnits: 0n, volume: "0", commission: 2_000_000n },
  { event: "sale", flatAmount: 0n, rateBps: 1_000, capUnits: 100_000n, volume: "40", commission: 4_000_000n },
  { event: "renewal", flatAmount: 500_000n, rateBps: 250, capUnits: 100_000n, volume: "20", commission: 1_000_000n },
];

/** Three campaigns, each of two of three attesters, funded for all that is going to come. */
export async function openCampaigns(cluster: Cluster, conversions: number): Promise<Driven[]> {
  const { provider } = cluster.anvil;
  const apiUrl = cluster.relayers[0]?.url as string;
  const programs = PartnerPrograms__factory.connect(cluster.deployment.contracts.PartnerPrograms.address, provider);
  const attesters = ATTESTERS.map((account) => localKey(account).address).sort((a, b) =>
    BigInt(a) < BigInt(b) ? -1 : 1,
  );
  const driven: Driven[] = [];
  for (const [i, kind] of KINDS.entries()) {
    const brand = account(FIRST_BRAND + i, provider);
    const dollar = await new DemoToken__factory(brand.signer).deploy(`Dollar ${i}`, `D${i}`, 6);
    await dollar.waitForDeployment();
    const budget = kind.commission * BigInt(conversions) * 2n;
    await (await dollar.mint(brand.address, budget)).wait();
    await (await dollar.approve(programs, budget)).wait();
    const session = await signIn(apiUrl, brand);
    const description = JSON.stringify({
      version: 1,
      name: `Campaign ${i}`,
      summary: "Driven through chaos",
      destination: "https://brand.example/welcome",
      attribution: { touch: "first", windowSeconds: DAY, bindingSeconds: 0 },
      events: [{ name: kind.event, title: kind.event, perCustomer: null }],
    });
    const { uri } = await call<{ uri: string }>(apiUrl, "POST", "/v1/descriptions", {
      token: session,
      body: description,
    });
    const given = {
      salt: id(`campaign ${i}`),
      terms: {
        token: await dollar.getAddress(),
        holdSeconds: HOLD,
        noticeSeconds: DAY,
        openKinds: 1n,
        // One of the three keeps its lines off the chain: they are read of the attesters that signed.
        linesOnChain: i !== 0,
        feeBps: 500,
        unitExponent: 4,
        operator: localKey(OPERATOR).address,
      },
      offers: [
        {
          flatAmount: kind.flatAmount,
          rateBps: kind.rateBps,
          capUnits: kind.capUnits,
          kind: 0,
          validFrom: 0,
          validTo: 0,
          eventName: encodeEventName(kind.event),
          lockedUntil: 0,
          partner: ZeroAddress,
        },
      ],
      attesters,
      threshold: 2,
      dailyLimit: NO_LIMIT,
      descriptionHash: descriptionHash(description),
      descriptionUri: uri,
    };
    const campaignId = await programs.connect(brand.wallet).createCampaign.staticCall(given);
    await (await programs.connect(brand.signer).createCampaign(given)).wait();
    await (await programs.connect(brand.signer).fund(campaignId, budget)).wait();
    await waitFor("the campaign to be indexed", async () => {
      const response = await fetch(new URL(`/v1/campaigns/${campaignId}`, apiUrl));
      return response.ok && ((await response.json()) as { funded: string }).funded === String(budget);
    });
    const { secret } = await call<{ secret: string }>(apiUrl, "POST", `/v1/campaigns/${campaignId}/keys`, {
      token: session,
      body: JSON.stringify({ label: "chaos" }),
    });
    const tokens: { partner: string; token: string }[] = [];
    for (let n = 0; n < PARTNERS; n++) {
      const partner = account(FIRST_PARTNER + n, provider);
      const { link } = await call<Performance>(apiUrl, "POST", `/v1/campaigns/${campaignId}/partnerships`, {
        token: await signIn(apiUrl, partner),
      });
      const click = await fetch(new URL(new URL(link).pathname, apiUrl), AS_A_BROWSER);
      const token = new URL(click.headers.get("location") ?? "").searchParams.get("_ushrt") ?? "";
      tokens.push({ partner: partner.address, token });
    }
    driven.push({ campaignId, event: kind.event, secret, tokens, volume: kind.volume, commission: kind.commission });
  }
  // What was set up is final: no reorganisation takes the campaigns themselves away.
  await cluster.anvil.rpc("anvil_mine", CONFIRMATIONS + 2);
  return driven;
}

/** Somebody whose transactions wait for the block that takes them. */
function account(index: number, provider: JsonRpcProvider): Person {
  const one = person(`account ${index}`, index, provider);
  return { ...one, signer: new NonceManager(one.wallet) };
}
