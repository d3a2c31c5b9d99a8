/** Where a partner is paid: its standing address, the lock on it, and the orders that it signed. */
import { LONGEST_LOCK } from "@partner-programs/protocol/limits";
import { payoutOrderTypedData } from "@partner-programs/protocol/typedData";
import { api } from "../api/api.ts";
import { getAddress, isAddress, ZeroAddress } from "../chain/address.ts";
import { programs } from "../chain/contracts.ts";
import { dateText, durationText } from "../text/dates.ts";
import { shortAddress } from "../text/money.ts";
import type { Plan } from "../transactions/plan.ts";
import { carriedSteps, ORDER_SECONDS } from "./carried.ts";

/** Where an owner is paid, and for how long that is locked. The owner itself stands for no other address. */
export interface Payout {
  readonly receiver: string;
  readonly lockSeconds: number;
}

export interface AnnouncedPayout extends Payout {
  readonly effectiveAt: number;
}

/** What is in force, and what is announced. */
export interface Payouts {
  readonly now: Payout;
  readonly next: AnnouncedPayout | undefined;
  /** Others may not push; while a lock is in force they may all the same. */
  readonly optedOut: boolean;
}

/** What is wrong with what was typed, with what to do; undefined: nothing. */
export function payoutProblem(receiver: string, lockSeconds: number): string | undefined {
  const typed = receiver.trim();
  if (typed !== "" && (!isAddress(typed) || BigInt(typed) === 0n))
    return "The address of a wallet: 0x and 40 hexadecimal digits. Empty: this wallet.";
  if (lockSeconds > LONGEST_LOCK) return `A lock lasts ${durationText(LONGEST_LOCK)} at most.`;
  return undefined;
}

/** What is wrong with where a passkey account is to be paid: it is taken elsewhere, as the account itself sends nothing on. */
export function elsewhereProblem(receiver: string, owner: string): string | undefined {
  const typed = receiver.trim();
  if (typed === "") return "Say where to: 0x and 40 hexadecimal digits.";
  const wrong = payoutProblem(typed, 0);
  if (wrong !== undefined) return "The address of a wallet: 0x and 40 hexadecimal digits.";
  return getAddress(typed) === owner ? "Another address than this account's own, which sends nothing on." : undefined;
}

/** `receiver`: as typed; empty for the owner itself. `before`: what is in force. */
export function payoutPlan(
  owner: string,
  receiver: string,
  lockSeconds: number,
  before: Payout,
  now = Date.now() / 1000,
): Plan {
  const typed = receiver.trim();
  const to = typed === "" ? owner : getAddress(typed);
  const own = to === owner;
  const where = own ? `this wallet, ${shortAddress(owner)}` : to;
  return {
    title: own ? "Be paid to this wallet" : `Be paid to ${shortAddress(to)}`,
    summary: [
      before.lockSeconds === 0
        ? `From now on you are paid to ${where}.`
        : `From ${dateText(now + before.lockSeconds)} on you are paid to ${where}: after the lock of ${durationText(before.lockSeconds)} that is in force. Until then all is paid to ${shortAddress(before.receiver)}.`,
      ...(before.lockSeconds === 0
        ? []
        : ["A change that was announced before is replaced, and its time begins anew."]),
      ...(lockSeconds === 0
        ? ["There is no lock: you can still claim to any address, and so can whoever gets hold of your key."]
        : [
            `It is locked for ${durationText(lockSeconds)}: claims, too, pay only there, and a later change of address or lock takes effect only ${durationText(lockSeconds)} after it is announced.`,
            own
              ? "If you lose this wallet's key, a locked address that is this wallet loses what it is paid: lock another address, whose key you keep elsewhere."
              : "Make sure that the address is yours on this network, and that you keep its key apart from this one: you cannot take it back sooner.",
          ]),
    ],
    steps: [
      {
        kind: "call",
        what: "Set where you are paid",
        to: "programs",
        method: "setPayout",
        args: [own ? ZeroAddress : to, lockSeconds],
      },
    ],
  };
}

/** The same by a signature, for an account that sends nothing itself: the relayer carries the order. */
export async function carriedPayoutPlan(
  owner: string,
  receiver: string,
  lockSeconds: number,
  before: Payout,
  done: () => Promise<void>,
): Promise<Plan> {
  const { title, summary } = payoutPlan(owner, receiver, lockSeconds, before);
  const order = {
    owner,
    receiver: receiver.trim() === "" ? ZeroAddress : getAddress(receiver.trim()),
    lockSeconds,
    nonce: await programs().nonces(owner),
    deadline: BigInt(Math.floor(Date.now() / 1000) + ORDER_SECONDS),
  };
  const { types, message } = payoutOrderTypedData(order);
  return {
    title,
    summary: [
      ...summary,
      "You sign an order; the relayer takes it to the contract and pays the gas. It is good for an hour, and once.",
    ],
    steps: carriedSteps(types, message, "setPayoutFor", (signature) =>
      api.setPayoutWithoutGas({ ...order, nonce: String(order.nonce), deadline: Number(order.deadline), signature }),
    ),
    action: "Sign",
    done,
  };
}

/** What somebody with the partner's key could do, and could not. */
export function sayThief({ receiver, lockSeconds }: Payout, owner: string): string[] {
  if (lockSeconds === 0)
    return [
      "Without a lock, whoever has your key can claim everything that is released to you, to any address, at once.",
    ];
  const lock = durationText(lockSeconds);
  return [
    `Whoever has your key can announce another address. You would see it here, and it takes effect ${lock} later; announcing again yourself begins the ${lock} anew.`,
    `Until then everything is paid to ${receiver === owner ? "this wallet, which the thief has as well: lock another address" : shortAddress(receiver)}, whoever asks for it, with your key or without.`,
    "The thief can sign in here and change links. Join again with a new wallet, and tell the brand.",
    receiver === owner
      ? "If you lose this key, what is paid to this wallet is lost."
      : `If you lose this key, nothing is lost: anyone can push what is yours to ${shortAddress(receiver)}.`,
  ];
}

/** On the chain, and to everybody: nobody else may push, or others may again. */
export const optOutPlan = (optedOut: boolean): Plan => ({
  title: optedOut ? "Let nobody push what is yours" : "Let others push what is yours",
  summary: optedOut
    ? [
        "Nobody but you can have your credits paid out, or collect your lines. You claim what is yours yourself.",
        "While a lock on your payout address is in force pushes stay open all the same.",
      ]
    : [
        "Anybody can have your credits paid to where you are paid, at their own cost. Nobody can have them paid elsewhere.",
      ],
  steps: [
    {
      kind: "call",
      what: optedOut ? "Let nobody push" : "Let others push",
      to: "programs",
      method: "setPayOutOptOut",
      args: [optedOut],
    },
  ],
});

export const revokeOrdersPlan = (): Plan => ({
  title: "Revoke signed orders",
  summary: [
    "Every order that you signed so far and nobody carried yet is void: claims without gas, and payout addresses.",
    "What is on the chain already stays. Orders that you sign from now on are good.",
  ],
  steps: [{ kind: "call", what: "Revoke the orders", to: "programs", method: "revokeOrders", args: [] }],
});
