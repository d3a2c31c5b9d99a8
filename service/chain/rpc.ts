/** The connection to a node over JSON-RPC, with each question counted by what it was asked for: a provider counts them, too. */
import { AsyncLocalStorage } from "node:async_hooks";
import { JsonRpcProvider } from "ethers";

/** Hears of each question to the node: for what, and by which method. */
export type CountCall = (purpose: string, method: string) => void;

const purposes = new AsyncLocalStorage<string>();

/** Whatever `work` asks the node is asked for this purpose. */
export const askedFor = <T>(purpose: string, work: () => T): T => purposes.run(purpose, work);

/** What is asked outside of any job is asked for somebody who called the API. */
const API = "api";

export class CountedProvider extends JsonRpcProvider {
  readonly #count: CountCall;

  constructor(url: string, chainId: number, count: CountCall) {
    super(url, chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 20 });
    this.#count = count;
  }

  // Before it is bundled with others: each question of a bundle is one to the provider's bill.
  override send(method: string, params: unknown[] | Record<string, unknown>): ReturnType<JsonRpcProvider["send"]> {
    this.#count(purposes.getStore() ?? API, method);
    return super.send(method, params as unknown[]);
  }
}
