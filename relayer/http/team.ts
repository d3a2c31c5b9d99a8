/** A brand's team as the API shows it: members, invitations, and what they did. */
import { z } from "@hono/zod-openapi";
import { ROLES } from "../domain/team.ts";
import type { ActRow } from "../store/acts.ts";
import { INVITATION_STATES, type MemberRow, type TeamInvitationRow } from "../store/team.ts";
import { address, bytes32 } from "./schemas.ts";

export const role = z.enum(ROLES).openapi({
  description:
    "`viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.",
});

export const member = z.object({ wallet: address, role, addedBy: address, since: z.string() }).openapi("TeamMember");

export const teamInvitation = z
  .object({
    id: z.string(),
    brand: address,
    role,
    wallet: address.nullable().openapi({ description: "Whom it is for; null: whoever has the link, once." }),
    label: z.string().openapi({ description: "Who it is for, in the brand's words." }),
    state: z.enum(INVITATION_STATES),
    madeBy: address,
    madeAt: z.string(),
    expiresAt: z.string(),
  })
  .openapi("TeamInvitation");

export const team = z
  .object({
    brand: address,
    yours: z
      .enum(["brand", ...ROLES])
      .openapi({ description: "As what the signed-in wallet asks: `brand` is the brand's wallet itself." }),
    members: z.array(member),
    invitations: z.array(teamInvitation).openapi({ description: "Those that can still be used." }),
  })
  .openapi("Team");

export const act = z
  .object({
    id: z.string(),
    at: z.string(),
    actor: z.string().openapi({ description: "A wallet, or `key` and the id of an API key." }),
    role: z.string().openapi({ description: "As what it acted: `brand`, `key`, or its role in the team." }),
    act: z.string(),
    campaignId: bytes32.nullable().openapi({ description: "null: it was about the team." }),
    facts: z.record(z.string(), z.string()).openapi({ description: "What it was done to, in short." }),
  })
  .openapi("Act");

export const toMember = ({ wallet, role: as, added_by, since }: MemberRow): z.input<typeof member> => ({
  wallet,
  role: as,
  addedBy: added_by,
  since: since.toISOString(),
});

export const toTeamInvitation = (row: TeamInvitationRow): z.input<typeof teamInvitation> => ({
  id: String(row.id),
  brand: row.brand,
  role: row.role,
  wallet: row.wallet,
  label: row.label,
  state: row.state,
  madeBy: row.made_by,
  madeAt: row.made_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
});

export const toAct = (row: ActRow): z.input<typeof act> => ({
  id: String(row.id),
  at: row.at.toISOString(),
  actor: row.actor,
  role: row.role,
  act: row.act,
  campaignId: row.campaign_id,
  facts: row.facts,
});
