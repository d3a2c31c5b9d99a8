/** Wallets in the browser: how they make themselves known, and how one of them signs in. */
import { api } from "./api.ts";

/** A wallet in the browser (EIP-1193). */
export interface Eip1193 {
  request(call: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: never) => void): void;
  removeListener?(event: string, listener: (value: never) => void): void;
}

/** A wallet as it announces itself (EIP-6963). */
export interface AnnouncedWallet {
  readonly info: { readonly uuid: string; readonly name: string; readonly icon: string; readonly rdns: string };
  readonly provider: Eip1193;
}

export interface Session {
  readonly token: string;
  readonly address: string;
  readonly expiresAt: string;
  /** Which wallet signed in, to find it again after a reload. */
  readonly rdns: string;
}

// -------------------------------------------------------------------------------------------------- discovery

let announced: readonly AnnouncedWallet[] = [];

export const announcedWallets = () => announced;

const listeners = new Set<() => void>();

function hear(event: Event): void {
  const { detail } = event as CustomEvent<AnnouncedWallet>;
  if (typeof detail?.provider?.request !== "function" || announced.some(({ info }) => info.uuid === detail.info.uuid))
    return;
  announced = [...announced, detail];
  for (const listener of listeners) listener();
}

/** Asks the wallets in this browser to say who they are, now and whenever one is added. */
export function discoverWallets(): void {
  window.addEventListener("eip6963:announceProvider", hear);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// -------------------------------------------------------------------------------------------------- signing in

/** The message that a wallet signs to sign in (EIP-4361). */
export function signInMessage(given: {
  domain: string;
  address: string;
  uri: string;
  chainId: number;
  nonce: string;
  issuedAt: string;
}) {
  return [
    `${given.domain} wants you to sign in with your Ethereum account:`,
    given.address,
    "",
    "Sign in to Partner Programs. This costs nothing and moves nothing.",
    "",
    `URI: ${given.uri}`,
    "Version: 1",
    `Chain ID: ${given.chainId}`,
    `Nonce: ${given.nonce}`,
    `Issued At: ${given.issuedAt}`,
  ].join("\n");
}

function hexOf(text: string): string {
  return `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export async function openSession({ info, provider }: AnnouncedWallet): Promise<Session> {
  const accounts = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (accounts[0] === undefined)
    throw new Error("The wallet shows no account. Choose one in the wallet, and try again.");
  const { getAddress } = await import("./ethers.ts");
  const address = getAddress(accounts[0]);
  const { nonce, domain, chainId } = await api.nonce();
  const uri = location.origin;
  const message = signInMessage({ domain, address, uri, chainId, nonce, issuedAt: new Date().toISOString() });
  const signature = (await provider.request({ method: "personal_sign", params: [hexOf(message), address] })) as string;
  return { ...(await api.signIn(message, signature)), rdns: info.rdns };
}
