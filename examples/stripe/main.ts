/** A shop whose customers pay at Stripe Checkout: the session says who brought them, and the campaign's relayer hears the rest from Stripe. */
import { createServer } from "node:http";
// integration: begin
import { expressReferral, referralToken } from "@partner-programs/sdk/server";
import Stripe from "stripe";

const { STRIPE_SECRET_KEY = "", STRIPE_PRICE = "", STRIPE_API = "", PORT = "3002" } = process.env;
const arrive = expressReferral();
// integration: end
const at = STRIPE_API === "" ? undefined : new URL(STRIPE_API);
const stripe = new Stripe(STRIPE_SECRET_KEY, at && { host: at.hostname, port: at.port, protocol: "http" });

const server = createServer((request, response) =>
  // integration: begin
  arrive(request, response, async () => {
    const token = referralToken(request);
    // integration: end
    if (request.method !== "POST") return response.writeHead(404).end("Buy: POST /");
    try {
      const session = await stripe.checkout.sessions.create({
        mode: "payment",
        line_items: [{ price: STRIPE_PRICE, quantity: 1 }],
        success_url: `http://127.0.0.1:${PORT}/thanks`,
        ...(token ? { client_reference_id: token } : {}), // integration
      });
      response.writeHead(303, { location: session.url ?? "/" }).end();
    } catch (error) {
      response.writeHead(502).end((error as Error).message);
    }
  }),
);

server.listen(Number(PORT), "127.0.0.1", () => console.log(`The shop is open at http://127.0.0.1:${PORT}`));
