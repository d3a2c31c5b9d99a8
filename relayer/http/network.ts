import { isIP } from "node:net";
import type { Context } from "hono";
import { networkKey } from "../secrets.ts";
import type { Services } from "./context.ts";
import { clientAddress } from "./limits.ts";

/**
 * Notes from which network a partner came last, to compare its customers' with: in each of its partnerships the campaign's own
 * keyed hash, never the address.
 */
export async function noteNetwork(c: Context, { database, config }: Services, partner: string): Promise<void> {
  const address = clientAddress(c, config.TRUST_PROXY ?? 0);
  if (isIP(address) === 0) return;
  const partnerships = await database.query<{ id: bigint; campaign_id: string }>(
    "SELECT id, campaign_id FROM partnerships WHERE partner = $1",
    [partner],
  );
  await database.query(
    `UPDATE partnerships SET network = given.network FROM unnest($1::bigint[], $2::text[]) AS given (id, network)
     WHERE partnerships.id = given.id AND partnerships.network IS DISTINCT FROM given.network`,
    [
      partnerships.map(({ id }) => String(id)),
      partnerships.map(({ campaign_id }) => networkKey(config.RELAYER_SECRET, campaign_id, address)),
    ],
  );
}
