/** Which signed orders the relayer carries: those that the contract would pay now, for owners whose credit is worth the gas. */
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { type Brought, readBrought } from "@partner-programs/protocol/passkeyAccount";
import { Problem } from "#service/problem.ts";
import { isOnChain, whyNotMade } from "../chain/accounts.ts";
import { orderToCarry } from "../chain/calls.ts";
import { type Revert, revertOf } from "../chain/sender.ts";
import { leastWithMaking, maxGas } from "../domain/gasless.ts";
import type { Order, SignedOrder } from "../store/claims.ts";
import { toProblem } from "./claim.ts";
import type { Services } from "./context.ts";

type Named = Order & Pick<SignedOrder, "id">;

/**
 * The order as it is carried: of an account that is not on the chain, with what makes it. Asked of the chain; nothing is sent.
 * @throws Problem 400, 409, 503
 */
export async function requireCarried(services: Services, order: Named, signature: string): Promise<SignedOrder> {
  const { chain, log } = services;
  try {
    const brought = readBrought(signature);
    // Once it is on the chain what makes it is not needed any more, whoever put it there.
    const make = brought !== undefined && !(await isOnChain(chain, order.owner));
    const own = brought?.signature ?? signature;
    await requireWorth(services, order, make);
    if (make) await requireMakes(services, order, brought);
    else await requireTaken(services, order, own);
    return {
      ...order,
      signature: own,
      making: make ? { factory: brought.factory, call: brought.call } : null,
    };
  } catch (error) {
    if (error instanceof Problem) throw error;
    // Not the error itself: what ethers says may hold the key of an RPC provider.
    log.warn(
      { claim: order.id, error: (error as { code?: string }).code ?? (error as Error).name },
      "a claim could not be rehearsed",
    );
    throw new Problem(503, "The chain does not answer. Nothing was written down: send the order again.");
  }
}

/** Refuses an order whose owner's credit is not worth the gas. @throws Problem 400, 409 */
async function requireWorth(
  { chain, config }: Services,
  { owner, tokens: named, lockSeconds }: Order,
  make: boolean,
): Promise<void> {
  if (config.GASLESS_CLAIMS === "any") return;
  const carried = config.GASLESS_CLAIMS as ReadonlyMap<string, string>;
  for (const token of named)
    if (!carried.has(token))
      throw new Problem(400, `No gas is paid for claims of ${token}, but of ${[...carried.keys()].join(", ")}.`);
  // Where one is paid is worth its gas to whoever has a credit in any of the tokens.
  const tokens = lockSeconds === null ? named : [...carried.keys()];
  const worth = await Promise.all(
    tokens.map(async (token) => {
      const [{ decimals }, credit] = await Promise.all([chain.token(token), chain.lens.creditOf(owner, token)]);
      const minimum = toBaseUnitsDown(carried.get(token) as string, decimals);
      return credit >= (make ? leastWithMaking(minimum, named.length) : minimum);
    }),
  );
  if (!worth.includes(true))
    throw new Problem(
      409,
      `Too little to pay gas for: it takes a credit of ${tokens.map((token) => `${carried.get(token)} of ${token}`).join(" or ")}${make ? `, and ${Number(leastWithMaking(100n, named.length)) / 100} times as much for the first order, which puts the owner's account on the chain as well` : ""}. Wait until it is more, or claim with the owner's own gas.`,
    );
}

/** What the contract would say to an order now; undefined: it would do it. */
function rehearse({ chain, relayerAddress }: Services, order: Order, signature: string): Promise<Revert | undefined> {
  const { verb, typed } = orderToCarry(order);
  const call = { from: relayerAddress, gasLimit: maxGas(order.tokens.length) };
  return revertOf(chain, verb, [typed.message, signature], call);
}

/** Refuses an order that the contract would not take now. @throws Problem 400, 409 */
async function requireTaken(services: Services, order: Order, signature: string): Promise<void> {
  const revert = await rehearse(services, order, signature);
  if (revert !== undefined) throw toProblem(revert);
}

/** Refuses an order whose owner's account would not be made, or would not take its signature. @throws Problem 400, 409 */
async function requireMakes(services: Services, order: Named, brought: Brought): Promise<void> {
  const { chain, config, relayerAddress } = services;
  const { owner, tokens, lockSeconds } = order;
  // It has no say before it is there: what the contract looks at before that is told apart by this.
  const revert = await rehearse(services, order, brought.signature);
  if (revert !== undefined && revert.name !== "InvalidSignature") throw toProblem(revert);
  if (lockSeconds === null) {
    const credits = await Promise.all(tokens.map((token) => chain.lens.creditOf(owner, token)));
    if (!credits.some((credit) => credit > 0n)) throw new Problem(409, "The owner has no credit in these tokens.");
  }
  const unmade = { factory: config.ACCOUNT_FACTORY, owner, digest: order.id, brought };
  const problem = await whyNotMade(chain, relayerAddress, unmade);
  if (problem !== undefined) throw new Problem(400, problem);
}
