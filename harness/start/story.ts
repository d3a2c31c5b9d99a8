/** The story that `npm start` plays, chapter by chapter: three campaigns, their partners, customers, refunds and claims. */

import type { Performance } from "../client.ts";
import { chance } from "../random.ts";
import type { Stack } from "../stack.ts";
import { buy } from "./chapters/buy.ts";
import { claims } from "./chapters/claims.ts";
import { join } from "./chapters/join.ts";
import { launch } from "./chapters/launch.ts";
import { mischief } from "./chapters/mischief.ts";
import { numbers } from "./chapters/numbers.ts";
import { pull } from "./chapters/pull.ts";
import { renewAndRefund } from "./chapters/refunds.ts";
import { type Act, createStage, type Sent, type Teller } from "./stage.ts";

/** What was played, for the tables. */
export interface Played {
  readonly acts: readonly Act[];
  readonly performances: readonly Performance[];
  readonly sent: readonly Sent[];
  readonly people: ReadonlyMap<string, string>;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly clicks: number;
  readonly reports: number;
}

/** Plays three campaigns against a running stack, only by what a stranger can use: transactions of wallets, and HTTP. */
export async function play(stack: Stack, teller: Teller): Promise<Played> {
  const stage = createStage(stack, teller);
  const luck = chance(2026);
  const { acts, dollar } = await launch(stage);
  await join(stage, acts);
  teller.chapter("Customers click and buy");
  const early = await stage.click(acts[0], stage.cast.partner("Ada"));
  const deals = await buy(stage, acts, luck);
  await mischief(stage, acts, early);
  await renewAndRefund(stage, acts, deals, luck);
  await pull(stage, acts[1]);
  await claims(stage, dollar);
  const performances = await numbers(stage, acts);
  const { sent, outcomes, counted, cast } = stage;
  return { acts, performances, sent, people: cast.names, outcomes, ...counted };
}
