/** A relayer with campaigns whose partners share links, for tests of clicks and links. */
import type { Database } from "#service/database.ts";
import { BROWSER } from "./client.ts";
import { type Draft, type LocalRelayer, newWallet, openRelayer } from "./relayer.ts";

export const DAY = 86_400;

/** Campaigns that pay 2 DUSD for a sign-up, whose links lead to https://brand.example/ for thirty days, and bind nobody. */
export async function openRelayerWithLinks(databaseOf?: (real: Database) => Database) {
  const relayer = await openRelayer({ databaseOf, config: { PUBLIC_URL: "https://go.example" } });
  const campaigns = new Map<string, Awaited<ReturnType<LocalRelayer["openCampaign"]>>>();
  const campaignOf = (campaignId: string) => {
    const campaign = campaigns.get(campaignId);
    if (campaign === undefined) throw new Error(`There is no campaign ${campaignId}.`);
    return campaign;
  };

  return {
    ...relayer,
    /** Returns its id and its brand's session. */
    async openCampaign({ attribution, ...description }: Draft = {}) {
      const campaign = await relayer.openCampaign({
        events: [{ name: "signup", title: "", perCustomer: 1 }],
        offers: [{ event: "signup", kind: 0, flatAmount: 2_000_000n, capUnits: 0n }],
        budget: 100_000_000n,
        attribution: { windowSeconds: 30 * DAY, bindingSeconds: 0, ...attribution },
        ...description,
      });
      campaigns.set(campaign.campaignId, campaign);
      return { campaignId: campaign.campaignId, brand: campaign.brand, session: campaign.brandToken };
    },
    /** A new partner of the campaign, with its first link. */
    async join(campaignId: string) {
      const { wallet, token, code } = await campaignOf(campaignId).join(newWallet());
      return { partner: wallet, session: token, code };
    },
    apiKey: async (campaignId: string) => campaignOf(campaignId).key,
    /** A person's browser follows a link, by its code or alias. */
    follow: async (name: string) => relayer.app.request(`/i/${name}`, { headers: { "user-agent": BROWSER } }),
  };
}

export type RelayerWithLinks = Awaited<ReturnType<typeof openRelayerWithLinks>>;
