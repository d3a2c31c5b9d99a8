/** A proxy to the chain that loses and delays calls, so that nodes fail as they do outside. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Chance, pause } from "../random.ts";

/** A bad line to the chain: what passes it can be lost before or after it did its work, or be late. */
export interface BadLine {
  readonly url: string;
  /** The share of calls that are lost, and how long others take, in milliseconds. */
  trouble: { lost: number; delay: number };
  close(): void;
}

export async function startBadLine(target: string, chance: Chance): Promise<BadLine> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { lost, delay } = proxy.trouble;
    const fate = lost > 0 ? chance.next() : 1;
    if (delay > 0) await pause(chance.below(delay));
    // Half of the lost calls never arrive; of the other half only the answer is lost.
    if (fate < lost / 2) return void response.destroy();
    const answer = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.concat(chunks),
    }).catch(() => undefined);
    if (answer === undefined || fate < lost) return void response.destroy();
    response
      .writeHead(answer.status, { "content-type": "application/json" })
      .end(Buffer.from(await answer.arrayBuffer()));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const proxy: BadLine = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble: { lost: 0, delay: 0 },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}
