/** The brand's word that a customer is another partner's, or that two customers are one. */
import type { Sql } from "#service/database.ts";
import { hardFraud } from "../domain/fraud.ts";
import { mergedBinding } from "../domain/judge.ts";
import type { Partnership } from "../domain/partners.ts";
import { typedName } from "../domain/spokenCode.ts";
import { insertBindingChange } from "../store/bindingChanges.ts";
import { lockCampaign, readDescriptionBody } from "../store/campaigns.ts";
import { readBindings, readWallets, upsertBindings } from "../store/customers.ts";
import { readPartnerships } from "../store/ledger.ts";
import { insertMerge, readMerged } from "../store/mergedCustomers.ts";
import { RefusedBinding, requireNotSetAside } from "./errors.ts";
import { requireDescription } from "./ledger.ts";

/** A customer that is to be another partner's: of whose code or alias. */
export interface BindingMove {
  /** As the database knows it. */
  readonly customer: string;
  readonly code: string;
  readonly reason: string;
  /** Who says so. */
  readonly by: string;
}

/**
 * Gives a bound customer to another partner, from now on and for as long as it was bound: what was accepted before stays whose it
 * is. Saying it again changes nothing.
 * @returns whether the customer is bound, and whether it moved. @throws RefusedBinding
 */
export async function moveBinding(
  sql: Sql,
  campaignId: string,
  { customer: named, code, reason, by }: BindingMove,
  now: number,
): Promise<"unbound" | "moved" | "there"> {
  await lockCampaign(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const customer = (await readMerged(sql, campaignId, [named])).get(named) ?? named;
  const before = (await readBindings(sql, campaignId, [customer])).get(customer);
  if (before === undefined) return "unbound";
  const [partnership] = await readPartnerships(sql, campaignId, { spoken: [typedName(code)] });
  if (partnership === undefined) throw new RefusedBinding("unknown_code");
  if (partnership.id === before.partnershipId) return "there";
  await requireAnother(sql, campaignId, partnership, [customer]);
  // A click that came before the brand's word does not win over it.
  const after = { ...before, partnershipId: partnership.id, touchedAt: Math.max(before.touchedAt, now) };
  await upsertBindings(sql, campaignId, new Map([[customer, after]]));
  await insertBindingChange(sql, {
    campaignId,
    customer,
    change: "moved",
    from: before.partnershipId,
    to: partnership.id,
    reason,
    by,
  });
  return "moved";
}

/** Two customers that are one. */
export interface CustomerMerge {
  /** As the database knows it; what names it means `into` from now on. */
  readonly customer: string;
  readonly into: string;
  readonly reason: string;
  /** Who says so. */
  readonly by: string;
}

/**
 * Merges a customer into another: they are counted together, and of their bindings the one stays that the campaign's rule prefers.
 * What was accepted before stays whose it is. Saying it again changes nothing.
 * @returns whether any of them is bound, and whether they were two. @throws RefusedBinding, MissingDescription
 */
export async function mergeCustomers(
  sql: Sql,
  campaignId: string,
  { reason, by, ...named }: CustomerMerge,
  now: number,
): Promise<"unbound" | "merged" | "there"> {
  await lockCampaign(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const merged = await readMerged(sql, campaignId, [named.customer, named.into]);
  const customer = merged.get(named.customer) ?? named.customer;
  const into = merged.get(named.into) ?? named.into;
  if (customer === into) return "there";
  const bindings = await readBindings(sql, campaignId, [customer, into]);
  const both = [bindings.get(into), bindings.get(customer)] as const;
  const { attribution } = requireDescription(campaignId, (await readDescriptionBody(sql, campaignId)) ?? undefined);
  const kept = mergedBinding(...both, now, attribution);
  if (kept === undefined) return "unbound";
  const theirs = await readPartnerships(sql, campaignId, { customers: [customer, into] });
  const partnership = theirs.find(({ id }) => id === kept.partnershipId);
  if (partnership === undefined) throw new Error(`There is no partnership ${kept.partnershipId}.`);
  await requireAnother(sql, campaignId, partnership, [customer, into]);
  await insertMerge(sql, campaignId, customer, into);
  await upsertBindings(sql, campaignId, new Map([[into, kept]]));
  const from = both.find((one) => one !== undefined && one !== kept)?.partnershipId ?? kept.partnershipId;
  const change = { campaignId, customer: into, from, to: kept.partnershipId, reason, by };
  await insertBindingChange(sql, { ...change, change: "merged" });
  return "merged";
}

/** Nobody is the customer of itself. @throws RefusedBinding */
async function requireAnother(
  sql: Sql,
  campaignId: string,
  { partner, payouts }: Partnership,
  customers: readonly string[],
): Promise<void> {
  const wallets = (await readWallets(sql, campaignId, { wallets: [], customers })).map((one) => one.wallet);
  const person = { id: undefined, wallets, walletOfAnother: false, emailDomain: undefined, network: undefined };
  const suspect = { wallets: [partner, ...payouts], network: undefined, lastHour: 0 };
  const fraud = hardFraud(suspect, person, () => false);
  if (fraud !== undefined) throw new RefusedBinding(fraud);
}
