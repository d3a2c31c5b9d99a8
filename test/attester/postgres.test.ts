import { expect } from "chai";
import { type Postgres, startPostgres } from "#harness/postgres.ts";
import { type Attester, attest, buildAttester, buildWorld, conversions, type World } from "./world.ts";

describe("two processes of one attester over one PostgreSQL", function () {
  this.timeout(240_000);
  let world: World;
  let postgres: Postgres;
  let both: Attester[];

  before(async () => {
    world = await buildWorld();
    postgres = await startPostgres();
    both = await Promise.all([0, 1].map(() => buildAttester(world, { databaseUrl: postgres.url })));
  });
  after(async () => {
    for (const attester of both ?? []) await attester.close();
    await postgres?.stop();
    await world?.close();
  });

  it("sign one of many attestations over the same numbers, or over the same order, and no other", async () => {
    for (const share of ["numbers", "an order"]) {
      const campaignId = await world.campaign();
      const now = await world.now();
      const partner = world.partners[0] as string;
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => {
          const orders = share === "numbers" ? [`order ${i}`] : ["the order"];
          const leaves = conversions(1n, orders, { partner, receivedAt: now - 10 });
          const attestation = attest(campaignId, leaves, now, { deadline: now + 100 + i });
          return both[i % 2]?.ask("/v1/attestations", { attestation, conversions: leaves });
        }),
      );
      expect(answers.map((answer) => answer?.status).sort()).to.deep.equal([200, ...Array(11).fill(409)]);
    }
  });
});
