/** Applies what a shop sent: notes what an order says, and reports it, binds its customer and takes back what follows from all that is known. */
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { FinalError } from "#service/errors.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { mergeOrder, orderOf, type ShopOrder } from "#sources/shop/orders.ts";
import { SHOPS, type ShopName } from "#sources/shops.ts";
import { unseal } from "../secrets.ts";
import { readNamedCodes } from "../store/codes.ts";
import type { DueEventRow } from "../store/sourceEvents.ts";
import { readSource } from "../store/sources.ts";
import { purposes, type SourceContext } from "./context.ts";
import { factsOf } from "./facts.ts";
import { type Outcome, readMapping, refused, settle, toPerson } from "./settle.ts";

/** Applies an event. Again it changes nothing. @throws what nobody foresaw: try again later */
export async function applyShopEvent(
  context: SourceContext,
  row: DueEventRow & { readonly source: ShopName },
): Promise<Outcome> {
  const { campaign_id: campaignId, source: name } = row;
  const { title, readOrder } = SHOPS[name];
  const text = unseal(context.config.RELAYER_SECRET, purposes.body(campaignId, name), row.body);
  try {
    const source = await readSource(context.database, campaignId, name);
    if (source === undefined)
      return refused(`${title} is not connected any more. Connect it, and have this applied again.`);
    const heard = readOrder(JSON.parse(text));
    if (heard === undefined) return { state: "ignored", note: "It is no order.", orderId: undefined };
    const order = await factsOf<ShopOrder>(context, campaignId, name, mergeOrder).note(heard, row.received_at);
    const { mapping, currencies } = await readMapping(context, campaignId, name, title);
    const sale = orderOf(order, mapping, currencies);
    const { id, token, customer, email } = order;
    return await settle(context, row, source.api_key_id, {
      id,
      order: sale,
      person: toPerson({ customer, email, token, code: await codeOf(context, campaignId, order) }),
      back: { left: "reason" in sale ? "0" : sale.left },
      complete: order.sums !== undefined,
    });
  } catch (error) {
    if (error instanceof FinalError || error instanceof UnreadableObject) return refused(error.message);
    throw error;
  }
}

/**
 * Of all codes on an order the first that is a partner's: a shop has discount codes of its own too. One that is retired gives way to whatever
 * else says who brought the order, and is named only where nothing else is: then the rejection says why.
 */
async function codeOf(
  { database }: SourceContext,
  campaignId: string,
  { said, discounts }: ShopOrder,
): Promise<string | undefined> {
  const spoken = [said, ...discounts].flatMap((one) => (one === undefined ? [] : (canonicalCode(one) ?? [])));
  const known = spoken.length === 0 ? [] : await readNamedCodes(database, campaignId, spoken);
  return known.find(({ retired_at }) => retired_at === null)?.shown ?? said ?? known[0]?.shown;
}
