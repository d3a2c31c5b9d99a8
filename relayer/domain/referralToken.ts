/** The referral token: what says, on the way from a click to a conversion, which link was followed. */
import { createHmac, type KeyObject, randomFillSync, timingSafeEqual } from "node:crypto";

/** What an invite's click says, signed by the relayer, verified without a database. */
export interface Referral {
  /** Of the link that was followed. */
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly clickedAt: number;
  /** The end of the attribution window that the campaign had published when the link was followed. Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly clickId: string;
}

const VERSION = "2";
const TOKEN = /^2\.([0-9a-z]{4,32})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-f]{16})\.([A-Za-z0-9_-]{22})$/;

function mac(secret: string | KeyObject, payload: string): string {
  // 16 of 32 bytes: 128 bits cannot be guessed, and the token stays short.
  return createHmac("sha256", secret).update(`referral:${payload}`).digest("base64url").slice(0, 22);
}

const CLICK_BYTES = 8;
const pool = Buffer.alloc(CLICK_BYTES * 512);
let used = pool.length;

/** 64 random bits, hexadecimal. Drawn in bulk: asking the system for each click costs more than the rest of a redirect. */
export function newClickId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += CLICK_BYTES;
  return pool.toString("hex", used - CLICK_BYTES, used);
}

/** `2.<code>.<time>.<expiry>.<click>.<mac>`: what travels as `_ushrt`. */
export function signReferral(secret: string | KeyObject, referral: Referral): string {
  const { code, clickedAt, expiresAt, clickId } = referral;
  const payload = `${VERSION}.${code}.${clickedAt.toString(36)}.${expiresAt.toString(36)}.${clickId}`;
  return `${payload}.${mac(secret, payload)}`;
}

/** The referral in a token, or undefined if we did not sign it. Whether it has expired is for the judge of a conversion to say. */
export function verifyReferral(secret: string | KeyObject, token: string): Referral | undefined {
  const parts = TOKEN.exec(token);
  if (parts === null) return undefined;
  const [, code = "", time = "", expiry = "", clickId = "", given = ""] = parts;
  // Compared as text: base64 has spare bits, so that bytes would let other spellings of a token pass.
  const expected = mac(secret, `${VERSION}.${code}.${time}.${expiry}.${clickId}`);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return undefined;
  return { code, clickedAt: Number.parseInt(time, 36), expiresAt: Number.parseInt(expiry, 36), clickId };
}
