/** Asks a shop's API: bounded in time and in bytes, and patient for a moment where the shop says that it is asked too often. */
import { setTimeout as sleep } from "node:timers/promises";
import { describeHttpError, readBounded } from "../http.ts";

const TIMEOUT_MILLISECONDS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_RETRIES = 2;
/** Who asks to be left alone for longer is asked again by whoever needs it, later. */
const MAX_PAUSE_SECONDS = 5;

/** Why a shop did not answer, as the end of a sentence. */
export class ShopProblem extends Error {
  override readonly name = "ShopProblem";
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** A shop that can be asked. */
export interface ShopClient {
  /** The orders of these ids of the shop's own, as it documents them; those that it has. @throws ShopProblem */
  fetchOrders(ids: readonly string[]): Promise<unknown[]>;
}

const WORDS: Readonly<Record<number, string>> = {
  401: "does not take the key",
  403: "does not let the key read orders",
  429: "says that it is asked too often",
};

/** What an address answers, as JSON. @throws ShopProblem */
export async function askShop(url: URL, request: Pick<RequestInit, "method" | "headers" | "body">): Promise<unknown> {
  try {
    for (let tries = 0; ; tries++) {
      const response = await fetch(url, {
        ...request,
        // The key is for this host alone.
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      if (response.ok) return JSON.parse(await readBounded(response, MAX_BYTES));
      await response.body?.cancel();
      const pause = response.status === 429 ? Number(response.headers.get("retry-after") ?? 1) : Number.NaN;
      if (tries === MAX_RETRIES || !(pause >= 0 && pause <= MAX_PAUSE_SECONDS))
        throw new ShopProblem(WORDS[response.status] ?? `answered ${response.status}`, response.status);
      await sleep(pause * 1_000);
    }
  } catch (error) {
    throw error instanceof ShopProblem ? error : new ShopProblem(describeHttpError(error));
  }
}
