/** An authenticator in software: a P-256 key that signs as a passkey does (WebAuthn). */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
  type Assertion,
  accountDigest,
  accountSignature,
  type PasskeyKey,
} from "@partner-programs/protocol/passkeyAccount";
import { getBytes, hexlify } from "ethers";

const ORIGIN = "https://portal.example";

export interface SoftPasskey {
  readonly key: PasskeyKey;
  assert(challenge: Uint8Array): Assertion;
  /** What its account takes as its signature of `hash`. */
  signFor(chainId: number, account: string, hash: string): string;
}

export function softPasskey(): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const hexOf = (text: string) => hexlify(Buffer.from(text, "base64url"));
  function assert(challenge: Uint8Array): Assertion {
    const client = { type: "webauthn.get", challenge: Buffer.from(challenge).toString("base64url"), origin: ORIGIN };
    const clientDataJSON = Buffer.from(JSON.stringify({ ...client, crossOrigin: false }));
    const hash = (data: Uint8Array) => createHash("sha256").update(data).digest();
    // Whose site it is, that somebody was there and was recognised, and how often it signed.
    const authenticatorData = Buffer.concat([hash(Buffer.from("portal.example")), Buffer.from([0x05, 0, 0, 0, 1])]);
    const signed = Buffer.concat([authenticatorData, hash(clientDataJSON)]);
    const raw = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
    const part = (from: number) => BigInt(hexlify(raw.subarray(from, from + 32)));
    return { authenticatorData, clientDataJSON, r: part(0), s: part(32) };
  }
  return {
    key: { x: hexOf(x), y: hexOf(y) },
    assert,
    signFor: (chainId, account, hash) => accountSignature(assert(getBytes(accountDigest(chainId, account, hash)))),
  };
}
