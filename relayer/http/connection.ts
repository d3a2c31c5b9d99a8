/** How a source is connected to a campaign, whatever source it is: its secrets sealed, and a key that its reports are noted under. */
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import { Problem } from "#service/problem.ts";
import { hashSecret, last4, newSecret, seal, unseal } from "../secrets.ts";
import { purposes } from "../sources/context.ts";
import type { Note } from "../store/acts.ts";
import { insertApiKey, revokeApiKey } from "../store/apiKeys.ts";
import { readDescriptionBody } from "../store/campaigns.ts";
import { repeatSourceEvents } from "../store/sourceEvents.ts";
import { readSource, type SourceName, type SourceRow, upsertSource } from "../store/sources.ts";
import type { Actor } from "./actor.ts";
import type { Services } from "./context.ts";

/** As of a campaign's other keys; one more is the source's. */
const MAX_KEYS = 101;

interface Connection {
  readonly webhookSecrets: readonly string[];
  /** null: none any more; undefined: as it was. */
  readonly readingKey?: string | null | undefined;
  readonly testMode: boolean;
}

type Mappings = NonNullable<CampaignDescription["sources"]>;

export function connectionOf<Source extends SourceName>({ database, config }: Services, source: Source, title: string) {
  const secret = config.RELAYER_SECRET;
  const connectWith = `PUT /v1/campaigns/{campaignId}/sources/${source}`;

  return {
    secretsOf: (row: SourceRow): string[] =>
      JSON.parse(unseal(secret, purposes.secrets(row.campaign_id, source), row.secrets)),

    /** What of it counts, by the description in force; undefined: that says nothing of it. */
    async mappingOf(campaignId: string): Promise<Mappings[Source]> {
      const text = await readDescriptionBody(database, campaignId);
      return text ? readDescription(text).description?.sources?.[source] : undefined;
    },

    /** What is shown of every source that is connected. */
    async shown(row: SourceRow) {
      return {
        url: new URL(`/v1/sources/${row.campaign_id}/${source}`, config.PUBLIC_URL).href,
        webhookSecrets: this.secretsOf(row).map(last4),
        mapping: (await this.mappingOf(row.campaign_id)) ?? null,
        changedBy: row.changed_by,
        changedAt: row.changed_at.toISOString(),
      };
    },

    async require(campaignId: string): Promise<SourceRow> {
      const row = await readSource(database, campaignId, source);
      if (row === undefined) throw new Problem(404, `${title} is not connected. Connect it with ${connectWith}.`);
      return row;
    },

    /** Connects it, or replaces what it is connected with. @throws Problem 409 */
    async connect(campaignId: string, { brand, by, note }: Actor, given: Connection): Promise<SourceRow> {
      const { webhookSecrets, readingKey, testMode } = given;
      await database.transaction(async (sql) => {
        const known = await readSource(sql, campaignId, source);
        const sealedKey = readingKey && seal(secret, purposes.readingKey(campaignId, source), readingKey);
        await upsertSource(sql, source, {
          campaign_id: campaignId,
          api_key_id: known?.api_key_id ?? (await newKey()),
          secrets: seal(secret, purposes.secrets(campaignId, source), JSON.stringify([...new Set(webhookSecrets)])),
          reading_key: readingKey === undefined ? (known?.reading_key ?? null) : (sealedKey ?? null),
          test_mode: testMode,
          changed_by: by,
        });
        await note(sql, { source });

        async function newKey(): Promise<bigint> {
          // Nobody ever has its secret: reports are noted under it, and that is all.
          const unused = newSecret("sk");
          const kept = { hash: hashSecret(unused), last4: last4(unused) };
          const key = { campaignId, brand, secret: kept, label: title, scopes: ["report"] as const };
          const row = await insertApiKey(sql, key, MAX_KEYS);
          if (row === undefined)
            throw new Problem(409, `The campaign has ${MAX_KEYS} keys, and ${title} needs one. Revoke one first.`);
          return row.id;
        }
      });
      // What waited for a key may be read now.
      await repeatSourceEvents(database, campaignId, source, undefined);
      return this.require(campaignId);
    },

    async disconnect(campaignId: string, note: Note): Promise<void> {
      await database.transaction(async (sql) => {
        const row = await readSource(sql, campaignId, source);
        if (row === undefined) return;
        await revokeApiKey(sql, String(row.api_key_id), campaignId);
        await note(sql, { source });
      });
    },
  };
}
