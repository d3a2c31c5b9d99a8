/**
 * The holds end, and partners are paid: by a claim, by a signed order that somebody else carries, by a push, which for one goes to the
 * address that it locked.
 */
import { NATIVE } from "@partner-programs/protocol/native";
import { claimOrderTypedData, programsDomain } from "@partner-programs/protocol/typedData";
import { id, isError, type Provider, Wallet } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { call, waitFor } from "../../client.ts";
import type { Person } from "../../people.ts";
import type { Stage } from "../stage.ts";

interface Waiting {
  readonly waiting: { readonly conversions: number; readonly batches: number; readonly refunds: number };
}

export async function claims(stage: Stage, dollar: DemoToken): Promise<void> {
  const { stack, teller, cast, programs, lens, send, counted } = stage;
  teller.chapter("The holds end, and partners are paid");
  await waitFor("every commission to be released", async () => {
    const { waiting } = await call<Waiting>(stack.apiUrl, "GET", "/v1/status");
    teller.progress(counted.reports - waiting.conversions - waiting.batches, counted.reports, "settled");
    return waiting.conversions + waiting.batches + waiting.refunds === 0;
  });
  await lockPayout(stage);
  const tokens = [await dollar.getAddress(), NATIVE];
  for (const partner of cast.partners) {
    const owed = await Promise.all(tokens.map((token) => lens.creditOf(partner.address, token)));
    const due = tokens.filter((_, i) => owed[i] !== 0n);
    if (due.length > 0) await pay(stage, partner, due);
  }
  await send("claim", cast.operator, "fees", (signer) => programs.connect(signer).claim(tokens, cast.operator.address));
}

/** Where Ada wants to be paid, whoever has its key. */
const VAULT = new Wallet(id("Ada's vault")).address;

async function lockPayout({ teller, cast, programs, send }: Stage): Promise<void> {
  const ada = cast.partner("Ada");
  await send("setPayout", ada, "a vault, locked for a day", (signer) =>
    programs.connect(signer).setPayout(VAULT, 86_400),
  );
  const elsewhere = programs.connect(ada.wallet).claim.staticCall([NATIVE], cast.stranger.address);
  const refused = await elsewhere.then(
    () => "nothing",
    (error) => (isError(error, "CALL_EXCEPTION") ? error.revert?.name : String(error)),
  );
  if (refused !== "PayoutLocked") throw new Error(`A claim past Ada's lock is refused by ${refused}.`);
  teller.say("Ada locks where it is paid: with its key nobody takes its credits elsewhere");
}

function balanceOf(provider: Provider, token: string, owner: string): Promise<bigint> {
  if (token === NATIVE) return provider.getBalance(owner);
  return DemoToken__factory.connect(token, provider).balanceOf(owner);
}

async function pay({ stack, teller, cast, programs, send }: Stage, partner: Person, due: string[]): Promise<void> {
  const { name, address } = partner;
  if (name === "Gus") {
    teller.say(`${name} leaves the credit where it is: it does not expire`);
    return;
  }
  if (name === "Eve") {
    const order = { owner: address, receiver: address, tokens: due, nonce: 0n, deadline: BigInt(2 ** 40) };
    const { types, message } = claimOrderTypedData(order);
    const domain = programsDomain(stack.deployment.chainId, await programs.getAddress());
    const signature = await partner.wallet.signTypedData(domain, types, message);
    return send("claimFor", cast.stranger, `${name}, who pays no gas`, (signer) =>
      programs.connect(signer).claimFor(order, signature),
    );
  }
  if (name === "Ada") {
    await send("payOut", cast.stranger, `to ${name}'s vault`, (signer) =>
      programs.connect(signer).payOut(address, due),
    );
    const arrived = await Promise.all(due.map((token) => balanceOf(stack.provider, token, VAULT)));
    if (arrived.some((balance) => balance === 0n))
      throw new Error("What was pushed to Ada did not arrive in its vault.");
    return teller.say(`what a stranger pushes to ${name} arrives in the vault`);
  }
  if (name === "Finn")
    return send("payOut", cast.stranger, `to ${name}`, (signer) => programs.connect(signer).payOut(address, due));
  return send("claim", partner, due.length === 2 ? "two tokens" : "one token", (signer) =>
    programs.connect(signer).claim(due, address),
  );
}
