/** Where on a Stripe object the partner stands who brought the customer. */
import { CODE_NAME, type Referral, TOKEN, TOKEN_NAME } from "../referral.ts";

const CODE_PREFIX = "code_";

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

/** What `metadata` says: of a Checkout Session, a subscription or an invoice. */
export function readMetadata(metadata: Readonly<Record<string, unknown>> | null | undefined): Referral | undefined {
  const [token, code] = [metadata?.[TOKEN_NAME], metadata?.[CODE_NAME]];
  if (typeof token === "string" && token !== "") return { token };
  if (typeof code === "string" && code !== "") return { code };
  return undefined;
}
