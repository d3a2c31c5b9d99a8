/**
 * What a passkey account does: it is made, found again and signs. Its key never leaves the device or its maker's vault; what is known of it
 * here is public. It is loaded when somebody uses a passkey: ethers and the curve are larger than the first page.
 */
import {
  type Assertion,
  accountDigest,
  accountSignature,
  addressCall,
  bringAccount,
  makeCall,
  makingOf,
  type PasskeyKey,
  readAddress,
} from "@partner-programs/protocol/passkeyAccount";
import { getBytes, hashMessage, hexlify, TypedDataEncoder } from "ethers";
import { api } from "../api/api.ts";
import { hasCode, provider } from "../chain/contracts.ts";
import { config } from "../config.ts";
import { type KnownPasskey, knownPasskey, type Meant, rememberPasskey } from "./knownPasskey.ts";
import { candidatesOf, decodeSignature } from "./p256.ts";

const refuse = (code: number, message: string) => Object.assign(new Error(message), { code });

/** What the wallet answers (EIP-1193). */
export async function answer(method: string, params: readonly unknown[], meant: Meant): Promise<unknown> {
  switch (method) {
    case "eth_accounts":
      return [knownPasskey()].flatMap((known) => known?.address ?? []);
    case "eth_requestAccounts":
      return [(await account(meant)).address];
    case "eth_chainId":
      return `0x${config().chainId.toString(16)}`;
    case "personal_sign":
      return signFor(params[1] as string, hashMessage(getBytes(params[0] as string)));
    case "eth_signTypedData_v4": {
      const { domain, types, message } = JSON.parse(params[1] as string);
      delete types.EIP712Domain;
      return signFor(params[0] as string, TypedDataEncoder.hash(domain, types, message));
    }
    default:
      throw refuse(4200, `A passkey account signs, and does no ${method}: others carry what it signed.`);
  }
}

async function account(meant: Meant): Promise<KnownPasskey> {
  const known = meant === "known" ? knownPasskey() : undefined;
  return known ?? (meant === "another" ? find() : make());
}

const factory = (): string => {
  const { passkeyFactory } = config();
  if (passkeyFactory === null) throw refuse(4200, "No factory of passkey accounts is configured here.");
  return passkeyFactory;
};

/** The account that a key owns, whether it is on the chain or not. */
async function addressOf(key: PasskeyKey): Promise<string> {
  return readAddress(await provider().call({ to: factory(), data: addressCall(makingOf(key)) }));
}

async function remember(credential: string, key: PasskeyKey): Promise<KnownPasskey> {
  const known = { address: await addressOf(key), credential, ...key, factory: factory() };
  rememberPasskey(known);
  return known;
}

const random = () => crypto.getRandomValues(new Uint8Array(32));

/** Asks the browser. @throws Error with a wallet's code where the owner declined, or waited too long */
async function ask<T extends Credential>(asked: Promise<Credential | null>): Promise<T> {
  const credential = await asked.catch((error: unknown) => {
    if ((error as { name?: unknown }).name === "NotAllowedError") throw refuse(4001, "The passkey was not used.");
    throw error;
  });
  if (credential === null) throw refuse(4001, "The passkey was not used.");
  return credential as T;
}

/** ES256: ECDSA over P-256, which the account's contract checks. */
const ALGORITHM = -7;

async function make(): Promise<KnownPasskey> {
  const rpId = location.hostname;
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(new Date());
  const name = `Partner account of ${day}`;
  const made = await ask<PublicKeyCredential>(
    navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: "Partner Programs" },
        // New each time: an authenticator puts a passkey for a user that it has one of in that one's place, and its account would be lost.
        user: { id: random(), name, displayName: name },
        challenge: random(),
        pubKeyCredParams: [{ type: "public-key", alg: ALGORITHM }],
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
      },
    }),
  );
  const credential = base64Url(made.rawId);
  const key = keyOf((made.response as AuthenticatorAttestationResponse).getPublicKey?.() ?? null);
  // Some managers of passkeys do not say the key: then its signatures do.
  return remember(credential, key ?? (await keyBySignatures(credential)));
}

/** X.509's form of a P-256 key ends with both coordinates behind a 4. */
const SPKI_BYTES = 91;

function keyOf(spki: ArrayBuffer | null): PasskeyKey | undefined {
  if (spki === null || spki.byteLength !== SPKI_BYTES) return undefined;
  const point = new Uint8Array(spki).subarray(-65);
  return point[0] === 4 ? { x: hexlify(point.subarray(1, 33)), y: hexlify(point.subarray(33)) } : undefined;
}

interface Signed {
  readonly credential: string;
  readonly assertion: Assertion;
}

/** Has a passkey sign; without a credential the owner chooses among the site's passkeys. */
async function sign(challenge: Uint8Array, credential?: string): Promise<Signed> {
  const allowed = credential === undefined ? [] : [{ type: "public-key" as const, id: fromBase64Url(credential) }];
  const got = await ask<PublicKeyCredential>(
    navigator.credentials.get({
      publicKey: {
        rpId: location.hostname,
        challenge: challenge as Uint8Array<ArrayBuffer>,
        allowCredentials: allowed,
        userVerification: "required",
      },
    }),
  );
  const { authenticatorData, clientDataJSON, signature } = got.response as AuthenticatorAssertionResponse;
  return {
    credential: base64Url(got.rawId),
    assertion: {
      authenticatorData: new Uint8Array(authenticatorData),
      clientDataJSON: new Uint8Array(clientDataJSON),
      ...decodeSignature(new Uint8Array(signature)),
    },
  };
}

/**
 * Finds the account of a passkey that this browser does not know: from another device, or after its storage was cleared. Two keys fit one
 * signature. Where only one of them was ever seen it is that one; else a second signature tells.
 */
async function find(): Promise<KnownPasskey> {
  const { credential, assertion } = await sign(random());
  const known = knownPasskey();
  if (known?.credential === credential) return known;
  const candidates = await candidatesOf(assertion);
  const seen = await Promise.all(candidates.map(async (key) => wasSeen(await addressOf(key))));
  const [only, ...others] = candidates.filter((_, i) => seen[i]);
  const key = only !== undefined && others.length === 0 ? only : await sharedKey(candidates, credential);
  return remember(credential, key);
}

/** Whether an account is on the chain, or has lines. Nobody knowing it says nothing. */
async function wasSeen(address: string): Promise<boolean> {
  const lines = api.partnerLines(address, { limit: 1 }).then(({ items }) => items.length > 0);
  const [made, paid] = await Promise.all([hasCode(address), lines.catch(() => false)]);
  return made || paid;
}

async function keyBySignatures(credential: string): Promise<PasskeyKey> {
  const { assertion } = await sign(random(), credential);
  return sharedKey(await candidatesOf(assertion), credential);
}

/** The one of `candidates` that fits another signature as well. */
async function sharedKey(candidates: readonly PasskeyKey[], credential: string): Promise<PasskeyKey> {
  const { assertion } = await sign(random(), credential);
  const again = await candidatesOf(assertion);
  const [key] = candidates.filter(({ x, y }) => again.some((one) => one.x === x && one.y === y));
  if (key === undefined) throw new Error("The passkey signed twice, with different keys. Use another passkey.");
  return key;
}

/** The account's signature; of one that is not on the chain yet, with what makes it (ERC-6492). */
async function signFor(address: string, hash: string): Promise<string> {
  const known = knownPasskey();
  if (known === undefined || known.address.toLowerCase() !== address.toLowerCase())
    throw refuse(4100, `This browser does not know the passkey of ${address}. Sign in with it again.`);
  const { assertion } = await sign(getBytes(accountDigest(config().chainId, known.address, hash)), known.credential);
  const signature = accountSignature(assertion);
  if (await hasCode(known.address)) return signature;
  return bringAccount({ factory: known.factory, call: makeCall(makingOf(known)), signature });
}

const base64Url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
