/** Orders to claim, and where one is paid, as the API takes them, and what became of them. */
import { z } from "@hono/zod-openapi";
import { LONGEST_LOCK } from "@partner-programs/protocol/limits";
import { Problem } from "#service/problem.ts";
import type { Revert } from "../chain/sender.ts";
import type { Claim } from "../store/claims.ts";
import { address, bytes32 } from "./schemas.ts";
import { signatureOf } from "./signedMessage.ts";

const MAX_TOKENS = 8;
/** Sixteen owners of a Safe, or a passkey's with its account's making: it is carried in a transaction, whose gas is the relayer's. */
const MAX_SIGNATURE_BYTES = 2_048;

const signedByOwner = {
  nonce: z
    .string()
    .regex(/^\d{1,78}$/, "must be a whole number")
    .openapi({ description: "`nonces(owner)` of the contract." }),
  deadline: z
    .int()
    .min(0)
    .max(2 ** 40)
    .openapi({ description: "Unix seconds: at most a day ahead." }),
  signature: signatureOf(MAX_SIGNATURE_BYTES).openapi({
    description:
      "The owner's (EIP-712); a contract's by ERC-1271. Of a passkey account that is not on the chain yet it brings along what makes it (ERC-6492).",
  }),
};

export const payoutOrder = z
  .strictObject({
    owner: address,
    receiver: address.openapi({ description: "The zero address: the owner itself." }),
    lockSeconds: z.int().min(0).max(LONGEST_LOCK),
    ...signedByOwner,
  })
  .openapi("PayoutOrder");

export const claimOrder = z
  .strictObject({
    owner: address,
    receiver: address,
    tokens: z
      .array(address)
      .min(1)
      .max(MAX_TOKENS)
      .refine((tokens) => new Set(tokens).size === tokens.length, "names a token twice"),
    ...signedByOwner,
  })
  .openapi("ClaimOrder");

export const claim = z
  .object({
    id: bytes32.openapi({ description: "The order's digest (EIP-712)." }),
    owner: address,
    receiver: address,
    tokens: z.array(address),
    lockSeconds: z.int().nullable().openapi({
      description: "null: a claim. Otherwise an order where the owner is paid, of no tokens, so locked.",
    }),
    nonce: z.string(),
    deadline: z.int(),
    state: z.enum(["accepted", "sent", "paid", "failed"]).openapi({
      description:
        "`accepted`: written down, and about to be sent. `sent`: on its way. `paid`: in a block. `failed`: given up, for `problem`.",
    }),
    transaction: bytes32.nullable(),
    problem: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi("Claim");

export function toClaim({
  signature: _,
  making: __,
  nonce,
  deadline,
  createdAt,
  tokens,
  ...rest
}: Claim): z.input<typeof claim> {
  return {
    ...rest,
    tokens: [...tokens],
    nonce: String(nonce),
    deadline: Number(deadline),
    createdAt: createdAt.toISOString(),
  };
}

/** What the contract would say to an order, as an answer. */
export function toProblem({ name, message }: Revert): Problem {
  switch (name) {
    case "InvalidSignature":
      return new Problem(400, `The owner did not sign this order, for this chain and contract. ${message}`);
    case "DeadlinePassed":
      return new Problem(400, `The order is too late: sign another. ${message}`);
    case "WrongNonce":
      return new Problem(
        409,
        `The order, or another with its nonce, was carried already: sign with nonces(owner). ${message}`,
      );
    case "NothingToPay":
      return new Problem(409, "The owner has no credit in these tokens.");
    default:
      return new Problem(
        409,
        `The contract would not pay this order, or only for more gas than is paid for it. ${message}`,
      );
  }
}
