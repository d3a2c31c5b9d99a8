/** The story that `npm start` plays, chapter by chapter: six campaigns, their partners, customers, refunds and claims. */

import type { Performance } from "../client.ts";
import { chance } from "../random.ts";
import type { Stack } from "../stack.ts";
import { signAlone } from "./chapters/alone.ts";
import { buy } from "./chapters/buy.ts";
import { claims } from "./chapters/claims.ts";
import { join } from "./chapters/join.ts";
import { launch } from "./chapters/launch.ts";
import { mischief } from "./chapters/mischief.ts";
import { numbers } from "./chapters/numbers.ts";
import { pull } from "./chapters/pull.ts";
import { renewAndRefund } from "./chapters/refunds.ts";
import { compareShops, openShops, sellInShops } from "./chapters/shops.ts";
import { type Act, createStage, type Refusal, type Sent, type Teller } from "./stage.ts";

/** What was played, for the tables. */
export interface Played {
  readonly acts: readonly Act[];
  readonly performances: readonly Performance[];
  readonly sent: readonly Sent[];
  readonly refusals: readonly Refusal[];
  readonly people: ReadonlyMap<string, string>;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly clicks: number;
  readonly reports: number;
}

/** Plays six campaigns against a running stack, only by what a stranger can use: transactions of wallets, and HTTP. */
export async function play(stack: Stack, teller: Teller): Promise<Played> {
  const stage = createStage(stack, teller);
  const luck = chance(2026);
  const { acts, alone, dollar } = await launch(stage);
  const shops = await openShops(stage, dollar);
  await join(stage, [...acts, alone, ...shops.acts]);
  await sellInShops(stage, shops);
  teller.chapter("Customers click and buy");
  const early = await stage.click(acts[0], stage.cast.partner("Ada"));
  await buy(stage, acts, luck);
  await mischief(stage, acts, early);
  await renewAndRefund(stage, acts, luck);
  await pull(stage, acts[1]);
  await signAlone(stage, alone);
  await claims(stage, dollar);
  const all = [...acts, alone, ...shops.acts];
  const performances = await numbers(stage, all);
  compareShops(shops, performances);
  const { sent, refusals, outcomes, counted, cast } = stage;
  return { acts: all, performances, sent, refusals, people: cast.names, outcomes, ...counted };
}
