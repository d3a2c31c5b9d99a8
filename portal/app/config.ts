/** What the portal's server says about this installation, at /config.json. Everything in it is public. */
export interface PortalConfig {
  readonly apiUrl: string;
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly network: string;
  readonly programs: string;
  readonly lens: string;
  /** The contract that funds by a signature; null: none, and budgets are approved first. */
  readonly funding: string | null;
  /** The block of the contract's deployment: nothing is to be found before. */
  readonly fromBlock: number;
  readonly explorerUrl: string | null;
  /** Attesters that the operator proposes to new campaigns. */
  readonly attesters: readonly string[];
  /** What the operator calls them, by their addresses. */
  readonly attesterNames?: Readonly<Record<string, string>>;
  /** Tokens that the operator proposes, the usual one first. What else a token calls itself is a stranger's word. */
  readonly tokens?: readonly string[];
  /** Where attesters serve the lines that they signed: asked where the relayer does not answer. */
  readonly attesterUrls: readonly string[];
  /** Origins that may show the portal in a frame, as a Safe's app. */
  readonly safeOrigins: readonly string[];
  readonly operator: { readonly address: string; readonly feeBps: number } | null;
  /** What makes the accounts of partners who sign in with a passkey (Coinbase Smart Wallet); null: passkeys are not offered. */
  readonly passkeyFactory: string | null;
  /** A chain on this machine: demo wallets are offered, holds may be seconds. */
  readonly local: boolean;
}

let loaded: PortalConfig | undefined;

export async function loadConfig(): Promise<void> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`The portal's server answers ${response.status} to /config.json.`);
  setConfig((await response.json()) as PortalConfig);
}

export function setConfig(config: PortalConfig): void {
  loaded = config;
}

/** @throws Error before `loadConfig` */
export function config(): PortalConfig {
  if (loaded === undefined) throw new Error("The configuration is not loaded yet.");
  return loaded;
}
