/** Where on a Stripe object the partner stands who brought the customer. */

/** Who brought a customer: the token of a click, or a code that the customer said. */
export interface Referral {
  readonly token?: string | undefined;
  readonly code?: string | undefined;
}

/** Keys of `metadata`: of a Checkout Session, a subscription or an invoice. */
export const TOKEN_METADATA = "_ushrt";
export const CODE_METADATA = "partner_code";
const CODE_PREFIX = "code_";

const TOKEN = /^2\.([0-9a-z]{4,32})\.[0-9a-z]{1,10}\.[0-9a-z]{1,10}\.[0-9a-f]{16}\.[\w-]{22}$/;
/** A `client_reference_id` in a Payment Link's address has letters, digits, `-` and `_` alone: full stops are `_` there. */
const TOKEN_IN_ADDRESS = /^2_([0-9a-z]{4,32})_([0-9a-z]{1,10})_([0-9a-z]{1,10})_([0-9a-f]{16})_([\w-]{22})$/;

/** The token as it goes into the address of a Payment Link. */
export function toClientReference(token: string): string {
  const parts = token.split(".");
  return parts.join("_");
}

/** What a `client_reference_id` says; undefined: it is an id of the brand's own. */
export function readClientReference(text: string | null | undefined): Referral | undefined {
  if (!text) return undefined;
  if (TOKEN.test(text)) return { token: text };
  const parts = TOKEN_IN_ADDRESS.exec(text);
  if (parts !== null) return { token: ["2", ...parts.slice(1)].join(".") };
  if (text.startsWith(CODE_PREFIX) && text.length > CODE_PREFIX.length) return { code: text.slice(CODE_PREFIX.length) };
  return undefined;
}

export function readMetadata(metadata: Readonly<Record<string, unknown>> | null | undefined): Referral | undefined {
  const [token, code] = [metadata?.[TOKEN_METADATA], metadata?.[CODE_METADATA]];
  if (typeof token === "string" && token !== "") return { token };
  if (typeof code === "string" && code !== "") return { code };
  return undefined;
}

/** The invite code in a referral: a token has it in the clear. Whether the token is genuine only its relayer knows. */
export function codeOf({ token, code }: Referral): string | undefined {
  return token === undefined ? code?.toLowerCase() : TOKEN.exec(token)?.[1];
}
