/** A relayer's database with years behind it, written by SQL: what is measured on it, and what must not read more the more there is. */
import { id } from "ethers";
import type { Sql } from "#service/database.ts";

export interface HistorySize {
  /** Of the first campaign. */
  readonly partners: number;
  /** All of them; the first has three fifths of everything. */
  readonly campaigns: number;
  /** Nine conversions each. */
  readonly batches: number;
  /** Conversions that wait, of the first campaign. */
  readonly waiting: number;
  /** Each with clicks on every link. */
  readonly days: number;
}

/** What is asked about. */
export interface History {
  readonly campaignId: string;
  readonly brand: string;
  /** The first partner: in every campaign, and in half of the batches. */
  readonly partner: string;
  readonly digest: string;
  readonly conversions: number;
}

const BRAND = "0x00000000000000000000000000000000000B4A0D";
const campaignOf = (n: string) => `'0x' || lpad(to_hex(${n}), 64, '0')`;
const partnerOf = (n: string) => `'0x' || lpad(to_hex(${n}), 40, '0')`;
const digestOf = (b: string) => `'0xba' || lpad(to_hex(${b}), 62, '0')`;
/** A packed line: offer 1 of the partner, one conversion. */
const lineOf = (partner: string) => `'0x0001' || substr(${partner}, 3) || repeat('0', 20)`;

/** Which campaign batch `b` is of, counted from 1. */
const CAMPAIGN = "CASE WHEN b % 5 < 3 THEN 1 ELSE 2 + b % greatest($2::int - 1, 1) END";
/** Which of its partners the k-th conversion of a batch is. The first partner has one in every other batch. */
const PARTNER = `CASE WHEN k = 0 AND b % 2 = 0 THEN 1
  ELSE 1 + (b * 31 + k * 7) % (CASE WHEN c = 1 THEN $3::int ELSE least($3::int, 20) END) END`;

/** Writes it into an empty database. Times end now. `say` hears of each part. */
export async function writeHistory(
  sql: Sql,
  size: HistorySize,
  say: (part: string) => void = () => {},
): Promise<History> {
  const { partners, campaigns, batches, waiting, days } = size;
  const steps: readonly [part: string, statement: string, parameters: readonly unknown[]][] = [
    [
      "campaigns",
      `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
         unit_exponent, operator, funded, available, agreed_block)
       SELECT ${campaignOf("c")}, $2, '0x000000000000000000000000000000000000700e', 'USDC', 6, 86400, 86400, 1, 500, 4, $2,
         1000000000000000, 500000000000000, 1 FROM generate_series(1, $1::int) AS c`,
      [campaigns, BRAND],
    ],
    [
      "offers",
      `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to)
       SELECT id, 1, 'sale', 0, 1000000, 1000, 100000, 0, 4000000000 FROM campaigns`,
      [],
    ],
    ["descriptions", "INSERT INTO descriptions (hash, body) VALUES ($1, '{}')", [id("{}")]],
    [
      "descriptions",
      `INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) SELECT id, $1, '', 0 FROM campaigns`,
      [id("{}")],
    ],
    [
      "partnerships",
      `INSERT INTO partnerships (campaign_id, partner)
       SELECT ${campaignOf("c")}, ${partnerOf("p")} FROM generate_series(1, $1::int) AS c
       CROSS JOIN LATERAL generate_series(1, CASE WHEN c = 1 THEN $2::int ELSE least($2::int, 20) END) AS p`,
      [campaigns, partners],
    ],
    ["links", "INSERT INTO links (partnership_id, code) SELECT id, 'code' || id FROM partnerships", []],
    [
      "clicks",
      `INSERT INTO link_clicks (link_id, day, clicks, bots)
       SELECT id, current_date - d, (id + d) % 15, 1 FROM links CROSS JOIN generate_series(0, $1::int - 1) AS d`,
      [days],
    ],
    [
      "batches",
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root,
         state, lines_root, line_count, total, current_root, current_total, lines_known, settled_lines, settled_commission,
         release_at, attested_block, created_at)
       SELECT ${digestOf("b")}, ${campaignOf(CAMPAIGN)}, b * 9, 9, 0, 0, 0, '', CASE WHEN b > $1 - 20 THEN 'attested' ELSE 'released' END,
         '', 9, 9450000, '', 9450000, true, 0, 0, extract(epoch FROM now())::bigint + 86400 - 60 * ($1 - b), b, now() - ($1 - b) * interval '1 minute'
       FROM generate_series(1, $1::int) AS b`,
      [batches, campaigns],
    ],
    [
      "conversions",
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, customer, partnership_id, link_id, volume, refunded,
         received_at, state, reason, entries, commission, partner_commission, fee, salt, receipt, number, batch, line)
       SELECT campaign_id, 'sale', 'order-' || b || '-' || k, repeat('b', 66), '0x' || md5(b || '-' || k) || md5(k || '-' || b),
         'customer-' || (b * 9 + k) / 3, p.id, l.id, 50000000, CASE WHEN b % 50 = 7 THEN 10000000 ELSE 0 END,
         now() - ($1 - b) * interval '1 minute', CASE WHEN b > $1 - 20 THEN 'attested' WHEN b % 50 = 3 THEN 'rejected'
           WHEN b % 50 = 4 THEN 'reversed' ELSE 'released' END, CASE WHEN b % 50 = 3 THEN 'no_partner' END,
         jsonb_build_array(${lineOf("p.partner")}), 1000000, 1000000, 50000, repeat('5', 66), repeat('e', 132), b * 9 + k, ${digestOf("b")}, k
       FROM (SELECT b, c, k, ${campaignOf("c")} AS campaign_id, ${partnerOf(`(${PARTNER})`)} AS partner
         FROM generate_series($4::int, $5::int) AS b CROSS JOIN LATERAL (SELECT ${CAMPAIGN} AS c) AS campaign
         CROSS JOIN generate_series(0, 8) AS k) AS made
       JOIN partnerships p USING (campaign_id, partner) JOIN links l ON l.partnership_id = p.id`,
      [batches, campaigns, partners],
    ],
    [
      "lines",
      `INSERT INTO batch_lines (digest, index, attested, partner, commission, fee, state, settled_block, settled_index)
       SELECT batch, line, entries ->> 0, partner, commission, fee, CASE WHEN conversions.state = 'attested' THEN 'open' ELSE 'released' END,
         CASE WHEN conversions.state <> 'attested' THEN number / 9 END, CASE WHEN conversions.state <> 'attested' THEN 0 END
       FROM conversions JOIN partnerships ON partnerships.id = partnership_id`,
      [],
    ],
    [
      "moves",
      `INSERT INTO conversion_moves (conversion_id, state, transaction, moved_at, announced)
       SELECT id, (ARRAY['accepted', 'batched', 'attested', 'released'])[m], CASE WHEN m > 2 THEN repeat('7', 66) END,
         received_at + m * interval '1 hour', true FROM conversions CROSS JOIN generate_series(1, 4) AS m`,
      [],
    ],
    [
      "waiting",
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, customer, partnership_id, link_id, volume, received_at,
         state, entries, commission, partner_commission, fee, salt, attest_by)
       SELECT p.campaign_id, 'sale', 'waiting-' || i, '', '0x' || md5('waiting' || i), 'customer-' || i, p.id, l.id, 50000000, now(),
         CASE WHEN i % 10 = 0 THEN 'review' ELSE 'accepted' END, jsonb_build_array(${lineOf("p.partner")}), 1000000, 1000000, 50000, '',
         extract(epoch FROM now())::bigint + 86400
       FROM generate_series(1, $1::int) AS i
       JOIN LATERAL (SELECT * FROM partnerships WHERE id = 1 + i % $2::int) AS p ON true JOIN links l ON l.partnership_id = p.id`,
      [waiting, partners],
    ],
    [
      "codes",
      `INSERT INTO codes (campaign_id, name, shown, partnership_id, given_by)
       SELECT campaign_id, 'SALE' || id, 'SALE' || id, id, 'partner' FROM partnerships`,
      [],
    ],
    ["codes", "UPDATE conversions SET code_id = partnership_id WHERE id % 7 = 0", []],
    [
      "leads",
      `WITH registered AS (
         INSERT INTO leads (campaign_id, partnership_id, state, hash, signature, customer, conversion_id, registered_at,
           answer_by, protected_until)
         SELECT campaign_id, partnership_id, CASE WHEN id % 50 = 0 THEN 'registered' ELSE 'won' END, '0x', '0x', customer, id,
           received_at, received_at, now() + interval '1 day'
         FROM conversions WHERE id % 3 = 0 AND partnership_id IS NOT NULL RETURNING id, campaign_id, protected_until
       )
       INSERT INTO lead_names (campaign_id, name, lead_id, held_until)
       SELECT campaign_id, 'name ' || id, id, protected_until FROM registered`,
      [],
    ],
    [
      "bindings",
      `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at)
       SELECT DISTINCT ON (campaign_id, customer) campaign_id, customer, partnership_id, received_at, received_at FROM conversions`,
      [],
    ],
    [
      "refunds",
      `WITH given AS (
         INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason)
         SELECT id, 'r', '', 10000000, false, 'refunded' FROM conversions WHERE refunded > 0 RETURNING id, conversion_id
       )
       INSERT INTO reversals (conversion_id, refund_id, batch, reason, state, whole, taken_back)
       SELECT conversion_id, given.id, batch, 'refunded', 'done', false, '[]' FROM given JOIN conversions ON conversions.id = conversion_id`,
      [],
    ],
    [
      "transactions",
      `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, hash, gas_used, block, created_at)
       SELECT $2, b * 2 + t, CASE t WHEN 0 THEN 'attest:' || ${digestOf("b")} ELSE 'release:' || ${digestOf("b")} || ':0' END, '0x', 1, 'mined',
         '0x' || md5('t' || b || t), 100000, b, now() - ($1 - b) * interval '1 minute'
       FROM generate_series(1, $1::int) AS b CROSS JOIN generate_series(0, 1) AS t`,
      [batches, BRAND],
    ],
    [
      "keys",
      `WITH made AS (INSERT INTO api_keys (campaign_id, secret_hash, label, brand)
         SELECT id, 'hash-' || id, 'shop', brand FROM campaigns RETURNING id, campaign_id)
       INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id)
       SELECT made.id, c.order_id, '', c.id FROM conversions c JOIN made USING (campaign_id) WHERE c.id % 3 = 0`,
      [],
    ],
    [
      "webhooks",
      `WITH made AS (INSERT INTO webhook_endpoints (campaign_id, url, seed, brand)
         SELECT id, 'https://brand.example/hook', '', brand FROM campaigns WHERE id = ${campaignOf("1")} RETURNING id)
       INSERT INTO webhook_deliveries (endpoint_id, move_id, type, state, attempts, due_at, created_at)
       SELECT made.id, m.id, 'conversion.' || m.state, CASE WHEN m.id % 1000 = 0 THEN 'dead' ELSE 'delivered' END, 1, m.moved_at, m.moved_at
       FROM conversion_moves m CROSS JOIN made WHERE m.id % 4 = 0`,
      [],
    ],
    [
      "a source",
      `INSERT INTO source_events (campaign_id, source, event_id, type, object_id, state)
       SELECT ${campaignOf("1")}, 'stripe', 'evt_' || b, 'invoice.paid', 'in_' || b, 'applied'
       FROM generate_series(1, $1::int) AS b`,
      [batches],
    ],
    [
      "a source",
      `INSERT INTO source_objects (campaign_id, source, object_id, what, links, fact)
       SELECT ${campaignOf("1")}, 'stripe', 'in_' || b, 'invoice', ARRAY['ch_' || b], '' FROM generate_series(1, $1::int) AS b`,
      [batches],
    ],
    [
      "a source",
      `INSERT INTO source_orders (campaign_id, source, order_id, event, conversion_id, accepted)
       SELECT campaign_id, 'stripe', 'in_' || id, event, id, true FROM conversions WHERE id % 9 = 0`,
      [],
    ],
    [
      "applications",
      `WITH invited AS (
         INSERT INTO invitations (campaign_id, code, label, kinds)
         SELECT ${campaignOf("1")}, 'invited' || b, '', 1 FROM generate_series(1, greatest($1::int / 20, 1)) AS b RETURNING id, campaign_id
       )
       INSERT INTO applications (campaign_id, partner, answers, invitation_id)
       SELECT campaign_id, ${partnerOf("100000 + id")}, '[]', id FROM invited`,
      [batches],
    ],
    [
      "pushes",
      `INSERT INTO pushes (owner, tokens, created_at) SELECT ${partnerOf("1")}, '{}', now() - b * interval '1 day'
       FROM generate_series(1, greatest($1::int / 20, 1)) AS b`,
      [batches],
    ],
    [
      "mails",
      `WITH reader AS (
         INSERT INTO mail_addresses (wallet, address, confirmed_at) VALUES (${partnerOf("1")}, 'partner@example.org', now()) RETURNING wallet
       ), mail AS (
         INSERT INTO mails (wallet, purpose, state, made_at, sent_at)
         SELECT wallet, 'notices', 'sent', now() - b * interval '1 hour', now() - b * interval '1 hour'
         FROM reader CROSS JOIN generate_series(1, greatest($1::int / 20, 1)) AS b RETURNING id, wallet
       )
       INSERT INTO notices (wallet, kind, about, told, mail_id) SELECT wallet, 'partner.paid', 'mail ' || id, true, id FROM mail`,
      [batches],
    ],
    [
      "the chain",
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (1, '', $1, '0x', extract(epoch FROM now())::bigint, $1, extract(epoch FROM now())::bigint)`,
      [batches + 100],
    ],
    [
      "a claim",
      "INSERT INTO last_claims (owner, token, block, log_index) SELECT $1, token, $2, 0 FROM campaigns LIMIT 1",
      [partner(1), Math.floor(batches * 0.95)],
    ],
  ];
  for (const [part, statement, parameters] of steps) {
    say(part);
    // Some at a time, as they come: a million rows and their sums in one statement would take a machine's memory.
    const starts =
      part === "conversions"
        ? Array.from({ length: Math.ceil(batches / AT_ONCE) }, (_, i) => 1 + i * AT_ONCE)
        : [undefined];
    for (const from of starts)
      await sql.query(
        statement,
        from === undefined ? parameters : [...parameters, from, Math.min(batches, from + AT_ONCE - 1)],
      );
  }
  say("statistics");
  await sql.query("ANALYZE");
  const [row] = await sql.query<{ count: bigint }>("SELECT count(*) AS count FROM conversions");
  return {
    campaignId: `0x${"1".padStart(64, "0")}`,
    brand: BRAND,
    partner: partner(1),
    digest: `0xba${(Math.floor(batches / 10) * 5).toString(16).padStart(62, "0")}`,
    conversions: Number(row?.count),
  };
}

const AT_ONCE = 5_000;
const partner = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;
