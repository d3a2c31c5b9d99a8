/** Leads: a prospect that a partner registered before the brand knew it. What is hashed of one, and in which states it can be. */
import { AbiCoder, keccak256 } from "ethers";

/** registered: it waits for the brand. qualified, won, lost, rejected: by the brand. lapsed: its protection ended. */
export const LEAD_STATES = ["registered", "qualified", "won", "lost", "rejected", "lapsed"] as const;
export type LeadState = (typeof LEAD_STATES)[number];

/** What a campaign can ask a partner to say of a prospect. */
export const LEAD_FIELDS = ["company", "email", "name", "note"] as const;
export type LeadField = (typeof LEAD_FIELDS)[number];

/** Why a lead is no partner's: each code with a sentence that the partner can read. */
export const LEAD_REASONS = {
  known_already: "The brand knew this company or person before: as a customer, or in talks.",
  no_fit: "This is nobody that the brand sells to.",
  not_reached: "The brand could not reach the contact.",
  not_interested: "The contact has no interest, or did not agree to be named.",
  other: "The brand says why.",
} as const;
export type LeadReason = keyof typeof LEAD_REASONS;
export const LEAD_REASON_NAMES = Object.keys(LEAD_REASONS) as [LeadReason, ...LeadReason[]];

/** Who a prospect is: the domain of its company, a person's e-mail address, or both; each in its one spelling. */
export interface Prospect {
  readonly company: string | null;
  readonly email: string | null;
}

/** What a lead's receipt says of the prospect. Without the salt nobody can guess who it is. */
export function leadHash({ company, email }: Prospect, salt: string): string {
  const values = [salt, company ?? "", email ?? ""];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "string", "string"], values));
}
