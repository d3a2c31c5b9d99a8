/** Announces what is to be told to brands' and partners' servers: moves in each round, and what only time brings once a minute. */
import type { Database } from "#service/database.ts";
import { announceMoves } from "../store/conversions.ts";
import { forgetDeliveries } from "../store/deliveries.ts";
import { forgetNews, tellBudgets } from "../store/news.ts";
import { disableFailing, forgetCalls } from "../store/postbacks.ts";
import { every } from "./every.ts";

/** What is late by a minute is not late. */
const PAUSE_SECONDS = 60;

/** An address that answered nothing well for so long is called no more. */
const FAILING_DAYS = 5;

export function createAnnounce(database: Database): () => Promise<void> {
  const byTime = every(PAUSE_SECONDS, async () => {
    await tellBudgets(database);
    await disableFailing(database, FAILING_DAYS);
  });
  return async () => {
    await announceMoves(database);
    await byTime();
    await forgetDeliveries(database);
    await forgetNews(database);
    await forgetCalls(database);
  };
}
