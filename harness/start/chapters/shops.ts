/**
 * Two shops report nothing: one on Stripe, one on Shopify, as in `examples/`. Stand-ins play the processor and the shop; the relayer
 * hears of every sale by webhook, and the attester reads it again with a key of its own before it signs.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatUnits, parseUnits } from "ethers";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import type { Draft } from "../../campaign.ts";
import { call, type Performance, signIn, waitFor } from "../../client.ts";
import type { Person } from "../../people.ts";
import { createShopAccount, type ShopObject, signShop } from "../../played/shopAccount.ts";
import { openShopServer } from "../../played/shopServer.ts";
import { createStripeAccount, type StripeObject, signStripe } from "../../played/stripeAccount.ts";
import { openStripeServer } from "../../played/stripeServer.ts";
import { freePorts } from "../../ports.ts";
import { type Running, start } from "../../processes.ts";
import type { OpenAct, Stage } from "../stage.ts";
import { openAct } from "./launch.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DECIMALS = 6;
const STRIPE = { price: "price_tea", cents: 5_831, tax: 931, secret: "whsec_of_the_story_0123456789" };
const SHOPIFY = { variant: "gid://shopify/ProductVariant/1", secret: "what Shopify signs with in the story" };
const KEYS = {
  shop: "sk_test_tealeaf",
  attester: "rk_test_attester",
  admin: "shpat_attester",
  storefront: "shpat_woolly",
};
const CODE = "KAI-10";
/** What a partner earns of each: the offer, by hand. */
const dollars = (amount: string) => parseUnits(amount, DECIMALS);
const EXPECTED = {
  // Four teas of 49 at 1 + 10 %, a trial at 1, its renewal of 20 and its change for 7.50; less a tea, a seventh of one, and the renewal.
  stripe:
    dollars("23.6") + dollars("1") + dollars("3") + dollars("1.75") - dollars("5.9") - dollars("0.7") - dollars("3"),
  // Five sweaters of 40; less one, a quarter of one, and half of one.
  shopify: dollars("25") - dollars("5") - dollars("1") - dollars("2"),
};

interface Shop {
  readonly act: OpenAct;
  readonly url: string;
  readonly expected: bigint;
}

export interface Shops {
  readonly acts: readonly [OpenAct, OpenAct];
  readonly stripe: Shop & {
    readonly account: ReturnType<typeof createStripeAccount>;
    readonly served: Awaited<ReturnType<typeof openStripeServer>>;
  };
  readonly shopify: Shop & {
    readonly account: ReturnType<typeof createShopAccount>;
    readonly served: Awaited<ReturnType<typeof openShopServer>>;
  };
}

const rulesIn = (folder: string) => join(folder, "attester-rules.json");

function writeRules(folder: string, campaigns: Readonly<Record<string, unknown>>): void {
  const file = rulesIn(folder);
  writeFileSync(`${file}.new`, JSON.stringify({ version: 1, campaigns: { "*": {}, ...campaigns } }));
  renameSync(`${file}.new`, file);
}

/** What an attester is started with that will read shops: rules that get to know them, and its keys. */
export function attesterWithSources(folder: string): Record<string, string> {
  writeRules(folder, {});
  return { ATTESTER_RULES: rulesIn(folder), SOURCE_STRIPE_KEY: KEYS.attester, SOURCE_SHOPIFY_KEY: KEYS.admin };
}

export async function openShops(stage: Stage, dollar: DemoToken): Promise<Shops> {
  const { stack, teller, cast } = stage;
  teller.chapter("Two shops connect where they are paid");
  const [tealeaf, woolly] = cast.shops;
  const token = await dollar.getAddress();
  const [one = 0, two = 0] = await freePorts(2);
  const mappings = {
    stripe: {
      currency: "usd",
      taxes: "excluded",
      events: { checkout: "sale", subscription: "sale", trial: "sale", renewal: "sale", change: "sale" },
    },
    shopify: { currency: "USD", taxes: "excluded", shipping: "excluded", events: { order: "sale" } },
  } as const;
  const draft = (brand: Person, title: string, at: string, port: number): Draft => ({
    title,
    summary: `A shop that is paid by ${at} pays affiliates 1 DUSD and 10 % of each sale, and reports nothing`,
    destination: `http://127.0.0.1:${port}/`,
    brand,
    partners: ["Ada", "Kai"].map(cast.partner),
    token,
    symbol: "DUSD",
    decimals: DECIMALS,
    unitExponent: 4,
    openKinds: 1n,
    // Time enough to reverse within it, however slow the machine is.
    holdSeconds: 40,
    budget: dollars("500"),
    attribution: { touch: "last", windowSeconds: 86_400, bindingSeconds: null },
    sources: at === "Stripe" ? { stripe: mappings.stripe } : { shopify: mappings.shopify },
    event: { name: "sale", title: "Something was sold", perCustomer: null },
    offer: { kind: 0, flatAmount: dollars("1"), rateBps: 1_000, capUnits: 1_000_000n },
  });
  const teas = await openAct(stage, dollar, draft(tealeaf, "Tealeaf on Stripe", "Stripe", one));
  const sweaters = await openAct(stage, dollar, draft(woolly, "Woolly on Shopify", "Shopify", two));

  const payments = createStripeAccount();
  const shop = createShopAccount("shopify");
  const stripe = await openStripeServer(payments, [KEYS.shop, KEYS.attester], {
    [STRIPE.price]: { amount: STRIPE.cents, tax: STRIPE.tax },
  });
  const shopify = await openShopServer(shop, {
    key: KEYS.admin,
    storefront: KEYS.storefront,
    variants: { [SHOPIFY.variant]: { goods: 4_000, tax: 760, shipping: 500 } },
  });
  const connect = async (act: OpenAct, source: string, secret: string) => {
    const session = await signIn(stack.apiUrl, act.draft.brand);
    const path = `/v1/campaigns/${act.campaignId}/sources/${source}`;
    await call(stack.apiUrl, "PUT", path, { token: session, body: JSON.stringify({ webhookSecrets: [secret] }) });
  };
  await connect(teas, "stripe", STRIPE.secret);
  await connect(sweaters, "shopify", SHOPIFY.secret);
  const kai = cast.partner("Kai").address;
  writeRules(stack.folder, {
    [teas.campaignId]: {
      source: { kind: "stripe", ...mappings.stripe, keyVariable: "SOURCE_STRIPE_KEY", url: stripe.url },
      reversals: "source",
    },
    [sweaters.campaignId]: {
      source: {
        kind: "shopify",
        ...mappings.shopify,
        shop: "woolly.myshopify.com",
        keyVariable: "SOURCE_SHOPIFY_KEY",
        url: shopify.url,
        codes: { [CODE]: kai },
      },
      reversals: "source",
    },
  });
  teller.say("the attester has keys of its own for both, and reads every order before it signs");
  const at = (port: number) => `http://127.0.0.1:${port}/`;
  return {
    acts: [teas, sweaters],
    stripe: { act: teas, url: at(one), expected: EXPECTED.stripe, account: payments, served: stripe },
    shopify: { act: sweaters, url: at(two), expected: EXPECTED.shopify, account: shop, served: shopify },
  };
}

/** Customers buy in the two examples as they are, and some take back what they paid. */
export async function sellInShops(stage: Stage, { stripe, shopify }: Shops): Promise<void> {
  const { stack, teller, cast } = stage;
  teller.chapter("Customers buy in two shops that report nothing");
  const [ada, kai] = [cast.partner("Ada"), cast.partner("Kai")];
  const session = await signIn(stack.apiUrl, shopify.act.draft.brand);
  await call(stack.apiUrl, "POST", `/v1/campaigns/${shopify.act.campaignId}/code-grants`, {
    token: session,
    body: JSON.stringify({ codes: [{ partner: kai.address, code: CODE }] }),
  });
  const examples: Running[] = [];
  const example = async (name: string, { url }: Shop, env: Record<string, string>) => {
    const log = join(stack.folder, `${name}.log`);
    const ready = async () => (await fetch(url)).status === 404;
    const given = { ...env, PORT: new URL(url).port };
    examples.push(await start(name, [`examples/${name}/main.ts`], { env: given, log, ready, cwd: ROOT }));
  };
  try {
    await Promise.all([
      example("stripe", stripe, {
        STRIPE_SECRET_KEY: KEYS.shop,
        STRIPE_PRICE: STRIPE.price,
        STRIPE_API: stripe.served.url,
      }),
      example("shopify", shopify, {
        SHOP: shopify.served.url,
        STOREFRONT_TOKEN: KEYS.storefront,
        VARIANT: SHOPIFY.variant,
      }),
    ]);
    for (const by of [ada, kai, ada, kai]) {
      await buy(stage, stripe, by);
      await buy(stage, shopify, by);
    }
    await buy(stage, shopify, undefined, CODE);
  } finally {
    for (const running of examples) await running.stop();
  }
  const reference = await stage.click(stripe.act, ada);
  const { subscription } = stripe.account.subscribe({ amount: 0 }, { reference });
  const renewal = stripe.account.renew(subscription, { amount: 2_000 });
  stripe.account.change(subscription, { amount: 750 });
  const tell = createTeller(stage, { stripe, shopify });
  await tell();
  await waitFor("what was sold to be attested", () => areAll(stripe.act, 7, ["attested", "released"]));
  await waitFor("what was sold to be attested", () => areAll(shopify.act, 5, ["attested", "released"]));
  teller.say(
    "4 checkouts, a trial, its renewal and a change for the rest of a period at Stripe; 5 orders at Shopify, one by a code",
  );

  const [tea, another] = [...stripe.account.objects.values()].filter(isPaid) as [StripeObject, StripeObject];
  stripe.account.refund(tea, STRIPE.cents);
  stripe.account.refund(another, STRIPE.cents / 7);
  stripe.account.dispute(renewal, "lost");
  const [first, second, third, fourth] = [...shopify.account.orders.values()] as [
    ShopObject,
    ShopObject,
    ShopObject,
    ShopObject,
  ];
  shopify.account.cancel(first);
  shopify.account.refund(second, 1_315);
  shopify.account.edit(third, 2_630);
  shopify.account.edit(fourth, 6_000);
  await tell();
  await waitFor("what went back to be reversed", async () => {
    const { waiting } = await call<{ waiting: { refunds: number } }>(stack.apiUrl, "GET", "/v1/status");
    const left = [await commissionOf(stripe.act), await commissionOf(shopify.act)];
    return waiting.refunds === 0 && left[0] === stripe.expected && left[1] === shopify.expected;
  });
  teller.say(
    "two refunds and a lost dispute at Stripe, a cancellation, a refund and an edit at Shopify: reversed on the chain",
  );
}

const isPaid = ({ object, payment_status, mode }: StripeObject) =>
  object === "checkout.session" && mode === "payment" && payment_status === "paid";

/** A customer follows the link, if somebody sent it, buys, and pays where the shop leads it. */
async function buy(stage: Stage, { act, url }: Shop, by?: Person, code?: string): Promise<void> {
  let cookie = "";
  if (by !== undefined) {
    const token = await stage.click(act, by);
    const arrived = await fetch(`${url}?_ushrt=${encodeURIComponent(token)}`, { redirect: "manual" });
    cookie = arrived.headers.get("set-cookie")?.split(";")[0] ?? "";
  }
  const bought = await fetch(url, { method: "POST", headers: { cookie }, redirect: "manual" });
  const checkout = bought.headers.get("location");
  if (bought.status !== 303 || checkout === null)
    throw new Error(`The shop at ${url} answers ${bought.status}: ${await bought.text()}`);
  const paid = await fetch(checkout, {
    method: "POST",
    redirect: "manual",
    ...(code === undefined ? {} : { body: new URLSearchParams({ discount: code }) }),
  });
  if (paid.status !== 303) throw new Error(`The checkout at ${checkout} answers ${paid.status}.`);
}

/** Sends the webhooks of what happened since the last time, each twice: a relayer counts it once. */
function createTeller({ stack }: Stage, { stripe, shopify }: Pick<Shops, "stripe" | "shopify">) {
  const told = { stripe: 0, shopify: 0 };
  const send = async (act: OpenAct, source: string, body: string, headers: Record<string, string>) => {
    const init = { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
    for (let i = 0; i < 2; i++) {
      const { status } = await fetch(new URL(`/v1/sources/${act.campaignId}/${source}`, stack.apiUrl), init);
      if (status !== 200) throw new Error(`The relayer answers ${status} to a webhook of ${source}.`);
    }
  };
  return async () => {
    for (const event of stripe.account.events.slice(told.stripe)) {
      const body = JSON.stringify(event);
      await send(stripe.act, "stripe", body, { "stripe-signature": signStripe(body, STRIPE.secret) });
    }
    for (const { topic, body: order } of shopify.account.states.slice(told.shopify)) {
      const body = JSON.stringify(order);
      const signature = signShop(body, SHOPIFY.secret);
      await send(shopify.act, "shopify", body, { "x-shopify-topic": topic, "x-shopify-hmac-sha256": signature });
    }
    told.stripe = stripe.account.events.length;
    told.shopify = shopify.account.states.length;
  };
}

async function conversionsOf(act: OpenAct) {
  const all = [];
  for await (const conversion of act.shop.conversions()) all.push(conversion);
  return all;
}

async function areAll(act: OpenAct, count: number, states: readonly string[]): Promise<boolean> {
  const all = await conversionsOf(act);
  return all.length === count && all.every(({ state }) => states.includes(state));
}

const commissionOf = async (act: OpenAct): Promise<bigint> =>
  (await conversionsOf(act)).reduce(
    (sum, { state, commission }) => (state === "rejected" ? sum : sum + BigInt(commission)),
    0n,
  );

/** @throws Error where partners have another sum than by hand */
export function compareShops({ stripe, shopify }: Shops, performances: readonly Performance[]): void {
  for (const { act, expected } of [stripe, shopify]) {
    const earned = performances
      .filter(({ campaignId }) => campaignId === act.campaignId)
      .reduce((sum, { pending, released, claimed }) => sum + BigInt(pending) + BigInt(released) + BigInt(claimed), 0n);
    if (earned !== expected)
      throw new Error(
        `${act.title} pays ${formatUnits(earned, DECIMALS)}, and by hand it is ${formatUnits(expected, DECIMALS)}.`,
      );
  }
}
