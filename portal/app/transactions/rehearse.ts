/** What a plan's first call would do, before anybody is asked to sign it. */
import { COIN } from "@partner-programs/protocol/native";
import { hasCode, provider } from "../chain/contracts.ts";
import { config } from "../config.ts";
import type { Failure } from "../text/failure.ts";
import { moneyText } from "../text/money.ts";
import { encode } from "./encode.ts";
import type { Plan } from "./plan.ts";

/**
 * Only the first step can be rehearsed: the others may need what it does. Gives what the account is short of for the gas, or
 * undefined. @throws what the node answers when the call would fail
 */
export async function rehearse({ steps: [first], withoutGas }: Plan, from: string): Promise<Failure | undefined> {
  if (first?.kind !== "call") return undefined;
  const gas = await provider().estimateGas({ ...encode(first), from });
  // Only a warning: without an answer the wallet says it.
  return shortOfGas(gas, first.value ?? 0n, from, withoutGas).catch(() => undefined);
}

/** Whether the account can pay for a call's gas: what it is short of, or undefined. A wallet may have gas paid for it, and knows better. */
async function shortOfGas(
  gas: bigint,
  value: bigint,
  from: string,
  otherwise: string | undefined,
): Promise<Failure | undefined> {
  // For a contract account somebody else pays it: an owner, or whoever carries it.
  if (await hasCode(from)) return undefined;
  const [{ gasPrice }, balance] = await Promise.all([provider().getFeeData(), provider().getBalance(from)]);
  const needed = gas * (gasPrice ?? 0n) + value;
  if (balance >= needed) return undefined;
  const [has, needs] = [balance, needed].map((amount) => moneyText(roundedUp(amount), COIN));
  return {
    title: `Your account has ${has}, and this takes about ${needs}.`,
    remedy: `Send some ${COIN.symbol} to ${from} on ${config().network}, and try again${otherwise === undefined ? "" : `; or ${otherwise}`}.`,
  };
}

/** To a millionth of a coin: as it is shown, and never shown as nothing. */
const roundedUp = (wei: bigint) => ((wei + 10n ** 12n - 1n) / 10n ** 12n) * 10n ** 12n;
