/** A node in front of a real one, which a test has lie: it leaves logs out, answers twice, from another time, too late, or not at all. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Call {
  readonly jsonrpc: string;
  readonly id: number;
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a method takes and gives
  readonly params: any[];
}
// biome-ignore lint/suspicious/noExplicitAny: whatever a method takes and gives
type Result = any;

/** What the node says instead of the truth, which `truth` asks for; thrown: an error of the node's. */
export type Lie = (params: Call["params"], truth: (params?: Call["params"]) => Promise<Result>) => Promise<Result>;

export interface LyingNode {
  readonly url: string;
  /** By method. */
  readonly lies: Map<string, Lie>;
  /** What it answers to whatever it is asked, instead; silent: nothing. */
  instead: { readonly status: number; readonly headers?: Record<string, string> } | "silent" | undefined;
  /** How often each method was asked for. */
  readonly asked: Map<string, number>;
  stop(): Promise<void>;
}

export async function startLyingNode(realUrl: string): Promise<LyingNode> {
  const lies = new Map<string, Lie>();
  const asked = new Map<string, number>();

  async function ask(call: Call): Promise<Result> {
    const response = await fetch(realUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call),
    });
    const { result, error } = await response.json();
    if (error !== undefined) throw error;
    return result;
  }

  async function answer(call: Call) {
    const { jsonrpc, id, method, params } = call;
    asked.set(method, (asked.get(method) ?? 0) + 1);
    const truth = (instead = params) => ask({ ...call, params: instead });
    try {
      return { jsonrpc, id, result: await (lies.get(method)?.(params, truth) ?? truth()) };
    } catch (error) {
      return { jsonrpc, id, error };
    }
  }

  const server = createServer(async (request, response) => {
    const body: Call | Call[] = JSON.parse((await request.toArray()).join(""));
    if (node.instead !== undefined) {
      for (const { method } of [body].flat()) asked.set(method, (asked.get(method) ?? 0) + 1);
      if (node.instead !== "silent") response.writeHead(node.instead.status, node.instead.headers).end("no");
      return;
    }
    const answers = await Promise.all([body].flat().map(answer));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  });
  // A connection that is ended for having been quiet may be the one on which the next question is on its way.
  server.keepAliveTimeout = 0;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const node: LyingNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lies,
    asked,
    instead: undefined,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return node;
}
