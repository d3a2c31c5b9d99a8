/** What the portal's server answers: the built pages, and what they have to know about this installation. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { secureHeaders } from "hono/secure-headers";
import type { PortalConfig } from "./app/config.ts";

interface Page {
  Variables: { nonce: string };
}

/** `built`: the folder that `npm run build:portal` writes. @throws Error if it is not there */
export function createServer(config: PortalConfig, built: string): Hono<Page> {
  const index = join(built, "index.html");
  if (!existsSync(index)) throw new Error("The portal is not built. Run: npm run build:portal");
  const text = readFileSync(index, "utf8");
  const page = (c: Context<Page>) => c.html(text.replace("%NONCE%", c.get("nonce")));

  const app = new Hono<Page>();
  const framed = config.safeOrigins.length > 0;
  if (framed) for (const path of ["/manifest.json", "/icon.svg"]) app.use(path, forOtherPages);
  app.use(security(config), caching, compress());
  if (framed) app.get("/manifest.json", (c) => c.json(SAFE_APP));
  app.get("/config.json", (c) => c.json(config));
  app.get("/healthz", (c) => c.json({ ok: true }));
  // The index as it is on the disk has no nonce.
  app.get("/", page);
  app.get("/index.html", page);
  app.get("*", serveStatic({ root: built }));
  app.get("*", (c) => (extname(c.req.path) === "" ? page(c) : c.text(`There is no file ${c.req.path}.`, 404)));
  return app;
}

/** What Safe{Wallet} reads before it shows an app. */
const SAFE_APP = {
  name: "Partner Programs",
  description: "Partner programs that pay by themselves: budgets in a contract, commissions by published offers.",
  iconPath: "icon.svg",
};

/** Lets pages of other origins read an answer: it is the same for everybody. */
const forOtherPages: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("access-control-allow-origin", "*");
  c.header("cross-origin-resource-policy", "cross-origin");
};

function security({ apiUrl, rpcUrl, attesterUrls, safeOrigins }: PortalConfig): MiddlewareHandler<Page> {
  return (c, next) => {
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
        connectSrc: ["'self'", ...[apiUrl, rpcUrl, ...attesterUrls].map((url) => new URL(url).origin)],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: safeOrigins.length === 0 ? ["'none'"] : [...safeOrigins],
      },
      // It cannot name origins, so that where some may frame the page the policy alone says which.
      xFrameOptions: safeOrigins.length === 0,
      referrerPolicy: "no-referrer",
    })(c, next);
  };
}

/** Files under /assets/ have the hash of their content in their name, and never change. */
const caching: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.ok) return;
  const immutable = c.req.path.startsWith("/assets/") && extname(c.req.path) !== "";
  c.header("cache-control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
};
