/** The links of a mail: to the portal's pages, and those that confirm an address or end what is sent there. */
import { timingSafeEqual } from "node:crypto";
import type { Config } from "../config.ts";
import { mailKey, mailSeal } from "../secrets.ts";

export type LinkConfig = Pick<Config, "PUBLIC_URL" | "RELAYER_SECRET"> & Partial<Pick<Config, "PORTAL_URLS">>;
export type Act = "confirm" | "unsubscribe";

/** Where the pages are: the first of the portals, or the relayer's own host. */
export const pageAt = (config: Partial<Pick<Config, "PORTAL_URLS">> & Pick<Config, "PUBLIC_URL">, path: string) =>
  new URL(path, config.PORTAL_URLS?.[0] ?? config.PUBLIC_URL).href;

/** A link names the wallet and, by its keyed hash, the address: so it does what it says for these two, for ever, and nothing else. */
export function actLink({ PUBLIC_URL, RELAYER_SECRET }: LinkConfig, act: Act, wallet: string, address: string): string {
  const key = mailKey(RELAYER_SECRET, address);
  return new URL(`/mail/${act}/${wallet}.${key}.${mailSeal(RELAYER_SECRET, act, wallet, key)}`, PUBLIC_URL).href;
}

/** Of which wallet and address a link is; undefined: it is not whole, or not ours. */
export function readActLink(
  secret: string,
  act: Act,
  token: string,
): { readonly wallet: string; readonly key: string } | undefined {
  const [, wallet, key, seal] = /^(0x[0-9a-fA-F]{40})\.([0-9a-f]{32})\.([0-9a-f]{32})$/.exec(token) ?? [];
  if (wallet === undefined || key === undefined || seal === undefined) return undefined;
  const ours = Buffer.from(mailSeal(secret, act, wallet, key));
  return timingSafeEqual(ours, Buffer.from(seal)) ? { wallet, key } : undefined;
}
