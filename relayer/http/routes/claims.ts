import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { type ClaimOrder, claimOrderTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { Problem, problems } from "#service/problem.ts";
import { type Revert, revertOf } from "../../chain/sender.ts";
import { maxGas } from "../../domain/gasless.ts";
import { type Claim, readClaim, writeClaim } from "../../store/claims.ts";
import type { Services } from "../context.ts";
import { address, body, bytes32, json } from "../schemas.ts";
import { signedMessage } from "../signedMessage.ts";

/** An order that is good for longer could be carried when its owner has long forgotten it. */
const LONGEST_SECONDS = 86_400;
const MOST_TOKENS = 8;

const request = z
  .strictObject({
    owner: address,
    receiver: address,
    tokens: z
      .array(address)
      .min(1)
      .max(MOST_TOKENS)
      .refine((tokens) => new Set(tokens).size === tokens.length, "names a token twice"),
    nonce: z
      .string()
      .regex(/^\d{1,78}$/, "must be a whole number")
      .openapi({ description: "`nonces(owner)` of the contract." }),
    deadline: z
      .int()
      .min(0)
      .max(2 ** 40)
      .openapi({ description: "Unix seconds: at most a day ahead." }),
    signature: signedMessage.signature,
  })
  .openapi("ClaimOrder");

const claim = z
  .object({
    id: bytes32.openapi({ description: "The order's digest (EIP-712)." }),
    owner: address,
    receiver: address,
    tokens: z.array(address),
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

function toClaim({ signature: _, nonce, deadline, createdAt, tokens, ...rest }: Claim): z.input<typeof claim> {
  return {
    ...rest,
    tokens: [...tokens],
    nonce: String(nonce),
    deadline: Number(deadline),
    createdAt: createdAt.toISOString(),
  };
}

/** What the contract would say to an order, as an answer. */
function toProblem({ name, message }: Revert): Problem {
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

/** Claims that partners sign, and that the relayer carries and pays the gas of. Who may claim, and whereto, is the signature's. */
export function claimRoutes({ database, chain, config, relayerAddress, log }: Services) {
  const app = new OpenAPIHono();
  const gasless = config.GASLESS_CLAIMS ?? "off";
  const limits = { perOwner: config.GASLESS_CLAIMS_PER_OWNER ?? 2, all: config.GASLESS_CLAIMS_A_DAY ?? 200 };

  async function requireWorth({ owner, tokens }: ClaimOrder): Promise<void> {
    if (gasless === "any") return;
    const carried = gasless as ReadonlyMap<string, string>;
    for (const token of tokens)
      if (!carried.has(token))
        throw new Problem(400, `No gas is paid for claims of ${token}, but of ${[...carried.keys()].join(", ")}.`);
    const worth = await Promise.all(
      tokens.map(async (token) => {
        const [{ decimals }, credit] = await Promise.all([chain.token(token), chain.programs.creditOf(owner, token)]);
        return credit >= toBaseUnitsDown(carried.get(token) as string, decimals);
      }),
    );
    if (!worth.includes(true))
      throw new Problem(
        409,
        `Too little to pay gas for: it takes a credit of ${tokens.map((token) => `${carried.get(token)} of ${token}`).join(" or ")}. Wait until it is more, or claim with the owner's own gas.`,
      );
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/claims",
      tags: ["Claims"],
      security: [],
      summary: "Have a signed claim carried, without gas of one's own",
      description: `The order (EIP-712 \`ClaimOrder\`) is signed by \`owner\`; a contract signs by ERC-1271. The same order sent again is answered with the
same claim. \`/v1/status\` says which tokens are carried. A relayer that carries nothing answers 403.`,
      request: { body: body(request) },
      responses: {
        202: json(claim, "Written down: follow it at `/v1/claims/{id}`."),
        ...problems(400, 403, 409, 429, 503),
      },
    }),
    async (c) => {
      if (gasless === "off")
        throw new Problem(
          403,
          "This relayer pays no gas for claims. Call `claim` of the contract with the owner's wallet.",
        );
      const { signature, ...given } = c.req.valid("json");
      const order: ClaimOrder = { ...given, nonce: BigInt(given.nonce), deadline: BigInt(given.deadline) };
      if (order.nonce >= 2n ** 256n) throw new Problem(400, "`nonce` has at most 256 bits.");
      const id = digestOf(chain.domain, claimOrderTypedData(order));
      const known = await readClaim(database, id);
      if (known === undefined) {
        if (given.deadline > Date.now() / 1000 + LONGEST_SECONDS)
          throw new Problem(
            400,
            `The deadline is more than ${LONGEST_SECONDS} seconds ahead. Sign an order that ends sooner.`,
          );
        try {
          await requireWorth(order);
          const revert = await revertOf(chain, "claimFor", [claimOrderTypedData(order).message, signature], {
            from: relayerAddress,
            gasLimit: maxGas(order.tokens.length),
          });
          if (revert !== undefined) throw toProblem(revert);
        } catch (error) {
          if (error instanceof Problem) throw error;
          // Not the error itself: what ethers says may hold the key of an RPC provider.
          log.warn(
            { claim: id, error: (error as { code?: string }).code ?? (error as Error).name },
            "a claim could not be rehearsed",
          );
          throw new Problem(503, "The chain does not answer. Nothing was written down: send the order again.");
        }
        await write(id, order, signature);
      }
      c.header("location", `/v1/claims/${id}`);
      return c.json(toClaim((await readClaim(database, id)) as Claim), 202);
    },
  );

  async function write(id: string, order: ClaimOrder, signature: string): Promise<void> {
    switch (await writeClaim(database, id, order, signature, limits)) {
      case "nonce":
        throw new Problem(
          409,
          `Another order of ${order.owner} with the nonce ${order.nonce} is under way. Wait for it.`,
        );
      case "owner":
        throw new Problem(
          429,
          `Gas is paid for ${limits.perOwner} claims of one owner in 24 hours. Claim with its own gas, or later.`,
        );
      case "all":
        throw new Problem(
          429,
          `Gas is paid for ${limits.all} claims in 24 hours. Claim with the owner's own gas, or later.`,
        );
    }
  }

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/claims/{id}",
      tags: ["Claims"],
      summary: "What became of a claim",
      request: { params: z.object({ id: bytes32 }) },
      responses: { 200: json(claim, "The claim."), ...problems(404) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const found = await readClaim(database, id);
      if (found === undefined) throw new Problem(404, `There is no claim ${id}. It is the order's digest (EIP-712).`);
      return c.json(toClaim(found), 200);
    },
  );
  return app;
}
