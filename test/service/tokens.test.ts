import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { memoryPath } from "@partner-programs/protocol/attesterMemory";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { Hono } from "hono";
import { pino } from "pino";
import { createAttester } from "#attester/app.ts";
import type { Reviewer } from "#attester/review.ts";
import { connectAttesters } from "#relayer/attesters/client.ts";
import { bringsToken } from "#service/bearer.ts";
import { type Rotating, readRotating } from "#service/rotating.ts";

const [OLD, NEW] = ["the old token of the tests", "the new token of the tests"] as const;
const END = "2026-12-01T12:00:00Z";

describe("a token that is replaced", () => {
  const rotated = readRotating(`${NEW}, ${OLD}@${END}`, 16);

  /** What a request with this token is told at this time. */
  const bring = async (token: string | undefined, tokens: Rotating, now = Date.parse(END) - 1) => {
    const app = new Hono().get("/", (c) => c.text(String(bringsToken(c, tokens, now))));
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    return (await (await app.request("/", { headers })).text()) === "true";
  };

  it("is good beside its successor until its end, and no longer", async () => {
    expect(await Promise.all([bring(NEW, rotated), bring(OLD, rotated)])).to.deep.equal([true, true]);
    expect(await bring(OLD, rotated, Date.parse(END))).to.equal(false);
    expect(await bring(NEW, rotated, Date.parse(END))).to.equal(true);
    for (const odd of [undefined, "", `${NEW}x`, `${NEW}, ${OLD}@${END}`, `${OLD}@${END}`])
      expect(await bring(odd, rotated), odd).to.equal(false);
  });

  it("that leaked is left out at once", async () => {
    expect(await bring(OLD, readRotating(NEW, 16))).to.equal(false);
  });

  it("is refused as it stands in the configuration without a word of it", () => {
    for (const [text, fault] of [
      ["short", "must have 16 characters or more"],
      [`${NEW},${OLD}`, "secret 2 must end with @ and when it was replaced, as in @2026-12-01T12:00:00Z"],
      [`short,${OLD}@${END}`, "the first secret must have 16 characters or more"],
      [`${NEW},short@${END}`, "secret 2 must have 16 characters or more before its @"],
    ] as const)
      expect(() => readRotating(text, 16)).to.throw(new RegExp(`^${fault}$`));
  });

  it("between relayer and attesters costs no answer in any order of docs/operations/rotation.md", async () => {
    const campaignId = id("a campaign");
    const end = `${OLD}@${new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, "Z")}`;
    const [before, during, after] = [OLD, `${NEW},${end}`, NEW].map((text) => readRotating(text, 16)) as [
      Rotating,
      Rotating,
      Rotating,
    ];
    const signer = Wallet.createRandom();
    /** Whether an attester that has these answers a relayer that has those. */
    async function answers(attester: Rotating, relayer: Rotating): Promise<boolean> {
      const database = { query: async () => [] };
      const reviewer = { database, attester: signer.address } as unknown as Reviewer;
      const app = createAttester({
        reviewer,
        signer: signer as never,
        token: attester,
        log: pino({ level: "silent" }),
      });
      const server = createAdaptorServer({ fetch: app.fetch });
      await once(server.listen(0, "127.0.0.1"), "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = connectAttesters([url], relayer.current);
      await client.signed([signer.address], campaignId, 1n);
      const asked = await fetch(`${url}${memoryPath(campaignId, 1n)}`, {
        headers: { authorization: `Bearer ${relayer.current}` },
      });
      server.close();
      expect(asked.status === 401).to.equal(client.states().get(signer.address) === "refuses the token");
      return asked.status !== 401;
    }
    const steps = [
      [before, before],
      [during, before],
      [during, during],
      [during, after],
      [after, after],
    ] as const;
    for (const [attester, relayer] of steps) expect(await answers(attester, relayer)).to.equal(true);
    // The relayer first is the wrong way round, and is seen.
    expect(await answers(before, during)).to.equal(false);
    expect(await answers(after, before)).to.equal(false);
  });
});
