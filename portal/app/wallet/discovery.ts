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
