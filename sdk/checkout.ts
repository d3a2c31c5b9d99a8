/** The referral token of a checkout that an agent makes for a customer: it follows no link, and its request says who sent it. */
import { PARAMETER, readToken } from "./referral.ts";

/**
 * The referral token in the body of an agent's checkout, of whichever protocol it is; undefined if it brings none. Give it to
 * `reportConversion` as `referralToken`; whether it is genuine the relayer says.
 *
 * - Agentic Commerce Protocol: `affiliate_attribution.token`, in the bodies that create, update or complete a session. A claim of another
 *   `provider` is not ours: name yours, the relayer's host.
 * - Universal Commerce Protocol: `attribution._ushrt`, in a cart or a checkout.
 *
 * @see https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/main/rfcs/rfc.affiliate_attribution.md
 * @see https://ucp.dev/specification/checkout
 */
export function checkoutReferral(body: unknown, provider?: string): string | undefined {
  const { provider: claimed, token } = fieldsOf(fieldsOf(body).affiliate_attribution);
  const ofProvider = provider === undefined || claimed === provider ? token : undefined;
  return [ofProvider, fieldsOf(fieldsOf(body).attribution)[PARAMETER]].find(isToken);
}

const isToken = (value: unknown): value is string => typeof value === "string" && readToken(value) !== undefined;

type Field = "affiliate_attribution" | "attribution" | "provider" | "token" | typeof PARAMETER;

const fieldsOf = (value: unknown): { readonly [name in Field]?: unknown } =>
  typeof value === "object" && value !== null ? value : {};
