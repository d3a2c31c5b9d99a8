/**
 * Accounts that are not on the chain yet: whether one may be made with the relayer's gas, what it costs, and whether, once it is made, it
 * takes what it is said to have signed.
 */
import {
  addressCall,
  type Brought,
  bringAccount,
  makeCall,
  readAddress,
  readMaking,
} from "@partner-programs/protocol/passkeyAccount";
import { isRevert } from "@partner-programs/protocol/reverts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { accountTakes } from "#service/chain/walletMessage.ts";
import { MAX_MAKING_GAS } from "../domain/gasless.ts";

export const isOnChain = async ({ provider }: ProgramsChain, account: string): Promise<boolean> =>
  (await provider.getCode(account)) !== "0x";

/** Who is to be made, by which factory, and what it signed. */
export interface Unmade {
  /** The operator's; undefined: none is made. */
  readonly factory: string | undefined;
  readonly owner: string;
  /** Of the order that it signed. */
  readonly digest: string;
  readonly brought: Brought;
}

/** Why an account is not made for an order; undefined: it would be. Nothing is sent. @throws Error where the chain does not answer */
export async function whyNotMade(
  { provider }: ProgramsChain,
  from: string,
  { factory, owner, digest, brought }: Unmade,
): Promise<string | undefined> {
  if (factory === undefined)
    return "This relayer makes no accounts. Put it on the chain with gas of one's own, and sign again.";
  if (brought.factory !== factory)
    return `The account is said to be made by ${brought.factory}; gas is paid for those of ${factory} alone.`;
  const making = readMaking(brought.call);
  if (making === undefined)
    return "What is to make the account is no call of createAccount(bytes[] owners, uint256 nonce) with 1 to 4 owners.";
  const address = await answered(() => provider.call({ to: factory, data: addressCall(making) }));
  // A factory that is not there answers with nothing.
  const made = address === undefined || address === "0x" ? undefined : readAddress(address);
  if (made !== owner)
    return `What is brought makes ${made ?? "nothing"}, and not ${owner}. Sign with the account that it makes.`;
  const gas = await answered(() => provider.estimateGas({ from, to: factory, data: makeCall(making) }));
  if (gas === undefined) return `${factory} refuses to make the account.`;
  if (gas > MAX_MAKING_GAS) return `Making the account costs ${gas} gas; at most ${MAX_MAKING_GAS} are paid for it.`;
  if (!(await accountTakes(provider, owner, digest, bringAccount(brought))))
    return `The account ${owner} does not take its signature of this order.`;
  return undefined;
}

/** What a call gives; undefined: it reverts. */
async function answered<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isRevert(error)) return undefined;
    throw error;
  }
}
