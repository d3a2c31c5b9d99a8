/**
 * Gas of whole transactions (intrinsic gas and calldata included) on the production build, written to snapshots/gas.json.
 * `--check` compares with the committed figures instead, and fails on any difference. The chain is Hardhat's, in process,
 * and every input is fixed, the time of the blocks too, so the figures are exact.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { lineProof } from "@partner-programs/protocol/trees";
import {
  attestationTypedData,
  digestOf,
  programsDomain,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { encodeBytes32String, getAddress, type HDNodeWallet, id, toBeHex, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const SNAPSHOT = new URL("../../snapshots/gas.json", import.meta.url);
const DAY = 86_400;
const FEE_BPS = 500;
const EVENT = encodeBytes32String("sale").slice(0, 50);

const { ethers, networkHelpers } = await network.connect();
const [brand, operator, relayer] = await ethers.getSigners();
if (!brand || !operator || !relayer) throw new Error("The chain has no accounts.");
const attester: HDNodeWallet = Wallet.fromPhrase("test test test test test test test test test test test junk");
const programs = await new PartnerPrograms__factory(brand).deploy();
const token = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
const domain = programsDomain((await ethers.provider.getNetwork()).chainId, await programs.getAddress());
await token.mint(brand.address, 10n ** 18n);
await token.approve(await programs.getAddress(), 2n ** 256n - 1n);

let clock = Date.UTC(2030, 0, 1) / 1000;
/** The next transaction's block has exactly this time: the wall clock would get into calldata, and so into the figures. */
async function pass(seconds: number) {
  clock += seconds;
  await networkHelpers.time.setNextBlockTimestamp(clock);
}

const figures: Record<string, number> = {};
const gasOf = async (sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
  Number((await (await sent).wait())?.gasUsed ?? 0n);

function terms(holdSeconds: number) {
  return {
    token: token.target,
    holdSeconds,
    noticeSeconds: 7 * DAY,
    openKinds: 1,
    feeBps: FEE_BPS,
    unitExponent: 4,
    operator: operator?.address ?? ZeroAddress,
  };
}

const offer = (eventName: string, flatAmount: bigint, rateBps: number) => ({
  flatAmount,
  rateBps,
  capUnits: 1_000_000n,
  validFrom: 0,
  validTo: 0,
  kind: 0,
  eventName,
  lockedUntil: 0,
});

async function createCampaign(salt: string, holdSeconds: number) {
  const given = {
    salt: id(salt),
    terms: terms(holdSeconds),
    offers: [
      offer(EVENT, 1_000_000n, 100),
      offer(encodeBytes32String("signup").slice(0, 50), 500_000n, 0),
      offer(encodeBytes32String("renewal").slice(0, 50), 0n, 1_000),
    ],
    attesters: [attester.address],
    threshold: 1,
    dailyLimit: NO_LIMIT,
    descriptionHash: id("description"),
    descriptionUri: "https://brand.example/partner-program.json",
  };
  const campaignId = await programs.createCampaign.staticCall(given);
  const gas = await gasOf(programs.createCampaign(given));
  return { campaignId, gas };
}

const partner = (seed: string, index: number) =>
  getAddress(toBeHex(BigInt(id(`${seed} ${index}`)) & (2n ** 160n - 1n), 20));
const partners = (seed: string, count: number) => Array.from({ length: count }, (_, i) => partner(seed, i));

/** Lines for `conversions` conversions spread evenly over the partners. */
function linesFor(accounts: readonly string[], conversions: number): Line[] {
  const count = conversions / accounts.length;
  return accounts
    .map((account) => ({ offerId: 1, partner: account, count, volumeUnits: BigInt(count) * 2_500n }))
    .sort((a, b) => (BigInt(a.partner) < BigInt(b.partner) ? -1 : 1));
}

async function attest(campaignId: string, lines: readonly Line[], conversions: number) {
  const { nextConversion } = await programs.campaign(campaignId);
  await pass(2 * DAY);
  const attestation = {
    campaignId,
    firstConversion: nextConversion,
    conversions,
    periodFrom: clock - 3600,
    periodTo: clock,
    deadline: clock + DAY,
    conversionsRoot: id(`conversions from ${nextConversion}`),
    lines,
  };
  const typed = attestationTypedData(attestation);
  const signature = await attester.signTypedData(domain, typed.types, typed.message);
  const gas = await gasOf(
    programs.connect(relayer).attest({ ...attestation, lines: lines.map(packLine) }, [{ attester: 0, signature }]),
  );
  return { gas, attestation: digestOf(domain, typed) };
}

async function release(campaignId: string, attestation: string, lines: readonly Line[]) {
  return gasOf(programs.connect(relayer).release(campaignId, attestation, lines.map(packLine), []));
}

/** attest + release, over as many batches of at most 500 lines as it takes. Asserts that no transaction exceeds 13 M. */
async function settle(campaignId: string, accounts: readonly string[], conversions: number) {
  let attested = 0;
  let released = 0;
  for (let from = 0; from < accounts.length; from += 500) {
    const part = accounts.slice(from, from + 500);
    const share = (conversions * part.length) / accounts.length;
    const lines = linesFor(part, share);
    const batch = await attest(campaignId, lines, share);
    await pass(DAY);
    const gas = await release(campaignId, batch.attestation, lines);
    if (batch.gas > 13_000_000 || gas > 13_000_000)
      throw new Error(`A transaction took over 13 M gas: ${batch.gas}, ${gas}.`);
    attested += batch.gas;
    released += gas;
  }
  return { attested, total: attested + released };
}

const held = await createCampaign("held", DAY);
figures["create a campaign with 3 offers and one attester"] = held.gas;
await programs.fund(held.campaignId, 10n ** 15n);
figures["fund a campaign again"] = await gasOf(programs.fund(held.campaignId, 10n ** 15n));

await settle(held.campaignId, partners("one", 1), 1_000);
const one = await settle(held.campaignId, partners("one", 1), 1_000);
figures["1,000 conversions, one returning partner: attest"] = one.attested;
figures["1,000 conversions, one returning partner: attest + release"] = one.total;
figures["1,000,000 conversions, one returning partner: attest + release"] = (
  await settle(held.campaignId, partners("one", 1), 1_000_000)
).total;

await settle(held.campaignId, partners("ten", 10), 1_000);
figures["1,000 conversions, ten returning partners: attest + release"] = (
  await settle(held.campaignId, partners("ten", 10), 1_000)
).total;

const first = await settle(held.campaignId, partners("thousand", 1_000), 1_000);
figures["1,000 conversions, 1,000 new partners: attest"] = first.attested;
figures["1,000 conversions, 1,000 new partners: attest + release"] = first.total;
for (const account of partners("thousand", 1_000)) await (await programs.payOut(account, [token.target])).wait();
figures["1,000 conversions, 1,000 returning partners that claimed: attest + release"] = (
  await settle(held.campaignId, partners("thousand", 1_000), 1_000)
).total;

{
  const lines = linesFor(partners("pull", 512), 512);
  const batch = await attest(held.campaignId, lines, 512);
  await pass(DAY);
  const pulled = (index: number) =>
    gasOf(programs.connect(relayer).pull(held.campaignId, batch.attestation, lineProof(lines, index)));
  figures["pull one line of 512, paid to a new account: first 184 lines"] = await pulled(100);
  figures["pull one line of 512, paid to a new account: the others, first of its word"] = await pulled(511);
  figures["pull one line of 512, paid to a new account: the others"] = await pulled(510);
}
{
  const lines = linesFor(partners("reverse", 100), 100);
  const batch = await attest(held.campaignId, lines, 100);
  const line = lines[50];
  if (line === undefined) throw new Error("no line");
  const reversal = {
    campaignId: held.campaignId,
    attestation: batch.attestation,
    targets: [{ ...line, count: 0, volumeUnits: 0n }],
    reasonHash: id("refunded"),
  };
  const typed = reversalTypedData(reversal);
  const signature = await attester.signTypedData(domain, typed.types, typed.message);
  figures["reverse one line of 100"] = await gasOf(
    programs
      .connect(relayer)
      .reverse(
        { ...reversal, targets: reversal.targets.map(packLine) },
        [lineProof(lines, 50)],
        [{ attester: 0, signature }],
      ),
  );
}
{
  const instant = await createCampaign("instant", 0);
  await programs.fund(instant.campaignId, 10n ** 12n);
  await attest(instant.campaignId, linesFor([relayer.address], 1_000), 1_000);
  figures["hold 0, 1,000 conversions, one returning partner: attest"] = (
    await attest(instant.campaignId, linesFor([relayer.address], 1_000), 1_000)
  ).gas;
  figures["claim one token to a new account"] = await gasOf(
    programs.connect(relayer).claim([token.target], partner("receiver", 0)),
  );
  await attest(instant.campaignId, linesFor([relayer.address], 1_000), 1_000);
  figures["claim one token"] = await gasOf(programs.connect(relayer).claim([token.target], partner("receiver", 0)));
}

const text = `${JSON.stringify(figures, null, 2)}\n`;
console.table(figures);
if (process.argv.includes("--check")) {
  if (readFileSync(SNAPSHOT, "utf8") !== text) {
    console.error(
      "Gas differs from snapshots/gas.json. Look at the difference; if it is meant, run `npm run bench:gas` and commit.",
    );
    process.exit(1);
  }
} else writeFileSync(SNAPSHOT, text);
