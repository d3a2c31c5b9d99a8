/** Opens a campaign as a brand does: description, transactions, sign-in, key. */

import { type CampaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { createServerClient, type ServerClient } from "@partner-programs/sdk/server";
import { type ContractTransactionResponse, id, type Signer, ZeroAddress } from "ethers";
import type { PartnerPrograms } from "#typechain/index.ts";
import { call, signIn, waitFor } from "./client.ts";
import type { Person } from "./people.ts";

const DAY = 86_400;
/** Two and a half minutes: relayers are killed in front of it, and start slowly on a busy machine. */
const SHOP_TRIES = 12;

/** A campaign of one offer, as a brand thinks of it. */
export interface Draft {
  readonly title: string;
  /** Where its invite links lead; without it, to a site that is in no network. */
  readonly destination?: string;
  readonly summary: string;
  readonly brand: Person;
  readonly partners: readonly Person[];
  readonly token: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly unitExponent: number;
  readonly openKinds: bigint;
  /** Whether the chain gets the lines; if not, they are public data. */
  readonly linesOnChain?: boolean;
  readonly holdSeconds: number;
  readonly budget: bigint;
  readonly attribution: { touch: "first" | "last"; windowSeconds: number; bindingSeconds: number | null };
  /** Its sole attester; without it, the one that runs beside the relayer. */
  readonly attester?: string;
  /** Where its sales are read, and what of it counts; without it the shop reports them. */
  readonly sources?: CampaignDescription["sources"];
  readonly event: { name: string; title: string; perCustomer: number | null };
  /** How partners register prospects; without it they do not. */
  readonly leads?: { protectedDays: number; answerDays: number };
  readonly offer: { kind: number; flatAmount: bigint; rateBps: number; capUnits: bigint };
}

/** Sends a transaction of somebody and keeps its gas for the tables. */
export type Send = (
  verb: string,
  by: Person,
  what: string,
  make: (signer: Signer) => Promise<ContractTransactionResponse>,
) => Promise<void>;

/**
 * Opens a campaign as any brand would: publishes the description, creates and funds the campaign from the brand's wallet,
 * signs in, and gets a secret key for its shop.
 */
export async function openCampaign(
  where: {
    readonly apiUrl: string;
    readonly programs: PartnerPrograms;
    readonly operator: string;
    readonly attester: string;
    readonly send: Send;
  },
  draft: Draft,
  fund: (campaignId: string, draft: Draft) => Promise<void>,
): Promise<{ campaignId: string; shop: ServerClient }> {
  const { apiUrl, programs } = where;
  const { brand, title } = draft;
  const description = JSON.stringify({
    version: 1,
    name: title,
    summary: draft.summary,
    destination: draft.destination ?? `https://${brand.name.toLowerCase()}.example/welcome`,
    attribution: draft.attribution,
    events: [draft.event],
    leads: draft.leads,
    objectives: [`100 ${draft.event.name} in 30 days`],
    expectations: {},
    ...(draft.sources === undefined ? {} : { sources: draft.sources }),
  });
  const session = await signIn(apiUrl, brand);
  const { uri } = await call<{ uri: string }>(apiUrl, "POST", "/v1/descriptions", {
    token: session,
    body: description,
  });
  const given = {
    salt: id(title),
    terms: {
      token: draft.token,
      holdSeconds: draft.holdSeconds,
      noticeSeconds: DAY,
      openKinds: draft.openKinds,
      feeBps: 500,
      unitExponent: draft.unitExponent,
      linesOnChain: draft.linesOnChain ?? true,
      operator: where.operator,
    },
    offers: [
      {
        ...draft.offer,
        validFrom: 0,
        validTo: 0,
        eventName: encodeEventName(draft.event.name),
        lockedUntil: 0,
        partner: ZeroAddress,
      },
    ],
    attesters: [draft.attester ?? where.attester],
    threshold: 1,
    dailyLimit: NO_LIMIT,
    descriptionHash: descriptionHash(description),
    descriptionUri: uri,
  };
  const campaignId = await programs.connect(brand.wallet).createCampaign.staticCall(given);
  await where.send("createCampaign", brand, title, (signer) => programs.connect(signer).createCampaign(given));
  await fund(campaignId, draft);
  await waitFor(`${title} to be indexed`, async () => {
    const response = await fetch(new URL(`/v1/campaigns/${campaignId}`, apiUrl));
    return response.ok && ((await response.json()) as { funded: string }).funded !== "0";
  });
  const { secret } = await call<{ secret: string }>(apiUrl, "POST", `/v1/campaigns/${campaignId}/keys`, {
    token: session,
    body: JSON.stringify({ label: "shop" }),
  });
  return { campaignId, shop: createServerClient({ url: apiUrl, secretKey: secret, tries: SHOP_TRIES }) };
}
