import { expect } from "chai";
import { BROWSER } from "#harness/client.ts";
import { newWallet, openRelayer } from "#harness/relayer.ts";
import { readReferral, referralSecretsOf } from "#relayer/domain/referralSecrets.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { readRotating } from "#service/rotating.ts";

const [OLD, NEW, OTHER] = ["old", "new", "other"].map((name) => `${name} secret of at least 32 characters`) as [
  string,
  string,
  string,
];
const DAY = 86_400_000;

const readReferralSecrets = (text: string) => readRotating(text, 32);

describe("the secrets of referral tokens", () => {
  const at = Date.parse("2026-12-01T12:00:00Z");
  const referral = (clickedAt: number) => ({
    code: "abcdefgh",
    clickedAt,
    expiresAt: at + 30 * DAY,
    clickId: newClickId(),
  });

  it("are one that signs, and those before it with their ends", () => {
    expect(readReferralSecrets(`${NEW}, ${OLD}@2026-12-01T12:00:00Z`)).to.deep.equal({
      current: NEW,
      retired: [{ secret: OLD, until: at }],
    });
    expect(readReferralSecrets(`${NEW},${OLD}@home@2026-12-01T12:00Z`).retired).to.deep.equal([
      { secret: `${OLD}@home`, until: at },
    ]);
    expect(referralSecretsOf({ RELAYER_SECRET: OLD })).to.deep.equal({ current: OLD, retired: [] });
  });

  it("are refused without a word of them", () => {
    const faults = ["short", `${NEW},${OLD}`, `${NEW},short@2026-12-01T12:00:00Z`, `${NEW},${OLD}@tomorrow`].map(
      (text) => {
        try {
          return String(readReferralSecrets(text));
        } catch (error) {
          return (error as Error).message;
        }
      },
    );
    expect(faults).to.deep.equal([
      "must have 32 characters or more",
      "secret 2 must end with @ and when it was replaced, as in @2026-12-01T12:00:00Z",
      "secret 2 must have 32 characters or more before its @",
      "secret 2 must end with @ and when it was replaced, as in @2026-12-01T12:00:00Z",
    ]);
  });

  it("verify what the new one signed, what the old one did until its end, and nothing else", () => {
    const secrets = readReferralSecrets(`${NEW},${OLD}@2026-12-01T12:00:00Z`);
    const read = (secret: string, clickedAt: number) =>
      readReferral(secrets, signReferral(secret, referral(clickedAt)))?.clickedAt;
    expect(read(NEW, at + DAY)).to.equal(at + DAY);
    expect(read(OLD, at)).to.equal(at);
    expect(read(OLD, at + 1)).to.equal(undefined);
    expect(read(OTHER, at)).to.equal(undefined);
  });

  it("are replaced while links are followed and orders are on their way", async function () {
    this.timeout(60_000);
    // Of the old one are the links that were followed until a minute ago.
    const until = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    const retired = new Date(until).toISOString().replace(".000", "");
    const relayer = await openRelayer({
      config: { REFERRAL_SECRETS: readReferralSecrets(`${NEW},${OLD}@${retired}`) },
    });
    try {
      const campaign = await relayer.openCampaign({
        events: [{ name: "signup", title: "", perCustomer: null }],
        offers: [{ event: "signup", kind: 0, flatAmount: 2_000_000n, capUnits: 0n }],
        budget: 100_000_000n,
        attribution: { windowSeconds: 30 * 86_400, bindingSeconds: 0 },
      });
      const { code } = await campaign.join(newWallet());
      const token = (secret: string, clickedAt: number) =>
        signReferral(secret, { code, clickedAt, expiresAt: clickedAt + 30 * DAY, clickId: newClickId() });
      const report = async (orderId: string, referralToken: string) => {
        const { body } = await campaign.report({ event: "signup", orderId, referralToken });
        return [body.state, body.reason];
      };
      const followed = await relayer.app.request(`/i/${code}`, { headers: { "user-agent": BROWSER } });
      const fresh = new URL(followed.headers.get("location") ?? "").searchParams.get("_ushrt") ?? "";
      expect(readReferral({ current: NEW, retired: [] }, fresh)?.code).to.equal(code);
      expect(await report("1", fresh)).to.deep.equal(["accepted", null]);
      expect(await report("2", token(OLD, until - DAY))).to.deep.equal(["accepted", null]);
      expect(await report("3", token(OLD, until + 30_000))).to.deep.equal(["rejected", "unknown_token"]);
      expect(await report("4", token(OTHER, until - DAY))).to.deep.equal(["rejected", "unknown_token"]);
    } finally {
      await relayer.close();
    }
  });
});
