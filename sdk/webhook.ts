/** Verifies the relayer's messages (Standard Webhooks) with WebCrypto, so that it runs wherever `fetch` does. */
import { type HeadersLike, headerOf } from "./headers.ts";
import type { NewsByType } from "./news.ts";
import type { Conversion } from "./types.ts";

const TOLERANCE_SECONDS = 5 * 60;
/** A rotation has two; more than a few are somebody's attempt to keep a server busy. */
const MAX_SIGNATURES = 8;

interface Message<Type extends string, Data> {
  /** Of the message: remember it, to handle it once. */
  readonly id: string;
  readonly type: Type;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: Data;
}

/** A conversion after a move. The move with the highest `moveId` is the last. */
export type ConversionMessage = Message<`conversion.${Conversion["state"]}`, Conversion & { readonly moveId: string }>;

/** What else a brand is told. */
export type NewsMessage = { [Type in keyof NewsByType]: Message<Type, NewsByType[Type]> }[keyof NewsByType];

/**
 * What a webhook says: by its `type` it is known what its `data` are. The same message may come twice, with the same id, and messages may
 * come in any order. Types that come later are told to endpoints that want all: ignore what you do not know.
 */
export type WebhookMessage = ConversionMessage | NewsMessage;

/** Whether it tells of a conversion. */
export const isOfConversion = (message: WebhookMessage): message is ConversionMessage =>
  message.type.startsWith("conversion.");

/** The message is not from the relayer, or not from now. Answer 400, and do nothing with it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/** When it is checked, where that is not now: milliseconds since 1970. */
interface Options {
  readonly now?: number;
}

/**
 * The message of a webhook, once it is found genuine (Standard Webhooks).
 * @param payload The body as received: parsed and written again it would have other bytes.
 * @param headers As the framework has them, names in any case.
 * @throws WebhookError
 */
export async function verifyWebhook(
  payload: string | Uint8Array | ArrayBuffer,
  headers: HeadersLike,
  secret: string,
  options: Options = {},
): Promise<WebhookMessage> {
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
  const id = await verify(body, headers, secret, options);
  return { ...JSON.parse(new TextDecoder().decode(body)), id };
}

/**
 * The parameters of a partner's postback, once the call is found genuine; `id` is the call's: remember it, to handle it once.
 * @param url The whole address as it was called, `https://tracker.example/postback?…`: behind a proxy the one that the partner gave.
 * @throws WebhookError
 */
export async function verifyPostback(
  url: string,
  headers: HeadersLike,
  secret: string,
  options: Options = {},
): Promise<{ readonly id: string; readonly parameters: URLSearchParams }> {
  const id = await verify(new TextEncoder().encode(url), headers, secret, options);
  return { id, parameters: new URL(url).searchParams };
}

/** @returns the message's id */
async function verify(
  body: Uint8Array,
  headers: HeadersLike,
  secret: string,
  { now = Date.now() }: Options,
): Promise<string> {
  const header = (name: string): string => {
    const value = headerOf(headers, name);
    if (!value) throw new WebhookError(`The header ${name} is missing: this is not a webhook's message.`);
    return value;
  };
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const signatures = header("webhook-signature").split(" ", MAX_SIGNATURES);
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError("webhook-timestamp is not a number of seconds.");
  const off = Math.abs(now / 1000 - Number(timestamp));
  if (off > TOLERANCE_SECONDS)
    throw new WebhookError(
      `The message is ${Math.round(off)} seconds off, more than ${TOLERANCE_SECONDS}: it is old, or a clock is wrong.`,
    );

  const key = await importSecret(secret);
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  // `verify` compares in constant time, and every signature is looked at.
  const verdicts = await Promise.all(
    signatures.map(async (signature) => {
      const bytes = signature.startsWith("v1,") ? decode(signature.slice(3)) : undefined;
      return bytes !== undefined && crypto.subtle.verify("HMAC", key, bytes, signed);
    }),
  );
  if (!verdicts.includes(true))
    throw new WebhookError(
      "No signature is by this secret. Is it this endpoint's, and the payload the body as it was received?",
    );
  return id;
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith("whsec_") ? decode(secret.slice("whsec_".length)) : undefined;
  if (bytes === undefined) throw new TypeError("The secret of a webhook endpoint is whsec_ and base64.");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    // Not base64.
    return undefined;
  }
}
