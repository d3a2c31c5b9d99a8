/** Answers as Shopify's and WooCommerce's APIs do, for what a played shop has: the paths and errors that are asked for, nothing more. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cart, ShopAccount, ShopObject } from "./shopAccount.ts";

interface Keys {
  /** What a request carries: an access token, or `ck_…:cs_…`. */
  readonly key: string;
  /** Of an app that is granted tokens: `id:secret`. */
  readonly app?: string;
  /** Of Shopify's storefront, which sells `variants`. */
  readonly storefront?: string;
  readonly variants?: Readonly<Record<string, Cart>>;
}

interface CartInput {
  readonly lines: readonly { readonly merchandiseId: string }[];
  readonly attributes?: readonly { readonly key: string; readonly value: string }[];
}

export async function openShopServer(account: ShopAccount, { key, app, storefront, variants = {} }: Keys) {
  const served = {
    url: "",
    asked: [] as string[],
    /** The token that is good now, where an app is granted some. */
    granted: key,
    /** What requests are answered with instead, one after the other; then as ever. */
    instead: [] as { readonly status: number; readonly retryAfter?: string }[],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const carts = new Map<string, CartInput>();
  const read = async (request: AsyncIterable<unknown>) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    return body;
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop");
    served.asked.push(`${request.method} ${pathname}`);
    const answer = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    const instead = served.instead.shift();
    if (instead !== undefined)
      return answer(
        instead.status,
        { errors: "Not now." },
        instead.retryAfter === undefined ? {} : { "retry-after": instead.retryAfter },
      );
    if (request.method === "POST" && pathname === "/admin/oauth/access_token") {
      const given = new URLSearchParams(await read(request));
      const isApp = `${given.get("client_id")}:${given.get("client_secret")}` === app;
      return isApp && given.get("grant_type") === "client_credentials"
        ? answer(200, { access_token: served.granted, scope: "read_orders", expires_in: 86_399 })
        : answer(400, { error: "invalid_client" });
    }
    const { headers } = request;
    if (request.method === "POST" && /^\/api\/\d{4}-\d{2}\/graphql\.json$/.test(pathname)) {
      if (headers["shopify-storefront-private-token"] !== storefront) return answer(401, { errors: "Not yours." });
      const { variables } = JSON.parse(await read(request)) as { variables: { input: CartInput } };
      const id = String(carts.size + 1);
      carts.set(id, variables.input);
      return answer(200, { data: { cartCreate: { cart: { checkoutUrl: `${served.url}/checkouts/${id}` } } } });
    }
    // Where its customer pays: a page, and no part of the API.
    const cart = carts.get(/^\/checkouts\/(\d+)$/.exec(pathname)?.[1] ?? "");
    if (request.method === "POST" && cart !== undefined) {
      const sold = variants[cart.lines[0]?.merchandiseId ?? ""];
      if (sold === undefined) return answer(404, { errors: "Not sold here." });
      const code = new URLSearchParams(await read(request)).get("discount");
      const notes = Object.fromEntries((cart.attributes ?? []).map(({ key, value }) => [key, value]));
      account.buy(sold, { notes, codes: code === null ? [] : [code] });
      return response.writeHead(303, { location: "/thanks" }).end();
    }
    if (account.name === "shopify") {
      if (headers["x-shopify-access-token"] !== served.granted) return answer(401, { errors: "[API] Invalid API key" });
      if (!/^\/admin\/api\/\d{4}-\d{2}\/orders\.json$/.test(pathname)) return answer(404, { errors: "Not Found" });
      return answer(200, { orders: listed("ids", "fields", searchParams) });
    }
    if (headers.authorization !== `Basic ${Buffer.from(key).toString("base64")}`)
      return answer(401, { code: "woocommerce_rest_cannot_view", message: "Sorry, you cannot list resources." });
    if (pathname !== "/wp-json/wc/v3/orders") return answer(404, { code: "rest_no_route" });
    answer(200, listed("include", "_fields", searchParams));
  });

  /** The orders of these ids, with the fields that are asked for. */
  function listed(ids: string, fields: string, query: URLSearchParams): unknown[] {
    const wanted = new Set((query.get(ids) ?? "").split(","));
    const names = (query.get(fields) ?? "").split(",");
    const some = (order: ShopObject) => Object.fromEntries(names.map((name) => [name, order[name]]));
    return [...account.orders.values()].filter(({ id }) => wanted.has(String(id))).map(some);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}
