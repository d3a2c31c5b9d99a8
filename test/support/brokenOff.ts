/** An answer as it comes over a connection: what a reader sees where it breaks off cannot be seen in the process itself. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

interface Served {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** Asks the app over HTTP. `failure`: what the transfer ended with, if it did not end well. */
export async function readOverHttp(app: Served, path: string, token?: string) {
  const server = createServer(getRequestListener((request) => app.fetch(request)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const decoder = new TextDecoder();
    let [status, text]: [number | undefined, string] = [undefined, ""];
    let failure: unknown;
    try {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      status = response.status;
      for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
    } catch (error) {
      failure = error;
    }
    return { status, text, failure };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
