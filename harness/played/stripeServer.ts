/** Answers as Stripe's API does, for what a played account has: the paths and errors that are asked for, nothing more. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Price, StripeAccount, StripeObject } from "./stripeAccount.ts";

const RETRIEVED: Readonly<Record<string, string>> = {
  "/v1/checkout/sessions/": "checkout.session",
  "/v1/invoices/": "invoice",
  "/v1/invoice_payments/": "invoice_payment",
  "/v1/charges/": "charge",
  "/v1/refunds/": "refund",
  "/v1/disputes/": "dispute",
};

/** @param prices what is sold, by the ids of prices */
export async function openStripeServer(
  account: StripeAccount,
  keys: string | readonly string[],
  prices: Readonly<Record<string, Price>> = {},
) {
  const served = {
    url: "",
    asked: [] as string[],
    /** What every request is answered with instead. */
    status: 200,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://stripe");
    served.asked.push(`${request.method} ${pathname}`);
    const answer = (status: number, body: object) =>
      response
        .writeHead(status, {
          "content-type": "application/json",
          "request-id": "req_1",
          "stripe-should-retry": "false",
        })
        .end(JSON.stringify(body));
    const fail = (status: number, type: string, message: string) => answer(status, { error: { type, message } });
    // Where its customer pays: a page of Stripe's, and no part of the API.
    const opened = account.objects.get(/^\/pay\/(\w+)$/.exec(pathname)?.[1] ?? "");
    if (request.method === "POST" && opened?.status === "open") {
      account.pay(opened);
      return response.writeHead(303, { location: opened.success_url }).end();
    }
    if (![keys].flat().some((key) => request.headers.authorization === `Bearer ${key}`))
      return fail(401, "invalid_request_error", "Invalid API Key provided.");
    if (served.status !== 200) return fail(served.status, "api_error", "Not now.");
    if (request.method === "POST" && pathname === "/v1/checkout/sessions") {
      let form = "";
      for await (const chunk of request) form += chunk;
      const given = new URLSearchParams(form);
      const price = prices[given.get("line_items[0][price]") ?? ""];
      if (price === undefined) return fail(400, "invalid_request_error", "No such price.");
      const made = account.open(price, { reference: given.get("client_reference_id") ?? undefined });
      return answer(
        200,
        Object.assign(made, { url: `${served.url}/pay/${made.id}`, success_url: given.get("success_url") }),
      );
    }
    const [prefix, type] = Object.entries(RETRIEVED).find(([path]) => `${pathname}/`.startsWith(path)) ?? [];
    if (request.method !== "GET" || prefix === undefined || type === undefined)
      return fail(404, "invalid_request_error", `Unrecognized request URL (${request.method}: ${pathname}).`);
    const id = pathname.slice(prefix.length);
    if (id === "") return answer(200, list(type, searchParams));
    const object = account.objects.get(decodeURIComponent(id));
    if (object?.object !== type) return fail(404, "invalid_request_error", `No such ${type}: '${id}'`);
    answer(200, object);
  });

  function list(type: string, query: URLSearchParams) {
    const filters = [...query].filter(([name]) => !["limit", "starting_after"].includes(name));
    const data = [...account.objects.values()].filter(
      (one: StripeObject) => one.object === type && filters.every(([name, value]) => one[name] === value),
    );
    return { object: "list", url: "/v1", has_more: false, data };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}
