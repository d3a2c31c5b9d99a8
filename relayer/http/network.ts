/** From which networks partners come, as far as it is kept. */
import type { Context } from "hono";
import { networkKey } from "../secrets.ts";
import { noteNetworks } from "../store/partnerships.ts";
import type { Services } from "./context.ts";
import { clientAddress } from "./limits.ts";

/**
 * Notes from which network a partner came last, to compare its customers' with: in each of its partnerships the campaign's own
 * keyed hash, never the address.
 */
export async function noteNetwork(c: Context, { database, config }: Services, partner: string): Promise<void> {
  const address = clientAddress(c, config);
  if (address === undefined) return;
  await noteNetworks(database, partner, (campaignId) => networkKey(config.RELAYER_SECRET, campaignId, address));
}
