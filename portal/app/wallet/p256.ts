/** What a passkey's signature (ECDSA over P-256) tells: its two numbers, and which keys can have made it. */
import { p256 } from "@noble/curves/p256";
import { type Assertion, coordinate, type PasskeyKey } from "@partner-programs/protocol/passkeyAccount";

/** @throws Error for what is no signature in DER */
export function decodeSignature(der: Uint8Array): Pick<Assertion, "r" | "s"> {
  const { r, s } = p256.Signature.fromDER(der);
  return { r, s };
}

/** The keys that fit a signature: two, as a point and its mirror image have the same number. */
export async function candidatesOf({ authenticatorData, clientDataJSON, r, s }: Assertion): Promise<PasskeyKey[]> {
  const client = new Uint8Array(await crypto.subtle.digest("SHA-256", clientDataJSON as Uint8Array<ArrayBuffer>));
  const signed = new Uint8Array([...authenticatorData, ...client]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", signed));
  return [0, 1].flatMap((bit) => {
    try {
      const { x, y } = new p256.Signature(r, s).addRecoveryBit(bit).recoverPublicKey(hash).toAffine();
      return [{ x: coordinate(x), y: coordinate(y) }];
    } catch {
      // No point of the curve has that number.
      return [];
    }
  });
}
