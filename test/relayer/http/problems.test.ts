import { expect } from "chai";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { toAnswer } from "#relayer/http/problems.ts";
import {
  Busy,
  ConflictingReport,
  InvalidReport,
  MissingDescription,
  RefusedBinding,
  RefusedRefund,
} from "#relayer/intake/errors.ts";

/** How many look-ups of API keys wait at most. */
const MAX_WAITING = 10_000;

describe("an error", () => {
  it("of a room behind the routes is answered by what it is, in its own words", () => {
    for (const [error, status] of [
      [new InvalidReport("no such event"), 400],
      [new ConflictingReport(7n, "The order"), 409],
      [new MissingDescription("not known here"), 409],
      [new RefusedRefund("too late"), 409],
      [new RefusedBinding("no_binding"), 409],
    ] as const)
      expect(toAnswer(error, "r")).to.deep.equal({ status, detail: error.message, unexpected: false });
  });

  it("that passes by waiting says when to come again", () => {
    const detail = "many wait";
    expect(toAnswer(new Busy(detail), "r")).to.deep.equal({ status: 503, detail, retryAfter: 1, unexpected: false });
    const later = new Busy(detail, { retryAfterSeconds: 30 });
    expect(toAnswer(later, "r")).to.deep.equal({ status: 503, detail, retryAfter: 30, unexpected: false });
  });

  it("of a driver whose other end is away is a 503, too, and its text is not shown", () => {
    const gone = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" });
    expect(toAnswer(gone, "r7")).to.deep.equal({
      status: 503,
      detail: "Something that this relayer needs does not answer. Send it again in a moment. Request r7.",
      retryAfter: 1,
      unexpected: true,
    });
  });

  it("that nobody expected is no problem of whoever asked", () => {
    expect(toAnswer(new TypeError("x is undefined"), "r7")).to.deep.equal({
      status: 500,
      detail: "Something went wrong here. Request r7.",
      unexpected: true,
    });
  });

  describe("over HTTP", () => {
    let desk: RelayerWithCampaign;
    before(async function () {
      this.timeout(OPENING);
      desk = await openRelayerWithCampaign();
    });
    after(() => desk.close());

    it("that nobody expected is logged, and only its request's id is told", async () => {
      const { query } = desk.database;
      desk.database.query = () => Promise.reject(new Error("a secret of the database"));
      const answer = await desk.call("GET", "/v1/campaigns").finally(() => {
        desk.database.query = query;
      });
      expect([answer.status, answer.body.title]).to.deep.equal([500, "Internal error"]);
      expect(JSON.stringify(answer.body)).not.to.contain("secret");
      expect(answer.body.detail).to.contain(answer.headers.get("x-request-id"));
      expect(desk.logged.find(({ msg }) => msg === "request failed")?.error).to.contain("a secret of the database");
    });

    it("of too many look-ups of API keys is a 503 about them, with a time to come again", async function () {
      this.timeout(240_000);
      const { query } = desk.database;
      let answerAll = () => {};
      const answered = new Promise<void>((resolve) => {
        answerAll = resolve;
      });
      let beginToAsk = () => {};
      const asking = new Promise<void>((resolve) => {
        beginToAsk = resolve;
      });
      desk.database.query = async <Row>() => {
        beginToAsk();
        await answered;
        return [] as Row[];
      };
      const look = () => desk.call("GET", "/v1/conversions", { token: "sk_of-nobody" });
      try {
        const first = look();
        // The query with the first look-up is under way, and others wait for it.
        await asking;
        const waiting = Array.from({ length: MAX_WAITING }, look);
        const refused = await look();
        expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "1"]);
        expect(refused.body.detail).to.equal(
          `${MAX_WAITING} requests with API keys wait already. Send it again in a moment.`,
        );
        answerAll();
        for (const { status } of await Promise.all([first, ...waiting])) expect(status).to.equal(401);
      } finally {
        desk.database.query = query;
      }
    });
  });
});
