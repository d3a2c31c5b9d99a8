/** How a wallet signs in to the relayer (EIP-4361). */

import { api } from "../api/api.ts";
import type { AnnouncedWallet } from "./discovery.ts";

export interface Session {
  readonly token: string;
  readonly address: string;
  readonly expiresAt: string;
  /** Which wallet signed in, to find it again after a reload. */
  readonly rdns: string;
}

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

async function accountOf({ provider }: AnnouncedWallet): Promise<string> {
  const accounts = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (accounts[0] === undefined)
    throw new Error("The wallet shows no account. Choose one in the wallet, and try again.");
  const { getAddress } = await import("../chain/ethers.ts");
  return getAddress(accounts[0]);
}

/** A session that is none to the relayer, for while it does not answer. When it does, it refuses it, and the wallet signs in. */
export async function openWithoutRelayer(wallet: AnnouncedWallet): Promise<Session> {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  return { token: "", address: await accountOf(wallet), expiresAt, rdns: wallet.info.rdns };
}

export async function openSession(wallet: AnnouncedWallet): Promise<Session> {
  const { info, provider } = wallet;
  const address = await accountOf(wallet);
  const { nonce, domain, chainId } = await api.nonce();
  const uri = location.origin;
  const message = signInMessage({ domain, address, uri, chainId, nonce, issuedAt: new Date().toISOString() });
  const signature = (await provider.request({ method: "personal_sign", params: [hexOf(message), address] })) as string;
  return { ...(await api.signIn(message, signature)), rdns: info.rdns };
}
