/** What is asked of the chain's nodes, counted by what it was asked for: a provider counts it, too. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Hears of each question to a node: for what, by which method, and which node. */
export type CountCall = (purpose: string, method: string, node: string) => void;

const purposes = new AsyncLocalStorage<string>();

/** Whatever `work` asks the node is asked for this purpose. */
export const askedFor = <T>(purpose: string, work: () => T): T => purposes.run(purpose, work);

/** What is asked outside of any job is asked for somebody who called the API. */
const API = "api";

export const purposeNow = (): string => purposes.getStore() ?? API;
