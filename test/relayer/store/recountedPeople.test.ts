/** What the store keeps of partners beside their money: links, leads, mails and where they are paid, each with a count of its own. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { countAgentToken } from "#relayer/store/agentTokens.ts";
import { addClicks, readClickDays } from "#relayer/store/clicks.ts";
import { insertImportRows, readImportedRows, readImports } from "#relayer/store/imports.ts";
import { findInvitation, insertInvitation, readInvitations, revokeInvitation } from "#relayer/store/invitations.ts";
import {
  countAttempt,
  countOpenLeads,
  eraseProspects,
  findCampaignsWithDueLeads,
  insertLead,
  keepLeads,
  moveLead,
  readFirstSale,
  readHeldNames,
  readLead,
  readLeads,
} from "#relayer/store/leads.ts";
import { findLink } from "#relayer/store/links.ts";
import { bundleNotices, endMailLease, forgetMails, leaseMails, readNotices } from "#relayer/store/mails.ts";
import { insertMerge, readKeysOfCustomer, readMerged } from "#relayer/store/mergedCustomers.ts";
import { readPayout } from "#relayer/store/owners.ts";
import { readPerformances } from "#relayer/store/partnerships.ts";
import { readNames } from "#relayer/store/profiles.ts";
import { readDuePushes, readPushes, writePush } from "#relayer/store/pushes.ts";
import type { Database, Sql } from "#service/database.ts";
import {
  aside,
  DAY,
  NOW,
  openVariedHistory,
  type Row,
  readAll,
  sorted,
  type VariedHistory,
} from "../../support/variedHistory.ts";

describe("what the store keeps of partners", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  let foreign: string;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
    foreign = varied.campaigns().find((id) => id !== history.campaignId) ?? "";
  });
  after(() => varied?.close());

  const addresses = (list: readonly { readonly owner: string }[]) => list.map(({ owner }) => owner).toSorted();

  it("is paid by pushes who does not refuse them, or is locked to one address now, and had none within a day", async () => {
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM pushes");
      await sql.query("DELETE FROM push_settings");
      const everybody = addresses(await readDuePushes(sql, undefined, 100));
      expect(everybody.length).to.be.greaterThan(6);
      const payout = (n: number, [lock, next, nextLock, out]: [number, number, number | null, boolean]) =>
        sql.query(
          `INSERT INTO payout_addresses (owner, receiver, lock_seconds, next_receiver, next_lock_seconds, next_at, opted_out)
           VALUES ($1, '0x01', $2, '0x02', $3, $4, $5)`,
          [everybody[n], lock, nextLock, next, out],
        );
      // Refused, without a lock; with one; with one that is over; with one that begins, or ends, later; and not refused.
      const [past, later] = [NOW - 100, NOW + 10_000];
      await payout(0, [0, 0, null, true]);
      await payout(1, [5, 0, null, true]);
      await payout(2, [5, past, 0, true]);
      await payout(3, [0, past, 5, true]);
      await payout(4, [0, later, 5, true]);
      await payout(5, [5, later, 0, true]);
      await payout(6, [0, 0, null, false]);
      const unwanted = [0, 2, 4].map((n) => everybody[n]);
      expect(addresses(await readDuePushes(sql, undefined, 100))).to.deep.equal(
        everybody.filter((owner) => !unwanted.includes(owner)),
      );
      const payouts = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((n) => readPayout(sql, everybody[n] ?? "")));
      expect(
        payouts.map((one) => [one.receiver, one.lock_seconds, one.next_receiver, one.next_lock_seconds, one.next_at]),
      ).to.deep.equal([
        ["0x01", 0n, "0x02", null, 0n],
        ["0x01", 5n, "0x02", null, 0n],
        ["0x02", 0n, null, null, 0n],
        ["0x02", 5n, null, null, 0n],
        ["0x01", 0n, "0x02", 5n, BigInt(later)],
        ["0x01", 5n, "0x02", 0n, BigInt(later)],
        ["0x01", 0n, "0x02", null, 0n],
      ]);
      expect(await readPayout(sql, "0xnobody")).to.deep.include({ receiver: null, lock_seconds: 0n, opted_out: false });

      // Within a day, and before.
      for (const [n, hours] of [
        [1, 23],
        [3, 25],
      ] as const)
        await sql.query(
          "INSERT INTO pushes (owner, tokens, created_at) VALUES ($1, '{}', now() - $2 * interval '1 hour')",
          [everybody[n], hours],
        );
      const had = [...unwanted, everybody[1]];
      expect(addresses(await readDuePushes(sql, undefined, 100))).to.deep.equal(
        everybody.filter((owner) => !had.includes(owner)),
      );
      expect((await readDuePushes(sql, undefined, 1)).length).to.equal(1);
      const transaction = { transaction: <T>(work: (own: Sql) => Promise<T>) => work(sql) } as unknown as Database;
      expect(await writePush(transaction, everybody[1] ?? "", ["0x"], 100), "once a day").to.equal(undefined);
      expect(await writePush(transaction, everybody[3] ?? "", ["0x"], 1), "one a day in all").to.equal(undefined);
      await sql.query("UPDATE pushes SET problem = 'refused' WHERE owner = $1", [everybody[1]]);
      expect((await writePush(transaction, everybody[3] ?? "", ["0x"], 1))?.tokens).to.deep.equal(["0x"]);
      expect(await writePush(transaction, everybody[3] ?? "", ["0x"], 100), "and once more").to.equal(undefined);
    });
  });

  it("is shown with each push's transaction: of its own sender and nonce the attempt that pays most, or the one that was mined", async () => {
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM pushes");
      await sql.query("DELETE FROM transactions");
      const pushes: Row[] = [];
      for (let i = 0; i < 5; i++)
        pushes.push(
          ...(await sql.query<Row>("INSERT INTO pushes (owner, tokens) VALUES ('0xowner', '{}') RETURNING id")),
        );
      const ids = pushes.map(({ id }) => id);
      const carry = (push: number, sender: string, nonce: number, state: string, hash: string | null) =>
        sql.query(
          "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, hash) VALUES ($1, $2, $3, '0x', 1, $4, $5)",
          [sender, nonce, `push:${ids[push]}`, state, hash],
        );
      const attempt = (sender: string, nonce: number, fee: number) =>
        sql.query(
          "INSERT INTO attempts (hash, sender, nonce, raw, max_fee, priority_fee) VALUES ($1, $2, $3, '0x', $4, 1)",
          [`0x${sender}/${nonce}/${fee}`, sender, nonce, fee],
        );
      await carry(0, "a", 1, "sent", null);
      await carry(1, "a", 2, "sent", null);
      await carry(2, "b", 2, "sent", null);
      // Lost, and sent anew; reverted, and mined at last.
      await carry(3, "a", 3, "lost", null);
      await carry(3, "b", 3, "reverted", "0xreverted");
      await carry(3, "a", 4, "mined", "0xmined");
      await carry(4, "a", 5, "lost", null);
      await sql.query(
        "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ('b', 1, 'another', '0x', 1, 'sent')",
      );
      for (const [sender, nonce, fee] of [
        ["a", 1, 20],
        ["a", 1, 10],
        ["a", 2, 50],
        ["a", 2, 40],
        ["b", 2, 30],
        ["b", 1, 99],
      ] as const)
        await attempt(sender, nonce, fee);
      const found = await readPushes(sql, "0xowner", 10);
      expect(found.map(({ id, state, hash }) => [id, state, hash])).to.deep.equal([
        [ids[4], null, null],
        [ids[3], "mined", "0xmined"],
        [ids[2], "sent", "0xb/2/30"],
        [ids[1], "sent", "0xa/2/50"],
        [ids[0], "sent", "0xa/1/20"],
      ]);
    });
  });

  it("are links, each with its campaign's description, clicks and tokens of its own", async () => {
    await aside(database, async (sql) => {
      const [links, partnerships] = [await readAll(sql, "links"), await readAll(sql, "partnerships")];
      await sql.query("INSERT INTO descriptions (hash, body) VALUES ('0xnext', '{\"name\": \"next\"}')");
      await sql.query(
        "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, '0xnext', '', 5)",
        [foreign],
      );
      await sql.query("UPDATE links SET alias = 'Own-' || id, path = '/' || id");
      for (const link of links) {
        const { campaign_id } = partnerships.find(({ id }) => id === link.partnership_id);
        const expected = {
          id: link.id,
          code: link.code,
          path: `/${link.id}`,
          body: campaign_id === foreign ? '{"name": "next"}' : "{}",
        };
        expect(await findLink(sql, link.code)).to.deep.equal(expected);
        expect(await findLink(sql, `Own-${link.id}`)).to.deep.equal(expected);
      }
      expect(await findLink(sql, "nothing")).to.equal(undefined);

      await sql.query("DELETE FROM link_clicks");
      const [first, second] = links as [Row, Row];
      const day = 20_000;
      const on = (n: number) => new Date((day + n) * DAY * 1000).toISOString().slice(0, 10);
      const click = (linkId: bigint, n: number, clicks: number, bots: number) => ({
        linkId: String(linkId),
        day: day + n,
        clicks,
        bots,
      });
      await addClicks(sql, [click(first.id, 0, 3, 1), click(999_999n, 0, 5, 5), click(second.id, 2, 7, 0)]);
      await addClicks(sql, [click(first.id, 0, 2, 1), click(first.id, 1, 4, 0), click(first.id, 3, 1, 0)]);
      const days = (code: string, between: { from?: string; to?: string }, limit = 10) =>
        readClickDays(sql, code, between, limit);
      const own = [
        { day: on(0), clicks: 5n, bots: 2n },
        { day: on(1), clicks: 4n, bots: 0n },
        { day: on(3), clicks: 1n, bots: 0n },
      ];
      expect(await days(first.code, {})).to.deep.equal(own);
      expect(await days(first.code, { from: on(1) })).to.deep.equal(own.slice(1));
      expect(await days(first.code, { to: on(1) })).to.deep.equal(own.slice(0, 2));
      expect(await days(first.code, {}, 2), "the last").to.deep.equal(own.slice(1));
      expect(await days(second.code, {})).to.deep.equal([{ day: on(2), clicks: 7n, bots: 0n }]);
      expect(await days(links[2].code, {})).to.deep.equal([]);

      const mine = partnerships.find(({ id }) => id === first.partnership_id);
      const link = { campaignId: mine.campaign_id, partner: mine.partner, code: first.code };
      const counted: (number | undefined)[] = [];
      for (let i = 0; i < 3; i++) counted.push(await countAgentToken(sql, link, 2));
      expect(counted).to.deep.equal([1, 2, undefined]);
      for (const other of [{ code: second.code }, { partner: "0xnobody" }, { campaignId: foreign }])
        expect(await countAgentToken(sql, { ...link, ...other }, 9)).to.equal(undefined);
      const [row] = await readAll(sql, "agent_tokens");
      const today = new Date().toISOString().slice(0, 10);
      expect(await sql.query("SELECT to_char(day, 'YYYY-MM-DD') AS day, given FROM agent_tokens")).to.deep.equal([
        { day: today, given: row.given },
      ]);
    });
  });

  it("are names: what the brand of the very campaign calls them, there alone", async () => {
    await aside(database, async (sql) => {
      const partnerships = await readAll(sql, "partnerships");
      const campaigns = await readAll(sql, "campaigns");
      for (const [n, { id, brand }] of campaigns.entries())
        for (const [of, label] of [
          [brand, `Label ${n}`],
          ["0xformer", `Former ${n}`],
        ])
          await sql.query("INSERT INTO partner_labels (campaign_id, partner, brand, label) VALUES ($1, $2, $3, $4)", [
            id,
            history.partner,
            of,
            label,
          ]);
      const places = campaigns.map(({ id }) => ({ campaignId: id as string, partner: history.partner }));
      const nameOf = await readNames(sql, places);
      expect(places.map(nameOf)).to.deep.equal(campaigns.map((_, n) => `Label ${n}`));
      const alone = await readNames(sql, places.slice(1, 2));
      expect(places.map(alone)).to.deep.equal([null, "Label 1", null]);
      for (const [n, { id: campaignId }] of campaigns.entries()) {
        const its = partnerships.find((row) => row.campaign_id === campaignId && row.partner === history.partner);
        const search = async (text: string) =>
          (await readPerformances(sql, { campaignId, search: text, limit: 10 })).map(({ id }) => id);
        expect(await search(`label ${n}`)).to.deep.equal([its.id]);
        expect(await search(`former ${n}`), "of a brand that it was").to.deep.equal([]);
        expect(await search(`label ${(n + 1) % campaigns.length}`), "elsewhere").to.deep.equal([]);
      }
    });
  });

  it("are leads, held by name, counted by day in UTC, and moved on by time and by sales", async () => {
    const { campaignId } = history;
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM lead_names");
      await sql.query("DELETE FROM lead_moves");
      await sql.query("DELETE FROM leads");
      const own = (await readAll(sql, "partnerships")).filter((row) => row.campaign_id === campaignId);
      const [first, second] = own as [Row, Row];
      const now = NOW * 1000;
      const register = (partnership: Row, names: string[], until: number) =>
        insertLead(sql, {
          campaignId: partnership.campaign_id,
          partnershipId: partnership.id,
          hash: "0x",
          signature: "0x",
          prospect: "sealed",
          names,
          registeredAt: now - 5_000,
          answerBy: now,
          protectedUntil: until,
        });
      const others = (await readAll(sql, "partnerships")).filter((row) => row.campaign_id === foreign);
      const lapsing = await register(first, ["company", "person"], now);
      const lasting = await register(second, ["another"], now + 1);
      const elsewhere = await register(others[0], ["company"], now + 1);
      const held = (await readHeldNames(sql, campaignId, ["company", "person", "another", "none"])).map(
        (row) => row.lead_id,
      );
      expect(held, "each once, in the order of leads").to.deep.equal([lapsing, lasting]);
      expect((await readHeldNames(sql, foreign, ["company"])).map((row) => row.lead_id)).to.deep.equal([elsewhere]);
      expect(await countOpenLeads(sql, first.id)).to.equal(1);

      // A second before midnight in UTC, and at it.
      const midnight = Date.UTC(2026, 2, 29);
      const attempts: number[] = [];
      for (const at of [midnight - 1, midnight - 1, midnight]) attempts.push(await countAttempt(sql, first.id, at));
      attempts.push(await countAttempt(sql, second.id, midnight));
      expect(attempts).to.deep.equal([1, 2, 1, 1]);
      await eraseProspects(sql, midnight);
      expect(await countAttempt(sql, first.id, midnight), "of the day itself it is kept").to.equal(2);
      expect(await countAttempt(sql, first.id, midnight - 1), "of the day before it is not").to.equal(1);

      const due = async () => (await findCampaignsWithDueLeads(sql, now)).toSorted();
      const sale = (await readAll(sql, "conversions")).find(
        (row) => row.partnership_id === second.id && !["rejected", "reversed"].includes(row.state),
      );
      await sql.query("UPDATE conversions SET customer = NULL WHERE id <> $1", [sale.id]);
      await sql.query("UPDATE conversions SET customer = 'sold to' WHERE id = $1", [sale.id]);
      expect(await due(), "what lapses is due by itself").to.deep.equal([campaignId]);
      await keepLeads(sql, foreign, now);
      expect((await readLead(sql, campaignId, lapsing))?.state, "another campaign's turn").to.equal("registered");
      await keepLeads(sql, campaignId, now);
      expect((await readLead(sql, campaignId, lapsing))?.state).to.equal("lapsed");
      expect((await readLead(sql, campaignId, lasting))?.state).to.equal("registered");
      expect(await due(), "once").to.deep.equal([]);
      expect(await readHeldNames(sql, campaignId, ["company", "person"]), "free again").to.deep.equal([]);
      expect((await readHeldNames(sql, foreign, ["company"])).length, "not there").to.equal(1);

      // Qualified, then known as a customer who bought, under a key that was merged into another's.
      const move = { state: "qualified", reason: undefined, comment: undefined, by: "brand" } as const;
      await sql.query("UPDATE leads SET customer = 'merged' WHERE id = $1", [lasting]);
      await sql.query(
        "INSERT INTO merged_customers (campaign_id, customer, merged_into) VALUES ($1, 'merged', 'sold to')",
        [campaignId],
      );
      expect(await due(), "one that is not qualified is not won").to.deep.equal([]);
      await moveLead(sql, lasting, move, now);
      expect(await due()).to.deep.equal([campaignId]);
      await sql.query("UPDATE conversions SET state = 'reversed' WHERE id = $1", [sale.id]);
      expect(await due(), "a sale that was taken back wins nothing").to.deep.equal([]);
      await sql.query("UPDATE conversions SET state = 'accepted', partnership_id = $2 WHERE id = $1", [
        sale.id,
        first.id,
      ]);
      expect(await due(), "nor does another partner's").to.deep.equal([]);
      await sql.query("UPDATE conversions SET partnership_id = $2 WHERE id = $1", [sale.id, second.id]);
      await keepLeads(sql, campaignId, now);
      const won = await readLead(sql, campaignId, lasting);
      expect([won?.state, won?.conversion_id, won?.moves.map(({ state }) => state)]).to.deep.equal([
        "won",
        sale.id,
        ["registered", "qualified", "won"],
      ]);
      expect(await due(), "won once").to.deep.equal([]);
      expect(await readFirstSale(sql, ["sold to", "none"])).to.equal(sale.received_at.getTime());
      expect(await readFirstSale(sql, ["none"])).to.equal(undefined);

      const list = async (
        of: Parameters<typeof readLeads>[2],
        sort: "newest" | "oldest" = "newest",
        from = 10n ** 15n,
      ) => (await readLeads(sql, campaignId, of, { sort, from, limit: 10 })).map(({ id }) => id);
      expect(await list({})).to.deep.equal([lasting, lapsing]);
      expect(await list({}, "oldest", 0n)).to.deep.equal([lapsing, lasting]);
      expect(await list({}, "oldest", lapsing)).to.deep.equal([lasting]);
      expect(await list({ partner: first.partner })).to.deep.equal([lapsing]);
      expect(await list({ partner: others[0].partner, state: "won" })).to.deep.equal(
        others[0].partner === second.partner ? [lasting] : [],
      );
      expect(await list({ state: "lapsed" })).to.deep.equal([lapsing]);
      expect(await readLead(sql, foreign, lasting), "another campaign's").to.equal(undefined);
      // Ended by its own time, and by the sale's.
      await eraseProspects(sql, now - 1);
      const prospects = async () =>
        [await readLead(sql, campaignId, lapsing), await readLead(sql, foreign, elsewhere)].map((row) => row?.prospect);
      expect(await prospects()).to.deep.equal(["sealed", "sealed"]);
      await eraseProspects(sql, now);
      expect(await prospects()).to.deep.equal([null, "sealed"]);
      await moveLead(sql, elsewhere, { ...move, state: "lost" }, now);
      expect(await readHeldNames(sql, foreign, ["company"]), "lost, and nobody's").to.deep.equal([]);
    });
  });

  it("are mails: what is told is bundled once, sent so many a minute, and left out where it stands no more", async () => {
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM notices");
      await sql.query("DELETE FROM mails");
      const [reader] = await readAll(sql, "mail_addresses");
      const rows = await readAll(sql, "conversions");
      const kinds = ["partner.first_sale", "partner.rejected", "partner.released", "partner.accepted"] as const;
      const told: [kind: string, row: Row | undefined][] = [];
      for (const kind of kinds)
        for (const state of ["accepted", "rejected", "reversed", "released"])
          told.push([kind, rows.find((row) => row.state === state)]);
      told.push(["partner.paid", undefined]);
      for (const [i, [kind, row]] of told.entries())
        await sql.query(
          "INSERT INTO notices (wallet, kind, about, campaign_id, conversion_id) VALUES ($1, $2, $3, $4, $5)",
          [reader.wallet, kind, `about ${i}`, row?.campaign_id ?? null, row?.id ?? null],
        );
      // In a block that is not final.
      await sql.query(
        "INSERT INTO notices (wallet, kind, about, block) SELECT $1, 'partner.paid', 'later', final_block + 1 FROM chain_cursor",
        [reader.wallet],
      );
      expect(await bundleNotices(sql, 3_600)).to.equal(told.length);
      expect(await bundleNotices(sql, 3_600), "once").to.equal(0);
      const [mail] = await readAll(sql, "mails");
      const stands = ([kind, row]: (typeof told)[number]) => {
        if (row === undefined) return true;
        if (kind === "partner.first_sale") return !["rejected", "reversed"].includes(row.state);
        if (kind === "partner.rejected") return ["rejected", "reversed"].includes(row.state);
        return kind !== "partner.released" || row.state === "released";
      };
      const expected = told.filter(stands);
      const { notices, count } = await readNotices(sql, mail.id, 100);
      expect(count).to.equal(expected.length);
      expect(notices.map((one) => [one.kind, one.conversion_id, one.state, one.commission, one.event])).to.deep.equal(
        expected.map(([kind, row]) => [
          kind,
          row?.id ?? null,
          row?.state ?? null,
          row?.partner_commission ?? null,
          row?.event ?? null,
        ]),
      );
      expect(notices.map((one) => one.token_symbol)).to.deep.equal(expected.map(([, row]) => (row ? "USDC" : null)));
      expect((await readNotices(sql, mail.id, 2)).notices.length).to.equal(2);
      expect((await readNotices(sql, mail.id, 2)).count, "all that stand").to.equal(expected.length);
      expect(await readNotices(sql, mail.id + 1n, 2)).to.deep.equal({ notices: [], count: 0 });

      const lease = async (atOnce: number, perMinute: number) =>
        (await leaseMails(sql, { atOnce, perMinute }, 60)).map(({ id, attempts }) => [id, attempts]);
      expect(await lease(0, 9)).to.deep.equal([]);
      expect(await lease(9, 0)).to.deep.equal([]);
      expect(await lease(9, 9)).to.deep.equal([[mail.id, 1]]);
      expect(await lease(9, 9), "leased already").to.deep.equal([]);
      const outcome = { state: "pending", error: "busy", waitSeconds: 0 } as const;
      await endMailLease(sql, { id: mail.id, attempts: 2 }, outcome);
      expect(await lease(9, 9), "who was late ends nothing").to.deep.equal([]);
      await endMailLease(sql, { id: mail.id, attempts: 1 }, outcome);
      expect(await lease(9, 9)).to.deep.equal([[mail.id, 2]]);
      await endMailLease(sql, { id: mail.id, attempts: 2 }, { ...outcome, state: "sent", error: null });
      const [sent] = await readAll(sql, "mails");
      expect([sent.state, sent.sent_at instanceof Date, sent.last_error]).to.deep.equal(["sent", true, null]);

      // The next block is final, and the pause over: another mail, which the one that was just sent holds up.
      await sql.query("UPDATE chain_cursor SET final_block = final_block + 1");
      expect(await bundleNotices(sql, 3_600), "within the pause").to.equal(0);
      await sql.query("UPDATE mails SET made_at = now() - interval '3601 seconds'");
      expect(await bundleNotices(sql, 3_600)).to.equal(1);
      expect(await lease(9, 1), "one was sent within a minute").to.deep.equal([]);
      expect((await lease(9, 2)).length).to.equal(1);

      const age = (table: string, column: string, days: number) =>
        sql.query(`UPDATE ${table} SET ${column} = now() - $1 * interval '1 hour'`, [days * 24 + 1]);
      const left = async () => [(await readAll(sql, "mails")).length, (await readAll(sql, "notices")).length];
      const before = await left();
      await age("mails", "made_at", 29);
      await age("notices", "created_at", 399);
      await forgetMails(sql);
      expect(await left()).to.deep.equal(before);
      await age("mails", "made_at", 30);
      await forgetMails(sql);
      expect(await left(), "that something was told is kept").to.deep.equal([0, before[1]]);
      await age("notices", "created_at", 400);
      await forgetMails(sql);
      expect(await left()).to.deep.equal([0, 0]);
    });
  });

  it("are customers that the brand merged, invitations that are used once, and files that were taken in", async () => {
    const { campaignId } = history;
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM merged_customers");
      await sql.query(
        "INSERT INTO customer_wallets (campaign_id, wallet, customer, seen_at) VALUES ($1, 'w', 'b', now()), ($2, 'w', 'b', now())",
        [campaignId, foreign],
      );
      await sql.query(
        `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at)
         SELECT campaign_id, 'b', min(id), now(), now() FROM partnerships WHERE campaign_id IN ($1, $2) GROUP BY campaign_id`,
        [campaignId, foreign],
      );
      await insertMerge(sql, campaignId, "a", "b");
      await insertMerge(sql, campaignId, "b", "c");
      await insertMerge(sql, foreign, "a", "z");
      expect(await readMerged(sql, campaignId, ["a", "b", "c"])).to.deep.equal(
        new Map([
          ["a", "c"],
          ["b", "c"],
        ]),
      );
      expect(await readMerged(sql, campaignId, ["a"])).to.deep.equal(new Map([["a", "c"]]));
      expect(await readMerged(sql, foreign, ["a", "b"])).to.deep.equal(new Map([["a", "z"]]));
      expect(await readMerged(sql, campaignId, [])).to.deep.equal(new Map());
      const [key, ...merged] = await readKeysOfCustomer(sql, campaignId, "a");
      expect([key, merged.toSorted()]).to.deep.equal(["c", ["a", "b"]]);
      expect(await readKeysOfCustomer(sql, foreign, "b")).to.deep.equal(["b"]);
      const wallets = sorted(
        await sql.query<Row>("SELECT * FROM customer_wallets WHERE wallet = 'w'"),
        (row) => row.customer,
      );
      expect(wallets.map((row) => [row.campaign_id, row.customer])).to.deep.equal([
        [foreign, "b"],
        [campaignId, "c"],
      ]);
      expect(await sql.query("SELECT campaign_id FROM bindings WHERE customer = 'b'")).to.deep.equal([
        { campaign_id: foreign },
      ]);

      await sql.query("DELETE FROM applications");
      await sql.query("DELETE FROM invitations");
      const invite = (code: string, max: number, id = campaignId) =>
        insertInvitation(sql as never, { campaignId: id, code, label: `for ${code}`, kinds: 3n }, max);
      const [one, two] = [await invite("one", 2), await invite("two", 2)];
      expect(await invite("three", 2), "two that nobody used").to.equal(undefined);
      const elsewhere = await invite("three", 2, foreign);
      expect(await revokeInvitation(sql, foreign, one?.id ?? 0n), "another campaign's").to.equal(false);
      expect(await revokeInvitation(sql, campaignId, one?.id ?? 0n)).to.equal(true);
      const four = await invite("four", 2);
      await sql.query(
        "INSERT INTO applications (campaign_id, partner, answers, invitation_id) VALUES ($1, '0xuser', '[]', $2)",
        [campaignId, two?.id],
      );
      const five = await invite("five", 2);
      const listed = await readInvitations(sql, campaignId, { sort: "newest", from: 10n ** 15n, limit: 10 });
      expect(listed.map(({ id, partner, revoked_at }) => [id, partner, revoked_at !== null])).to.deep.equal([
        [five?.id, null, false],
        [four?.id, null, false],
        [two?.id, "0xuser", false],
        [one?.id, null, true],
      ]);
      const oldest = await readInvitations(sql, campaignId, { sort: "oldest", from: one?.id ?? 0n, limit: 2 });
      expect(oldest.map(({ id }) => id)).to.deep.equal([two?.id, four?.id]);
      for (const forUse of [false, true])
        expect((await findInvitation(sql, "three", { forUse }))?.id).to.equal(elsewhere?.id);

      const [file] = await sql.query<Row>(
        "INSERT INTO imports (campaign_id, state) VALUES ($1, 'running') RETURNING id",
        [campaignId],
      );
      await sql.query("INSERT INTO imports (campaign_id, state) VALUES ($1, 'done')", [foreign]);
      const outcomes = [
        "accepted",
        "accepted",
        "rejected",
        "known",
        "conflicting",
        "invalid",
        "invalid",
        "invalid",
      ] as const;
      const judged = outcomes.map((outcome, row) => ({
        row: row + 1,
        outcome,
        ...(outcome === "accepted" ? { conversionId: BigInt(row + 1) } : {}),
        ...(outcome === "invalid" ? { problem: `problem ${row}` } : {}),
      }));
      await insertImportRows(sql, file.id, judged.slice(0, 5) as never);
      await insertImportRows(sql, file.id, judged.slice(5) as never);
      const [progress] = await readImports(sql, campaignId);
      const { accepted, rejected, known, conflicting, invalid, state } = progress ?? ({} as Row);
      expect({ accepted, rejected, known, conflicting, invalid, state }).to.deep.equal({
        ...{ accepted: 2n, rejected: 1n, known: 1n, conflicting: 1n, invalid: 3n },
        state: "running",
      });
      expect(await readImports(sql, foreign, String(file.id)), "another campaign's").to.deep.equal([]);
      await sql.query("UPDATE imports SET progressed_at = now() - interval '121 seconds'");
      expect((await readImports(sql, campaignId)).map((row) => row.state)).to.deep.equal(["interrupted"]);
      expect((await readImports(sql, foreign)).map((row) => row.state)).to.deep.equal(["done"]);
      const kept = await readImportedRows(sql, file.id, 2n, 4);
      expect(kept.map((row: Row) => [BigInt(row.row), row.outcome, row.problem ?? null])).to.deep.equal([
        [3n, "rejected", null],
        [4n, "known", null],
        [5n, "conflicting", null],
        [6n, "invalid", "problem 5"],
      ]);
    });
  });
});
