import type { Context } from "hono";
import { Problem } from "../../server/problem.ts";
import { hashSecret } from "../secrets.ts";
import type { Services } from "./context.ts";

function bearer(c: Context): string {
  const secret = /^Bearer (\S{1,200})$/.exec(c.req.header("authorization") ?? "")?.[1];
  if (secret === undefined)
    throw new Problem(401, "Send the header `Authorization: Bearer …` with a session token or an API key.");
  return secret;
}

/** The wallet that is signed in. */
export async function requireSession(c: Context, { database }: Services): Promise<string> {
  const [session] = await database.query<{ address: string }>(
    "SELECT address FROM sessions WHERE token_hash = $1 AND expires_at > now()",
    [hashSecret(bearer(c))],
  );
  if (session === undefined)
    throw new Problem(
      401,
      "The session is unknown or has ended. Sign in again: POST /v1/auth/nonces, then /v1/auth/sessions.",
    );
  return session.address;
}

/** The campaign's brand, signed in. */
export async function requireBrand(c: Context, services: Services, campaignId: string): Promise<string> {
  const address = await requireSession(c, services);
  const [campaign] = await services.database.query<{ brand: string }>("SELECT brand FROM campaigns WHERE id = $1", [
    campaignId,
  ]);
  if (campaign === undefined) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
  if (campaign.brand !== address)
    throw new Problem(403, `Only the campaign's brand ${campaign.brand} may do this; ${address} is signed in.`);
  return address;
}

/** The campaign that an API key belongs to. */
export async function requireApiKey(
  c: Context,
  { database }: Services,
): Promise<{ apiKeyId: bigint; campaignId: string }> {
  const [key] = await database.query<{ id: bigint; campaign_id: string }>(
    "SELECT id, campaign_id FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL",
    [hashSecret(bearer(c))],
  );
  if (key === undefined)
    throw new Problem(401, "The API key is unknown or revoked. The brand makes one with POST /v1/campaigns/{id}/keys.");
  return { apiKeyId: key.id, campaignId: key.campaign_id };
}
