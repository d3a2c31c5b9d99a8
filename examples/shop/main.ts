/** A shop: one page, one product, and what makes it pay partners. Payment is played. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
// integration: begin
import { createServerClient, type RelayerError } from "@partner-programs/sdk/server";

const { PARTNER_PROGRAMS_URL = "", PARTNER_PROGRAMS_KEY = "", PORT = "3000" } = process.env;
const programs = createServerClient({ url: PARTNER_PROGRAMS_URL, secretKey: PARTNER_PROGRAMS_KEY });

/** After the payment, and never in its way. The same order again is the same conversion, so a failed report can be repeated. */
async function reportSale(order: Order, referralToken: string | undefined): Promise<void> {
  const { id, email, price } = order;
  const report = { event: "sale", orderId: id, customerEmail: email, volume: price };
  try {
    const conversion = await programs.reportConversion(referralToken ? { ...report, referralToken } : report);
    order.conversion = conversion.reason === null ? conversion.state : `${conversion.state}: ${conversion.reason}`;
  } catch (error) {
    const { message, advice } = error as RelayerError;
    console.error(`Order ${id} is not reported: ${message} ${advice}`);
  }
}
// integration: end

interface Order {
  readonly id: string;
  readonly email: string;
  readonly price: string;
  conversion?: string;
}

const PRICE = "49.90";
const MAX_BYTES = 10_000;
const page = readFileSync(new URL("page.html", import.meta.url), "utf8");
const sdk = new URL("../../dist/sdk/partner-programs.js", import.meta.url);
if (!existsSync(sdk)) throw new Error("The browser SDK is not built. Run: npm run build:packages");

const server = createServer(async (request, response) => {
  const answer = (status: number, type: string, body: string | Buffer) =>
    response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(body);
  const { pathname } = new URL(request.url ?? "/", "http://shop");
  if (pathname === "/partner-programs.js") return answer(200, "text/javascript", readFileSync(sdk));
  if (request.method !== "POST") return answer(200, "text/html; charset=utf-8", page);
  if (pathname !== "/orders") return answer(404, "text/plain", "There is nothing here. Orders go to /orders.");
  const form = await readForm(request);
  const email = form?.get("email")?.slice(0, 200);
  if (form === undefined || !email) return answer(400, "text/plain", "An order is a form with an `email`.");
  const order: Order = { id: randomUUID(), email, price: PRICE };
  // Here a shop takes the payment.
  await reportSale(order, form.get("_ushrt") ?? undefined); // integration
  answer(200, "application/json", JSON.stringify(order));
});

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BYTES) return undefined;
  }
  return new URLSearchParams(text);
}

server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`The shop is open at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
