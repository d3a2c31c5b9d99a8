/** What a notice says: a title, a sentence, what proves it, and the page that shows it. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import { readDescription } from "@partner-programs/protocol/description";
import { LEAD_REASONS, type LeadReason } from "@partner-programs/protocol/leads";
import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import type { NoticeKind } from "../domain/noticeKinds.ts";
import { oneLine, unlinked } from "../domain/plainText.ts";
import type { NoticeRow } from "../store/mails.ts";

export interface Words {
  /** One line: a mail of one notice has it as its subject. */
  readonly title: string;
  readonly text: string;
  /** What proves it, each by its name. */
  readonly proof: readonly (readonly [name: string, value: string])[];
  /** The portal's page, as a path. */
  readonly page: string;
}

const MAX_NAME = 60;
const MAX_PROBLEM = 300;

/** What an event or a sweep noted, whose values we wrote ourselves. */
const said = (row: NoticeRow, name: string): string => String(row.facts[name] ?? "");
const when = (row: NoticeRow, name: string): string => momentText(Number(row.facts[name] ?? 0));
const momentText = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function nameOf(row: NoticeRow): string {
  const name = row.description === null ? undefined : readDescription(row.description).description?.name;
  const plain = unlinked(name ?? "", MAX_NAME);
  return plain === "" ? `campaign ${row.campaign_id?.slice(0, 10)}…` : `“${plain}”`;
}

/** An amount of base units in words. The symbol is whatever the token's contract says it is. */
const amountText = (amount: string, decimals: number | null, symbol: string | null) =>
  `${fromBaseUnits(BigInt(amount), decimals ?? 0)} ${unlinked(symbol ?? "base units", 20)}`;

const ofCampaign = (row: NoticeRow, amount: string) => amountText(amount, row.token_decimals, row.token_symbol);

function proofOf(row: NoticeRow): [string, string][] {
  return [
    ...(row.conversion_id === null ? [] : [["Conversion", String(row.conversion_id)] as [string, string]]),
    ...(row.receipt === null ? [] : [["Receipt (the relayer's signature)", row.receipt] as [string, string]]),
    ...(row.batch === null ? [] : [["Batch", row.batch] as [string, string]]),
    ...(row.transaction === null ? [] : [["Transaction", row.transaction] as [string, string]]),
  ];
}

const TERMS: Readonly<Record<string, (row: NoticeRow) => string>> = {
  offer: (row) => `A new offer (number ${said(row, "offerId")}) ${rate(row)}, from ${when(row, "effectiveAt")} on.`,
  own_offer: (row) =>
    `An offer for you alone (number ${said(row, "offerId")}) ${rate(row)}, from ${when(row, "effectiveAt")} on.`,
  retirement: (row) => `Offer ${said(row, "offerId")} ends: it pays nothing after ${when(row, "effectiveAt")}.`,
  description: (row) =>
    `Another description is announced, in force from ${when(row, "effectiveAt")} on. Read what changes.`,
  closing: (row) =>
    `The campaign closes: it pays for nothing that happens after ${when(row, "effectiveAt")}. What is accepted before stays yours.`,
  suspension: (row) =>
    `The campaign is suspended until ${when(row, "until")}: nothing new is attested meanwhile. What is attested already is paid.`,
};

function rate(row: NoticeRow): string {
  const [flat, share] = [said(row, "flat"), Number(row.facts.rateBps ?? 0)];
  const parts = [
    ...(flat !== "" && flat !== "0" ? [ofCampaign(row, flat)] : []),
    ...(share > 0 ? [`${fromBaseUnits(BigInt(share), 2)} % of the volume`] : []),
  ];
  return `pays ${parts.join(" and ") || "nothing"}`;
}

const CHANGES: Readonly<Record<string, string>> = {
  daily_limit: "Another daily limit is in force",
  withdrawal: "The announced withdrawal can be made",
  closing: "The campaign is closed to new conversions",
  transfer: "Whom you offered the campaign to can take it over",
  description: "Another description is in force",
  offer: "An offer is valid",
  retirement: "An offer has ended",
  kinds: "The kinds of a partner have changed",
};

const LEADS: Readonly<Record<string, (row: NoticeRow) => readonly [title: string, text: string]>> = {
  qualified: () => ["was qualified", "Once it is a customer, what it buys counts as yours."],
  won: () => ["was won", "It bought."],
  lost: () => ["was lost", "It did not buy."],
  rejected: (row) => ["was rejected", LEAD_REASONS[row.facts.reason as LeadReason] ?? ""],
  lapsed: (row) => ["has lapsed", `It was protected until ${when(row, "until")}.`],
  soon: (row) => ["lapses soon", `It is protected until ${when(row, "until")}. Ask the brand how it stands.`],
};

interface Token {
  readonly symbol: string;
  readonly decimals: number;
  readonly conversions: number;
  readonly rejected: number;
  readonly earned: string;
}

function describeMonth(row: NoticeRow): string {
  return ((row.facts.tokens ?? []) as Token[])
    .map(
      ({ symbol, decimals, conversions, rejected, earned }) =>
        `${amountText(earned, decimals, symbol)} by ${conversions} conversions; ${rejected} were rejected or taken back.`,
    )
    .join(" ");
}

function describeReviews(row: NoticeRow): string {
  const [flagged, refused] = [Number(row.facts.flagged ?? 0), Number(row.facts.refused ?? 0)];
  return [
    ...(flagged > 0
      ? [`${flagged} flagged conversions are paid unless you say otherwise; the first is due ${when(row, "until")}.`]
      : []),
    ...(refused > 0 ? [`${refused} were refused by the attesters, and wait until you decide.`] : []),
  ].join(" ");
}

const partnerPage = ({ campaign_id }: NoticeRow) => (campaign_id === null ? "/partner" : `/partner/${campaign_id}`);
const proofPage = (row: NoticeRow) => `/proof/${row.conversion_id}`;
const brandPage = ({ campaign_id }: NoticeRow, tab: string) => `/brand/${campaign_id}/${tab}`;

type Say = (row: NoticeRow) => Omit<Words, "proof">;

const SAY: Readonly<Record<NoticeKind, Say>> = {
  "partner.approved": (row) => ({
    title: `You are paid as another kind in ${nameOf(row)}`,
    text: `The brand has set the kinds that it pays you as, from ${when(row, "effectiveAt")} on. Your page shows which offers that opens.`,
    page: partnerPage(row),
  }),
  "partner.first_sale": (row) => ({
    title: `Your first conversion in ${nameOf(row)}`,
    text: `It was accepted, and is worth ${ofCampaign(row, String(row.commission ?? 0n))} to you. The receipt is the relayer's word for it, which you can hold against it.`,
    page: proofPage(row),
  }),
  "partner.rejected": (row) => ({
    title: `A conversion in ${nameOf(row)} was ${row.state === "reversed" ? "taken back" : "rejected"}`,
    text:
      row.reason === null
        ? "No reason was given."
        : (REASONS[row.reason as Reason] ?? oneLine(row.reason, MAX_PROBLEM)),
    page: partnerPage(row),
  }),
  "partner.released": (row) => ({
    title: `Released to you in ${nameOf(row)}`,
    text: `${ofCampaign(row, String(row.commission ?? 0n))} of it is yours now: claim it whenever you like. What proves it is on its page.`,
    page: proofPage(row),
  }),
  "partner.paid": (row) => ({
    title:
      row.campaign_id === null
        ? `You were paid ${amountText(said(row, "amount"), Number(row.facts.decimals ?? 0), (row.facts.symbol as string) ?? null)}`
        : `You were paid ${ofCampaign(row, said(row, "amount"))}`,
    text: row.facts.receiver === undefined ? `By a line of ${nameOf(row)}.` : `To ${said(row, "receiver")}.`,
    page: "/partner",
  }),
  "partner.terms": (row) => ({
    title: `Announced in ${nameOf(row)}`,
    text: TERMS[said(row, "what")]?.(row) ?? "",
    page: `/campaigns/${row.campaign_id}`,
  }),
  "partner.lead": (row) => {
    const [title, text] = LEADS[said(row, "what")]?.(row) ?? ["", ""];
    return {
      title: `A lead of yours in ${nameOf(row)} ${title}`,
      text: `${text} Which one is on your page.`,
      page: partnerPage(row),
    };
  },
  "partner.postback": (row) => ({
    title: `Your postback to ${unlinked(said(row, "host"), MAX_NAME)} is off`,
    text: `No call was answered well since ${when(row, "since")}. Nothing is sent there any more, and what happened meanwhile is not. Turn it on again once it works: the page sends a test.`,
    page: "/notices",
  }),
  "partner.month": (row) => ({
    title: `Your month ${row.about}`,
    text: describeMonth(row),
    page: "/partner",
  }),
  "brand.review": (row) => ({
    title: `Conversions of ${nameOf(row)} wait for your review`,
    text: describeReviews(row),
    page: brandPage(row, "review"),
  }),
  "brand.lead": (row) => ({
    title: `Partners have registered leads in ${nameOf(row)}`,
    text: `${said(row, "waiting")} wait for your answer; the first can be rejected until ${when(row, "until")}.`,
    page: brandPage(row, "leads"),
  }),
  "brand.budget": (row) => ({
    title: `The budget of ${nameOf(row)} is ${said(row, "what") === "exhausted" ? "used up" : "low"}`,
    text: `${ofCampaign(row, said(row, "left"))} is free, beside ${ofCampaign(row, said(row, "pledged"))} that is promised or held.${
      said(row, "what") === "exhausted" ? " Conversions are rejected until you pay in." : ""
    }`,
    page: brandPage(row, "budget"),
  }),
  "brand.attesters": (row) => ({
    title: `The attesters of ${nameOf(row)} do not sign`,
    text: `${said(row, "conversions")} conversions wait for their signatures: ${unlinked(said(row, "problem"), MAX_PROBLEM)}`,
    page: brandPage(row, "overview"),
  }),
  "brand.change": (row) => ({
    title: `${CHANGES[said(row, "what")]} in ${nameOf(row)}`,
    text: `In force since ${when(row, "at")}, as it was announced.`,
    page: `/campaigns/${row.campaign_id}`,
  }),
};

export const wordsOf = (row: NoticeRow): Words => ({ ...SAY[row.kind](row), proof: proofOf(row) });
