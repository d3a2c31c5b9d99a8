import { unpackLine } from "@partner-programs/protocol/line";
import { RelayerError } from "@partner-programs/sdk/server";
import { isAttestedAsPromised, type PublicBatch, receiptSigner } from "@partner-programs/sdk/verify";
import { expect } from "chai";
import { parseUnits, type Result } from "ethers";
import { AS_A_BROWSER, call, type Listed, type Performance, passTime, signIn, waitFor } from "#harness/client.ts";
import { linesFrom, recount } from "#harness/recount.ts";
import { buildTown, click, type Town } from "#harness/town.ts";

/** The chain's clock is set forward by it: a campaign whose links are followed is opened before. */
const HOLD_SECONDS = 600;

for (const database of ["PGlite", "PostgreSQL"] as const)
  describe(`from a click to a claim, on ${database}`, function () {
    this.timeout(600_000);
    let town: Town;
    let clicked: string;

    before(async () => {
      town = await buildTown(database);
      ({ campaignId: clicked } = await town.open("clicks", 3));
    });
    after(async () => {
      await town?.close();
    });

    it("pays a partner what the published offer says, and shows every step", async () => {
      const { stack, programs, lens, dollar, partners } = town;
      const { apiUrl, deployment, provider } = stack;
      const [partner] = partners;
      if (partner === undefined) throw new Error("no partner");
      const { campaignId, shop } = await town.open("flow", HOLD_SECONDS);
      const link = await town.join(campaignId, 0);

      // click
      const response = await fetch(link, AS_A_BROWSER);
      expect(response.status).to.equal(302);
      expect(response.headers.get("cache-control")).to.equal("no-store");
      const destination = new URL(response.headers.get("location") ?? "");
      expect(destination.origin).to.equal("https://streamly.example");
      const referralToken = destination.searchParams.get("_ushrt") ?? "";

      // convert, accept
      const accepted = await shop.reportConversion({
        event: "signup",
        orderId: "order-1",
        customerId: "customer-1",
        referralToken,
      });
      expect(accepted.state).to.equal("accepted");
      expect(accepted.partner).to.equal(partner.address);
      expect(accepted.commission).to.equal(parseUnits("2", 6).toString());
      const { relayer } = await call<{ relayer: string }>(apiUrl, "GET", "/v1/status");
      expect(receiptSigner(accepted, deployment.chainId, await programs.getAddress())).to.equal(relayer);

      // the same report again is the same conversion; another body for the same order is refused
      const again = await shop.reportConversion({
        event: "signup",
        orderId: "order-1",
        customerId: "customer-1",
        referralToken,
      });
      expect(again.id).to.equal(accepted.id);
      const refused = await failureOf(
        shop.reportConversion({ event: "signup", orderId: "order-1", customerId: "customer-2", referralToken }),
      );
      expect(refused).to.be.instanceOf(RelayerError);
      expect(refused.status).to.equal(409);

      // attest
      const attested = await waitFor("the attestation", async () => {
        const conversion = await shop.conversion(accepted.id);
        return conversion.state === "attested" && conversion;
      });
      const batch = await call<PublicBatch>(apiUrl, "GET", `/v1/batches/${attested.batch}`);
      const [event] = await programs.queryFilter(programs.filters.Attested(campaignId, attested.batch ?? ""));
      if (event === undefined) throw new Error("no Attested event");
      expect(isAttestedAsPromised(attested, batch, event.args.body.conversionsRoot)).to.equal(true);
      expect(event.args.lines.map(unpackLine)).to.deep.equal([
        { offerId: 1, partner: partner.address, count: 1, volumeUnits: 0n },
      ]);

      // hold: not a moment before
      const { releaseAt } = await lens.batch(attested.batch ?? "");
      const early = await failureOf(
        // One line is its own root.
        programs.release.staticCall({ ...(event.args.body as unknown as Result).toObject() } as never, 0, "0x", [
          ...event.args.lines,
        ]),
      );
      expect(early.revert?.name).to.equal("HoldNotOver");

      // release
      await passTime(provider, HOLD_SECONDS);
      await waitFor("the release", async () => (await shop.conversion(accepted.id)).state === "released");
      const [released] = await programs.queryFilter(programs.filters.Released(campaignId));
      expect((await released?.getBlock())?.timestamp).to.be.at.least(Number(releaseAt));
      expect(await lens.creditOf(partner.address, dollar)).to.equal(parseUnits("2", 6));

      // a refund now is too late, and says so
      const late = await failureOf(shop.refund(accepted.id));
      expect(late.status).to.equal(409);
      expect(late.message).to.contain("released");

      // claim
      await (await programs.connect(partner.signer).claim([dollar], partner.address)).wait();
      expect(await dollar.balanceOf(partner.address)).to.equal(parseUnits("2", 6));

      // the partner sees it all
      const token = await signIn(apiUrl, partner);
      const mine = await waitFor("the claim to be indexed", async () => {
        const { items } = await call<Listed<Performance>>(apiUrl, "GET", "/v1/me/partnerships", { token });
        const [row] = items;
        return row?.claimed !== "0" && row;
      });
      expect(mine).to.include({ clicks: 1, conversions: 1, claimed: parseUnits("2", 6).toString() });
      const counted = await recount(provider, deployment, linesFrom(town.stack.attesterUrl));
      expect(counted.differences).to.deep.equal([]);
    });

    it("says who may not, and why", async () => {
      const { apiUrl } = town.stack;
      const { campaignId } = await town.open("strangers", 3);
      const token = await signIn(apiUrl, town.partners[0] as never);
      const stranger = await failureOf(
        call(apiUrl, "POST", `/v1/campaigns/${campaignId}/keys`, {
          token,
          body: '{"label":"mine"}',
        }),
      );
      expect(stranger.message).to.contain("403").and.to.contain("Only the brand");
      const unsigned = await failureOf(call(apiUrl, "GET", "/v1/me/partnerships"));
      expect(unsigned.message).to.contain("401");
      const malformed = await failureOf(
        call(apiUrl, "POST", "/v1/conversions", {
          token: "sk_none",
          body: '{"event":"signup","orderId":"1","volume":"1e3"}',
        }),
      );
      expect(malformed.message).to.contain("400").and.to.contain("volume").and.to.contain("decimal number");
      expect((await fetch(new URL("/i/doesnotexist", apiUrl), { redirect: "manual" })).status).to.equal(404);
    });

    it("counts a click for the link that was followed", async () => {
      const { apiUrl } = town.stack;
      const link = await town.join(clicked, 1);
      await Promise.all(Array.from({ length: 20 }, () => click(link)));
      const token = await signIn(apiUrl, town.brand);
      const counted = await waitFor("the clicks", async () => {
        const path = `/v1/campaigns/${clicked}/partnerships`;
        const { items } = await call<Listed<Performance>>(apiUrl, "GET", path, { token });
        const [row] = items;
        return row !== undefined && row.clicks >= 20 && row.clicks;
      });
      expect(counted).to.equal(20);
    });
  });

/** The error that `promise` fails with. */
async function failureOf(promise: Promise<unknown>): Promise<RelayerError & { revert?: { name: string } }> {
  return promise.then(
    () => {
      throw new Error("It did not fail.");
    },
    (error) => error,
  );
}
