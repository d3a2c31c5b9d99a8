/**
 * A passkey as a wallet: it is announced like any other, where the operator names a factory of accounts and the browser has passkeys.
 * What it does is in passkeyAccount.ts, and loaded when it is asked for.
 */
import { config } from "../config.ts";
import type { AnnouncedWallet, Eip1193 } from "./discovery.ts";
import type { Meant } from "./knownPasskey.ts";

/** What a session of a passkey account says of its wallet. */
export const PASSKEY_RDNS = "local.passkey";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%234263eb' stroke-width='3'%3E%3Ccircle cx='11' cy='13' r='6'/%3E%3Cpath d='M16 17l11 11M22 23l4-4'/%3E%3C/svg%3E";

const provider = (meant: Meant): Eip1193 => ({
  async request({ method, params = [] }) {
    const { answer } = await import("./passkeyAccount.ts");
    return answer(method, params, meant);
  },
});

/** The wallet to sign in with; once that is done all of them are the same. */
export const passkeyWallet = (meant: Meant): AnnouncedWallet => ({
  info: { uuid: `passkey-${meant}`, name: "Passkey", icon: ICON, rdns: PASSKEY_RDNS },
  provider: provider(meant),
});

/** A passkey belongs to a site's name, and an address of numbers is none; and browsers show it to secure pages alone. */
const hasPasskeys = () =>
  typeof window.PublicKeyCredential === "function" && window.isSecureContext && !/^[\d.]+$|:/.test(location.hostname);

export function announcePasskeys(): void {
  if (config().passkeyFactory === null || !hasPasskeys()) return;
  const detail = passkeyWallet("known");
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
}
