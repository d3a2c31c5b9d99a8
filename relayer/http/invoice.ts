/** Self-billing invoices, and who is on them, as the API takes and shows them. */
import { z } from "@hono/zod-openapi";
import { currencyCode } from "@partner-programs/protocol/currency";
import { rate } from "@partner-programs/protocol/rates";
import type { InvoiceRow } from "../store/invoices.ts";
import { line } from "./profile.ts";
import { address, amount, bytes32, day } from "./schemas.ts";

const percent = z
  .string()
  .regex(/^\d{1,2}(\.\d{1,3})?$/, "must be a percentage as text, such as 19 or 8.1")
  .openapi({ description: "Of the rest: what is paid has it in it." });
const note = line(200).openapi({ description: "Said on the invoice: the paragraph of the law, mostly." });

const tax = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("included"),
    name: line(20).openapi({ description: "What the tax is called: VAT." }),
    percent,
  }),
  z.strictObject({ kind: z.literal("reverse_charge"), note: note.nullable().default(null) }),
  z.strictObject({ kind: z.literal("none"), note }),
]);

const person = {
  name: line(120),
  address: z.array(line(120)).min(1).max(6).openapi({ description: "In lines." }),
  country: z.string().regex(/^[A-Z]{2}$/, "must be two capital letters, as ISO 3166 has them"),
  taxId: line(40)
    .nullable()
    .default(null)
    .openapi({ type: ["string", "null"], description: "The number that its tax office knows it by." }),
};

export const sellerRequest = z
  .strictObject({
    ...person,
    tax: tax.openapi({
      description:
        "How what it earns is taxed: `included` in what is paid, owed by the brand (`reverse_charge`), or `none` and why.",
    }),
  })
  .openapi("SellerDetails");
export const buyerRequest = z.strictObject(person).openapi("BuyerDetails");

const party = z.object({
  name: z.string(),
  address: z.array(z.string()),
  country: z.string(),
  taxId: z.string().nullable(),
  tax: z
    .union([
      z.object({ kind: z.literal("included"), name: z.string(), percent: z.string() }),
      z.object({ kind: z.enum(["reverse_charge", "none"]), note: z.string().nullable() }),
    ])
    .nullable(),
});
export const details = party.openapi("InvoiceDetails", { description: "Who it is on invoices, as it says itself." });

export const agreement = z.object({ brand: address, agreedAt: z.string() }).openapi("SelfBillingAgreement");

export const invoiceRequest = z
  .strictObject({
    partner: address,
    to: day.openapi({ description: "The last day of its period, in UTC: yesterday at the latest." }),
    campaignId: bytes32.optional().openapi({ description: "Of one campaign alone; left out: of all of the brand's." }),
    currency: currencyCode.optional().openapi({
      description:
        "In which currency it says what was paid was worth when its hold ended, by the rates of the campaigns' descriptions. Left out: in none.",
    }),
  })
  .openapi("InvoiceRequest");

const token = { token: address, tokenSymbol: z.string(), tokenDecimals: z.int(), amountBaseUnits: amount };

const head = {
  id: z.string(),
  name: z.string().openapi({
    description:
      "Its number: who is buyer and seller, and which of that brand's invoices for that partner it is. None is left out.",
  }),
  brand: address,
  partner: address,
  issuedAt: z.string(),
  period: z.object({ from: z.string(), to: z.string() }).openapi({ description: "Days in UTC, both included." }),
  paid: z.array(z.object(token)).openapi({ description: "By token." }),
  currency: z.string().nullable(),
  value: z
    .object({ gross: z.string(), net: z.string(), tax: z.string() })
    .nullable()
    .openapi({ description: "What that was worth in `currency`: decimal numbers. null: no currency was asked for." }),
};

export const invoiceHead = z.object(head).openapi("InvoiceHead");

export const invoice = z
  .object({
    ...head,
    seller: party.extend({ wallet: address }),
    buyer: party.extend({ wallet: address }),
    agreedAt: z.string().openapi({ description: "When the seller agreed that the buyer writes its invoices." }),
    notes: z.array(z.string()).openapi({ description: "What the law wants to be said: self-billing, reverse charge." }),
    items: z
      .array(
        z.object({
          campaignId: bytes32,
          campaign: z.string(),
          batch: bytes32,
          dueAt: z.string().openapi({ description: "When the hold of the batch ended." }),
          conversions: z.int(),
          ...token,
          value: z.string().nullable(),
          rate: rate.nullable().openapi({ description: "What one of the currency was in whole tokens then." }),
        }),
      )
      .openapi({ description: "What was paid, batch by batch." }),
  })
  .openapi("Invoice");

export const toHead = ({ id, brand, partner, issued_at, body }: InvoiceRow): z.input<typeof invoiceHead> => ({
  id: String(id),
  name: body.name,
  brand,
  partner,
  issuedAt: issued_at.toISOString(),
  period: body.period,
  paid: [...body.paid],
  currency: body.currency,
  value: body.value,
});

export const toInvoice = (row: InvoiceRow): z.output<typeof invoice> => {
  const { seller, buyer, agreedAt, notes, items } = row.body;
  return { ...toHead(row), seller, buyer, agreedAt, notes, items } as unknown as z.output<typeof invoice>;
};
