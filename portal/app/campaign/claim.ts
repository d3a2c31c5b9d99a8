/** How a partner takes what is its own: by a transaction, or by a signature that the relayer carries. */
import { claimOrderTypedData } from "@partner-programs/protocol/typedData";
import { api } from "../api/api.ts";
import type { Status } from "../api/schema.d.ts";
import { programs } from "../chain/contracts.ts";
import { exactText, fromDecimal, shortAddress, type TokenFormat } from "../text/money.ts";
import type { Plan } from "../transactions/plan.ts";
import { carriedSteps, ORDER_SECONDS } from "./carried.ts";

/** A credit in one token. */
export interface Credit {
  readonly token: string;
  readonly format: TokenFormat;
  readonly claimable: bigint;
}

const amountsOf = (credits: readonly Credit[]) =>
  credits.map(({ claimable, format }) => exactText(claimable, format)).join(" and ");

/** The credits that the relayer pays the gas of: none, unless one of them is worth it. */
export function carriedOf(credits: readonly Credit[], offered: Status["gaslessClaims"] | undefined): readonly Credit[] {
  if (offered === null || offered === undefined) return [];
  const { tokens } = offered;
  if (tokens === null) return credits;
  const minimumOf = ({ token, format }: Credit) => {
    const named = tokens.find((one) => one.token === token);
    return named === undefined ? undefined : fromDecimal(named.minimum, format.decimals);
  };
  const carried = credits.filter((credit) => minimumOf(credit) !== undefined);
  return carried.some((credit) => credit.claimable >= (minimumOf(credit) ?? 0n)) ? carried : [];
}

const whose = (owner: string, receiver: string) =>
  receiver === owner ? `your wallet ${shortAddress(owner)}` : `your payout address ${receiver}`;

/** `receiver`: where the owner is paid. */
export function claimPlan(credits: readonly Credit[], owner: string, receiver: string, carried: boolean): Plan {
  const amounts = amountsOf(credits);
  return {
    title: `Claim ${amounts}`,
    summary: [
      `The contract pays ${amounts} to ${whose(owner, receiver)}.`,
      "It is yours already: nobody has to agree, and there is no deadline.",
      ...(credits.length > 1 ? ["All tokens come in this one transaction."] : []),
    ],
    steps: [
      {
        kind: "call",
        what: "Claim",
        to: "programs",
        method: "claim",
        args: [credits.map(({ token }) => token), receiver],
      },
    ],
    ...(carried ? { withoutGas: "close this, and press “Claim without gas”" } : {}),
    action: "Claim",
  };
}

export async function gaslessClaimPlan(credits: readonly Credit[], owner: string, receiver: string): Promise<Plan> {
  const amounts = amountsOf(credits);
  const order = {
    owner,
    receiver,
    tokens: credits.map(({ token }) => token),
    nonce: await programs().nonces(owner),
    deadline: BigInt(Math.floor(Date.now() / 1000) + ORDER_SECONDS),
  };
  const { types, message } = claimOrderTypedData(order);
  return {
    title: `Claim ${amounts} without gas`,
    summary: [
      `You sign an order; the relayer takes it to the contract and pays the gas. The contract pays ${amounts} to ${whose(owner, receiver)}.`,
      "Nobody can send it elsewhere: the receiver is in what you sign. It is good for an hour, and once; until it is used you can revoke it.",
    ],
    steps: carriedSteps(types, message, "claimFor", (signature) =>
      api.claimWithoutGas({ ...order, nonce: String(order.nonce), deadline: Number(order.deadline), signature }),
    ),
    action: "Sign",
  };
}
