/** Notes what wallets are to be told because its time has come: reviews, budgets, attesters, changes, months. */
import type { Database } from "#service/database.ts";
import { atMostEvery } from "../health.ts";
import { noteDue } from "../store/dueNotices.ts";

/** What is late by a minute is not late. */
const PAUSE_MILLISECONDS = 60_000;

export const createNotice = (database: Database, pauseMilliseconds = PAUSE_MILLISECONDS): (() => Promise<void>) =>
  atMostEvery(pauseMilliseconds, () => noteDue(database));
