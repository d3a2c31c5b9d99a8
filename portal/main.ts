import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { fail, stopOnSignal } from "../server/process.ts";

const config = z
  .object({ API_URL: z.url(), HOST: z.string().default("127.0.0.1"), PORT: z.coerce.number().int().default(8788) })
  .parse(process.env);

const file = (name: string) => readFileSync(new URL(`public/${name}`, import.meta.url), "utf8");
const page = file("index.html").replace("%API_URL%", config.API_URL);
const script = file("portal.js");
const style = file("portal.css");

const app = new Hono();
app.use(
  secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'self'"], connectSrc: ["'self'", new URL(config.API_URL).origin] },
  }),
);
app.get("/", (c) => c.html(page));
app.get("/portal.js", (c) => c.body(script, 200, { "content-type": "text/javascript; charset=utf-8" }));
app.get("/portal.css", (c) => c.body(style, 200, { "content-type": "text/css; charset=utf-8" }));

const server = serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT });
server.on("error", fail);
stopOnSignal(async () => {
  server.close();
});
