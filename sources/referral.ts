/** Who brought a customer, as it stands on the objects of a processor or a shop. */

/** The token of a click, a code that the customer said, or both. */
export interface Referral {
  readonly token?: string | undefined;
  readonly code?: string | undefined;
}

/** Under which names they travel: in addresses, metadata, attributes. */
export const TOKEN_NAME = "_ushrt";
export const CODE_NAME = "partner_code";

export const TOKEN = /^2\.([0-9a-z]{4,32})\.[0-9a-z]{1,10}\.[0-9a-z]{1,10}\.[0-9a-f]{16}\.[\w-]{22}$/;

/** The invite code in a referral: a token has it in the clear. Whether the token is genuine only its relayer knows. */
export function codeOf({ token, code }: Referral): string | undefined {
  return token === undefined ? code?.toLowerCase() : TOKEN.exec(token)?.[1];
}

/** The token in an address that somebody arrived at, whole or from its path on. */
export function tokenIn(address: string | null | undefined): string | undefined {
  const base = "http://shop.invalid";
  if (!address || !URL.canParse(address, base)) return undefined;
  const tokens = new URL(address, base).searchParams.getAll(TOKEN_NAME);
  return tokens.find((token) => TOKEN.test(token));
}
