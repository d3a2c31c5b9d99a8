/** What is kept of a rejected report's customer, so that it can be judged again without the report: nothing in the clear but wallets. */
import { isDisposable } from "../domain/disposableDomains.ts";
import type { Introduction } from "../domain/partners.ts";
import { typedName } from "../domain/spokenCode.ts";

type Kept = Omit<Introduction, "receivedAt" | "bonus"> & {
  /** Numbers as text. */
  readonly bonus?: { readonly partnershipId: string; readonly kinds: string | undefined } | undefined;
};

const ADDRESSES = /0x[0-9a-f]{40}/gi;

/**
 * Of the brand's id of the customer only what looks like a wallet, which may be the partner's own; of the domain of its address only
 * one where addresses are thrown away.
 */
export function keepIntroduction({ customerId, emailDomain, ...given }: Introduction): Kept {
  const { idKey, wallet, walletKey, network, referral, code, bonus } = given;
  return {
    customerId: customerId?.match(ADDRESSES)?.join(" "),
    emailDomain: emailDomain !== undefined && isDisposable(emailDomain.toLowerCase()) ? emailDomain : undefined,
    idKey,
    wallet,
    walletKey,
    network,
    referral,
    code,
    bonus: bonus && { partnershipId: String(bonus.partnershipId), kinds: bonus.kinds?.toString() },
  };
}

/** As it was kept; of what was rejected before it was, the customer alone. */
export function readIntroduction(
  kept: Partial<Kept> | null,
  customer: string | null,
  receivedAt: number,
): Introduction {
  const none = {
    customerId: undefined,
    emailDomain: undefined,
    wallet: undefined,
    walletKey: undefined,
    network: undefined,
    referral: undefined,
    code: undefined,
  };
  if (kept === null) return { ...none, idKey: customer ?? undefined, receivedAt };
  // What was kept before codes were said has a link's name as it was written.
  const { code, bonus, ...rest } = kept;
  const rewarded = bonus && {
    partnershipId: BigInt(bonus.partnershipId),
    kinds: bonus.kinds === undefined ? undefined : BigInt(bonus.kinds),
  };
  return { ...none, idKey: undefined, ...rest, code: code && typedName(code), bonus: rewarded, receivedAt };
}
