/**
 * Keys of the demo shop on the local stack, kept in this browser so that its page can play a brand's server. Anywhere else a
 * secret key never reaches a page.
 */
const KEY = "partner-programs.demo-shop";

function read(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

export function keepShopKey(campaignId: string, secret: string): void {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), [campaignId]: secret }));
}

export const shopKeys = (): Readonly<Record<string, string>> => read();
