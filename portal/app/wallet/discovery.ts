/** Wallets in the browser, and how they make themselves known (EIP-1193, EIP-6963). */

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

let announced: readonly AnnouncedWallet[] = [];
let injected: readonly AnnouncedWallet[] = [];

/** Those that announced themselves; or the one that only stands in the page, as wallets did before EIP-6963. */
export const announcedWallets = () => (announced.some(({ info }) => !isOurs(info)) ? announced : injected);

/** What these pages announce themselves: passkeys, and the wallets of a demo. */
export const isOurs = ({ rdns }: AnnouncedWallet["info"]): boolean => rdns.startsWith("local.");

const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function hear(event: Event): void {
  const { detail } = event as CustomEvent<AnnouncedWallet>;
  if (typeof detail?.provider?.request === "function") announce(detail);
}

/** Adds a wallet to those that are offered. */
export function announce(wallet: AnnouncedWallet): void {
  if (announced.some(({ info }) => info.uuid === wallet.info.uuid)) return;
  announced = [...announced, wallet];
  look();
}

const INJECTED_INFO = { uuid: "injected", name: "The wallet of this browser", icon: "", rdns: "injected" };

/** Whether a wallet stands in the page (`window.ethereum`). */
function look(): void {
  const { ethereum } = window as { ethereum?: Eip1193 };
  const found = typeof ethereum?.request === "function" ? [{ info: INJECTED_INFO, provider: ethereum }] : [];
  injected = [...found, ...announced];
  tell();
}

/** Asks the wallets in this browser to say who they are, now and whenever one is added. */
export function discoverWallets(): void {
  window.addEventListener("eip6963:announceProvider", hear);
  // Some stand there only a moment after the page.
  window.addEventListener("ethereum#initialized", look);
  window.addEventListener("load", look);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  look();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
