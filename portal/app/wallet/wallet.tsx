/** Who is signed in, with which wallet: kept over reloads, known to every page. */
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
import { api } from "../api/api.ts";
import { ApiError } from "../api/client.ts";
import { config } from "../config.ts";
import { type AnnouncedWallet, announcedWallets, subscribe } from "./discovery.ts";
import { PASSKEY_RDNS } from "./passkey.ts";
import { openSession, openWithoutRelayer, type Session } from "./signIn.ts";

interface WalletState {
  readonly wallets: readonly AnnouncedWallet[];
  readonly session: Session | undefined;
  /** The wallet that signed in, as soon as it is there. */
  readonly wallet: AnnouncedWallet | undefined;
  signIn(wallet: AnnouncedWallet): Promise<string>;
  /** Only says who it is: enough for what the chain knows. */
  goOnWithoutRelayer(wallet: AnnouncedWallet): Promise<void>;
  signOut(): void;
  /** Whether the list of wallets is shown. */
  readonly asking: boolean;
  ask(asking?: boolean): void;
}

const KEY = "partner-programs.session";

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

/** Whether who is signed in has a passkey account: it signs, and sends nothing. */
export const useIsPasskey = (): boolean => useSession().rdns === PASSKEY_RDNS;

export function WalletProvider({ children }: { children: ReactNode }) {
  const wallets = useSyncExternalStore(subscribe, announcedWallets);
  const [session, setSession] = useState(readSession);
  const [asking, ask] = useState(false);
  const wallet = wallets.find(({ info }) => info.rdns === session?.rdns);

  const signOut = useCallback(() => {
    // Here it is over in any case; there it ends by itself within a day if the relayer does not hear of it now.
    if (session !== undefined && session.token !== "") api.signOut(session.token).catch(() => {});
    keepSession(undefined);
    setSession(undefined);
  }, [session]);

  const keep = useCallback((opened: Session) => {
    keepSession(opened);
    setSession(opened);
    ask(false);
  }, []);

  // The relayer says that the session is over: then it is.
  const queries = useQueryClient();
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        // Only when it is said: what was said of an earlier session stays in the cache, and is not about this one.
        if (event.type !== "updated" || event.action.type !== "error") return;
        const { error } = event.action;
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
        keep(opened);
        return opened.address;
      },
      async goOnWithoutRelayer(chosen: AnnouncedWallet) {
        keep(await openWithoutRelayer(chosen));
      },
    }),
    [wallets, session, wallet, signOut, keep, asking],
  );
  return <Wallet value={state}>{children}</Wallet>;
}
