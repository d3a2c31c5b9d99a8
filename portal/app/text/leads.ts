/** Leads in sentences: who it is, where it stands, and what comes next until when. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { kindName } from "@partner-programs/protocol/kinds";
import type { LeadField } from "@partner-programs/protocol/leads";
import type { Lead } from "../api/schema.d.ts";
import { dateText, durationText } from "./dates.ts";
import type { StateText } from "./stateText.ts";

type LeadRules = NonNullable<CampaignDescription["leads"]>;

const ASKED: Readonly<Record<LeadField, string>> = {
  company: "the company's domain",
  email: "the contact's e-mail address",
  name: "the contact's name",
  note: "a note",
};

/** The company, or else the contact. */
export const nameOfLead = ({ company, name, email, erased }: Pick<Lead, "company" | "name" | "email" | "erased">) =>
  erased ? "Erased" : (company ?? name ?? email ?? "");

/** Who can be asked there, as far as the name of the lead does not say it. */
export const contactOfLead = (lead: Parameters<typeof nameOfLead>[0]): string =>
  [lead.name, lead.email].filter((part) => part !== null && part !== nameOfLead(lead)).join(" · ");

/** How a campaign takes leads, for partners to read. */
export function sayLeadRules({ protectedDays, answerDays, asks, kinds, openPerPartner }: LeadRules): string[] {
  const days = (count: number) => durationText(count * 86_400);
  return [
    `Whoever registers a prospect first has it for ${days(protectedDays)}; the brand can reject it for ${days(answerDays)}.`,
    `The brand asks for ${asks.map((field) => ASKED[field]).join(", ")}. At most ${openPerPartner} of a partner are open at a time.`,
    ...(kinds === undefined
      ? []
      : [`For ${kinds.map((kind) => (typeof kind === "number" ? kindName(kind) : kind)).join(", ")} partners.`]),
  ];
}

const end = ({ reasonText, comment, reason }: Pick<Lead, "reason" | "reasonText" | "comment">) =>
  [reason === "other" ? null : reasonText, comment].filter((part) => part !== null).join(" ");

export function sayLead(
  lead: Pick<
    Lead,
    "state" | "answerBy" | "protectedUntil" | "isCustomer" | "conversionId" | "reason" | "reasonText" | "comment"
  >,
  viewer: "brand" | "partner",
  now = Date.now(),
): StateText {
  const whose = viewer === "partner" ? "yours" : "the partner's";
  const until = `It is ${whose} until ${dateText(lead.protectedUntil)}.`;
  switch (lead.state) {
    case "registered":
      if (now <= Date.parse(lead.answerBy)) {
        const who = viewer === "partner" ? "The brand has" : "You have";
        return {
          label: "Registered",
          color: "blue",
          text: `${who} until ${dateText(lead.answerBy)} to reject it. ${until}`,
        };
      }
      return { label: "Registered", color: "blue", text: `The time to reject it is over. ${until}` };
    case "qualified":
      return lead.isCustomer
        ? { label: "Qualified", color: "green", text: `A customer now: what it buys counts as ${whose}.` }
        : { label: "Qualified", color: "green", text: `No customer yet. ${until}` };
    case "won":
      return {
        label: "Won",
        color: "green",
        text: lead.conversionId === null ? "It bought." : `It bought: conversion ${lead.conversionId}.`,
      };
    case "lost":
      return { label: "Lost", color: "gray", text: end(lead) || "It did not buy." };
    case "rejected":
      return { label: "Rejected", color: "red", text: end(lead) };
    case "lapsed":
      return { label: "Lapsed", color: "gray", text: `It was protected until ${dateText(lead.protectedUntil)}.` };
  }
}
