/** The query parameter in which an invite link hands over its referral token. */
export const PARAMETER = "_ushrt";
const KEY = "partner-programs.referral";
const DEFAULT_SECONDS = 90 * 86_400;

export interface CaptureOptions {
  /** Which invite counts when a customer comes by several: keep the first (default) or replace it by the last. */
  readonly touch?: "first" | "last";
  /** How long the token is kept, in seconds; the campaign's attribution window. */
  readonly keepSeconds?: number;
}

interface Kept {
  token: string;
  until: number;
}

/**
 * Takes the referral token out of the page's address, if there is one, cleans the address, and keeps the token first-party.
 * Call it on every page an invite may lead to. Returns the token that counts now.
 */
export function capture({ touch = "first", keepSeconds = DEFAULT_SECONDS }: CaptureOptions = {}): string | undefined {
  const url = new URL(location.href);
  const arrived = url.searchParams.get(PARAMETER);
  if (arrived === null) return token();
  url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, "", url);
  const kept = token();
  if (kept !== undefined && touch === "first") return kept;
  write({ token: arrived, until: Date.now() + keepSeconds * 1000 });
  return arrived;
}

/** The referral token that was captured and has not expired: what the brand's server hands to `reportConversion`. */
export function token(): string | undefined {
  const kept = read();
  return kept !== undefined && kept.until > Date.now() ? kept.token : undefined;
}

/** Adds the token to a link that leaves for another domain of the brand. */
export function decorate(anchor: HTMLAnchorElement): void {
  const current = token();
  if (current === undefined) return;
  const url = new URL(anchor.href);
  url.searchParams.set(PARAMETER, current);
  anchor.href = url.href;
}

// Storage may be blocked (private windows, settings): then the token lives as long as the page.
let memory: Kept | undefined;

function write(kept: Kept): void {
  memory = kept;
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    return;
  }
}

function read(): Kept | undefined {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === null ? memory : (JSON.parse(stored) as Kept);
  } catch {
    return memory;
  }
}
