/** An invite link as the API shows it, and what it has in common with its campaign's others. */
import { z } from "@hono/zod-openapi";
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Context } from "hono";
import { Problem } from "#service/problem.ts";
import { destinationOf } from "../domain/destination.ts";
import { type LinkRow, readLinkCampaign, readLinks } from "../store/links.ts";
import { brandOrWallet } from "./actor.ts";
import type { Services } from "./context.ts";
import { noticeFields, toNotice } from "./notice.ts";
import { requireKnown } from "./requireCampaign.ts";
import { address, amount, bytes32, campaignParameter } from "./schemas.ts";

export const link = z
  .object({
    campaignId: bytes32,
    partner: address,
    code: z.string(),
    alias: z.string().nullable(),
    url: z.url().openapi({ description: "What is shared." }),
    label: z.string(),
    path: z.string().nullable(),
    leadsTo: z.url().nullable().openapi({
      description:
        "Where it leads now: the campaign's destination if the path is not allowed any more. null: not known here.",
    }),
    archived: z.boolean().openapi({ description: "Not listed any more; it still leads on and counts." }),
    createdAt: z.string(),
    clicks: z.int().openapi({ description: "By people." }),
    bots: z.int().openapi({ description: "Link previews, crawlers, prefetches." }),
    conversions: z.int().openapi({ description: "That came with this link's referral token." }),
    rejected: z.int(),
    commission: amount,
    ...noticeFields,
  })
  .openapi("Link");

export const linkParameter = campaignParameter.extend({ code: z.string().regex(/^[0-9a-z]{4,32}$/) });

/** What the links of a campaign have in common. */
export interface LinkCampaign {
  readonly id: string;
  readonly brand: string;
  readonly notice: NotAccepting | null;
  /** undefined: not known here. */
  readonly description: CampaignDescription | undefined;
}

/** @throws Problem 404 */
export async function requireLinkCampaign({ database }: Services, campaignId: string): Promise<LinkCampaign> {
  const { brand, notice, body } = requireKnown(campaignId, await readLinkCampaign(database, campaignId));
  return { id: campaignId, brand, notice, description: body === null ? undefined : readDescription(body).description };
}

/** Whose links the signed-in wallet sees: for the brand everybody's, otherwise its own. */
export async function viewerOf(c: Context, services: Services, campaign: LinkCampaign): Promise<string | undefined> {
  const { wallet, actor } = await brandOrWallet(c, services, campaign.id);
  return actor === undefined ? wallet : undefined;
}

export function toLink({ config }: Services, campaign: LinkCampaign, row: LinkRow): z.input<typeof link> {
  return {
    campaignId: campaign.id,
    partner: row.partner,
    code: row.code,
    alias: row.alias,
    url: new URL(`/i/${row.alias ?? row.code}`, config.PUBLIC_URL).href,
    label: row.label,
    path: row.path,
    leadsTo: campaign.description === undefined ? null : destinationOf(row.path, campaign.description).href,
    archived: row.archived_at !== null,
    createdAt: row.created_at.toISOString(),
    clicks: Number(row.clicks),
    bots: Number(row.bots),
    conversions: Number(row.conversions),
    rejected: Number(row.rejected),
    commission: String(row.commission),
    ...toNotice(campaign.notice),
  };
}

/** One link, of `partner` if that is given. @throws Problem 404 */
export async function requireLink(
  services: Services,
  campaign: LinkCampaign,
  code: string,
  partner: string | undefined,
): Promise<z.input<typeof link>> {
  const [row] = await readLinks(services.database, campaign.id, { partner, code, archived: true, limit: 1 });
  if (row === undefined) throw noLink(code);
  return toLink(services, campaign, row);
}

export const noLink = (code: string) => new Problem(404, `You have no link ${code} in this campaign.`);
