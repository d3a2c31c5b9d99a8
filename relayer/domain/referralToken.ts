import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What an invite's click says, signed by the relayer, verified without a database. */
export interface Referral {
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly clickedAt: number;
  readonly clickId: string;
}

const TOKEN = /^1\.([0-9a-z]{4,32})\.([0-9a-z]{1,10})\.([0-9a-f]{16})\.([A-Za-z0-9_-]{22})$/;

function mac(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(`referral:${payload}`).digest().subarray(0, 16).toString("base64url");
}

export function newClickId(): string {
  return randomBytes(8).toString("hex");
}

/** `1.<code>.<time>.<click>.<mac>`: what travels as `_ushrt`. */
export function signReferral(secret: string, referral: Referral): string {
  const payload = `1.${referral.code}.${referral.clickedAt.toString(36)}.${referral.clickId}`;
  return `${payload}.${mac(secret, payload)}`;
}

/** The referral in a token, or undefined if we did not sign it. Says nothing about its age: the campaign's window does. */
export function verifyReferral(secret: string, token: string): Referral | undefined {
  const parts = TOKEN.exec(token);
  if (parts === null) return undefined;
  const [, code = "", time = "", clickId = "", given = ""] = parts;
  // Compared as text: base64 has spare bits, so that bytes would let other spellings of a token pass.
  const expected = mac(secret, `1.${code}.${time}.${clickId}`);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return undefined;
  return { code, clickedAt: Number.parseInt(time, 36), clickId };
}
