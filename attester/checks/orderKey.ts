/** What makes an order one order: its event and its id. */
import type { Order } from "@partner-programs/protocol/attesterApi";

/** An order's natural key, as one string. */
export function orderKey({ event, orderId }: Pick<Order, "event" | "orderId">): string {
  return JSON.stringify([event, orderId]);
}
