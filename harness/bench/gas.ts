/**
 * Gas of whole transactions (intrinsic gas and calldata included) on the production build, written to snapshots/gas.json, and
 * how many bytes of calldata they have, of which scripts/gas-page.ts makes the physical floor, to snapshots/calldata.json.
 * `--check` compares with the committed figures instead, and fails on any difference. The chain is Hardhat's, in process,
 * and every input is fixed, the time of the blocks too, so the figures are exact.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  programsDomain,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { encodeBytes32String, getAddress, getBytes, type HDNodeWallet, id, toBeHex, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const GAS = new URL("../../snapshots/gas.json", import.meta.url);
const CALLDATA = new URL("../../snapshots/calldata.json", import.meta.url);
const DAY = 86_400;
const FEE_BPS = 500;
const UNIT_EXPONENT = 4;
const FLAT_AMOUNT = 1_000_000n;
const RATE_BPS = 100;
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

/** Of one transaction or several. */
interface Cost {
  readonly gas: number;
  readonly transactions: number;
  readonly zeroBytes: number;
  readonly otherBytes: number;
}
const figures: Record<string, Cost> = {};

async function costOf(
  sent: Promise<{ readonly data: string; wait(): Promise<{ gasUsed: bigint } | null> }>,
): Promise<Cost> {
  const transaction = await sent;
  const bytes = getBytes(transaction.data);
  const zeroBytes = bytes.filter((byte) => byte === 0).length;
  const gas = Number((await transaction.wait())?.gasUsed ?? 0n);
  return { gas, transactions: 1, zeroBytes, otherBytes: bytes.length - zeroBytes };
}
const sum = (a: Cost, b: Cost): Cost => ({
  gas: a.gas + b.gas,
  transactions: a.transactions + b.transactions,
  zeroBytes: a.zeroBytes + b.zeroBytes,
  otherBytes: a.otherBytes + b.otherBytes,
});

function terms(holdSeconds: number, linesOnChain: boolean) {
  return {
    token: token.target,
    holdSeconds,
    noticeSeconds: 7 * DAY,
    feeBps: FEE_BPS,
    unitExponent: UNIT_EXPONENT,
    linesOnChain,
    operator: operator?.address ?? ZeroAddress,
    openKinds: 1,
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
  partner: ZeroAddress,
});

async function createCampaign(salt: string, holdSeconds: number, linesOnChain = false) {
  const given = {
    salt: id(salt),
    terms: terms(holdSeconds, linesOnChain),
    offers: [
      offer(EVENT, FLAT_AMOUNT, RATE_BPS),
      offer(encodeBytes32String("signup").slice(0, 50), 500_000n, 0),
      offer(encodeBytes32String("renewal").slice(0, 50), 0n, 1_000),
    ],
    attesters: [attester.address],
    threshold: 1,
    dailyLimit: 2n ** 128n - 1n,
    descriptionHash: id("description"),
    descriptionUri: "https://brand.example/partner-program.json",
  };
  const campaignId = await programs.createCampaign.staticCall(given);
  const cost = await costOf(programs.createCampaign(given));
  const { timestamp } = (await ethers.provider.getBlock("latest")) ?? {};
  if (timestamp !== undefined) clock = Math.max(clock, timestamp);
  return { campaignId, cost, linesGiven: linesOnChain || holdSeconds === 0, nextConversion: 1n };
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

type Campaign = Awaited<ReturnType<typeof createCampaign>>;

/** A tree in which every line is worth what the first offer pays for it. */
const treeOf = (lines: readonly Line[]) =>
  LineTree.of(
    lines.map((line) => {
      const { commission, fee } = commissionOfLineDown(
        line,
        { flatAmount: FLAT_AMOUNT, rateBps: RATE_BPS },
        { unitExponent: UNIT_EXPONENT, feeBps: FEE_BPS },
      );
      return { line, worth: commission + fee };
    }),
  );

interface Batch {
  readonly attestation: Attestation;
  readonly digest: string;
  readonly cost: Cost;
}

async function attestTree(
  campaign: Campaign,
  tree: { root: string; total: bigint; count: number },
  lines: readonly Line[],
  conversions: number,
): Promise<Batch> {
  await pass(2 * DAY);
  const attestation = {
    campaignId: campaign.campaignId,
    firstConversion: campaign.nextConversion,
    conversions,
    periodFrom: clock - 3600,
    periodTo: clock,
    deadline: clock + DAY,
    conversionsRoot: id(`conversions from ${campaign.nextConversion}`),
    linesRoot: tree.root,
    lineCount: tree.count,
    total: tree.total,
  };
  const typed = attestationTypedData(attestation);
  const signature = await attester.signTypedData(domain, typed.types, typed.message);
  const given = campaign.linesGiven ? lines.map(packLine) : [];
  const cost = await costOf(programs.connect(relayer).attest(attestation, given, [{ attester: 0, signature }]));
  campaign.nextConversion += BigInt(conversions);
  return { cost, attestation, digest: digestOf(domain, typed) };
}

const attest = (campaign: Campaign, lines: readonly Line[], conversions: number) =>
  attestTree(campaign, treeOf(lines), lines, conversions);

/** attest + release, by as many chunks as it takes. Asserts that no transaction exceeds 13 M. */
async function settle(campaign: Campaign, accounts: readonly string[], conversions: number) {
  const lines = linesFor(accounts, conversions);
  const batch = await attest(campaign, lines, conversions);
  await pass(DAY);
  let total = batch.cost;
  for (const { first, lines: some, path } of treeOf(lines).chunks()) {
    const cost = await costOf(programs.connect(relayer).release(batch.attestation, first, path, [...some]));
    if (cost.gas > 13_000_000) throw new Error(`A transaction took over 13 M gas: ${cost.gas}.`);
    total = sum(total, cost);
  }
  return { attested: batch.cost, total };
}

const held = await createCampaign("held", DAY);
figures["create a campaign with 3 offers and one attester"] = held.cost;
await programs.fund(held.campaignId, 10n ** 15n);
figures["fund a campaign again"] = await costOf(programs.fund(held.campaignId, 10n ** 15n));

await settle(held, partners("one", 1), 1_000);
const one = await settle(held, partners("one", 1), 1_000);
figures["1,000 conversions, one returning partner: attest"] = one.attested;
figures["1,000 conversions, one returning partner: attest + release"] = one.total;
figures["1,000,000 conversions, one returning partner: attest + release"] = (
  await settle(held, partners("one", 1), 1_000_000)
).total;

await settle(held, partners("ten", 10), 1_000);
figures["1,000 conversions, ten returning partners: attest + release"] = (
  await settle(held, partners("ten", 10), 1_000)
).total;

const first = await settle(held, partners("thousand", 1_000), 1_000);
figures["1,000 conversions, 1,000 partners: attest"] = first.attested;
figures["1,000 conversions, 1,000 new partners: attest + release"] = first.total;
for (const account of partners("thousand", 1_000)) await (await programs.payOut(account, [token.target])).wait();
figures["1,000 conversions, 1,000 returning partners that claimed: attest + release"] = (
  await settle(held, partners("thousand", 1_000), 1_000)
).total;

const pull = (batches: readonly Batch[], proofs: ReturnType<LineTree["proof"]>[]) =>
  costOf(
    programs.connect(relayer).pull(
      batches.map(({ attestation }) => attestation),
      proofs,
    ),
  );
{
  const lines = linesFor(partners("pull", 512), 512);
  const tree = treeOf(lines);
  const batch = await attest(held, lines, 512);
  await pass(DAY);
  const pulled = (index: number) => pull([batch], [tree.proof(index)]);
  figures["pull one line of 512, paid to a new account: first 192 lines"] = await pulled(100);
  figures["pull one line of 512, paid to a new account: the others, first of its word"] = await pulled(511);
  figures["pull one line of 512, paid to a new account: the others"] = await pulled(510);
}
{
  // A million lines of the same few accounts: what a pull costs does not depend on who stands in the others.
  const accounts = linesFor(partners("million", 1_000), 1_000);
  const million = Array.from({ length: 1_000 }, () => accounts).flat();
  const tree = treeOf(million);
  const batch = await attestTree(held, tree, million, 1_000_000);
  figures["1,000,000 conversions, 1,000,000 partners: attest"] = batch.cost;
  await pass(DAY);
  figures["pull one line of 1,000,000, paid to a new account: first of its word"] = await pull(
    [batch],
    [tree.proof(700_500)],
  );
}
{
  // Batches of 100 lines, of which the partner's is one.
  const lines = linesFor(partners("twenty", 100), 100);
  const tree = treeOf(lines);
  const batches: Batch[] = [];
  for (let i = 0; i < 20; i++) batches.push(await attest(held, lines, 100));
  await pass(DAY);
  figures["pull one partner's lines of 20 batches of 100, paid once"] = await pull(
    batches,
    batches.map(() => tree.proof(50)),
  );
}
{
  const lines = linesFor(partners("reverse", 100), 100);
  const batch = await attest(held, lines, 100);
  const line = lines[50];
  if (line === undefined) throw new Error("no line");
  const reversal = {
    campaignId: held.campaignId,
    attestation: batch.digest,
    targets: [{ ...line, count: 0, volumeUnits: 0n }],
    reasonHash: id("refunded"),
  };
  const typed = reversalTypedData(reversal);
  const signature = await attester.signTypedData(domain, typed.types, typed.message);
  figures["reverse one line of 100"] = await costOf(
    programs
      .connect(relayer)
      .reverse(
        batch.attestation,
        [{ ...treeOf(lines).proof(50), target: packLine(reversal.targets[0] ?? line) }],
        reversal.reasonHash,
        [{ attester: 0, signature }],
      ),
  );
}
{
  const public_ = await createCampaign("public", DAY, true);
  await programs.fund(public_.campaignId, 10n ** 15n);
  await attest(public_, linesFor(partners("thousand", 1_000), 1_000), 1_000);
  figures["1,000 conversions, 1,000 partners, lines on the chain: attest"] = (
    await attest(public_, linesFor(partners("thousand", 1_000), 1_000), 1_000)
  ).cost;
}
{
  const instant = await createCampaign("instant", 0);
  await programs.fund(instant.campaignId, 10n ** 12n);
  await attest(instant, linesFor([relayer.address], 1_000), 1_000);
  figures["hold 0, 1,000 conversions, one returning partner: attest"] = (
    await attest(instant, linesFor([relayer.address], 1_000), 1_000)
  ).cost;
  figures["claim one token to a new account"] = await costOf(
    programs.connect(relayer).claim([token.target], partner("receiver", 0)),
  );
  await attest(instant, linesFor([relayer.address], 1_000), 1_000);
  figures["claim one token"] = await costOf(programs.connect(relayer).claim([token.target], partner("receiver", 0)));
}

const gas = Object.fromEntries(Object.entries(figures).map(([name, cost]) => [name, cost.gas]));
const calldata = Object.fromEntries(Object.entries(figures).map(([name, { gas: _, ...rest }]) => [name, rest]));
console.table(gas);
for (const [file, content] of [
  [GAS, gas],
  [CALLDATA, calldata],
] as const) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(
      `Gas differs from snapshots/${basename(file.pathname)}. Look at the difference; if it is meant, run \`npm run bench:gas\` and commit.`,
    );
    process.exitCode = 1;
  }
}
