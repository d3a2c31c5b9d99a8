/** Which nodes of the chain a process asks, and how many of them have to tell the same: the variables of relayer and attester. */
import { z } from "zod";

const MAX_NODES = 10;

export const nodeVariables = {
  /** One node or several, comma-separated, the first of them first: where one fails the next is asked. */
  RPC_URL: z
    .string()
    .transform((list) => list.split(",").map((item) => item.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/ })).max(MAX_NODES))
    .describe("the http or https URLs of nodes of the chain, comma-separated"),
  /** So many nodes have to tell the same of what decides money. Without it two, where there are two; 1: each is believed. */
  RPC_AGREE: z.coerce.number().int().min(1).max(MAX_NODES).optional(),
};

/** What no variable shows by itself. */
export function nodeFaults(known: { readonly RPC_URL?: readonly string[]; readonly RPC_AGREE?: unknown }): string[] {
  const { RPC_URL: urls, RPC_AGREE: agree } = known;
  const faults: string[] = [];
  if (urls !== undefined && new Set(urls).size < urls.length)
    faults.push("RPC_URL (not shown) has a node twice, and it would agree with itself. Name each once.");
  if (urls !== undefined && typeof agree === "number" && agree > urls.length)
    faults.push(
      `RPC_AGREE is ${agree}: RPC_URL has ${urls.length}, which can never agree. Name more nodes, or set it to ${urls.length} or less.`,
    );
  return faults;
}
