/** Notes what wallets are to be told because its time has come: reviews, budgets, attesters, changes, months. */
import type { Database } from "#service/database.ts";
import { noteDue } from "../store/dueNotices.ts";
import { every } from "./every.ts";

/** What is late by a minute is not late. */
const PAUSE_SECONDS = 60;

export const createNotice = (database: Database): (() => Promise<void>) =>
  every(PAUSE_SECONDS, () => noteDue(database));
