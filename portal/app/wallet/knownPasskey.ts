/** The passkey account that this browser knows, over reloads. */
import { config } from "../config.ts";

/** Which account is meant: the one that this browser knows or else a new one, a new one, or one whose passkey the owner shows. */
export type Meant = "known" | "new" | "another";

const KEY = "partner-programs.passkey";

/** A passkey account that was used in this browser. Nothing of it is secret. */
export interface KnownPasskey {
  readonly address: string;
  /** The credential's name, in base64url. */
  readonly credential: string;
  readonly x: string;
  readonly y: string;
  readonly factory: string;
}

let remembered: KnownPasskey | undefined;

/** The account that was used last, by the factory that is configured. */
export function knownPasskey(): KnownPasskey | undefined {
  let known = remembered;
  try {
    known ??= (JSON.parse(localStorage.getItem(KEY) ?? "null") as KnownPasskey | null) ?? undefined;
  } catch {
    // Storage is blocked, or somebody else wrote there: the passkey is asked, as on a new device.
    known = undefined;
  }
  return known?.factory === config().passkeyFactory ? known : undefined;
}

export function rememberPasskey(known: KnownPasskey): void {
  remembered = known;
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // Storage is blocked: it is known as long as the page lives, and found again by the passkey itself.
    return;
  }
}
