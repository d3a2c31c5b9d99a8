import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { prepareDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { type History, writeHistory } from "#harness/history.ts";
import { READS, type Read } from "#harness/reads.ts";
import { REPORT_GROUPS } from "#relayer/store/reports.ts";
import { type Database, openDatabase, type Sql } from "#service/database.ts";

const SIZE = { partners: 25, campaigns: 3, batches: 60, waiting: 30, days: 5 };

const NOBODY = "0x0000000000000000000000000000000000009999";
/** What the reads ask about, in every campaign under the same names, of its first partners. */
const THE_SAME_NEXT_DOOR = [
  `INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at)
   SELECT campaign_id, partner, 2 + id % 3, 1, 5 FROM partnerships`,
  `INSERT INTO codes (campaign_id, name, shown, partnership_id, given_by)
   SELECT campaign_id, 'C0DE1', 'code1', min(id), 'brand' FROM partnerships GROUP BY campaign_id`,
  `INSERT INTO customer_wallets (campaign_id, wallet, customer, seen_at)
   SELECT id, given.wallet, 'customer-3', now() + row_number() OVER () * interval '1 second'
   FROM campaigns CROSS JOIN (VALUES ('${NOBODY}'), ('0x01')) AS given (wallet)`,
  `INSERT INTO merged_customers (campaign_id, customer, merged_into)
   SELECT id, 'customer-' || given.n, 'customer-3' FROM campaigns CROSS JOIN (VALUES (901), (902)) AS given (n)`,
  `INSERT INTO merged_customers (campaign_id, customer, merged_into) SELECT id, 'customer-30', id FROM campaigns`,
  `INSERT INTO waiting_refunds (campaign_id, event, order_id, key, body_hash, volume, state)
   SELECT id, 'sale', 'o', given.key, '', '5', 'waiting' FROM campaigns CROSS JOIN (VALUES ('r'), ('s')) AS given (key)`,
  `INSERT INTO binding_changes (campaign_id, customer, from_id, to_id, reason, changed_by)
   SELECT campaign_id, 'customer-7', min(id), max(id), 'moved', 'brand' FROM partnerships GROUP BY campaign_id`,
  `INSERT INTO lead_names (campaign_id, name, lead_id, held_until)
   SELECT DISTINCT ON (campaign_id) campaign_id, 'name 3', id, now() + interval '1 day' FROM leads
   ON CONFLICT DO NOTHING`,
  `INSERT INTO imports (campaign_id, state, accepted) SELECT id, 'done', row_number() OVER () FROM campaigns`,
  `INSERT INTO sources (campaign_id, source, api_key_id, secrets, test_mode, changed_by)
   SELECT campaign_id, 'stripe', id, 'sealed ' || id, false, brand FROM api_keys`,
  `INSERT INTO source_orders (campaign_id, source, order_id, event, conversion_id, accepted)
   SELECT campaign_id, 'stripe', 'in_5', 'sale', min(id), true FROM conversions GROUP BY campaign_id
   ON CONFLICT DO NOTHING`,
  `INSERT INTO source_events (campaign_id, source, event_id, type, state)
   SELECT id, 'stripe', '7', 'invoice.paid', 'applied' FROM campaigns`,
  `INSERT INTO source_objects (campaign_id, source, object_id, what, links, fact)
   SELECT id, 'stripe', 'in_5', 'invoice', ARRAY['ch_5'], id FROM campaigns ON CONFLICT DO NOTHING`,
  `INSERT INTO watched_contracts (campaign_id, event, source, block) SELECT id, 'sale', 's', row_number() OVER () FROM campaigns`,
  `INSERT INTO applications (campaign_id, partner, answers)
   SELECT campaign_id, partner, '[]' FROM partnerships ON CONFLICT DO NOTHING`,
  `INSERT INTO profiles (wallet, name) SELECT DISTINCT partner, 'Name of ' || partner FROM partnerships`,
  `INSERT INTO partner_labels (campaign_id, partner, brand, label)
   SELECT campaign_id, partner, brand, 'label ' || partnerships.id FROM partnerships JOIN campaigns ON campaigns.id = campaign_id`,
  `INSERT INTO partner_keys (wallet, label, secret_hash, last4)
   SELECT DISTINCT partner, 'program', 'hash of ' || partner, 'last' FROM partnerships`,
  `INSERT INTO reversals (conversion_id, batch, reason, state, whole, taken_back)
   SELECT id, batch, 'refunded', (ARRAY['requested', 'sent'])[1 + id % 2], true, '[]' FROM conversions WHERE batch IS NOT NULL AND id % 2 = 0`,
  `INSERT INTO webhook_endpoints (campaign_id, url, seed, brand)
   SELECT id, 'https://brand.example/other', '', brand FROM campaigns`,
];

/** Reads that are about more than one campaign: a partner's and a brand's own, those of workers, and counts for the operator. */
const OF_ALL_CAMPAIGNS = [
  "admission.readApplications of a partner",
  "alarms.readAlarms",
  "alarms.countAnnounced",
  "batches.findBatchesToRelease",
  "campaigns.readCampaigns",
  "campaigns.readCampaigns of a brand",
  "conversionList.readConversions by brand or partner",
  "conversionList.readConversions by brand",
  "counts.countConversions",
  "counts.countBatches",
  "counts.countReversals",
  "counts.readBacklog",
  // The fixture's first endpoint is told of all of them.
  "deliveries.readDeliveries",
  "deliveries.readDeliveries from the oldest on",
  "deliveries.readDeliveries of a type",
  "deliveries.readDelivery",
  "discover.readDiscovered",
  "earnings.readEarnings",
  "earnings.readEarnings of a page behind",
  "earnings.readEarnings the oldest",
  "earnings.readEarnings of days",
  "partnerLines.readPartnerLines",
  "partnerships.readPerformances of a partner",
  "pushes.readDuePushes",
  "forgotten.findToReconcile",
  "reversals.findBatchesToReverse",
  "status.readWaitingWork",
];
/** Reads of one partner, or of what is one partner's in the fixture: they are the same when all other partners are gone. */
const OF_A_PARTNER = [
  "admission.readAdmission",
  "admission.readApplications of a partner",
  "codes.readCodes of a partner",
  "conversionList.readConversions by brand or partner",
  "conversionList.readConversions by code",
  "conversionList.readConversions by link",
  "conversionList.readConversions by partner",
  "earnings.readEarnings",
  "earnings.readEarnings of a campaign",
  "earnings.readEarnings of a page behind",
  "earnings.readEarnings of days",
  "leads.readLeads of a partner",
  "ledger.readKinds",
  "ledger.readPartnerCounts",
  "lines.readLinesOf",
  "links.countLinks",
  "links.findLink",
  "links.readLinks of a partner",
  "partnerKeys.readPartnerKeys",
  "partnerLines.readPartnerLines",
  "partnerLines.readPartnerLines in a state",
  "partnerships.findPartnership",
  "partnerships.findPartnershipByInvite",
  "partnerships.readPartnershipIds",
  "partnerships.readPerformances of a partner",
  "profiles.readCards",
  "profiles.readProfile",
  ...REPORT_GROUPS.map((by) => `reports.readReport by ${by}, a partner's`),
];

describe("what the store answers", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-neighbours-"));
  let history: History;
  /** With all, with the asked campaign alone, and with the asked partner alone. */
  let everybody: Database;
  let oneCampaign: Database;
  let onePartner: Database;
  before(async () => {
    const first = join(folder, "everybody");
    await prepareDatabase(first, RELAYER_MIGRATIONS);
    const writing = await openDatabase({ dataDir: first }, RELAYER_MIGRATIONS);
    history = await writeHistory(writing, SIZE);
    for (const statement of THE_SAME_NEXT_DOOR) await writing.query(statement);
    await writing.close();
    const without = async (name: string, others?: string) => {
      const own = join(folder, name);
      if (others !== undefined) cpSync(first, own, { recursive: true });
      const database = await openDatabase({ dataDir: own }, RELAYER_MIGRATIONS);
      if (others !== undefined) await database.transaction((sql) => remove(sql, others));
      return database;
    };
    oneCampaign = await without("campaign", `campaigns WHERE id <> '${history.campaignId}'`);
    onePartner = await without("partner", `partnerships WHERE partner <> '${history.partner}'`);
    everybody = await without("everybody");
  });
  after(async () => {
    await Promise.all([everybody?.close(), oneCampaign?.close(), onePartner?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, read] of Object.entries(READS)) {
    if (!OF_ALL_CAMPAIGNS.includes(name))
      it(`to ${name} is the same without the other campaigns`, async () => {
        expect(await answer(oneCampaign, read)).to.equal(
          await answer(everybody, read),
          "what others have is told as well; if it is to be, OF_ALL_CAMPAIGNS wants its name",
        );
      });
    if (OF_A_PARTNER.includes(name))
      it(`to ${name} is the same without the other partners`, async () => {
        expect(await answer(onePartner, read)).to.equal(await answer(everybody, read));
      });
  }

  /** As text; what a read changes is taken back. */
  async function answer(database: Database, read: Read): Promise<string> {
    const takenBack = new Error("taken back");
    let found: unknown;
    await database
      .transaction(async (sql) => {
        found = await read(sql, history);
        throw takenBack;
      })
      .catch((error: unknown) => {
        if (error !== takenBack) throw error;
      });
    return JSON.stringify(typeof found === "function" ? ask(found as Asked, history) : found, plain);
  }
});

/** Some answer with what can be asked: of an offer and a partner, of a place, or of a line. */
type Asked = (what: unknown, partner?: string) => unknown;
const ask = (asked: Asked, { campaignId, partner }: History) =>
  asked.length === 2 ? asked(1, partner) : asked({ campaignId, partner, offerId: 1, count: 3, volumeUnits: 777n });

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Map || value instanceof Set ? [...value] : value;
}

/** Removes rows, and then all whose other end is gone, wherever the schema says that there is one; no sum is written anew. */
async function remove(sql: Sql, rows: string): Promise<void> {
  await sql.query("SET LOCAL session_replication_role = replica");
  await sql.query(`DELETE FROM ${rows}`);
  const ends = await sql.query<{ here: string; there: string; condition: string }>(
    `SELECT conrelid::regclass::text AS here, confrelid::regclass::text AS there, string_agg(
       format('here.%I = there.%I', a.attname, b.attname), ' AND ') AS condition
     FROM pg_constraint CROSS JOIN LATERAL unnest(conkey, confkey) AS k (own, other)
     JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.own
     JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = k.other
     WHERE contype = 'f' GROUP BY pg_constraint.oid, conrelid, confrelid`,
  );
  for (let removed = 1; removed > 0; ) {
    removed = 0;
    for (const { here, there, condition } of ends) {
      const nulls = condition.replace(/ = there\.\S+/g, " IS NOT NULL");
      const gone = await sql.query(
        `DELETE FROM ${here} AS here WHERE ${nulls} AND NOT EXISTS (SELECT 1 FROM ${there} AS there WHERE ${condition}) RETURNING 1`,
      );
      removed += gone.length;
    }
  }
}
