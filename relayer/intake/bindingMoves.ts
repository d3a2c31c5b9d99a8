/** The brand's word that a customer is another partner's. */
import type { Sql } from "#service/database.ts";
import { hardFraud } from "../domain/fraud.ts";
import { insertBindingChange } from "../store/bindingChanges.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { readBindings, readWallets, upsertBindings } from "../store/customers.ts";
import { readPartnerships } from "../store/ledger.ts";
import { RefusedBinding, requireNotSetAside } from "./errors.ts";

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
  { customer, code, reason, by }: BindingMove,
  now: number,
): Promise<"unbound" | "moved" | "there"> {
  await lockCampaign(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const before = (await readBindings(sql, campaignId, [customer])).get(customer);
  if (before === undefined) return "unbound";
  const [partnership] = await readPartnerships(sql, campaignId, { names: [code], customers: [] });
  if (partnership === undefined) throw new RefusedBinding("unknown_code");
  if (partnership.id === before.partnershipId) return "there";
  const wallets = (await readWallets(sql, campaignId, { wallets: [], customers: [customer] })).map((one) => one.wallet);
  const person = { id: undefined, wallets, walletOfAnother: false, emailDomain: undefined, network: undefined };
  const partner = { wallets: [partnership.partner, ...partnership.payouts], network: undefined, lastHour: 0 };
  const fraud = hardFraud(partner, person, () => false);
  if (fraud !== undefined) throw new RefusedBinding(fraud);
  // A click that came before the brand's word does not win over it.
  const after = { ...before, partnershipId: partnership.id, touchedAt: Math.max(before.touchedAt, now) };
  await upsertBindings(sql, campaignId, new Map([[customer, after]]));
  await insertBindingChange(sql, {
    campaignId,
    customer,
    from: before.partnershipId,
    to: partnership.id,
    reason,
    by,
  });
  return "moved";
}
