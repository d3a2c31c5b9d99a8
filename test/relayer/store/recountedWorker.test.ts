/** What workers are given to do, who is found by a name, and in which order, each beside a count of its own over the tables' rows. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { readApplication, readApplications } from "#relayer/store/admission.ts";
import {
  findBatchesToRelease,
  findBatchesToSign,
  findBatchesToSubmit,
  findBatchesWithoutLines,
  readNumberedHere,
} from "#relayer/store/batches.ts";
import { countOwnCodes, isSpokenByAnother, readCodes, readNamedCodes, readSpokenCodes } from "#relayer/store/codes.ts";
import { readFinalBlock } from "#relayer/store/cursor.ts";
import { leaseDeliveries } from "#relayer/store/deliveries.ts";
import { readLinks } from "#relayer/store/links.ts";
import { isUnderWay, readAttempts, readSendersUnderWay, readUnderWay } from "#relayer/store/outbox.ts";
import { findPartnershipByInvite, readPerformances } from "#relayer/store/partnerships.ts";
import { readCards, readNames } from "#relayer/store/profiles.ts";
import { findEndpoint, readEndpoints } from "#relayer/store/webhooks.ts";
import type { Database, Sql } from "#service/database.ts";
import { aside, NOW, openVariedHistory, type Row, sorted, type VariedHistory } from "../../support/variedHistory.ts";

describe("what the store gives to workers and pages", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
  });
  after(() => varied?.close());

  const read = (sql: Sql, table: string): Promise<Row[]> => sql.query(`SELECT * FROM ${table}`);
  const ids = (list: readonly Row[]) => list.map(({ id }) => id as bigint);
  const digests = (list: readonly Row[]) => list.map(({ digest }) => digest as string);

  it("are batches whose turn it is: by state and time, of campaigns that are not set aside, with nothing under way", async () => {
    const [batches, behind, transactions] = await Promise.all([
      read(database, "batches"),
      read(database, "set_aside"),
      read(database, "transactions"),
    ]);
    const underWay = (purpose: string) =>
      transactions.filter((row) => row.state === "sent" && row.purpose.startsWith(purpose)).length;
    const isTurn = (batch: Row) =>
      batch.retry_at.getTime() <= Date.now() && behind.every(({ campaign_id }) => campaign_id !== batch.campaign_id);
    const inOrder = (list: Row[]) =>
      sorted(
        list,
        (row) => row.campaign_id,
        (row) => row.first_conversion,
      );

    const toSign = batches.filter((row) => ["built", "asked"].includes(row.state) && isTurn(row));
    expect(toSign.length).to.be.greaterThan(1);
    expect((await findBatchesToSign(database)).map(({ digest, state }) => [digest, state])).to.deep.equal(
      inOrder(toSign).map(({ digest, state }) => [digest, state]),
    );
    const signed = batches.filter((row) => row.state === "signed" && isTurn(row));
    expect(signed.length).to.be.greaterThan(1);
    await aside(database, async (sql) => {
      const [sent, late] = digests(signed);
      await sql.query("UPDATE batches SET period_to = 100");
      await sql.query("UPDATE batches SET period_to = 101 WHERE digest = $1", [late]);
      await sql.query("UPDATE transactions SET purpose = 'attest:' || $1 WHERE nonce = 1 AND sender = '0xreverser'", [
        sent,
      ]);
      for (const now of [100, 101])
        expect(digests(await findBatchesToSubmit(sql, now))).to.deep.equal(
          digests(inOrder(signed).filter(({ digest }) => digest !== sent && (now > 100 || digest !== late))),
        );
    });
    const due = batches.filter(
      (row) =>
        row.state === "attested" &&
        row.release_at <= BigInt(NOW) &&
        row.lines_known &&
        isTurn(row) &&
        underWay(`release:${row.digest}:`) < 1,
    );
    const found = await findBatchesToRelease(database, NOW, 1);
    expect(due.length).to.be.greaterThan(0);
    expect(digests(found)).to.have.members(digests(due));
    const times = found.map(({ digest }) => batches.find((row) => row.digest === digest).release_at);
    expect(times).to.deep.equal(sorted(times, (time) => time));
    expect(new Set((await findBatchesToRelease(database, NOW, 2)).map(({ under_way }) => under_way))).to.include(1);

    const unknown = batches.filter(
      (row) => ["attested", "released"].includes(row.state) && !row.lines_known && isTurn(row),
    );
    await aside(database, async (sql) => {
      for (const [i, digest] of digests(unknown).entries())
        await sql.query("UPDATE batches SET retry_at = now() - $2 * interval '1 second' WHERE digest = $1", [
          digest,
          i,
        ]);
      expect(digests(await findBatchesWithoutLines(sql, 100))).to.deep.equal(digests(unknown).toReversed());
      expect(digests(await findBatchesWithoutLines(sql, 1))).to.deep.equal(digests(unknown).slice(-1));
    });
    for (const { digest, state } of batches) {
      const numbered = ["asked", "signed", "attested", "released"].includes(state);
      expect((await readNumberedHere(database, digest)) !== undefined, state).to.equal(numbered);
    }
    await aside(database, async (sql) => {
      const [{ digest }] = batches.filter(({ state }) => state === "signed");
      await sql.query("UPDATE conversions SET batch = NULL WHERE batch = $1", [digest]);
      expect(await readNumberedHere(sql, digest), "numbered elsewhere").to.equal(undefined);
    });
  });

  it("are the transactions of every sender that are under way or not final, and the attempts at one, dearest first", async () => {
    await aside(database, async (sql) => {
      const [cursor] = await sql.query<{ final_block: bigint }>("SELECT final_block FROM chain_cursor");
      const final = cursor?.final_block ?? 0n;
      await sql.query("DELETE FROM transactions");
      for (const [sender, nonce, state, block] of [
        ["0xa", 1, "mined", final],
        ["0xa", 2, "mined", final + 1n],
        ["0xa", 3, "reverted", final + 2n],
        ["0xa", 4, "lost", null],
        ["0xa", 5, "sent", null],
        ["0xb", 5, "sent", null],
        ["0xb", 7, "mined", final + 5n],
      ] as const)
        await sql.query(
          "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, block) VALUES ($1, $2, $3, '0x', 1, $4, $5)",
          [sender, nonce, `${sender} ${nonce}`, state, block],
        );
      await sql.query("INSERT INTO indexed_blocks (block, hash, time) VALUES ($1, '0xnext', 1)", [final + 1n]);
      const { rows, finalBlock } = await readUnderWay(sql);
      expect(finalBlock).to.equal(Number(final));
      expect(rows.map(({ sender, nonce, state, block_hash }) => [sender, nonce, state, block_hash])).to.deep.equal([
        ["0xa", 2n, "mined", "0xnext"],
        ["0xa", 3n, "reverted", null],
        ["0xa", 5n, "sent", null],
        ["0xb", 5n, "sent", null],
        ["0xb", 7n, "mined", null],
      ]);
      expect(await readSendersUnderWay(sql)).to.deep.equal([
        { sender: "0xa", waiting: 1n },
        { sender: "0xb", waiting: 1n },
      ]);
      const underWay: string[] = [];
      for (const sender of ["0xa", "0xb", "0xc"])
        for (const nonce of [1, 2, 3, 4, 5, 7])
          if (await isUnderWay(sql, `${sender} ${nonce}`)) underWay.push(`${sender} ${nonce}`);
      expect(underWay).to.deep.equal(["0xa 5", "0xb 5"]);
      for (const [hash, sender, nonce, fee, age] of [
        ["0x1", "0xa", 5, 10, 61],
        ["0x2", "0xa", 5, 30, 1],
        ["0x3", "0xa", 5, 20, 59],
        ["0x4", "0xa", 2, 40, 1],
        ["0x5", "0xb", 5, 50, 1],
      ] as const)
        await sql.query(
          `INSERT INTO attempts (hash, sender, nonce, raw, max_fee, priority_fee, created_at)
           VALUES ($1, $2, $3, '0x', $4, 1, now() - $5 * interval '1 second')`,
          [hash, sender, nonce, fee, age],
        );
      expect((await readAttempts(sql, "0xa", 5n, 60)).map(({ hash, old }) => [hash, old])).to.deep.equal([
        ["0x2", false],
        ["0x3", false],
        ["0x1", true],
      ]);
      expect(await readFinalBlock(sql)).to.equal(Number(final));
      await sql.query("UPDATE chain_cursor SET block = final_block - 1");
      expect(await readFinalBlock(sql), "behind what is final").to.equal(undefined);
    });
  });

  it("are deliveries that are due, of endpoints that take them, a conversion's one after the other, leased once", async () => {
    await aside(database, async (sql) => {
      const [moves] = [
        await sql.query<Row>("SELECT id, conversion_id FROM conversion_moves ORDER BY conversion_id, id LIMIT 12"),
      ];
      await sql.query("DELETE FROM webhook_deliveries");
      const endpoints = await sql.query<Row>(
        `INSERT INTO webhook_endpoints (campaign_id, url, seed, brand, previous_seed, previous_until, disabled_at)
         SELECT id, 'https://brand.example/' || n, 'seed ' || n, brand, 'old ' || n, now() + (n - 2) * interval '1 hour',
           CASE WHEN n = 4 THEN now() END FROM campaigns CROSS JOIN generate_series(1, 4) AS n
         WHERE id = $1 ORDER BY n RETURNING id`,
        [history.campaignId],
      );
      const [first, second, busy, disabled] = ids(endpoints);
      const deliver = async (
        endpoint: bigint | undefined,
        move: number,
        given: { state?: string; due?: number; status?: number } = {},
      ) => {
        const [row] = await sql.query<{ id: bigint }>(
          `INSERT INTO webhook_deliveries (endpoint_id, move_id, type, state, due_at, last_status, attempts)
           VALUES ($1, $2, 'conversion.attested', $3, now() + $4 * interval '1 second', $5, 3) RETURNING id`,
          [endpoint, moves[move].id, given.state ?? "pending", given.due ?? -1, given.status ?? null],
        );
        return row?.id as bigint;
      };
      // Moves 0 to 3 are one conversion's, 4 to 7 another's.
      expect(new Set(moves.slice(0, 4).map(({ conversion_id }) => conversion_id))).to.have.length(1);
      const leased = [
        await deliver(first, 0, { due: -5 }),
        await deliver(first, 4, { status: 500 }),
        await deliver(first, 5, { due: -3 }),
      ];
      await deliver(first, 1);
      await deliver(first, 8, { due: 60 });
      await deliver(first, 9, { state: "delivered" });
      await deliver(disabled, 4);
      await deliver(busy, 4);
      // To another endpoint the earlier move was delivered, or failed once: neither holds the next one up.
      await deliver(second, 0, { state: "delivered" });
      leased.push(await deliver(second, 1));
      const which = { max: 10, maxPerEndpoint: 5, busy: [busy ?? 0n] };
      const lease = async (of: typeof which) => (await leaseDeliveries(sql, of, 60)) as Row[];
      const found = await lease(which);
      expect(ids(found)).to.have.members(leased);
      for (const one of found) {
        expect(one.attempts).to.equal(4);
        expect([one.endpoint_id, one.url, one.seed]).to.deep.equal(
          one.endpoint_id === first
            ? [first, "https://brand.example/1", "seed 1"]
            : [second, "https://brand.example/2", "seed 2"],
        );
        expect(one.previous_seed, "its grace is over").to.equal(null);
      }
      expect(await lease(which), "due for nobody").to.deep.equal([]);
      const [other] = await lease({ ...which, busy: [] });
      expect([other.endpoint_id, other.previous_seed]).to.deep.equal([busy, "old 3"]);
      await sql.query("UPDATE webhook_deliveries SET due_at = now() - id * interval '1 second'");
      expect(ids(await lease({ ...which, maxPerEndpoint: 1 }))).to.have.length(2);
    });
  });

  it("are partners, links and codes of a campaign, in their order and by their names, as its brand of now calls them", async () => {
    const { campaignId, partner } = history;
    await aside(database, async (sql) => {
      const partnerships = sorted(await read(sql, "partnerships"), ({ id }) => id);
      const own = partnerships.filter((row) => row.campaign_id === campaignId);
      const [links, codes, sums] = [
        sorted(await read(sql, "links"), ({ id }) => id),
        sorted(await read(sql, "codes"), ({ id }) => id),
        await read(sql, "partnership_sums"),
      ];
      const sumOf = (row: Row, column: string): bigint =>
        sums.find(({ partnership_id }) => partnership_id === row.id)?.[column] ?? 0n;
      for (const sort of ["newest", "oldest", "conversions", "commission"] as const) {
        const ordered =
          sort === "oldest"
            ? own
            : sort === "newest"
              ? own.toReversed()
              : sorted(
                  own,
                  (row) => sumOf(row, sort),
                  ({ id }) => id,
                ).toReversed();
        const all = await readPerformances(sql, { campaignId, sort, limit: 100 });
        expect(ids(all), sort).to.deep.equal(ids(ordered));
        const after = all[3];
        expect(ids(await readPerformances(sql, { campaignId, sort, after, limit: 4 })), sort).to.deep.equal(
          ids(ordered.slice(4, 8)),
        );
        expect(all.map(({ conversions }) => conversions)).to.deep.equal(
          ordered.map((row) => sumOf(row, "conversions")),
        );
      }
      const ownLinks = links.filter(({ partnership_id }) => own.some(({ id }) => id === partnership_id));
      const codesOf = (list: Row[]) => list.map(({ code }) => code as string);
      const which = { partner: undefined, archived: true, limit: 5 };
      expect(codesOf(await readLinks(sql, campaignId, which))).to.deep.equal(codesOf(ownLinks.slice(0, 5)));
      expect(codesOf(await readLinks(sql, campaignId, { ...which, after: ownLinks[2].code }))).to.deep.equal(
        codesOf(ownLinks.slice(3, 8)),
      );
      const foreign = links.find(({ partnership_id }) => own.every(({ id }) => id !== partnership_id));
      expect(await findPartnershipByInvite(sql, campaignId, ownLinks[1].code)).to.equal(ownLinks[1].partnership_id);
      expect(await findPartnershipByInvite(sql, campaignId, foreign.code)).to.equal(undefined);

      const ownCodes = codes.filter((row) => row.campaign_id === campaignId);
      await sql.query("UPDATE codes SET given_by = 'brand' WHERE id = $1", [ownCodes[1].id]);
      expect(await countOwnCodes(sql, ownCodes[1].partnership_id)).to.equal(0);
      expect(await countOwnCodes(sql, ownCodes[0].partnership_id)).to.equal(1);
      const names = [ownCodes[4].name, ownCodes[2].name, "NOTHING", foreign.code];
      expect(ids(await readNamedCodes(sql, campaignId, names))).to.deep.equal([ownCodes[4].id, ownCodes[2].id]);
      expect(ids(await readSpokenCodes(sql, campaignId, names))).to.have.members([ownCodes[4].id, ownCodes[2].id]);
      for (const [sort, from] of [
        ["newest", ownCodes[5].id],
        ["oldest", ownCodes[5].id],
      ] as const)
        expect(ids(await readCodes(sql, campaignId, undefined, { sort, from, limit: 3 }))).to.deep.equal(
          ids(sort === "newest" ? ownCodes.slice(2, 5).toReversed() : ownCodes.slice(6, 9)),
        );
      const heard = ownCodes[3].name.toLowerCase();
      expect(await isSpokenByAnother(sql, ownCodes[2].partnership_id, "nothing")).to.equal(false);
      await sql.query("UPDATE codes SET name = spoken(name) WHERE id = $1", [ownCodes[3].id]);
      expect(await isSpokenByAnother(sql, ownCodes[2].partnership_id, heard)).to.equal(true);
      expect(await isSpokenByAnother(sql, ownCodes[3].partnership_id, heard), "its own").to.equal(false);

      await sql.query("INSERT INTO profiles (wallet, name) VALUES ($1, 'Its own name'), ($2, 'Another')", [
        partner,
        own[1].partner,
      ]);
      for (const [campaign, brand, label] of [
        [campaignId, history.brand, "The brand's word"],
        [campaignId, "0xformer", "The former brand's word"],
        [foreignCampaign(partnerships, campaignId), history.brand, "Elsewhere"],
      ] as const)
        await sql.query("INSERT INTO partner_labels (campaign_id, partner, brand, label) VALUES ($1, $2, $3, $4)", [
          campaign,
          partner,
          brand,
          label,
        ]);
      await sql.query(
        "INSERT INTO partner_labels (campaign_id, partner, brand, label) VALUES ($1, $2, $3, 'A label alone')",
        [campaignId, own[2].partner, history.brand],
      );
      const asked = own.slice(0, 4).map((row) => ({ campaignId, partner: row.partner as string }));
      const nameOf = await readNames(sql, asked);
      expect(asked.map(nameOf)).to.deep.equal(["The brand's word", "Another", "A label alone", null]);
      expect((await readNames(sql, []))({ campaignId, partner })).to.equal(null);
      const cards = await readCards(
        sql,
        campaignId,
        asked.map((place) => place.partner),
      );
      expect([...cards.keys()]).to.have.members(asked.slice(0, 3).map((place) => place.partner));
      expect(cards.get(partner)?.label).to.equal("The brand's word");
    });
  });

  it("are applications and endpoints by page, and each alone by its id", async () => {
    const { campaignId, partner } = history;
    await aside(database, async (sql) => {
      await sql.query(
        "INSERT INTO applications (campaign_id, partner, answers) SELECT id, $1, '[]' FROM campaigns ON CONFLICT DO NOTHING",
        [partner],
      );
      await sql.query(
        "INSERT INTO webhook_endpoints (campaign_id, url, seed, brand) SELECT id, 'https://brand.example/' || n, '', brand FROM campaigns CROSS JOIN generate_series(1, 4) AS n",
      );
      const inOrder = async (table: string) => sorted(await sql.query<Row>(`SELECT * FROM ${table}`), ({ id }) => id);
      const [applications, endpoints] = [await inOrder("applications"), await inOrder("webhook_endpoints")];
      const own = (list: Row[]) => list.filter((row) => row.campaign_id === campaignId);
      for (const sort of ["newest", "oldest"] as const) {
        const paged = (list: Row[]) => {
          const from = list[1]?.id ?? 0n;
          const rest = list.filter(({ id }) => (sort === "newest" ? id < from : id > from));
          return {
            page: { sort, from, limit: 2 },
            expected: ids(sort === "newest" ? rest.toReversed() : rest).slice(0, 2),
          };
        };
        const ofCampaign = paged(own(applications));
        expect(ids(await readApplications(sql, { campaignId }, ofCampaign.page))).to.deep.equal(ofCampaign.expected);
        const ofPartner = paged(applications.filter((row) => row.partner === partner));
        expect(ids(await readApplications(sql, { partner }, ofPartner.page))).to.deep.equal(ofPartner.expected);
        const ofEndpoints = paged(own(endpoints));
        expect(ids(await readEndpoints(sql, campaignId, ofEndpoints.page))).to.deep.equal(ofEndpoints.expected);
      }
      for (const { id } of applications.slice(0, 3)) expect((await readApplication(sql, id))?.id).to.equal(id);
      for (const { id } of endpoints) expect((await findEndpoint(sql, String(id)))?.id).to.equal(id);
      expect(await findEndpoint(sql, "999999")).to.equal(undefined);
    });
  });
});

const foreignCampaign = (partnerships: Row[], campaignId: string): string =>
  partnerships.find((row) => row.campaign_id !== campaignId).campaign_id;
