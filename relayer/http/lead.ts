/** Leads as the API takes and shows them. */
import { z } from "@hono/zod-openapi";
import { LEAD_REASON_NAMES, LEAD_REASONS, LEAD_STATES } from "@partner-programs/protocol/leads";
import { canonicalCompany, LEAD_DECISIONS } from "../domain/leads.ts";
import type { KeptProspect } from "../intake/leads.ts";
import type { LeadRow } from "../store/leads.ts";
import { email, hasOneName, NOT_BOTH, notSaid, text, whichCustomer } from "./conversion.ts";
import { address, bytes32 } from "./schemas.ts";

const MAX_NAME = 200;
const MAX_NOTE = 2_000;

const company = z
  .string()
  .max(300)
  .transform((given, context) => {
    const read = canonicalCompany(given);
    if (read === undefined)
      context.addIssue({ code: "custom", message: "must be the domain of the company's site: acme.com" });
    return read ?? "";
  });
/** Lines are allowed; other control characters are not. */
const words = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine(
      (value) => value.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(value),
      "has control characters; send plain text",
    );

const known = <T extends z.ZodType>(schema: T) => notSaid(schema).transform((value) => value ?? null);

export const newLead = z
  .strictObject({
    company: known(company).openapi({
      type: ["string", "null"],
      description: "The domain that the company has registered, or an address of its site: `acme.com`.",
      example: "acme.com",
    }),
    email: known(email).openapi({
      type: ["string", "null"],
      description: "The contact's e-mail address. It says nothing of a company: many share a provider.",
    }),
    name: known(text(MAX_NAME)).openapi({ type: ["string", "null"], description: "The contact's name." }),
    note: known(words(MAX_NOTE)).openapi({ type: ["string", "null"], description: "What the brand should know." }),
  })
  .openapi("NewLead");

export const leadDecision = z
  .strictObject({
    decision: z.enum(LEAD_DECISIONS).openapi({
      description:
        "qualify: it is a prospect, and this partner's. reject: until `answerBy`, with a `reason`. win: it bought. lose: it was qualified, and did not buy.",
    }),
    ...whichCustomer,
    reason: z.enum(LEAD_REASON_NAMES).optional(),
    comment: notSaid(words(1_000)).openapi({
      type: ["string", "null"],
      description: "What the partner reads beside it. Kept.",
    }),
  })
  .refine(hasOneName, NOT_BOTH)
  .refine(({ decision, reason }) => decision !== "reject" || reason !== undefined, {
    path: ["reason"],
    error: "is needed to reject a lead",
  })
  .refine(({ reason, comment }) => reason !== "other" || comment !== undefined, {
    path: ["comment"],
    error: "is needed where the reason is `other`",
  })
  .refine(
    ({ decision, customerId, customerEmail }) =>
      decision === "qualify" || decision === "win" || (customerId ?? customerEmail) === undefined,
    "only who is qualified or won becomes a customer; leave `customerId` and `customerEmail` out",
  )
  .openapi("LeadDecision");

export const lead = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    partner: address,
    state: z.enum(LEAD_STATES).openapi({
      description:
        "registered: it waits for the brand. lapsed: it was protected until `protectedUntil`, and is nobody's now. won: it bought.",
    }),
    company: z.string().nullable(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    note: z.string().nullable(),
    erased: z.boolean().openapi({ description: "Who it was is not kept any more: it ended 30 days ago." }),
    registeredAt: z.string(),
    answerBy: z.string().openapi({ description: "Until then the brand can reject it." }),
    protectedUntil: z.string(),
    isCustomer: z.boolean().openapi({ description: "The customer that it became is bound to the partner." }),
    conversionId: z.string().nullable().openapi({ description: "The first sale to it." }),
    reason: z.enum(LEAD_REASON_NAMES).nullable(),
    reasonText: z.string().nullable(),
    comment: z.string().nullable(),
    receipt: z
      .object({
        leadHash: bytes32,
        salt: bytes32.nullable().openapi({ description: "With it, `leadHash` shows who it is. null: erased." }),
        registeredAt: z.int(),
        protectedUntil: z.int(),
        signature: z.string(),
      })
      .openapi({ description: "The relayer's signed word for who came first (EIP-712 `LeadReceipt`)." }),
    moves: z.array(
      z.object({
        state: z.enum(LEAD_STATES),
        reason: z.enum(LEAD_REASON_NAMES).nullable(),
        comment: z.string().nullable(),
        by: z.string().nullable().optional().openapi({
          description:
            "The brand's wallet, or `key` and an API key's id; null: time or a sale. Only the brand sees it.",
        }),
        at: z.string(),
      }),
    ),
  })
  .openapi("Lead");

const seconds = (moment: Date) => Math.floor(moment.getTime() / 1000);

/** `prospect`: null where it was erased. */
export function toLead(row: LeadRow, prospect: KeptProspect | null, viewer: "brand" | "partner"): z.input<typeof lead> {
  const said = row.moves.findLast(({ reason, comment }) => reason !== null || comment !== null);
  return {
    id: String(row.id),
    campaignId: row.campaign_id,
    partner: row.partner,
    state: row.state,
    company: prospect?.company ?? null,
    email: prospect?.email ?? null,
    name: prospect?.name ?? null,
    note: prospect?.note ?? null,
    erased: prospect === null,
    registeredAt: row.registered_at.toISOString(),
    answerBy: row.answer_by.toISOString(),
    protectedUntil: row.protected_until.toISOString(),
    isCustomer: row.customer !== null,
    conversionId: row.conversion_id === null ? null : String(row.conversion_id),
    reason: said?.reason ?? null,
    reasonText: said?.reason ? LEAD_REASONS[said.reason] : null,
    comment: said?.comment ?? null,
    receipt: {
      leadHash: row.hash,
      salt: prospect?.salt ?? null,
      registeredAt: seconds(row.registered_at),
      protectedUntil: seconds(row.protected_until),
      signature: row.signature,
    },
    moves: row.moves.map(({ by, at, ...move }) => ({
      ...move,
      ...(viewer === "brand" ? { by } : {}),
      at: new Date(at).toISOString(),
    })),
  };
}
