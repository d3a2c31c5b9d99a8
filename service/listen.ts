/** Serves an app over HTTP, as every process of ours does. */
import { createServer } from "node:http";
import { serve } from "@hono/node-server";
import { fail } from "./process.ts";

/**
 * So long a connection stays open on which nothing is asked. Longer than balancers and clients keep theirs (60 s, mostly): whoever
 * closes first must be the one who asks, or a request is sent on a connection that is being closed.
 */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Ends the process if it cannot. `create`: makes the server, if it is more than Node's own. */
export function listen(
  app: Pick<Parameters<typeof serve>[0], "fetch">,
  { HOST, PORT }: { readonly HOST: string; readonly PORT: number },
  create: typeof createServer = createServer,
) {
  const server = serve({
    fetch: app.fetch,
    createServer: create,
    hostname: HOST,
    port: PORT,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
  });
  server.on("error", fail);
  return server;
}
