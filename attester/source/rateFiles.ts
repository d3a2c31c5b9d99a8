/** The attester's own copy of a day's signed rates: fetched from where its rules say. */

import { MAX_RATE_FILE_BYTES, readRateFile } from "@partner-programs/protocol/rateFile";
import type { FileRates } from "@partner-programs/protocol/rates";
import { LRUCache } from "lru-cache";
import type { DailyFile } from "#service/rates.ts";
import { describeHttpError, readBounded } from "#sources/http.ts";

const TIMEOUT_MILLISECONDS = 10_000;
/** Each of some kilobytes. */
const MAX_FILES = 100;

/** A file that was read is kept; one that is not there is asked for again. */
export function openRateFiles(): (rates: FileRates, day: string) => Promise<DailyFile> {
  const known = new LRUCache<string, DailyFile>({ max: MAX_FILES });
  return async (rates, day) => {
    const name = JSON.stringify([rates, day]);
    const found = known.get(name) ?? (await fetchFile(rates, day));
    if (found.problem === undefined) known.set(name, found);
    return found;
  };
}

async function fetchFile(rates: FileRates, day: string): Promise<DailyFile> {
  const url = new URL(rates.url.replaceAll("{day}", day));
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    if (!response.ok) {
      await response.body?.cancel();
      return { problem: `is not at ${url.host}, which answered ${response.status}` };
    }
    return readRateFile(await readBounded(response, MAX_RATE_FILE_BYTES), { ...rates, day });
  } catch (error) {
    return { problem: `cannot be fetched: ${url.host} ${describeHttpError(error)}` };
  }
}
