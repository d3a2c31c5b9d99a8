/** What speaks against a conversion: what rejects it, and what only flags it for the brand. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { Flag, Reason } from "@partner-programs/protocol/reasons";

/** What is known of the customer. Networks are keyed hashes of addresses. */
export interface Customer {
  /** As the brand calls it. */
  readonly id: string | undefined;
  /** All that it came with, checksummed; the latest last. */
  readonly wallets: readonly string[];
  /** One of the wallets came first with another customer. */
  readonly walletOfAnother: boolean;
  readonly emailDomain: string | undefined;
  readonly network: string | undefined;
}

/** What is known of the partner. */
export interface Suspect {
  /** The wallet that it signs in with, and all that it was paid to. */
  readonly wallets: readonly string[];
  readonly network: string | undefined;
  /** Its accepted conversions in the hour before this one. */
  readonly lastHour: number;
}

/** Why these two can have no conversion with each other, whatever was sold; undefined if nothing speaks against it. */
export function hardFraud(
  partner: Suspect,
  customer: Customer,
  isDisposable: (domain: string) => boolean,
): Reason | undefined {
  const own = partner.wallets.map((wallet) => wallet.toLowerCase());
  const id = customer.id?.toLowerCase() ?? "";
  if (own.some((wallet) => id.includes(wallet))) return "self_referral";
  if (customer.wallets.some((wallet) => own.includes(wallet.toLowerCase()))) return "self_referral";
  if (customer.walletOfAnother) return "duplicate_customer";
  if (customer.emailDomain !== undefined && isDisposable(customer.emailDomain.toLowerCase()))
    return "disposable_domain";
  return undefined;
}

/** What the brand should look at. The conversion is accepted, and paid if nobody objects. */
export function softFraud(partner: Suspect, customer: Customer, settings: CampaignDescription["fraud"]): Flag[] {
  const flags: Flag[] = [];
  if (settings.velocityPerHour !== null && partner.lastHour >= settings.velocityPerHour) flags.push("velocity");
  if (customer.network !== undefined && customer.network === partner.network) flags.push("same_network");
  return flags;
}
