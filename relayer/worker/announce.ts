/** Announces what is to be told to brands' and partners' servers: moves in each round, and what only time brings once a minute. */
import type { Database } from "#service/database.ts";
import { announceMoves } from "../store/conversions.ts";
import { forgetDeliveries } from "../store/deliveries.ts";
import { forgetNews, tellBudgets } from "../store/news.ts";
import { every } from "./every.ts";

/** What is late by a minute is not late. */
const PAUSE_SECONDS = 60;

export function createAnnounce(database: Database): () => Promise<void> {
  const budgets = every(PAUSE_SECONDS, () => tellBudgets(database));
  return async () => {
    await announceMoves(database);
    await budgets();
    await forgetDeliveries(database);
    await forgetNews(database);
  };
}
