import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { id } from "ethers";
import { pino } from "pino";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { number } from "#relayer/worker/number.ts";

const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 3_600 };

describe("the public data of a batch", function () {
  this.timeout(240_000);
  let relayer: LocalRelayer;
  let digest: string;

  before(async () => {
    relayer = await openRelayer();
    const campaign = await relayer.openCampaign({});
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

  it("is not there of a batch that is not", async () => {
    for (const rest of ["", "/lines", "/lines/0"]) {
      const { status, body } = await relayer.call("GET", `/v1/batches/${id("none")}${rest}`);
      expect([status, body.detail]).to.deep.equal([404, `There is no batch ${id("none")}.`]);
    }
  });
});
