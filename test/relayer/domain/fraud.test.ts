import { readFileSync } from "node:fs";
import { FLAGS, REASONS } from "@partner-programs/protocol/reasons";
import { expect } from "chai";
import { isDisposable } from "#relayer/domain/disposableDomains.ts";
import { type Customer, hardFraud, type Suspect, softFraud } from "#relayer/domain/fraud.ts";
import { networkKey } from "#relayer/secrets.ts";

const WALLET = "0xabcdefABCDEFabcdefABCDEFabcdefABCDEFabcd";
const PAYOUT = "0x2222222222222222222222222222222222222222";
const OTHER = "0x3333333333333333333333333333333333333333";

const partner: Suspect = { wallets: [WALLET, PAYOUT], network: "home", lastHour: 0 };
const customer: Customer = {
  id: "customer-1",
  wallets: [OTHER],
  walletOfAnother: false,
  emailDomain: "mail.example",
  network: "elsewhere",
};

const hard = (changes: Partial<Customer>) => hardFraud(partner, { ...customer, ...changes }, isDisposable);
const soft = (changes: Partial<Customer & Suspect>, velocityPerHour: number | null = null) =>
  softFraud({ ...partner, lastHour: changes.lastHour ?? 0 }, { ...customer, ...changes }, { velocityPerHour });

describe("fraud", () => {
  it("finds nothing in an ordinary customer", () => {
    expect(hard({})).to.equal(undefined);
    expect(hard({ id: undefined, wallets: [], emailDomain: undefined, network: undefined })).to.equal(undefined);
    expect(soft({})).to.deep.equal([]);
  });

  it("knows a partner that is its own customer, by any of its wallets and however it is written", () => {
    expect(hard({ wallets: [WALLET] })).to.equal("self_referral");
    expect(hard({ wallets: [PAYOUT.toUpperCase().replace("X", "x")] })).to.equal("self_referral");
    expect(hard({ wallets: [WALLET, OTHER] })).to.equal("self_referral");
    expect(hard({ id: WALLET })).to.equal("self_referral");
    expect(hard({ id: `wallet:${WALLET.toLowerCase()}:1` })).to.equal("self_referral");
    expect(hard({ id: WALLET.slice(0, -1) })).to.equal(undefined);
  });

  it("knows a wallet that is another customer's", () => {
    expect(hard({ walletOfAnother: true })).to.equal("duplicate_customer");
  });

  it("knows domains of throw-away addresses and what lies under them, and no others", () => {
    for (const domain of ["mailinator.com", "mailinator.com.", "MAILINATOR.com", "inbox.mailinator.com", "zzz.com"])
      expect(hard({ emailDomain: domain }), domain).to.equal("disposable_domain");
    for (const domain of [
      "ourmailinator.com",
      "mailinator.com.example",
      "gmail.com",
      "privaterelay.appleid.com",
      "com",
      "",
    ])
      expect(hard({ emailDomain: domain }), domain).to.equal(undefined);
  });

  it("flags more conversions in an hour than the description expects", () => {
    expect(soft({ lastHour: 9 }, 10)).to.deep.equal([]);
    expect(soft({ lastHour: 10 }, 10)).to.deep.equal(["velocity"]);
    expect(soft({ lastHour: 1_000_000 }, null)).to.deep.equal([]);
  });

  it("flags a customer from its partner's own network, and not two of whom nothing is known", () => {
    expect(soft({ network: "home" })).to.deep.equal(["same_network"]);
    const unknown = { ...partner, network: undefined };
    expect(softFraud(unknown, { ...customer, network: undefined }, { velocityPerHour: null })).to.deep.equal([]);
  });

  it("keys networks: an IPv4 address, or the part of an IPv6 address that a household shares", () => {
    const key = (address: string, campaign = "0x1", secret = "s") => networkKey(secret, campaign, address);
    expect(key("203.0.113.7")).to.match(/^0x[0-9a-f]{64}$/);
    expect(key("::ffff:203.0.113.7")).to.equal(key("203.0.113.7"));
    expect(key("203.0.113.8")).to.not.equal(key("203.0.113.7"));
    expect(key("2001:db8:0:7::1")).to.equal(key("2001:0DB8:0000:0007:aaaa:bbbb:cccc:dddd"));
    expect(key("2001:db8:0:8::1")).to.not.equal(key("2001:db8:0:7::1"));
    expect(key("::1")).to.equal(key("0:0:0:0:0:0:0:2"));
    expect(key("203.0.113.7", "0x2")).to.not.equal(key("203.0.113.7"));
    expect(key("203.0.113.7", "0x1", "t")).to.not.equal(key("203.0.113.7"));
  });

  it("has a sentence for every code", () => {
    for (const text of [...Object.values(REASONS), ...Object.values(FLAGS)]) expect(text).to.match(/^[A-Z].+\.$/);
    // One that is never shown is not documented: such a report is answered with 400.
    const { unknown_customer: _, ...shown } = REASONS;
    const docs = readFileSync(new URL("../../../docs/relayer/conversions.md", import.meta.url), "utf8");
    const section = docs.split(/^## /m).find((one) => one.startsWith("Reasons")) ?? "";
    const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, reason, text]) => [reason, text]);
    expect(Object.fromEntries(rows)).to.deep.equal(shown);
  });
});
