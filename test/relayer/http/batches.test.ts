import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { id } from "ethers";
import { pino } from "pino";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { number } from "#relayer/worker/number.ts";
import type { Database } from "#service/database.ts";
import { readOverHttp } from "../../support/brokenOff.ts";

const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 3_600 };

describe("the public data of a batch", function () {
  this.timeout(240_000);
  let relayer: LocalRelayer;
  let digest: string;
  let key: string;
  /** What the database cannot read; undefined: it reads all. */
  let unreadable: RegExp | undefined;

  before(async () => {
    relayer = await openRelayer({
      databaseOf: (real): Database => ({
        ...real,
        async query(text, parameters) {
          if (unreadable?.test(text)) throw new Error("the disk of 10.0.0.7 is full");
          return real.query(text, parameters);
        },
      }),
    });
    const campaign = await relayer.openCampaign({});
    key = campaign.key;
    for (let i = 0; i < 3; i++) {
      const partner = await campaign.join();
      await campaign.report({ volume: "100", referralToken: partner.click() });
    }
    const work = {
      database: relayer.database,
      chain: { domain: relayer.domain } as never,
      failures: createFailures(pino({ level: "silent" }), () => {}),
      isReconciled: () => true,
    };
    // The second in which a conversion was received has to be over before it is numbered.
    const built = await number(work, BOUNDS, Date.now() + 2_000);
    expect(built).to.have.length(1);
    digest = built[0] as string;
  });
  after(() => relayer.close());

  it("has what is signed, and the leaves that have its root", async () => {
    const { status, body } = await relayer.call("GET", `/v1/batches/${digest}`);
    expect(status).to.equal(200);
    expect(body).to.deep.include({ digest, conversions: 3, firstConversion: "1", lineCount: 3, state: "built" });
    expect([body.currentRoot, body.currentTotal]).to.deep.equal([body.linesRoot, body.total]);
    const leaves = (body.leaves as { number: string; key: string; salt: string; entries: string[] }[]).map((leaf) => ({
      ...leaf,
      number: BigInt(leaf.number),
    }));
    expect(leaves.map((leaf) => leaf.number)).to.deep.equal([1n, 2n, 3n]);
    expect(conversionTree(leaves).root).to.equal(body.conversionsRoot);
  });

  it("is cut off where it breaks off, and so is what became of a file's rows: nobody takes what came for the whole", async () => {
    const file = "event,orderId\nsale,a\nsale,b\n";
    const imported = await relayer.call("POST", "/v1/imports", {
      token: key,
      body: file,
      headers: { "content-type": "text/csv" },
    });
    expect(imported.body).to.include({ rows: 2, invalid: 0 });
    const batch = `/v1/batches/${digest}`;
    const results = `/v1/imports/${imported.body.id}/results`;
    for (const [path, reads, whole] of [
      [batch, /FROM lines_now/, /\]\}$/],
      [batch, /SELECT number, key, salt/, /\]\}$/],
      [`${batch}/lines`, /SELECT attested FROM batch_lines/, /./],
      [results, /FROM import_rows/, /\}\n$/],
    ] as const) {
      expect(await readOverHttp(relayer.app, path, key), path).to.include({ status: 200, failure: undefined });
      relayer.logged.length = 0;
      unreadable = reads;
      const broken = await readOverHttp(relayer.app, path, key);
      unreadable = undefined;
      expect(broken.failure, `${path} ended as if it were whole: ${broken.text}`).to.be.instanceOf(Error);
      expect(broken.text, path).not.to.match(whole);
      expect(broken.text, path).not.to.contain("10.0.0.7");
      const logged = relayer.logged.filter(({ msg }) => msg === "answer broke off");
      expect(logged, path).to.have.length(1);
      expect(logged[0]?.error, path).to.contain("10.0.0.7");
    }
  });

  it("is not there of a batch that is not", async () => {
    for (const rest of ["", "/lines", "/lines/0"]) {
      const { status, body } = await relayer.call("GET", `/v1/batches/${id("none")}${rest}`);
      expect([status, body.detail]).to.deep.equal([404, `There is no batch ${id("none")}.`]);
    }
  });
});
