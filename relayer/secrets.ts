import { createHash, createHmac, randomBytes } from "node:crypto";

/** A new bearer secret; `prefix` says what it is for. Shown once, kept only as its hash. */
export function newSecret(prefix: "sk" | "us"): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}

/** What is stored of a secret. It has 256 random bits, so a plain hash is enough, and finding by it leaks nothing of use. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** A conversion's key: the brand's order id under a secret of the campaign, so that nobody else can guess or link it. */
export function conversionKey(secret: string, campaignId: string, event: string, orderId: string): string {
  return keyed(secret, `conversion:${campaignId}`, JSON.stringify([event, orderId]));
}

/** A customer, as the database knows it. */
export function customerKey(secret: string, campaignId: string, customerId: string): string {
  return keyed(secret, `customer:${campaignId}`, customerId);
}

function keyed(secret: string, purpose: string, value: string): string {
  const key = createHmac("sha256", secret).update(purpose).digest();
  return `0x${createHmac("sha256", key).update(value).digest("hex")}`;
}
