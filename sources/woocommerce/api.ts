/** WooCommerce's REST API, as far as orders are read by it. */
import { z } from "zod";
import { askShop, type ShopClient, ShopProblem } from "../shop/api.ts";
import { FIELDS } from "./order.ts";

interface Options {
  /** Where WordPress is: `https://shop.example`. */
  readonly shop: string;
  /** A key that may read, and its secret: `ck_…:cs_…`. */
  readonly key: string;
}

export function connectWooCommerce({ shop, key }: Options): ShopClient {
  const authorization = `Basic ${Buffer.from(key).toString("base64")}`;
  return {
    async fetchOrders(ids) {
      const address = new URL(`${shop.replace(/\/$/, "")}/wp-json/wc/v3/orders`);
      address.search = String(
        new URLSearchParams({ status: "any", per_page: "100", include: ids.join(","), _fields: FIELDS.join(",") }),
      );
      const answer = z
        .array(z.unknown())
        .safeParse(await askShop(address, { headers: { accept: "application/json", authorization } }));
      if (!answer.success) throw new ShopProblem("answered with something else than it documents");
      return answer.data;
    },
  };
}
