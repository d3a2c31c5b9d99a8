/** The holds end, and partners are paid: by a claim, by a signed order that somebody else carries, by a push. */
import { NATIVE } from "@partner-programs/protocol/native";
import { claimOrderTypedData, programsDomain } from "@partner-programs/protocol/typedData";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { call, waitFor } from "../../client.ts";
import type { Person } from "../../people.ts";
import type { Stage } from "../stage.ts";

interface Waiting {
  readonly waiting: { readonly conversions: number; readonly batches: number; readonly refunds: number };
}

export async function claims(stage: Stage, dollar: DemoToken): Promise<void> {
  const { stack, teller, cast, programs, send, counted } = stage;
  teller.chapter("The holds end, and partners are paid");
  await waitFor("every commission to be released", async () => {
    const { waiting } = await call<Waiting>(stack.apiUrl, "GET", "/v1/status");
    teller.progress(counted.reports - waiting.conversions - waiting.batches, counted.reports, "settled");
    return waiting.conversions + waiting.batches + waiting.refunds === 0;
  });
  const tokens = [await dollar.getAddress(), NATIVE];
  for (const partner of cast.partners) {
    const owed = await Promise.all(tokens.map((token) => programs.creditOf(partner.address, token)));
    const due = tokens.filter((_, i) => owed[i] !== 0n);
    if (due.length > 0) await pay(stage, partner, due);
  }
  await send("claim", cast.operator, "fees", (signer) => programs.connect(signer).claim(tokens, cast.operator.address));
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
  if (name === "Finn")
    return send("payOut", cast.stranger, `to ${name}`, (signer) => programs.connect(signer).payOut(address, due));
  return send("claim", partner, due.length === 2 ? "two tokens" : "one token", (signer) =>
    programs.connect(signer).claim(due, address),
  );
}
