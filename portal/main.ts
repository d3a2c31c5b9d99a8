/** The portal's server: the built pages, and what they have to know about this installation. It holds no key and no session. */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { fail, stopOnSignal } from "#service/process.ts";
import type { PortalConfig } from "./app/config.ts";
import { readConfig } from "./environment.ts";

const BUILT = fileURLToPath(new URL("dist", import.meta.url));
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

interface File {
  readonly type: string;
  readonly plain: Buffer<ArrayBuffer>;
  readonly gzipped: Buffer<ArrayBuffer>;
}

/** All built files, by their path from /. There are a few dozen: they stay in memory, compressed once. */
function readFiles(): Map<string, File> {
  if (!existsSync(join(BUILT, "index.html"))) throw new Error("The portal is not built. Run: npm run build:portal");
  const files = new Map<string, File>();
  for (const entry of readdirSync(BUILT, { recursive: true, withFileTypes: true })) {
    const type = MEDIA_TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const plain = Buffer.from(readFileSync(path));
    files.set(`/${relative(BUILT, path)}`, { type, plain, gzipped: Buffer.from(gzipSync(plain)) });
  }
  return files;
}

function start(): void {
  const env = readConfig(processEnvironment());
  const deployment = readDeployment(env.DEPLOYMENT);
  const files = readFiles();
  const page = readFileSync(join(BUILT, "index.html"), "utf8");
  const config: PortalConfig = {
    apiUrl: env.API_URL,
    rpcUrl: env.PUBLIC_RPC_URL,
    explorerUrl: env.EXPLORER_URL ?? null,
    chainId: deployment.chainId,
    network: deployment.network,
    programs: deployment.contracts.PartnerPrograms.address,
    lens: deployment.contracts.PartnerProgramsLens.address,
    fromBlock: deployment.contracts.PartnerPrograms.block,
    attesters: env.ATTESTERS,
    operator: env.OPERATOR === undefined ? null : { address: env.OPERATOR, feeBps: env.OPERATOR_FEE_BPS },
    local: env.LOCAL === "true",
  };

  const app = new Hono<{ Variables: { nonce: string } }>();
  app.use((c, next) => {
    // What the component library writes as <style> carries the page's nonce; no other style or script is inline.
    const nonce = randomBytes(16).toString("base64url");
    c.set("nonce", nonce);
    return secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", `'nonce-${nonce}'`],
        // Wallets announce their pictures as data.
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'", new URL(env.API_URL).origin, new URL(env.PUBLIC_RPC_URL).origin],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "no-referrer",
    })(c, next);
  });

  app.get("/config.json", (c) => c.json(config, 200, { "cache-control": "no-cache" }));
  app.get("*", (c) => {
    const file = c.req.path === "/index.html" ? undefined : files.get(c.req.path);
    if (file !== undefined) return send(c, file);
    if (extname(c.req.path) !== "") return c.text(`There is no file ${c.req.path}.`, 404);
    return c.html(page.replace("%NONCE%", c.get("nonce")), 200, { "cache-control": "no-cache" });
  });

  const server = serve({ fetch: app.fetch, hostname: env.HOST, port: env.PORT });
  server.on("error", fail);
  stopOnSignal(async () => {
    server.close();
  });
}

/** A file; those under /assets/ have the hash of their content in their name, and never change. */
function send(c: Context, { type, plain, gzipped }: File): Response {
  const zipped = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return c.body(zipped ? gzipped : plain, 200, {
    "content-type": type,
    vary: "accept-encoding",
    ...(zipped ? { "content-encoding": "gzip" } : {}),
    "cache-control": c.req.path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  });
}

try {
  start();
} catch (error) {
  fail(error);
}
