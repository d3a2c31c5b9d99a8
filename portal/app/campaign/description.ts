/** A campaign's descriptions by the chain: which is in force, and which come. */
import { type CampaignDescription, descriptionHash, readDescription } from "@partner-programs/protocol/description";
import { api } from "../api/api.ts";
import { type Announced, readAnnounced } from "../chain/campaign.ts";

/** An announced description with its text, if the relayer has the very one whose hash is on the chain. */
export interface Described extends Announced {
  readonly description: CampaignDescription | null;
}

export interface Descriptions {
  readonly inForce: Described | undefined;
  /** In the order in which they take effect. */
  readonly coming: readonly Described[];
}

async function textOf(announced: Announced): Promise<Described> {
  const text = await api.description(announced.hash).catch(() => undefined);
  const known = text !== undefined && descriptionHash(text) === announced.hash;
  return { ...announced, description: known ? parse(text) : null };
}

/** What a brand announced may be anything: the contract does not look at it. */
function parse(text: string): CampaignDescription | null {
  return readDescription(text).description ?? null;
}

export async function readDescriptions(campaignId: string, now = Date.now() / 1000): Promise<Descriptions> {
  const all = await readAnnounced(campaignId);
  const last = all.findLast(({ effectiveAt }) => effectiveAt <= now);
  const [inForce, ...coming] = await Promise.all(
    [last, ...all.filter(({ effectiveAt }) => effectiveAt > now)].map((one) => one && textOf(one)),
  );
  return { inForce, coming: coming.filter((one) => one !== undefined) };
}
