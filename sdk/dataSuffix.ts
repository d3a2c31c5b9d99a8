/** Says on the chain who brought a customer: a partner's code behind the data of what the customer's wallet sends (ERC-8021). */
import { toDataSuffix } from "@partner-programs/protocol/dataSuffix";
import { readToken } from "./referral.ts";

/**
 * A transaction's data, `0x…`, with the partner's code behind it; the contract that is called does not see it.
 * @param referral what `token()` gives, or a code that the customer gave; without either the data stays as it is
 * @param prefix what the campaign's codes begin with there: `suffix` of the event's `contract` in its description
 * @param others codes of an app or a wallet, which stand before it
 * @throws RangeError that names a code that cannot stand there
 */
export function withReferral(
  data: string,
  referral: string | undefined,
  prefix: string,
  others: readonly string[] = [],
): string {
  if (!referral) return data;
  const code = readToken(referral) === undefined ? referral : (referral.split(".")[1] as string);
  const plain = code
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "");
  return data + toDataSuffix([...others, prefix + plain]).slice(2);
}
