/** A brand's page: keeps the invite that a visitor came by, hands it on, binds a wallet to it. Where storage is blocked nothing throws. */
import { checksummed } from "./checksum.ts";
import { inCookies, PARAMETER, putIn, readToken, takeOut, winner } from "./referral.ts";

export { PARAMETER } from "./referral.ts";

const KEY = "partner-programs.referral";
const BOUND = "partner-programs.bound";

export interface CaptureOptions {
  /** Which invite counts when a visitor comes by several: as the campaign's `attribution.touch` says. First if nothing is said. */
  readonly touch?: "first" | "last" | undefined;
  /** Keeps a token for so many seconds at most. Without it: until the token itself expires. */
  readonly keepSeconds?: number | undefined;
  /** Keeps it in a first-party cookie, too, that the site's server can read; with a domain, for all its subdomains. */
  readonly cookie?: boolean | string | undefined;
  /** For `bindWallet`: where the relayer is, and the campaign. */
  readonly relayer?: string | undefined;
  readonly campaignId?: string | undefined;
}

/** A wallet as EIP-1193 has it: `window.ethereum`, or whatever a connection kit gives. */
export interface WalletProvider {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

export interface WalletBinding {
  readonly partner: string;
  readonly code: string;
  readonly boundAt: string;
  /** null: for life. */
  readonly boundUntil: string | null;
}

let options: CaptureOptions = {};
// Storage may be blocked (private windows, settings, sandboxes): then the token lives as long as the page.
const ofThePage = new Map<string, string>();

/** Sets options without capturing. What is not named stays as it was set before: by the tag, or by another call. */
export function configure(given: CaptureOptions): void {
  options = { ...options, ...given };
}

/**
 * Takes the referral token out of the page's address, if there is one, cleans the address, and keeps the token first-party.
 * Call it on every page that an invite may lead to. Returns the token that counts now.
 */
export function capture(given: CaptureOptions = {}): string | undefined {
  configure(given);
  const { token: arrived, rest } = takeOut(location.search);
  if (rest !== location.search) {
    const address = location.href.replace(/[?#].*/s, "") + rest + location.hash;
    // A sandboxed page may not change its address.
    attempt(() => history.replaceState(history.state, "", address));
  }
  const counting = winner(options.touch ?? "first", token(), arrived);
  if (arrived && counting === arrived) keep(arrived);
  return counting;
}

/** The token that was captured and has not expired: what the brand's server hands to `reportConversion`. */
export function token(): string | undefined {
  const [stored = "", until = 0] = (read(KEY) ?? "").split(" ");
  return [...inCookies(attempt(() => document.cookie) ?? ""), Number(until) > Date.now() ? stored : undefined].reduce(
    (best, one) => winner(options.touch ?? "first", best, one),
    undefined,
  );
}

/** Adds the token to a link that leaves for another domain of the brand. */
export function decorate(anchor: HTMLAnchorElement): void {
  const current = token();
  if (current && /^https?:/.test(anchor.protocol)) anchor.href = putIn(anchor.href, current);
}

/** `decorate` for every link to one of these hosts, now and later: at the moment it is used. */
export function decorateHosts(hosts: readonly string[]): void {
  hear(["click", "auxclick", "contextmenu"], (event) => {
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (anchor && hosts.includes(anchor.host)) decorate(anchor);
  });
}

/** `decorate` for every link that matches the selector now, as Usher's `anchor` did. */
export function anchor(selector: string): void {
  for (const found of document.querySelectorAll<HTMLAnchorElement>(selector)) decorate(found);
}

/** Puts the token into a hidden field `_ushrt` of the form. */
export function field(form: HTMLFormElement): void {
  // The form's own methods are hidden by fields of their names.
  const { querySelector, append } = Element.prototype;
  querySelector.call(form, `input[name=${PARAMETER}]`)?.remove();
  const current = token();
  if (!current) return;
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: PARAMETER, value: current });
  append.call(form, input);
}

/** `field` for every form that matches the selector, now and later: at the moment it is used, sent or read as `FormData`. */
export function fields(selector: string): void {
  const use = (event: Event) => {
    for (const node of event.composedPath()) {
      // What leaves no shadow root is heard in it, once somebody is there.
      if (node instanceof ShadowRoot) hear(uses, use, node);
      if (!(node instanceof HTMLFormElement) || !Element.prototype.matches.call(node, selector)) continue;
      const current = token();
      // Of `form.submit()` and `new FormData(form)` nothing else is heard.
      if (!(event instanceof FormDataEvent)) field(node);
      else if (current) event.formData.set(PARAMETER, current);
    }
  };
  const uses = ["submit", "formdata", "click", "focusin"];
  hear(uses, use);
}

/** Listens before the page's own handlers do. */
function hear(types: readonly string[], handle: (event: Event) => void, root: EventTarget = window): void {
  for (const type of types) root.addEventListener(type, handle, true);
}

/**
 * Binds the visitor's wallet to the invite that brought it, by the wallet's own signature (EIP-4361), so that what the wallet
 * does later, with no other trace of the invite, counts for the partner. Does nothing, and asks for nothing, when there is no
 * invite or this wallet was bound to it from here before. @throws Error with the relayer's words, or the wallet's
 */
export async function bindWallet(
  provider: WalletProvider,
  { relayer, campaignId }: Pick<CaptureOptions, "relayer" | "campaignId"> = options,
): Promise<WalletBinding | undefined> {
  const referralToken = token();
  if (!referralToken) return undefined;
  if (!relayer || !campaignId) throw new Error("bindWallet needs `relayer` and `campaignId`.");
  const [account = ""] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  const wallet = checksummed(account);
  const done = `${campaignId} ${wallet} ${referralToken}`;
  if (read(BOUND) === done) return undefined;

  const ask = async (path: string, body?: object) => {
    const response = await fetch(relayer.replace(/\/+$/, "") + path, {
      method: "POST",
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  };
  const { nonce, chainId } = await ask("/v1/auth/nonces");
  const message = `${location.host} wants you to sign in with your Ethereum account:
${wallet}

Bind this wallet to the invite that I came by. This costs nothing and moves nothing.

URI: ${location.origin}
Version: 1
Chain ID: ${chainId}
Nonce: ${nonce}
Issued At: ${new Date().toISOString()}
Resources:
- urn:partner-programs:campaign:${campaignId}
- urn:partner-programs:referral:${referralToken}`;
  const hex = [...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const signature = await provider.request({ method: "personal_sign", params: [`0x${hex}`, account] });
  const binding = await ask("/v1/wallet-bindings", { campaignId, referralToken, wallet, message, signature });
  write(BOUND, done);
  return binding;
}

/** Forgets the invite and all that was kept of it, as when a visitor withdraws a consent. */
export function forget(): void {
  for (const key of [KEY, BOUND]) {
    ofThePage.delete(key);
    attempt(() => localStorage.removeItem(key));
  }
  for (const domain of [true, options.cookie]) setCookie("", 0, domain);
}

/** Usher's name for `capture`. */
export const parse = capture;

function keep(arrived: string): void {
  const expiresAt = readToken(arrived)?.expiresAt ?? 0;
  const until = Math.min(expiresAt, Date.now() + (options.keepSeconds ?? Number.POSITIVE_INFINITY) * 1000);
  write(KEY, `${arrived} ${until}`);
  setCookie(arrived, Math.ceil((until - Date.now()) / 1000), options.cookie);
}

function setCookie(value: string, seconds: number, cookie: CaptureOptions["cookie"]): void {
  if (!cookie) return;
  const domain = /\./.test(`${cookie}`) ? `;domain=${cookie}` : "";
  const secure = location.protocol === "https:" ? ";secure" : "";
  attempt(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and not in every browser
    document.cookie = `${PARAMETER}=${value};path=/;max-age=${seconds};samesite=lax${secure}${domain}`;
  });
}

function write(key: string, value: string): void {
  ofThePage.set(key, value);
  attempt(() => localStorage.setItem(key, value));
}

function read(key: string): string | undefined {
  return attempt(() => localStorage.getItem(key)) ?? ofThePage.get(key);
}

/** What a browser may forbid is done without. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
