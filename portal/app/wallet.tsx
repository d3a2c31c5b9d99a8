import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { ApiError, api } from "./api.ts";
import { config } from "./config.ts";

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

interface Session {
  readonly token: string;
  readonly address: string;
  readonly expiresAt: string;
  /** Which wallet signed in, to find it again after a reload. */
  readonly rdns: string;
}

interface WalletState {
  readonly wallets: readonly AnnouncedWallet[];
  readonly session: Session | undefined;
  /** The wallet that signed in, as soon as it is there. */
  readonly wallet: AnnouncedWallet | undefined;
  signIn(wallet: AnnouncedWallet): Promise<string>;
  signOut(): void;
  /** Whether the list of wallets is shown. */
  readonly asking: boolean;
  ask(asking?: boolean): void;
}

const KEY = "partner-programs.session";

// -------------------------------------------------------------------------------------------------- discovery

let announced: readonly AnnouncedWallet[] = [];
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

function subscribe(listener: () => void): () => void {
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

async function openSession({ info, provider }: AnnouncedWallet): Promise<Session> {
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

function readSession(): Session | undefined {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? "null") as (Session & { apiUrl: string }) | null;
    const valid = session !== null && session.apiUrl === config().apiUrl && Date.parse(session.expiresAt) > Date.now();
    return valid ? session : undefined;
  } catch {
    return undefined;
  }
}

function keepSession(session: Session | undefined): void {
  try {
    if (session === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ ...session, apiUrl: config().apiUrl }));
  } catch {
    // Storage is blocked: the session lives as long as the page.
    return;
  }
}

const Wallet = createContext<WalletState | undefined>(undefined);

export function useWallet(): WalletState {
  const state = useContext(Wallet);
  if (state === undefined) throw new Error("useWallet outside of WalletProvider");
  return state;
}

/** The session of a page that is only shown to who is signed in (see `SignedIn`). */
export function useSession(): Session {
  const { session } = useWallet();
  if (session === undefined) throw new Error("useSession outside of SignedIn");
  return session;
}

export function WalletProvider({ children }: { children: ReactNode }) {
  const wallets = useSyncExternalStore(subscribe, () => announced);
  const [session, setSession] = useState(readSession);
  const [asking, ask] = useState(false);
  const wallet = wallets.find(({ info }) => info.rdns === session?.rdns);

  const signOut = useCallback(() => {
    // Here it is over in any case; there it ends by itself within a day if the relayer does not hear of it now.
    if (session !== undefined) api.signOut(session.token).catch(() => {});
    keepSession(undefined);
    setSession(undefined);
  }, [session]);

  // The relayer says that the session is over: then it is.
  const queries = useQueryClient();
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state;
        if (error instanceof ApiError && error.status === 401) {
          keepSession(undefined);
          setSession(undefined);
        }
      }),
    [queries],
  );

  // Another account chosen in the wallet is another person to us.
  useEffect(() => {
    if (wallet === undefined || session === undefined) return;
    const changed = (accounts: readonly string[]) => {
      if (!accounts.some((account) => account.toLowerCase() === session.address.toLowerCase())) signOut();
    };
    wallet.provider.on?.("accountsChanged", changed as never);
    return () => wallet.provider.removeListener?.("accountsChanged", changed as never);
  }, [wallet, session, signOut]);

  const state = useMemo(
    () => ({
      wallets,
      session,
      wallet,
      signOut,
      asking,
      ask: (now = true) => ask(now),
      async signIn(chosen: AnnouncedWallet) {
        const opened = await openSession(chosen);
        keepSession(opened);
        setSession(opened);
        ask(false);
        return opened.address;
      },
    }),
    [wallets, session, wallet, signOut, asking],
  );
  return <Wallet value={state}>{children}</Wallet>;
}
