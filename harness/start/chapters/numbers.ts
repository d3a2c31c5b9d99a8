/** What the relayer says of it all, once it has seen the last block. */
import { call, type Listed, type Performance, signIn, waitFor } from "../../client.ts";
import type { OpenAct, Stage } from "../stage.ts";

interface Relayed {
  readonly purpose: string;
  readonly state: string;
  readonly gasUsed: number | null;
}

/** Where lines are not given to the chain, attesting costs the same whatever is in the batch. */
function tellWhatAttestingCosts({ sent, teller }: Stage, act: OpenAct): void {
  const gas = sent.filter(({ verb, what }) => verb === "attest" && what.startsWith(act.title)).map(({ gas }) => gas);
  const [least, most] = [Math.min(...gas), Math.max(...gas)].map((amount) => amount.toLocaleString("en"));
  teller.say(
    `${act.title}: ${gas.length} batches, attested for ${least} to ${most} gas each, and their lines are public data`,
  );
}

/** Adds the relayer's transactions to those sent. @returns what each partner has to show for it, by the relayer */
export async function numbers(stage: Stage, acts: readonly OpenAct[]): Promise<Performance[]> {
  const { stack, sent } = stage;
  const { apiUrl, provider } = stack;
  const block = await provider.getBlockNumber();
  await waitFor("the relayer to have seen it all", async () => {
    const { indexedBlock } = await call<{ indexedBlock: number }>(apiUrl, "GET", "/v1/status");
    return indexedBlock >= block;
  });
  const performances: Performance[] = [];
  for (const { draft, campaignId } of acts) {
    const token = await signIn(apiUrl, draft.brand);
    const path = `/v1/campaigns/${campaignId}/partnerships`;
    const { items } = await call<Listed<Performance>>(apiUrl, "GET", `${path}?sort=oldest`, { token });
    performances.push(...items);
  }
  const relayed = await waitFor("the relayer to have heard of its transactions", async () => {
    const all = await call<Relayed[]>(apiUrl, "GET", "/v1/transactions");
    return all.every(({ state }) => state !== "sent") && all;
  });
  for (const { purpose, gasUsed } of relayed.reverse()) {
    const [verb = "", digest = ""] = purpose.split(":");
    sent.push({ verb, by: "relayer", what: await describeBatch(apiUrl, digest, acts), gas: gasUsed ?? 0 });
  }
  for (const act of acts) if (act.draft.linesOnChain === false) tellWhatAttestingCosts(stage, act);
  return performances;
}

async function describeBatch(apiUrl: string, digest: string, acts: readonly OpenAct[]): Promise<string> {
  const batch = await call<{ campaignId: string; conversions: number; lineCount: number }>(
    apiUrl,
    "GET",
    `/v1/batches/${digest}`,
  );
  const act = acts.find(({ campaignId }) => campaignId === batch.campaignId);
  return `${act?.title}: ${batch.conversions} conversions, ${batch.lineCount} lines`;
}
