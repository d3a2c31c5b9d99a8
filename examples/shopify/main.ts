/** A storefront whose customers pay at Shopify's checkout: the cart says who brought them, and the campaign's relayer hears the rest from Shopify. */
import { createServer } from "node:http";
// integration: begin
import { expressReferral, referralToken } from "@partner-programs/sdk/server";

const arrive = expressReferral();
// integration: end
const { SHOP = "https://name.myshopify.com", STOREFRONT_TOKEN = "", VARIANT = "", PORT = "3003" } = process.env;
const CREATE = "mutation ($input: CartInput!) { cartCreate(input: $input) { cart { checkoutUrl } } }";

const server = createServer((request, response) =>
  // integration: begin
  arrive(request, response, async () => {
    const token = referralToken(request);
    // integration: end
    if (request.method !== "POST") return response.writeHead(404).end("Buy: POST /");
    try {
      const input = {
        lines: [{ merchandiseId: VARIANT, quantity: 1 }],
        ...(token ? { attributes: [{ key: "_ushrt", value: token }] } : {}), // integration
      };
      const answer = await fetch(`${SHOP}/api/2026-10/graphql.json`, {
        method: "POST",
        headers: { "content-type": "application/json", "shopify-storefront-private-token": STOREFRONT_TOKEN },
        body: JSON.stringify({ query: CREATE, variables: { input } }),
      });
      const { data } = (await answer.json()) as { data: { cartCreate: { cart: { checkoutUrl: string } } } };
      response.writeHead(303, { location: data.cartCreate.cart.checkoutUrl }).end();
    } catch (error) {
      response.writeHead(502).end((error as Error).message);
    }
  }),
);

server.listen(Number(PORT), "127.0.0.1", () => console.log(`The shop is open at http://127.0.0.1:${PORT}`));
