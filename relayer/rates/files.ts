/** The signed files of daily rates as this relayer has them: fetched once for each day, and kept by their digests for whoever checks. */

import { readRateFile } from "@partner-programs/protocol/rateFile";
import type { FileRates } from "@partner-programs/protocol/rates";
import { LRUCache } from "lru-cache";
import type { Sql } from "#service/database.ts";
import type { DailyFile } from "#service/rates.ts";
import { insertRateFile, readRateFilesOf } from "../store/rateFiles.ts";
import { fetchFile } from "./fetchFile.ts";

const MAX_FILES = 200;
/** What is not there is not asked for at every sale. */
const AGAIN_MILLISECONDS = 30_000;

export function openRateFiles(
  sql: Sql,
  options: { readonly allowPrivate: boolean; readonly timeoutMilliseconds?: number },
): (rates: FileRates, day: string) => Promise<DailyFile> {
  const known = new LRUCache<string, DailyFile>({ max: MAX_FILES });
  const missing = new LRUCache<string, DailyFile>({ max: MAX_FILES, ttl: AGAIN_MILLISECONDS });
  const asked = new Map<string, Promise<DailyFile>>();

  async function find(rates: FileRates, day: string): Promise<DailyFile> {
    // As it was first: a signer who signs a day anew changes nothing of what was converted by it here.
    for (const body of await readRateFilesOf(sql, rates.signer, day)) {
      const kept = readRateFile(body, { ...rates, day });
      if (kept.problem === undefined) return kept;
    }
    const fetched = await fetchFile(rates.url.replaceAll("{day}", day), options);
    if (fetched.problem !== undefined) return { problem: fetched.problem };
    const read = readRateFile(fetched.text, { ...rates, day });
    if (read.problem === undefined)
      await insertRateFile(sql, { digest: read.digest, signer: rates.signer, day, body: fetched.text });
    return read;
  }

  return async (rates, day) => {
    const name = JSON.stringify([rates, day]);
    const found = known.get(name) ?? missing.get(name);
    if (found !== undefined) return found;
    const asking = asked.get(name) ?? find(rates, day).finally(() => asked.delete(name));
    asked.set(name, asking);
    const file = await asking;
    (file.problem === undefined ? known : missing).set(name, file);
    return file;
  };
}
