/** What a brand asks of its partners, applications and invitations as the API shows them. */
import { z } from "@hono/zod-openapi";
import { kindsIn, MAX_KIND } from "@partner-programs/protocol/kinds";
import { type AdmissionRow, APPLICATION_STATES, type ApplicationRow } from "../store/admission.ts";
import type { InvitationRow } from "../store/invitations.ts";
import { fromColumn } from "../store/masks.ts";
import { noticeFields, toNotice } from "./notice.ts";
import { address, bytes32 } from "./schemas.ts";

export const MAX_QUESTIONS = 10;
const question = z.string().trim().min(1).max(300);
export const questions = z.array(question).max(MAX_QUESTIONS);
export const answers = z.array(z.string().trim().min(1).max(2_000)).max(MAX_QUESTIONS);
export const kinds = z
  .array(z.int().min(0).max(MAX_KIND))
  .min(1)
  .max(MAX_KIND + 1)
  .transform((list) => [...new Set(list)])
  .openapi({
    description: "0 to 4: affiliate, referral, reseller, customer, recruiter; 5 to 63: the campaign's groups.",
  });
export const invitationCode = z.string().regex(/^[0-9a-z]{16}$/, "must be an invitation's 16 letters and digits");

export const application = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    partner: address,
    state: z.enum(APPLICATION_STATES).openapi({
      description:
        "waiting: for the brand. approved: the brand gave it kinds, by `setKinds` of the contract. declined: for `reason`.",
    }),
    answers: z.array(z.object({ question: z.string(), answer: z.string() })),
    invitation: z.object({ label: z.string(), kinds: z.array(z.int()) }).nullable(),
    appliedAt: z.string(),
    declinedAt: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi("Application");

export const admission = z
  .object({
    open: z.boolean().openapi({ description: "Whether everybody can be paid here, and joins by itself." }),
    questions: z.array(z.string()).openapi({ description: "What the brand asks of those who apply." }),
    funded: z.boolean().openapi({ description: "Whether there was ever money in it." }),
    closesAt: z.int().nullable(),
    ...noticeFields,
  })
  .openapi("Admission");

export const ownAdmission = admission
  .extend({
    payable: z.boolean().openapi({ description: "Whether an offer pays the signed-in wallet." }),
    kinds: z.array(z.int()).openapi({ description: "Its kinds in this campaign from now on." }),
    application: z.union([application, z.null()]),
  })
  .openapi("OwnAdmission");

export const invitation = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    code: z.string().openapi({ description: "The portal takes it as `/campaigns/{campaignId}?invitation={code}`." }),
    label: z.string(),
    kinds: z.array(z.int()),
    state: z.enum(["open", "used", "revoked"]),
    partner: address.nullable().openapi({ description: "Who used it." }),
    createdAt: z.string(),
  })
  .openapi("Invitation");

const kindsOf = (column: bigint) => kindsIn(fromColumn(column));

export function toApplication(row: ApplicationRow): z.input<typeof application> {
  return {
    id: String(row.id),
    campaignId: row.campaign_id,
    partner: row.partner,
    state: row.state,
    answers: row.answers,
    invitation: row.invitation === null ? null : { label: row.invitation, kinds: kindsOf(row.invited_kinds ?? 0n) },
    appliedAt: row.applied_at.toISOString(),
    declinedAt: row.state === "declined" ? (row.declined_at?.toISOString() ?? null) : null,
    reason: row.state === "declined" ? row.reason : null,
  };
}

export function toAdmission(row: AdmissionRow): z.input<typeof admission> {
  return {
    open: row.open,
    questions: row.questions,
    funded: row.funded > 0n,
    closesAt: row.closes_at === 0n ? null : Number(row.closes_at),
    ...toNotice(row.notice),
  };
}

export function toOwnAdmission(row: AdmissionRow, mine: ApplicationRow | undefined): z.input<typeof ownAdmission> {
  return {
    ...toAdmission(row),
    payable: row.payable,
    kinds: kindsOf(row.kinds),
    application: mine === undefined ? null : toApplication(mine),
  };
}

export function toInvitation(row: InvitationRow): z.input<typeof invitation> {
  return {
    id: String(row.id),
    campaignId: row.campaign_id,
    code: row.code,
    label: row.label,
    kinds: kindsOf(row.kinds),
    state: row.partner !== null ? "used" : row.revoked_at !== null ? "revoked" : "open",
    partner: row.partner,
    createdAt: row.created_at.toISOString(),
  };
}
