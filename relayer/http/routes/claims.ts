/** Claims that partners sign, and where they are paid: the relayer carries the orders and pays the gas. Who may, and whereto, is the signature's. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { digestOf } from "@partner-programs/protocol/typedData";
import { Problem, problems } from "#service/problem.ts";
import { orderToCarry } from "../../chain/calls.ts";
import { type Order, readClaim, type SignedOrder, writeClaim } from "../../store/claims.ts";
import { requireCarried } from "../carried.ts";
import { claim, claimOrder, payoutOrder, toClaim } from "../claim.ts";
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
same claim. \`/v1/status\` says which tokens are carried. A relayer that carries nothing answers 403. Of a passkey account that is not on the
chain yet the relayer makes the account first, if it is of the factory that \`/v1/status\` names, once, for a credit that is worth that too.`,
  request: { body: body(claimOrder) },
  responses: {
    202: json(claim, "Written down: follow it at `/v1/claims/{id}`."),
    ...problems(400, 403, 409, 429, 503),
  },
});

const sendPayoutOrder = createRoute({
  method: "post",
  path: "/v1/payout-orders",
  tags: ["Claims"],
  security: [],
  summary: "Have it carried where one is paid, without gas of one's own",
  description: `The order (EIP-712 \`PayoutOrder\`) is signed by \`owner\`, who has a credit that is worth the gas of a claim; it counts as one claim of the
owner's, and is taken, made and followed as one.`,
  request: { body: body(payoutOrder) },
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

/** Writes an order down, within the limits. @throws Problem 409, 429 */
async function write({ database, config }: Services, order: SignedOrder): Promise<void> {
  const limits = { perOwner: config.GASLESS_CLAIMS_PER_OWNER ?? 2, all: config.GASLESS_CLAIMS_A_DAY ?? 200 };
  switch (await writeClaim(database, order, limits)) {
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

/** As either route takes it: a claim has no lock, and an order where one is paid no tokens. */
type Given = z.output<typeof claimOrder> & Pick<Order, "lockSeconds">;

export function claimRoutes(services: Services) {
  const { database, chain, config } = services;
  const app = new OpenAPIHono();

  /** Takes an order in; one that is known already stays as it is. */
  async function take({ signature, nonce, deadline, ...given }: Given): Promise<z.input<typeof claim>> {
    if ((config.GASLESS_CLAIMS ?? "off") === "off")
      throw new Problem(
        403,
        "This relayer pays no gas for claims. Call `claim` of the contract with the owner's wallet.",
      );
    const order: Order = { ...given, nonce: BigInt(nonce), deadline: BigInt(deadline) };
    if (order.nonce >= 2n ** 256n) throw new Problem(400, "`nonce` has at most 256 bits.");
    const id = digestOf(chain.domain, orderToCarry(order).typed);
    let found = await readClaim(database, id);
    if (found === undefined) {
      if (deadline > Date.now() / 1000 + MAX_SECONDS)
        throw new Problem(
          400,
          `The deadline is more than ${MAX_SECONDS} seconds ahead. Sign an order that ends sooner.`,
        );
      await write(services, await requireCarried(services, { ...order, id }, signature));
      found = await readClaim(database, id);
    }
    if (found === undefined) throw new Error(`Claim ${id} was written, and is not there.`);
    return toClaim(found);
  }

  app.openapi(sendOrder, async (c) => {
    const taken = await take({ ...c.req.valid("json"), lockSeconds: null });
    c.header("location", `/v1/claims/${taken.id}`);
    return c.json(taken, 202);
  });

  app.openapi(sendPayoutOrder, async (c) => {
    const taken = await take({ ...c.req.valid("json"), tokens: [] });
    c.header("location", `/v1/claims/${taken.id}`);
    return c.json(taken, 202);
  });

  app.openapi(showClaim, async (c) => {
    const { id } = c.req.valid("param");
    const found = await readClaim(database, id);
    if (found === undefined) throw new Problem(404, `There is no claim ${id}. It is the order's digest (EIP-712).`);
    return c.json(toClaim(found), 200);
  });
  return app;
}
