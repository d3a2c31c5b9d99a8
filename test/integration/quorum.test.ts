import { expect } from "chai";
import { type Driven, HOLD, openCampaigns } from "#harness/chaos/campaigns.ts";
import { type Cluster, startCluster } from "#harness/chaos/cluster.ts";
import { passTime, waitFor } from "#harness/client.ts";
import { chance, pause } from "#harness/random.ts";

/** Three campaigns, each of two of three attesters; two relayers on one PostgreSQL. */
describe("two of three attesters", function () {
  this.timeout(600_000);
  let cluster: Cluster;
  let campaign: Driven;

  before(async () => {
    cluster = await startCluster(chance(1), () => {});
    [campaign] = (await openCampaigns(cluster, 100)) as [Driven];
  });
  after(async () => {
    await cluster?.close(false);
  });

  let orders = 0;
  /** Reports a conversion to a relayer; returns its id. */
  async function report(relayer: 0 | 1): Promise<string> {
    const { token: referralToken } = campaign.tokens[0] as { token: string };
    const orderId = `order-${orders++}`;
    const response = await fetch(new URL("/v1/conversions", cluster.relayers[relayer]?.url), {
      method: "POST",
      headers: { authorization: `Bearer ${campaign.secret}`, "content-type": "application/json" },
      body: JSON.stringify({ event: campaign.event, orderId, customerId: orderId, referralToken }),
    });
    const { id, state } = (await response.json()) as { id: string; state: string };
    expect([response.status, state]).to.deep.equal([201, "accepted"]);
    return id;
  }
  async function stateOf(id: string): Promise<string> {
    const { rows } = await cluster.database.query("SELECT state FROM conversions WHERE id = $1", [id]);
    return rows[0]?.state;
  }
  /** Until the hold of a conversion is over, which nobody waits for. */
  async function untilReleased(id: string): Promise<void> {
    await waitFor(`${id} to be attested`, async () => ["attested", "released"].includes(await stateOf(id)));
    await passTime(cluster.anvil.provider, HOLD);
    await waitFor(`${id} to be released`, async () => (await stateOf(id)) === "released");
  }

  it("suffice with the third down", async () => {
    await cluster.attesters[2]?.kill();
    const id = await report(0);
    await untilReleased(id);
  });

  it("do not with two down, and all goes on by itself when one returns", async () => {
    await cluster.attesters[1]?.kill();
    const id = await report(1);
    await pause(5_000);
    expect(await stateOf(id)).to.be.oneOf(["accepted", "batched"]);
    const { rows } = await cluster.database.query("SELECT problem FROM batches WHERE state = 'built'");
    expect(rows[0]?.problem).to.contain("yes").and.to.contain("no answer");
    await cluster.attesters[1]?.start();
    await untilReleased(id);
  });

  it("work for whichever relayer is left, when the one that leads is killed", async () => {
    await cluster.relayers[0]?.kill();
    const id = await report(1);
    await untilReleased(id);
    await cluster.relayers[0]?.start();
    await cluster.relayers[1]?.kill();
    const other = await report(0);
    await untilReleased(other);
  });
});
