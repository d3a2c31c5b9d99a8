/** What holds whenever a relayer dies: after its restart all goes on, and ends with the same totals. */
import { expect } from "chai";
import { parseUnits } from "ethers";
import { call, type Listed, type Performance, passTime, signIn, waitFor } from "#harness/client.ts";
import { linesFrom, recount } from "#harness/recount.ts";
import { compareWithApi } from "#harness/start/check.ts";
import { buildTown, click, type Town } from "#harness/town.ts";

/** Long enough for a reversal and a restart within it on any machine: nobody waits for its end, the chain's clock is set forward. */
const HOLD_SECONDS = 600;

/** The tests of a relayer that dies at each of `points`, one after the other in one town. */
export function survives(points: readonly string[]): void {
  describe(`a relayer killed between two steps, at ${points.join(", ")}`, function () {
    this.timeout(600_000);
    let town: Town;
    /** Opened before the chain's clock goes: offers begin by it, and what shops report is of this machine's. */
    const opened = new Map<string, Awaited<ReturnType<Town["open"]>>>();

    before(async () => {
      town = await buildTown();
      for (const point of points) opened.set(point, await town.open(point, HOLD_SECONDS));
    });
    after(async () => {
      await town?.close();
    });
    afterEach(async function () {
      if (this.currentTest?.state !== "failed") return;
      // Should a test fail half-way, the next one still finds a relayer.
      await town.stack.killRelayer();
      await town.stack.startRelayer();
    });

    for (const point of points) {
      it(`goes on after a restart and ends with the same totals: ${point}`, async () => {
        const { stack } = town;
        const { apiUrl, provider, deployment } = stack;
        const { campaignId, shop } = opened.get(point) as Awaited<ReturnType<Town["open"]>>;
        const link = await town.join(campaignId, 0);
        const tokens = [await click(link), await click(link), await click(link)];
        await waitFor("the clicks to be written", async () => (await performance(town, campaignId)).clicks === 3);

        await stack.killRelayer();
        await stack.startRelayer({ CRASH_AT: point });
        const crashed = stack.relayerEnded();
        const restarted = crashed.then(() => stack.startRelayer());
        // The shop does not know of any of this: it reports again until it is answered.
        const conversions = await Promise.all(
          tokens.map((referralToken, i) =>
            shop.reportConversion({
              event: "signup",
              orderId: `${point}-${i}`,
              customerId: `customer-${i}`,
              referralToken,
            }),
          ),
        );
        expect(conversions.map(({ state }) => state)).to.not.include("rejected");
        const refunded = conversions[0]?.id ?? "";
        await waitFor("the attestation", async () => (await shop.conversion(refunded)).state === "attested");
        await waitFor("the refund to be taken", async () => (await shop.refund(refunded)) !== undefined);
        const areIn = (wanted: string) => async () => {
          const states = await Promise.all(conversions.map(async ({ id }) => (await shop.conversion(id)).state));
          return states.join() === wanted;
        };
        await waitFor("the reversal", areIn("reversed,attested,attested"));
        await passTime(provider, HOLD_SECONDS);
        await waitFor("the release", areIn("reversed,released,released"));
        expect(await crashed, `the relayer was to die at ${point}`).to.equal("SIGKILL");
        await restarted;

        const block = await provider.getBlockNumber();
        await waitFor(
          "the index",
          async () => (await call<{ indexedBlock: number }>(apiUrl, "GET", "/v1/status")).indexedBlock >= block,
        );
        const counted = await recount(provider, deployment, linesFrom(town.stack.attesterUrl));
        expect(counted.differences).to.deep.equal([]);
        const totals = counted.campaigns.get(campaignId);
        expect(totals).to.include({
          funded: parseUnits("100", 6),
          available: parseUnits("95.8", 6),
          reserved: 0n,
          credits: parseUnits("4", 6),
          paid: 0n,
          fees: parseUnits("0.2", 6),
        });
        const row = await performance(town, campaignId);
        expect(row).to.include({ clicks: 3, conversions: 2 });
        const act = { title: point, campaignId, token: "", symbol: "", decimals: 6, partners: [] };
        expect(await compareWithApi(apiUrl, { acts: [act], performances: [row], clicks: 3 }, counted)).to.deep.equal(
          [],
        );
      });
    }
  });
}

async function performance({ stack, brand }: Town, campaignId: string): Promise<Performance> {
  const token = await signIn(stack.apiUrl, brand);
  const path = `/v1/campaigns/${campaignId}/partnerships`;
  const [row] = (await call<Listed<Performance>>(stack.apiUrl, "GET", path, { token })).items;
  if (row === undefined) throw new Error("The campaign has no partner.");
  return row;
}
