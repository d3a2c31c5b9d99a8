/** Shopify's REST Admin API, as far as orders are read by it. */
import { z } from "zod";
import { askShop, type ShopClient, ShopProblem } from "../shop/api.ts";
import { FIELDS } from "./order.ts";

/** The newest when this was written. Once it is too old, Shopify answers by the oldest that it still has. */
const VERSION = "2026-10";

interface Options {
  /** `name.myshopify.com` */
  readonly shop: string;
  /** An access token; or of an app of the Dev Dashboard, which has none that lasts, its client id and secret: `id:secret`. */
  readonly key: string;
  /** Where the API is, other than at the shop. */
  readonly url?: string | undefined;
}

const granted = z.object({ access_token: z.string().min(1) });
const listed = z.object({ orders: z.array(z.unknown()) });

export function connectShopify({ shop, key, url = `https://${shop}` }: Options): ShopClient {
  const [clientId, clientSecret] = key.includes(":") ? key.split(":") : [];
  let token = clientSecret === undefined ? Promise.resolve(key) : undefined;

  async function newToken(): Promise<string> {
    const form = { grant_type: "client_credentials", client_id: clientId ?? "", client_secret: clientSecret ?? "" };
    const answer = await askShop(new URL("/admin/oauth/access_token", url), {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(form),
    });
    return read(granted, answer).access_token;
  }

  async function fetchOrders(ids: readonly string[]): Promise<unknown[]> {
    token ??= newToken();
    const asked = token;
    const address = new URL(`/admin/api/${VERSION}/orders.json`, url);
    address.search = String(
      new URLSearchParams({ status: "any", limit: "250", ids: ids.join(","), fields: FIELDS.join(",") }),
    );
    try {
      return read(listed, await askShop(address, { headers: { "x-shopify-access-token": await asked } })).orders;
    } catch (error) {
      // One that was refused, or never granted, is not kept: the next is asked for anew. A shop that is away refuses none.
      const isRefused = error instanceof ShopProblem && (error.status === 401 || error.status === 403);
      const isGranted = await asked.then(
        () => true,
        () => false,
      );
      if (clientSecret !== undefined && token === asked && (isRefused || !isGranted)) token = undefined;
      throw error;
    }
  }

  return {
    async fetchOrders(ids) {
      const first = token;
      try {
        return await fetchOrders(ids);
      } catch (error) {
        // A granted token lasts for a day.
        const isOver = error instanceof ShopProblem && error.status === 401 && first !== undefined && token !== first;
        if (!isOver) throw error;
        return fetchOrders(ids);
      }
    },
  };
}

function read<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const { data, error } = schema.safeParse(answer);
  if (error !== undefined) throw new ShopProblem("answered with something else than it documents");
  return data;
}
