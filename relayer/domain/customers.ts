/** Who a customer is (by the brand's name for it, by its wallets, or both), and which partner it is bound to. */
import { type Attribution, type Binding, bindingAfter, type Candidate } from "./judge.ts";

/** How a report names its customer. Keys are hashes under the relayer's secret; undefined: it does not say. */
export interface CustomerNames {
  readonly customerId: string | undefined;
  /** Of `customerId`. */
  readonly idKey: string | undefined;
  /** Checksummed. */
  readonly wallet: string | undefined;
  readonly walletKey: string | undefined;
}

export interface KnownWallet {
  readonly wallet: string;
  /** The key of the customer that first came with it. */
  readonly customer: string;
}

export interface NewWallet extends KnownWallet {
  /** Milliseconds since 1970. */
  readonly seenAt: number;
}

/** The customers of some reports, kept up as the reports are judged. */
export interface Customers {
  /** The customer's key; undefined: the report names none. */
  keyOf(names: CustomerNames): string | undefined;
  /** All wallets the customer came with, the latest last. */
  walletsOf(names: CustomerNames): string[];
  /** Whether the wallet first came with another customer. */
  hasWalletOfAnother(names: CustomerNames): boolean;
  bindingOf(names: CustomerNames): Binding | undefined;
  /** Binds the customer as the campaign's rule has it, and remembers its wallet. */
  bind(
    names: CustomerNames,
    candidate: Pick<Candidate, "partnershipId" | "touchedAt">,
    at: number,
  ): { readonly binding: Binding | undefined; readonly created: boolean };
  /** The wallets that came, and the bindings by customer that came or changed. */
  changes(): { readonly wallets: readonly NewWallet[]; readonly bindings: ReadonlyMap<string, Binding> };
}

/** `wallets` in the order in which they came; `merged`: whom those customers are that the brand says are another. */
export function createCustomers(
  wallets: readonly KnownWallet[],
  known: ReadonlyMap<string, Binding>,
  merged: ReadonlyMap<string, string>,
  attribution: Attribution,
): Customers {
  const ownerOf = new Map(wallets.map(({ wallet, customer }) => [wallet, customer]));
  const walletsOf = new Map<string, string[]>();
  for (const { wallet, customer } of wallets) walletsOf.set(customer, [...(walletsOf.get(customer) ?? []), wallet]);
  const bindings = new Map(known);
  const changedBindings = new Map<string, Binding>();
  const newWallets: NewWallet[] = [];

  const keyOf = ({ idKey, wallet, walletKey }: CustomerNames): string | undefined => {
    if (idKey !== undefined) return merged.get(idKey) ?? idKey;
    return wallet === undefined ? undefined : (ownerOf.get(wallet) ?? walletKey);
  };

  /** The customer's own; while it has none, that of its wallet, which may have been bound before it had another name. */
  const bindingOf = (names: CustomerNames): Binding | undefined => {
    const { wallet, walletKey = "" } = names;
    const customer = keyOf(names) ?? "";
    const own = bindings.get(customer);
    if (own !== undefined || wallet === undefined) return own;
    return (ownerOf.get(wallet) ?? customer) === customer ? bindings.get(walletKey) : undefined;
  };

  return {
    keyOf,
    bindingOf,

    walletsOf(names) {
      const before = walletsOf.get(keyOf(names) ?? "") ?? [];
      const given = names.wallet;
      return given === undefined ? before : [...before.filter((wallet) => wallet !== given), given];
    },

    hasWalletOfAnother(names) {
      const owner = names.wallet === undefined ? undefined : ownerOf.get(names.wallet);
      return owner !== undefined && owner !== keyOf(names);
    },

    bind(names, candidate, at) {
      const customer = keyOf(names);
      if (customer === undefined) return { binding: undefined, created: false };
      const { idKey, wallet } = names;
      if (idKey !== undefined && wallet !== undefined && !ownerOf.has(wallet)) {
        ownerOf.set(wallet, customer);
        walletsOf.set(customer, [...(walletsOf.get(customer) ?? []), wallet]);
        newWallets.push({ wallet, customer, seenAt: at });
      }
      const before = bindingOf(names);
      const after = bindingAfter(before, candidate, at, attribution);
      if (after === undefined || after === bindings.get(customer)) return { binding: before, created: false };
      bindings.set(customer, after);
      changedBindings.set(customer, after);
      return { binding: after, created: after.boundAt !== before?.boundAt };
    },

    changes: () => ({ wallets: newWallets, bindings: changedBindings }),
  };
}
