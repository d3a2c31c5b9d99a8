import { expect } from "chai";
import { startPostgres } from "#harness/postgres.ts";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";

describe("two relayers on one PostgreSQL", function () {
  this.timeout(600_000);
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let relayers: [LocalRelayer, LocalRelayer];
  before(async () => {
    postgres = await startPostgres();
    relayers = [await openRelayer({ url: postgres.url }), await openRelayer({ url: postgres.url })];
  });
  after(async () => {
    for (const relayer of relayers ?? []) await relayer.close();
    await postgres?.stop();
  });

  it("spend a budget once, count an order and a customer once, and take it back once", async () => {
    const [one] = relayers;
    const flat = 1_050_000n;
    const campaign = await one.openCampaign({
      events: [{ name: "sale", title: "", perCustomer: 3 }],
      offers: [{ kind: 0, flatAmount: 1_000_000n }],
      budget: 50n * flat,
    });
    const ada = await campaign.join();
    const referralToken = ada.click();
    // 50 orders are reported to both, 100 to one of them, by 25 customers of whom each counts three times.
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const order = i < 100 ? Math.floor(i / 2) : i;
        const report = { event: "sale", orderId: `o${order}`, customerId: `c${order % 25}`, referralToken };
        return (relayers[i % 2] as LocalRelayer).call("POST", "/v1/conversions", { token: campaign.key, json: report });
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).to.have.length(150);
    expect(answers.filter(({ status }) => status === 200)).to.have.length(50);
    const created = answers.filter(({ status }) => status === 201).map(({ body }) => body);
    const accepted = created.filter(({ state }) => state === "accepted");
    expect(accepted).to.have.length(50);
    expect(await campaign.promised()).to.equal(50n * flat);
    const byCustomer = await one.database.query<{ count: bigint }>(
      "SELECT count(*) AS count FROM conversions WHERE campaign_id = $1 AND state = 'accepted' GROUP BY customer",
      [campaign.campaignId],
    );
    expect(byCustomer.every(({ count }) => count <= 3n)).to.equal(true);

    /** A hundred at once wait for one lock: on a busy machine some are told to come again, and do. */
    async function refund(relayer: LocalRelayer, id: string): Promise<void> {
      for (;;) {
        const { status, body } = await relayer.call("POST", `/v1/conversions/${id}/refunds`, { token: campaign.key });
        if (status < 300) return;
        expect(status, JSON.stringify(body)).to.equal(503);
      }
    }
    await Promise.all(accepted.flatMap(({ id }) => relayers.map((relayer) => refund(relayer, id))));
    expect(await campaign.promised()).to.equal(0n);
  });

  it("outlive a database that stops in the midst of a transaction, and take it up again", async () => {
    const [{ database }] = relayers;
    const asleep = database.transaction((sql) =>
      Promise.all([sql.query("SELECT pg_sleep(60)"), sql.query("SELECT 1")]),
    );
    const stopped = asleep.catch(({ message }) => message);
    while ((await database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length === 0);
    await postgres.restart();
    expect(await stopped).to.contain("terminating connection");
    expect(await database.transaction((sql) => sql.query("SELECT 1 AS one"))).to.deep.equal([{ one: 1 }]);
  });

  it("write nothing of a transaction that failed, and nothing that it comes up with afterwards", async () => {
    const [{ database }] = relayers;
    const write = (hash: string) => ["INSERT INTO descriptions (hash, body) VALUES ($1, '')", [hash]] as const;
    const failed = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    const work = database.transaction((sql) => {
      late = failed.promise.then(() => sql.query(...write("late")));
      return Promise.all([
        sql.query(...write("before")),
        sql.query("SELECT 1 / 0"),
        sql.query(...write("after")),
        sql.commit(),
      ]);
    });
    expect(await work.catch(({ message }) => message)).to.equal("division by zero");
    failed.resolve();
    expect(await late?.catch(({ message }) => message)).to.equal("The transaction has ended.");
    expect(await database.query("SELECT hash FROM descriptions WHERE hash IN ('before', 'after', 'late')")).to.be.empty;
  });
});
