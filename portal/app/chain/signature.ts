/** What is made of a signature, and what makes one good only once. */
import { hexlify, randomBytes, Signature } from "ethers";

/** A key's signature as contracts take it that do not take it whole. */
export function partsOf(signature: string): readonly [v: number, r: string, s: string] {
  const { v, r, s } = Signature.from(signature);
  return [v, r, s];
}

/** 32 bytes that nobody used before. */
export const randomWord = (): string => hexlify(randomBytes(32));
