/** Claims that partners sign, and that the relayer carries and pays the gas of. Who may claim, and whereto, is the signature's. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { type ClaimOrder, claimOrderTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { Problem, problems } from "#service/problem.ts";
import { revertOf } from "../../chain/sender.ts";
import { maxGas } from "../../domain/gasless.ts";
import { readClaim, writeClaim } from "../../store/claims.ts";
import { claim, claimOrder, toClaim, toProblem } from "../claim.ts";
import type { Services } from "../context.ts";
import { body, bytes32, json } from "../schemas.ts";

/** An order that is good for longer could be carried when its owner has long forgotten it. */
const MAX_SECONDS = 86_400;

const sendOrder = createRoute({
  method: "post",
  path: "/v1/claims",
  tags: ["Claims"],
  security: [],
  summary: "Have a signed claim carried, without gas of one's own",
  description: `The order (EIP-712 \`ClaimOrder\`) is signed by \`owner\`; a contract signs by ERC-1271. The same order sent again is answered with the
same claim. \`/v1/status\` says which tokens are carried. A relayer that carries nothing answers 403.`,
  request: { body: body(claimOrder) },
  responses: {
    202: json(claim, "Written down: follow it at `/v1/claims/{id}`."),
    ...problems(400, 403, 409, 429, 503),
  },
});

const showClaim = createRoute({
  method: "get",
  path: "/v1/claims/{id}",
  tags: ["Claims"],
  summary: "What became of a claim",
  request: { params: z.object({ id: bytes32 }) },
  responses: { 200: json(claim, "The claim."), ...problems(404) },
});

/** Refuses an order whose credit is not worth the gas. @throws Problem 400, 409 */
async function requireWorth({ chain, config }: Services, { owner, tokens }: ClaimOrder): Promise<void> {
  if (config.GASLESS_CLAIMS === "any") return;
  const carried = config.GASLESS_CLAIMS as ReadonlyMap<string, string>;
  for (const token of tokens)
    if (!carried.has(token))
      throw new Problem(400, `No gas is paid for claims of ${token}, but of ${[...carried.keys()].join(", ")}.`);
  const worth = await Promise.all(
    tokens.map(async (token) => {
      const [{ decimals }, credit] = await Promise.all([chain.token(token), chain.lens.creditOf(owner, token)]);
      return credit >= toBaseUnitsDown(carried.get(token) as string, decimals);
    }),
  );
  if (!worth.includes(true))
    throw new Problem(
      409,
      `Too little to pay gas for: it takes a credit of ${tokens.map((token) => `${carried.get(token)} of ${token}`).join(" or ")}. Wait until it is more, or claim with the owner's own gas.`,
    );
}

/** Refuses an order that the contract would not pay now. @throws Problem */
async function rehearse(services: Services, id: string, order: ClaimOrder, signature: string): Promise<void> {
  const { chain, log, relayerAddress } = services;
  try {
    await requireWorth(services, order);
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
}

/** Writes an order down, within the limits. @throws Problem 409, 429 */
async function write({ database, config }: Services, id: string, order: ClaimOrder, signature: string): Promise<void> {
  const limits = { perOwner: config.GASLESS_CLAIMS_PER_OWNER ?? 2, all: config.GASLESS_CLAIMS_A_DAY ?? 200 };
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

export function claimRoutes(services: Services) {
  const { database, chain, config } = services;
  const app = new OpenAPIHono();

  app.openapi(sendOrder, async (c) => {
    if ((config.GASLESS_CLAIMS ?? "off") === "off")
      throw new Problem(
        403,
        "This relayer pays no gas for claims. Call `claim` of the contract with the owner's wallet.",
      );
    const { signature, ...given } = c.req.valid("json");
    const order: ClaimOrder = { ...given, nonce: BigInt(given.nonce), deadline: BigInt(given.deadline) };
    if (order.nonce >= 2n ** 256n) throw new Problem(400, "`nonce` has at most 256 bits.");
    const id = digestOf(chain.domain, claimOrderTypedData(order));
    let found = await readClaim(database, id);
    if (found === undefined) {
      if (given.deadline > Date.now() / 1000 + MAX_SECONDS)
        throw new Problem(
          400,
          `The deadline is more than ${MAX_SECONDS} seconds ahead. Sign an order that ends sooner.`,
        );
      await rehearse(services, id, order, signature);
      await write(services, id, order, signature);
      found = await readClaim(database, id);
    }
    if (found === undefined) throw new Error(`Claim ${id} was written, and is not there.`);
    c.header("location", `/v1/claims/${id}`);
    return c.json(toClaim(found), 202);
  });

  app.openapi(showClaim, async (c) => {
    const { id } = c.req.valid("param");
    const found = await readClaim(database, id);
    if (found === undefined) throw new Problem(404, `There is no claim ${id}. It is the order's digest (EIP-712).`);
    return c.json(toClaim(found), 200);
  });
  return app;
}
