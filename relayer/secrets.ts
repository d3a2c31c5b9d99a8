/** Secrets that are handed out, and keyed hashes under the relayer's own: what the database knows people and orders by. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { crc32 } from "node:zlib";
import { LRUCache } from "lru-cache";
import { networkOf } from "./domain/network.ts";

/**
 * A new bearer secret; `prefix` says what it is for. Shown once, kept only as its hash. An API key, which people copy, ends with a
 * checksum.
 */
export function newSecret(prefix: "sk" | "us" | "pk" | "ti"): string {
  const secret = `${prefix}_${randomBytes(32).toString("base64url")}`;
  return prefix === "sk" ? secret + checksum(secret) : secret;
}

const checksum = (text: string) => crc32(text).toString(16).padStart(8, "0");

/** Whether a text can be an API key: as they are made now, or as they were before they had a checksum. */
export function isWholeKey(text: string): boolean {
  const [, secret, sum] = /^(sk_[\w-]{43})([0-9a-f]{8})?$/.exec(text) ?? [];
  return secret !== undefined && (sum === undefined || sum === checksum(secret));
}

/** What is stored of a secret. It has 256 random bits, so a plain hash is enough, and finding by it leaks nothing of use. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** What is shown of a secret after it was shown whole. */
export function last4(secret: string): string {
  return secret.slice(-4);
}

/**
 * The secret that a webhook endpoint's messages are signed with, as Standard Webhooks writes it. It is derived and not stored:
 * who reads the database cannot sign.
 */
export function webhookSecret(secret: string, seed: string): string {
  return `whsec_${Buffer.from(keyed(secret, "webhook", seed).slice(2), "hex").toString("base64")}`;
}

/** The secret that a partner's postback is signed with: derived as a webhook's is. */
export function postbackSecret(secret: string, seed: string): string {
  return `whsec_${Buffer.from(keyed(secret, "postback", seed).slice(2), "hex").toString("base64")}`;
}

/** A conversion's key: the brand's order id under a secret of the campaign, so that nobody else can guess or link it. */
export function conversionKey(secret: string, campaignId: string, event: string, orderId: string): string {
  return keyed(secret, `conversion:${campaignId}`, JSON.stringify([event, orderId]));
}

/** A customer, as the database knows it. */
export function customerKey(secret: string, campaignId: string, customerId: string): string {
  return keyed(secret, `customer:${campaignId}`, customerId);
}

/** A customer of whom nothing but its wallet is known. */
export function walletKey(secret: string, campaignId: string, wallet: string): string {
  return keyed(secret, `wallet:${campaignId}`, wallet);
}

/** A company or a person that a lead is, as the database knows it for as long as it is protected. */
export function leadNameKey(secret: string, campaignId: string, what: "company" | "email", name: string): string {
  return keyed(secret, `lead ${what}:${campaignId}`, name);
}

/** The network that somebody came from. The address itself is never stored. */
export function networkKey(secret: string, campaignId: string, address: string): string {
  return keyed(secret, `network:${campaignId}`, networkOf(address));
}

/** An e-mail address where it must be known again and not be read. */
export function mailKey(secret: string, address: string): string {
  return keyed(secret, "mail", address.trim().toLowerCase()).slice(2, 34);
}

/** What a mail's link shows, so that it does something: that it was written by us, to this address, for this wallet. */
export function mailSeal(secret: string, purpose: "confirm" | "unsubscribe", wallet: string, key: string): string {
  return keyed(secret, `mail:${purpose}`, JSON.stringify([wallet, key])).slice(2, 34);
}

/** What a body said, to tell another one from it. Keyed, because what it hides could be guessed. */
export function bodyKey(secret: string, campaignId: string, body: unknown): string {
  return keyed(secret, `body:${campaignId}`, JSON.stringify(body));
}

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what has to be read again: others' secrets, and what others sent. Who reads the database alone cannot. */
export function seal(secret: string, purpose: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, derivedKey(secret, `seal:${purpose}`), iv);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

/** @throws Error if it was sealed under another secret, for another purpose, or changed since */
export function unseal(secret: string, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, derivedKey(secret, `seal:${purpose}`), iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}

/** The keys of the purposes used last: deriving one costs as much as using it. */
const derived = new LRUCache<string, KeyObject>({ max: 1_000 });

function keyed(secret: string, purpose: string, value: string): string {
  return `0x${createHmac("sha256", derivedKey(secret, purpose)).update(value).digest("hex")}`;
}

function derivedKey(secret: string, purpose: string): KeyObject {
  const name = `${secret} ${purpose}`;
  let key = derived.get(name);
  if (key === undefined) {
    key = createSecretKey(createHmac("sha256", secret).update(purpose).digest());
    derived.set(name, key);
  }
  return key;
}
