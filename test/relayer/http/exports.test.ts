import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { ROWS } from "#relayer/http/exports/csv.ts";
import type { Database } from "#service/database.ts";
import { readOverHttp } from "../../support/brokenOff.ts";

/** Three readings of a file. */
const CONVERSIONS = 2 * ROWS + 7;
const PARTNERS = 30;

/** A file as a spreadsheet reads it: its titles, its rows and its lines of sums. */
function read(text: string): { rows: Record<string, string>[]; totals: Record<string, string>[] } {
  expect(text.endsWith("\r\n")).to.equal(true);
  const [titles = [], ...lines] = text
    .slice(0, -2)
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
      ),
    );
  for (const line of lines) expect(line.length, line.join()).to.equal(titles.length);
  const rows = lines.map((line) => Object.fromEntries(titles.map((title, i) => [title, line[i] ?? ""])));
  const isTotal = (row: Record<string, string>) => row[titles[0] ?? ""] === "total";
  return { rows: rows.filter((row) => !isTotal(row)), totals: rows.filter(isTotal) };
}

/** What a column of decimals adds up to, in its last digit. */
const sumOf = (rows: readonly Record<string, string>[], column: string) =>
  rows.reduce((sum, row) => sum + digitsOf(row, column), 0n);
const digitsOf = (row: Record<string, string> | undefined, column: string) =>
  BigInt((row?.[column] ?? "none").replace(".", ""));

describe("exports", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  let campaign: Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  let ada: Awaited<ReturnType<typeof campaign.join>>;
  /** Asked of the database, and what a test has happen before. */
  let statements: string[] = [];
  let meanwhile: (text: string) => Promise<unknown> = async () => {};

  before(async () => {
    relayer = await openRelayer({
      databaseOf: (real): Database => ({
        ...real,
        async query(text, parameters) {
          statements.push(text);
          await meanwhile(text);
          return real.query(text, parameters);
        },
      }),
    });
    campaign = await relayer.openCampaign({ name: "Spring, =1+1" });
    ada = await campaign.join();
    for (let i = 1; i < PARTNERS; i++) await campaign.join();
    await report(1, CONVERSIONS);
  });
  after(() => relayer.close());
  beforeEach(() => {
    statements = [];
    meanwhile = async () => {};
  });

  /** Conversions of all partners in turn, every tenth rejected, as if they had been reported. */
  const report = (from: number, to: number) =>
    relayer.database.query(
      `WITH made AS (INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, partnership_id, volume, refunded, received_at, state,
         entries, commission, partner_commission, fee, salt)
       SELECT $1, 'sale', 'order-' || i, '', '0x' || md5('k' || i) || md5('e' || i), p.id, 1000000 * i + i % 7, i % 3,
         now() - interval '1 minute', CASE WHEN i % 10 = 9 THEN 'rejected' ELSE 'accepted' END,
         jsonb_build_array('0x0001' || substr(p.partner, 3) || repeat('0', 20)), 3 * i + 1, 2 * i + 1, i, ''
       FROM generate_series($2::int, $3::int) AS i JOIN (
         SELECT id, partner, row_number() OVER (ORDER BY id) AS n FROM partnerships WHERE campaign_id = $1
       ) AS p ON p.n = 1 + i % $4::int RETURNING id, state)
       INSERT INTO conversion_moves (conversion_id, state) SELECT id, state FROM made`,
      [campaign.campaignId, from, to, PARTNERS],
    );
  const reads = () => statements.filter((text) => text.includes("FROM conversions c WHERE"));
  const take = async (path: string, token = campaign.brandToken) => {
    const { status, body } = await relayer.call("GET", path, { token });
    expect(status, JSON.stringify(body)).to.equal(200);
    return read(body);
  };
  const conversions = (more = "") => `/v1/conversions.csv?campaignId=${campaign.campaignId}${more}`;

  it("are all that matches, and end with sums that are exactly those of their rows", async () => {
    const { rows, totals } = await take(conversions());
    expect(rows).to.have.length(CONVERSIONS);
    expect(new Set(rows.map(({ conversion }) => conversion)).size).to.equal(CONVERSIONS);
    expect(rows[0]).to.include({ order: `order-${CONVERSIONS}`, "campaign's name": "Spring, =1+1", currency: "DUSD" });
    const [total, ...others] = totals;
    expect(others).to.deep.equal([]);
    for (const column of ["volume", "refunded", "commission", "total commission"])
      expect(digitsOf(total, column), column).to.equal(sumOf(rows, column));
    // The sum of i + (i % 7)e-6, by the formula and not by the code.
    const whole = BigInt((CONVERSIONS * (CONVERSIONS + 1)) / 2) * 1_000_000n;
    expect(digitsOf(total, "volume") - whole).to.equal(
      Array.from({ length: CONVERSIONS }, (_, i) => BigInt((i + 1) % 7)).reduce((sum, one) => sum + one),
    );
    expect(total).to.include({
      campaign: campaign.campaignId,
      "campaign's name": `${CONVERSIONS} rows`,
      currency: "DUSD",
    });
    expect(total?.["received (UTC)"]).to.match(/^until \d{4}-.*Z, UTC$/);
    // Three readings, with the names of each, and the campaign once: it is the same however long the file is.
    expect(reads()).to.have.length(3);
    expect(statements.length).to.be.below(14);
  });

  it("have what a list's filters have, and say the range", async () => {
    const { rows, totals } = await take(conversions("&state=rejected&from=2026-01-01T00:00:00Z&sort=oldest"));
    expect(rows).to.have.length(Math.floor((CONVERSIONS + 1) / 10));
    expect(new Set(rows.map(({ state }) => state))).to.deep.equal(new Set(["rejected"]));
    expect(totals[0]?.["received (UTC)"]).to.match(/^2026-01-01T00:00:00.000Z to .*Z, UTC$/);
    const none = await take(conversions("&search=nothing-begins-so"));
    expect(none.rows).to.deep.equal([]);
    expect(none.totals[0]).to.include({ "campaign's name": "0 rows" });
    const own = await take(conversions(), ada.token);
    expect(own.rows).to.have.length(Math.floor(CONVERSIONS / PARTNERS));
    expect(new Set(own.rows.map(({ partner }) => partner))).to.deep.equal(new Set([ada.wallet]));
    const refused = await relayer.call("GET", conversions("&colour=red"), { token: campaign.brandToken });
    expect(refused.status).to.equal(400);
    expect(refused.body.detail).to.contain('"colour" is not known here');
  });

  it("begin before anything is read, and are read on only as they are taken", async () => {
    const authorization = { authorization: `Bearer ${campaign.brandToken}` };
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    meanwhile = async (text) => {
      if (text.includes("FROM conversions c WHERE")) await held;
    };
    const response = await relayer.app.request(conversions(), { headers: authorization });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).to.match(/^conversion,received \(UTC\),.*\r\n$/);
    expect(reads()).to.have.length(0);
    const second = reader?.read();
    release();
    expect(new TextDecoder().decode((await second)?.value).split("\r\n")).to.have.length(ROWS + 1);
    await reader?.cancel();
    expect(reads()).to.have.length(1);
  });

  it("have sums of what they have, whatever is written meanwhile", async () => {
    let late = CONVERSIONS;
    meanwhile = async (text) => {
      if (!text.includes("FROM conversions c WHERE")) return;
      meanwhile = async () => {};
      await report(late + 1, late + 20);
      late += 20;
      await relayer.database.query("UPDATE conversions SET state = 'rejected' WHERE campaign_id = $1 AND id % 4 = 0", [
        campaign.campaignId,
      ]);
      await relayer.database.query(
        "UPDATE conversions SET received_at = now() + interval '1 hour' WHERE order_id = $1",
        [`order-${late}`],
      );
    };
    for (const sort of ["newest", "oldest"]) {
      const { rows, totals } = await take(conversions(`&sort=${sort}`));
      const ids = rows.map(({ conversion }) => Number(conversion));
      expect(new Set(ids).size).to.equal(ids.length);
      // What is received after the file was asked for is not in it, either way round.
      expect(rows.some(({ order }) => order === `order-${late}`)).to.equal(false);
      for (const column of ["volume", "refunded", "commission", "total commission"])
        expect(digitsOf(totals[0], column), `${sort} ${column}`).to.equal(sumOf(rows, column));
      expect(totals[0]?.["campaign's name"]).to.equal(`${rows.length} rows`);
    }
  });

  it("that break off are seen to: the transfer fails, and no line of sums has come", async () => {
    let asked = 0;
    meanwhile = async (text) => {
      if (text.includes("FROM conversions c WHERE") && ++asked === 3) throw new Error("the disk of 10.0.0.7 is full");
    };
    const { status, text, failure } = await readOverHttp(relayer.app, conversions(), campaign.brandToken);
    expect(status).to.equal(200);
    expect(failure, "the transfer ended as if it were whole").to.be.instanceOf(Error);
    expect(text).not.to.contain("total,");
    expect(text).not.to.contain("10.0.0.7");
    expect(JSON.stringify(relayer.logged.find(({ msg }) => msg === "answer broke off"))).to.contain("disk of 10.0.0.7");
  });

  it("of partners have their names beside their addresses, their sums, and nothing that a spreadsheet carries out", async () => {
    const path = `/v1/campaigns/${campaign.campaignId}/partnerships`;
    await relayer.call("PUT", "/v1/me/profile", {
      token: ada.token,
      json: { name: '-2+3 "Ada", Basel', site: null, picture: null, audience: null, country: null },
    });
    await relayer.call("PUT", `${path}/${ada.wallet}/label`, {
      token: campaign.brandToken,
      json: { label: "=HYPERLINK(1)", note: null, tags: ["+gold"] },
    });
    const { rows, totals } = await take(`${path}.csv`);
    expect(rows).to.have.length(PARTNERS);
    expect(rows[0]).to.include({
      partner: ada.wallet,
      name: `'-2+3 "Ada", Basel`,
      label: "'=HYPERLINK(1)",
      tags: "'+gold",
      currency: "DUSD",
    });
    expect(totals).to.have.length(1);
    const columns = ["clicks", "conversions", "rejected", "reversed"];
    const amounts = ["volume", "commission", "accepted", "on hold", "released", "claimed"];
    for (const column of [...columns, ...amounts])
      expect(digitsOf(totals[0], column), column).to.equal(sumOf(rows, column));
    expect(Number(totals[0]?.conversions)).to.be.above(600);
    const found = await take(`${path}.csv?search=hyperlink`);
    expect(found.rows.map(({ partner }) => partner)).to.deep.equal([ada.wallet]);
    expect((await relayer.call("GET", `${path}.csv`, { token: ada.token })).status).to.equal(403);
  });

  it("have what a sale was in its own currency beside its volume, with the rate and where that stands", async () => {
    const feed = `0x${"11".repeat(20)}`;
    const rate = { numerator: "110", denominator: "100", observedAt: 1_700_000_000, sources: [{ feed, round: "7" }] };
    const abroad = await relayer.openCampaign({ name: "Abroad" });
    const eve = await abroad.join();
    const { body } = await abroad.report({ volume: "55", referralToken: eve.click() });
    await relayer.database.query("UPDATE conversions SET sale = $2, refunded = 11000000 WHERE id = $1", [
      body.id,
      JSON.stringify({ currency: "EUR", volume: "50", rate, nonce: `0x${"ab".repeat(32)}` }),
    ]);
    await relayer.database.query(
      `INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason, sale_volume)
       VALUES ($1, 'k', '', 11000000, false, 'refunded', 10.5)`,
      [body.id],
    );
    const shown = {
      volume: "55.000000",
      "sold for": "50",
      "given back": "10.5",
      "sold in": "EUR",
      "tokens for one": "110/100",
      "rate as of (UTC)": "2023-11-14T22:13:20.000Z",
      "rate by": `round 7 of the feed ${feed}`,
    };
    const { rows } = await take(`/v1/conversions.csv?campaignId=${abroad.campaignId}`, abroad.brandToken);
    expect(rows[0]).to.include(shown);
    const own = await take(`/v1/me/statement.csv?campaignId=${abroad.campaignId}`, eve.token);
    expect(own.rows[0]).to.include({ ...shown, volume: "44.000000" });
    const listed = await relayer.call("GET", `/v1/me/earnings?campaignId=${abroad.campaignId}`, { token: eve.token });
    expect(listed.body.items[0].sale).to.deep.equal({ currency: "EUR", volume: "39.5", rate });
    // Of one in tokens there is nothing beside.
    expect((await take(conversions("&sort=oldest"))).rows[0]).to.include({ "sold for": "", "rate by": "" });
  });

  it("of a partner's earnings have a line of sums for each token", async () => {
    const other = await relayer.openCampaign({ name: "Autumn" });
    await relayer.database.query("UPDATE campaigns SET token_symbol = 'EURX', token_decimals = 2 WHERE id = $1", [
      other.campaignId,
    ]);
    const here = await other.join(ada.wallet);
    await other.report({ volume: "100", referralToken: here.click() });
    const { rows, totals } = await take("/v1/me/statement.csv", ada.token);
    expect(totals.map(({ currency }) => currency).sort()).to.deep.equal(["DUSD", "EURX"]);
    for (const total of totals) {
      const its = rows.filter(({ token }) => token === total.token);
      expect(its.length).to.be.above(0);
      for (const column of ["volume", "earned"]) expect(digitsOf(total, column)).to.equal(sumOf(its, column));
    }
    const one = await take(`/v1/me/statement.csv?campaignId=${other.campaignId}`, ada.token);
    expect(one.rows.map((row) => row["campaign's name"])).to.deep.equal(["Autumn"]);
    expect(one.totals.map(({ currency }) => currency)).to.deep.equal(["EURX"]);
  });
});
