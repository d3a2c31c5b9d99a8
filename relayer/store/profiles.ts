/** Who partners are: what they say of themselves, and what a campaign's brand calls them. */
import type { Sql } from "#service/database.ts";

export interface Profile {
  readonly name: string;
  readonly picture: string | null;
  readonly site: string | null;
  readonly audience: string | null;
  /** ISO 3166, two letters. */
  readonly country: string | null;
}

/** As its partner has it. */
export interface OwnProfile extends Profile {
  /** Whether its name stands on leaderboards. */
  readonly onLeaderboards: boolean;
}

export async function readProfile(sql: Sql, wallet: string): Promise<OwnProfile | undefined> {
  const [row] = await sql.query<OwnProfile>(
    `SELECT name, picture, site, audience, country, on_leaderboards AS "onLeaderboards" FROM profiles
     WHERE wallet = $1`,
    [wallet],
  );
  return row;
}

export async function writeProfile(sql: Sql, wallet: string, profile: OwnProfile): Promise<void> {
  const { name, picture, site, audience, country, onLeaderboards } = profile;
  await sql.query(
    `INSERT INTO profiles (wallet, name, picture, site, audience, country, on_leaderboards)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (wallet) DO UPDATE
       SET name = $2, picture = $3, site = $4, audience = $5, country = $6, on_leaderboards = $7,
         updated_at = now()`,
    [wallet, name, picture, site, audience, country, onLeaderboards],
  );
}

export async function deleteProfile(sql: Sql, wallet: string): Promise<void> {
  await sql.query("DELETE FROM profiles WHERE wallet = $1", [wallet]);
}

/** What a brand notes of a partner. */
export interface Label {
  readonly label: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
}

/** Whether the partner is in the campaign. */
export async function writeLabel(
  sql: Sql,
  of: { readonly campaignId: string; readonly partner: string; readonly brand: string },
  { label, note, tags }: Label,
): Promise<boolean> {
  const written = await sql.query(
    `INSERT INTO partner_labels (campaign_id, partner, brand, label, note, tags)
     SELECT campaign_id, partner, $3, $4, $5, $6 FROM partnerships WHERE campaign_id = $1 AND partner = $2
     ON CONFLICT (campaign_id, partner, brand) DO UPDATE
       SET label = $4, note = $5, tags = $6, updated_at = now() RETURNING 1`,
    [of.campaignId, of.partner, of.brand, label, note, [...tags]],
  );
  return written.length > 0;
}

export interface CardRow extends Label {
  readonly partner: string;
  readonly profile: Profile | null;
}

/** Those of these partners of a campaign of whom something is known: what they say, and what the campaign's brand of now notes. */
export async function readCards(
  sql: Sql,
  campaignId: string,
  partners: readonly string[],
): Promise<ReadonlyMap<string, CardRow>> {
  const rows = await sql.query<CardRow>(
    `SELECT p.partner, l.label, l.note, coalesce(l.tags, '{}') AS tags, CASE WHEN f.wallet IS NOT NULL THEN
       jsonb_build_object('name', f.name, 'picture', f.picture, 'site', f.site, 'audience', f.audience,
         'country', f.country) END AS profile
     FROM partnerships p JOIN campaigns c ON c.id = p.campaign_id LEFT JOIN profiles f ON f.wallet = p.partner
     LEFT JOIN partner_labels l
       ON l.campaign_id = p.campaign_id AND l.partner = p.partner AND l.brand = c.brand
     WHERE p.campaign_id = $1 AND p.partner = ANY($2::text[])
       AND (f.wallet IS NOT NULL OR l.brand IS NOT NULL)`,
    [campaignId, partners],
  );
  return new Map(rows.map((row) => [row.partner, row]));
}

/** A partner in a campaign. */
export interface Place {
  readonly campaignId: string;
  readonly partner: string;
}

const keyOf = ({ campaignId, partner }: Place) => `${campaignId} ${partner}`;

/** What the brands of campaigns call these partners: their own word, or else the partner's. */
export async function readNames(sql: Sql, places: readonly Place[]): Promise<(place: Place) => string | null> {
  const asked = [...new Map(places.map((place) => [keyOf(place), place])).values()];
  if (asked.length === 0) return () => null;
  const rows = await sql.query<Place & { readonly name: string }>(
    `SELECT g.campaign_id AS "campaignId", g.partner, coalesce(l.label, f.name) AS name
     FROM unnest($1::text[], $2::text[]) AS g (campaign_id, partner) JOIN campaigns c ON c.id = g.campaign_id
     LEFT JOIN profiles f ON f.wallet = g.partner
     LEFT JOIN partner_labels l
       ON l.campaign_id = g.campaign_id AND l.partner = g.partner AND l.brand = c.brand
     WHERE coalesce(l.label, f.name) IS NOT NULL`,
    [asked.map(({ campaignId }) => campaignId), asked.map(({ partner }) => partner)],
  );
  const names = new Map(rows.map((row) => [keyOf(row), row.name]));
  return (place) => names.get(keyOf(place)) ?? null;
}
