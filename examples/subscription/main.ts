/** A subscription: sign-up, monthly invoices, refunds, and what makes them pay partners. Payment is played, memory is the database. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
// integration: begin
import {
  createServerClient,
  expressReferral,
  isOfConversion,
  RelayerError,
  referralToken,
  verifyWebhook,
} from "@partner-programs/sdk/server";

const { PARTNER_PROGRAMS_URL = "", PARTNER_PROGRAMS_KEY = "", WEBHOOK_SECRET = "", PORT = "3001" } = process.env;
const programs = createServerClient({ url: PARTNER_PROGRAMS_URL, secretKey: PARTNER_PROGRAMS_KEY });
const arrive = expressReferral();

/** No customer is turned away because a partner could not be paid. */
function unpaid(error: unknown): undefined {
  if (!(error instanceof RelayerError)) throw error;
  console.error(`No partner is paid: ${error.message} ${error.advice}`);
}
// integration: end

interface Invoice {
  readonly id: string;
  readonly amount: string;
  conversion?: { readonly id: string; readonly state: string } | undefined;
}

const MAX_BYTES = 100_000;
const customers = new Map<string, { email: string; invoices: Invoice[] }>();
const invoices = new Map<string, Invoice>();

const actions: Record<string, (id: string, text: string, request: IncomingMessage) => Promise<unknown>> = {
  async customers(_, text, request) {
    const customerId = randomUUID();
    customers.set(customerId, { email: JSON.parse(text).email, invoices: [] });
    const token = referralToken(request); // integration
    if (token) await programs.bindCustomer({ customerId, referralToken: token }).catch(unpaid); // integration
    return { customerId };
  },

  async invoices(customerId, text) {
    const invoice: Invoice = { id: randomUUID(), amount: JSON.parse(text).amount };
    customers.get(customerId)?.invoices.push(invoice);
    invoices.set(invoice.id, invoice);
    const report = { event: "invoice", orderId: invoice.id, customerId, volume: invoice.amount }; // integration
    invoice.conversion = await programs.reportConversion(report).catch(unpaid); // integration
    return invoice;
  },

  async refunds(invoiceId, text) {
    const conversion = invoices.get(invoiceId)?.conversion;
    const { volume, refundId } = JSON.parse(text || "{}");
    // integration: begin
    if (conversion === undefined) return { refunded: false };
    await programs.refund(conversion.id, volume === undefined ? undefined : { volume, refundId });
    // integration: end
    return { refunded: true };
  },

  async webhooks(_, text, { headers }) {
    const message = await verifyWebhook(text, headers, WEBHOOK_SECRET); // integration
    if (!isOfConversion(message)) return { noted: false };
    const { id, state, orderId } = message.data;
    const invoice = invoices.get(orderId);
    if (invoice !== undefined) invoice.conversion = { id, state };
    return { noted: invoice !== undefined };
  },
};

const server = createServer((request, response) =>
  // integration: begin
  arrive(request, response, async () => {
    // integration: end
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const [, first = "", id = "", second = ""] = (request.url ?? "/").split("/");
    try {
      if (request.method !== "POST") return answer(200, invoices.get(id) ?? "Subscribe: POST /customers");
      const action = actions[second || first];
      if (action === undefined) return answer(404, "There is nothing here.");
      answer(201, await action(id, await read(request), request));
    } catch (error) {
      answer(400, (error as Error).message);
    }
  }),
);

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Error(`A body has at most ${MAX_BYTES} characters.`);
  }
  return text;
}

server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`Subscriptions are sold at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
