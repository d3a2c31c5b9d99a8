/**
 * Writes protocol/vectors/*.json: inputs and golden values that the TypeScript and the Solidity tests both read, so that
 * one format cannot become two. `--check` compares with the committed files instead, and fails on any difference.
 * All numbers are strings, because JSON's are not exact above 2^53.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, lineKey, lowerLine, MAX_COUNT, MAX_VOLUME_UNITS, packLine } from "@partner-programs/protocol/line";
import { LineTree, MAX_TOTAL } from "@partner-programs/protocol/lineTree";
import { type ConversionLeaf, conversionLeaf, conversionTree } from "@partner-programs/protocol/trees";
import {
  type Attestation,
  attestationTypedData,
  type ClaimOrder,
  claimOrderTypedData,
  digestOf,
  type PayoutOrder,
  payoutOrderTypedData,
  programsDomain,
  type Receipt,
  type Reversal,
  receiptTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { getAddress, id, toBeHex, ZeroAddress, ZeroHash } from "ethers";

const ALICE = "0x1111111111111111111111111111111111111111";
const BOB = "0x2222222222222222222222222222222222222222";
const LAST = "0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF";
const NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE";
const CHAIN_ID = 8453n;
const PROGRAMS = "0x3333333333333333333333333333333333333333";

const line = (offerId: number, partner: string, count: number, volumeUnits: bigint): Line => ({
  offerId,
  partner: getAddress(partner),
  count,
  volumeUnits,
});
const usual = line(3, ALICE, 12, 345_678n);
const smallest = line(1, toBeHex(1, 20), 1, 0n);
const largest = line(2 ** 16 - 1, LAST, MAX_COUNT, MAX_VOLUME_UNITS);

// ------------------------------------------------------------------------------------------------------ lines

const packed = (name: string, it: Line) => ({
  name,
  offerId: `${it.offerId}`,
  partner: it.partner,
  count: `${it.count}`,
  volumeUnits: `${it.volumeUnits}`,
  packed: packLine(it),
  key: `${lineKey(it)}`,
});

const lowered = (name: string, it: Line, target: Line) => ({
  name,
  line: packLine(it),
  target: packLine(target),
  lowered: packLine(lowerLine(it, target)),
});

const lines = {
  packed: [
    packed("a usual line", usual),
    packed("nothing at all", line(0, ZeroAddress, 0, 0n)),
    packed("only the largest offer", line(2 ** 16 - 1, ZeroAddress, 0, 0n)),
    packed("only the last partner", line(0, LAST, 0, 0n)),
    packed("only the largest count", line(0, ZeroAddress, MAX_COUNT, 0n)),
    packed("only the largest volume", line(0, ZeroAddress, 0, MAX_VOLUME_UNITS)),
    packed("the largest of everything", largest),
  ],
  lowered: [
    lowered("both parts", usual, { ...usual, count: 3, volumeUnits: 5n }),
    lowered("to nothing", usual, { ...usual, count: 0, volumeUnits: 0n }),
    lowered("the count alone", usual, { ...usual, count: 3, volumeUnits: MAX_VOLUME_UNITS }),
    lowered("the volume alone", usual, { ...usual, count: MAX_COUNT, volumeUnits: 5n }),
    lowered("never up", usual, { ...usual, count: MAX_COUNT, volumeUnits: MAX_VOLUME_UNITS }),
  ],
};

// ------------------------------------------------------------------------------------------------------ trees

function batchOf(size: number): Line[] {
  return Array.from({ length: size }, (_, i) =>
    line(1 + Math.floor(i / 3), toBeHex(0xa11ce + i, 20), 1 + i, 1_000n * BigInt(i)),
  );
}

const pricedBatch = (size: number) => batchOf(size).map((it, i) => ({ line: it, worth: 10_500n * BigInt(i + 1) }));

/** A tree with the way of one of its lines, and of the chunk of 2^height lines that begins at `first`. */
function treeOf(
  name: string,
  batch: readonly { line: Line; worth: bigint }[],
  proven: number,
  first: number,
  height: number,
) {
  const tree = LineTree.of(batch);
  const chunk = tree.chunk(first, height);
  return {
    name,
    lines: batch.map((it) => packLine(it.line)),
    worths: batch.map((it) => `${it.worth}`),
    root: tree.root,
    total: `${tree.total}`,
    proven: `${proven}`,
    path: tree.proof(proven).path,
    first: `${chunk.first}`,
    height: `${Math.min(height, tree.depth)}`,
    chunkPath: chunk.path,
  };
}

const lineTrees = [
  treeOf("one line: it is the root", [{ line: usual, worth: 4_321n }], 0, 0, 0),
  treeOf(
    "two lines, of the least and the most",
    [
      { line: smallest, worth: 0n },
      { line: largest, worth: MAX_TOTAL },
    ],
    1,
    1,
    0,
  ),
  treeOf("three lines: nothing on the right", pricedBatch(3), 2, 2, 1),
  treeOf("five lines: nothing on the right of two levels", pricedBatch(5), 4, 4, 2),
  treeOf("seven lines", pricedBatch(7), 4, 4, 2),
  treeOf("eight lines", pricedBatch(8), 7, 0, 3),
  treeOf("one line more than a chunk", pricedBatch(257), 256, 256, 8),
  treeOf("three chunks, the last of one line", pricedBatch(513), 300, 256, 8),
  treeOf("the same line twice", [...pricedBatch(2), ...pricedBatch(2)], 2, 2, 1),
];

const conversion = (number: bigint, ...entries: Line[]): ConversionLeaf => ({
  number,
  key: id(`order ${number}`),
  salt: id(`salt ${number}`),
  entries,
});

function conversionsOf(name: string, conversions: readonly ConversionLeaf[]) {
  const tree = conversionTree(conversions);
  return {
    name,
    root: tree.root,
    conversions: conversions.map((it, i) => ({
      number: `${it.number}`,
      key: it.key,
      salt: it.salt,
      entries: it.entries.map(packLine),
      leaf: conversionLeaf(it),
      proof: tree.getProof(i),
    })),
  };
}

const conversionTrees = [
  conversionsOf("one conversion that pays one partner", [conversion(1n, line(1, ALICE, 1, 4_999n))]),
  conversionsOf("one, two and no partners", [
    conversion(41n, line(1, ALICE, 1, 4_999n)),
    conversion(42n, line(1, ALICE, 1, 10_000n), line(4, BOB, 1, 10_000n)),
    conversion(43n),
  ]),
  conversionsOf("the largest number, entries and the zero key", [
    {
      number: 2n ** 64n - 1n,
      key: ZeroHash,
      salt: toBeHex(2n ** 256n - 1n),
      entries: [{ ...largest, count: 1 }, largest],
    },
    conversion(2n ** 64n - 2n, smallest),
  ]),
];

// ------------------------------------------------------------------------------------------------ commissions

function priced(name: string, it: Line, flatAmount: bigint, rateBps: number, unitExponent: number, feeBps: number) {
  const { commission, fee } = commissionOfLineDown(it, { flatAmount, rateBps }, { unitExponent, feeBps });
  return {
    name,
    line: packLine(it),
    flatAmount: `${flatAmount}`,
    rateBps: `${rateBps}`,
    unitExponent: `${unitExponent}`,
    feeBps: `${feeBps}`,
    commission: `${commission}`,
    fee: `${fee}`,
  };
}

const sale = line(1, ALICE, 7, 123_457n);
const commissions = [
  priced("flat alone", sale, 2_500_000n, 0, 4, 0),
  priced("rate alone", sale, 0n, 1_250, 4, 0),
  priced("flat, rate and fee", sale, 2_500_000n, 1_250, 4, 500),
  priced("rounded down by the line: 0.9999 is nothing", line(1, ALICE, 1, 9_999n), 0n, 1, 0, 2_000),
  priced("rounded down by the line: 1.9999 is one", line(1, ALICE, 2, 19_999n), 0n, 1, 0, 0),
  priced("the fee rounded down of the rounded commission", line(1, ALICE, 1, 19_999n), 3n, 5_000, 0, 2_000),
  priced("nothing counted", line(1, ALICE, 0, 0n), 2_500_000n, 1_250, 4, 500),
  priced("the whole volume", sale, 0n, 10_000, 18, 2_000),
  priced("the largest count and flat", line(1, ALICE, MAX_COUNT, 0n), 2n ** 96n - 1n, 0, 0, 2_000),
  priced("the largest volume, rate and unit", line(1, ALICE, 0, MAX_VOLUME_UNITS), 0n, 10_000, 21, 2_000),
  priced("the largest of everything", largest, 2n ** 96n - 1n, 10_000, 21, 2_000),
];

// ------------------------------------------------------------------------------------------------- typed data

const domain = programsDomain(CHAIN_ID, PROGRAMS);

const attestation = (name: string, it: Attestation) => {
  const typed = attestationTypedData(it);
  const { campaignId, conversionsRoot, linesRoot } = it;
  return {
    name,
    campaignId,
    firstConversion: `${it.firstConversion}`,
    conversions: `${it.conversions}`,
    periodFrom: `${it.periodFrom}`,
    periodTo: `${it.periodTo}`,
    deadline: `${it.deadline}`,
    conversionsRoot,
    linesRoot,
    lineCount: `${it.lineCount}`,
    total: `${it.total}`,
    digest: digestOf(domain, typed),
  };
};

const reversal = (name: string, it: Reversal) => {
  const typed = reversalTypedData(it);
  return { name, ...typed.message, digest: digestOf(domain, typed) };
};

const claimOrder = (name: string, it: ClaimOrder) => {
  const typed = claimOrderTypedData(it);
  return { name, ...typed.message, nonce: `${it.nonce}`, deadline: `${it.deadline}`, digest: digestOf(domain, typed) };
};

const payoutOrder = (name: string, it: PayoutOrder) => {
  const typed = payoutOrderTypedData(it);
  const { owner, receiver } = it;
  return {
    name,
    owner,
    receiver,
    lockSeconds: `${it.lockSeconds}`,
    nonce: `${it.nonce}`,
    deadline: `${it.deadline}`,
    digest: digestOf(domain, typed),
  };
};

const receipt = (name: string, it: Receipt) => {
  const typed = receiptTypedData(it);
  const { campaignId, conversionKey, salt } = it;
  return {
    name,
    campaignId,
    conversionKey,
    salt,
    receivedAt: `${it.receivedAt}`,
    attestBy: `${it.attestBy}`,
    entries: typed.message.entries,
    digest: digestOf(domain, typed),
  };
};

const FULL = toBeHex(2n ** 256n - 1n);
const typedData = {
  chainId: `${CHAIN_ID}`,
  programs: PROGRAMS,
  attestations: [
    attestation("a usual batch", {
      campaignId: id("campaign"),
      firstConversion: 41n,
      conversions: 3,
      periodFrom: 1_790_000_000,
      periodTo: 1_790_086_400,
      deadline: 1_790_172_800,
      conversionsRoot: id("conversions"),
      linesRoot: id("lines"),
      lineCount: 2,
      total: 1_234_567n,
    }),
    attestation("the largest of everything", {
      campaignId: FULL,
      firstConversion: 2n ** 64n - 1n,
      conversions: 2 ** 32 - 1,
      periodFrom: 2 ** 40 - 1,
      periodTo: 2 ** 40 - 1,
      deadline: 2 ** 40 - 1,
      conversionsRoot: FULL,
      linesRoot: FULL,
      lineCount: 2 ** 32 - 1,
      total: MAX_TOTAL,
    }),
    attestation("nothing", {
      campaignId: ZeroHash,
      firstConversion: 0n,
      conversions: 0,
      periodFrom: 0,
      periodTo: 0,
      deadline: 0,
      conversionsRoot: ZeroHash,
      linesRoot: ZeroHash,
      lineCount: 0,
      total: 0n,
    }),
  ],
  reversals: [
    reversal("two lines", {
      campaignId: id("campaign"),
      attestation: id("attestation"),
      targets: [{ ...usual, count: 3 }, line(4, BOB, 0, 0n)],
      reasonHash: id("two refunds, one chargeback"),
    }),
    reversal("the largest of everything", {
      campaignId: FULL,
      attestation: FULL,
      targets: [largest],
      reasonHash: FULL,
    }),
  ],
  claimOrders: [
    claimOrder("a token and the coin, to somebody else", {
      owner: ALICE,
      receiver: BOB,
      tokens: [BOB, NATIVE],
      nonce: 7n,
      deadline: 1_790_172_800n,
    }),
    claimOrder("the largest of everything", {
      owner: LAST,
      receiver: LAST,
      tokens: [LAST],
      nonce: 2n ** 256n - 1n,
      deadline: 2n ** 256n - 1n,
    }),
    claimOrder("no tokens", { owner: ALICE, receiver: ALICE, tokens: [], nonce: 0n, deadline: 0n }),
  ],
  payoutOrders: [
    payoutOrder("to somebody else, locked for a month", {
      owner: ALICE,
      receiver: BOB,
      lockSeconds: 2_592_000,
      nonce: 7n,
      deadline: 1_790_172_800n,
    }),
    payoutOrder("the largest of everything", {
      owner: LAST,
      receiver: LAST,
      lockSeconds: 2 ** 32 - 1,
      nonce: 2n ** 256n - 1n,
      deadline: 2n ** 256n - 1n,
    }),
    payoutOrder("nothing", { owner: ALICE, receiver: ZeroAddress, lockSeconds: 0, nonce: 0n, deadline: 0n }),
  ],
  // No contract reads a receipt; the Solidity test derives its digest by hand.
  receipts: [
    receipt("a usual conversion", {
      campaignId: id("campaign"),
      conversionKey: id("order 41"),
      salt: id("salt 41"),
      receivedAt: 1_790_000_000,
      attestBy: 1_790_172_800,
      entries: [line(1, ALICE, 1, 4_999n), line(4, BOB, 1, 4_999n)],
    }),
    receipt("the largest of everything", {
      campaignId: FULL,
      conversionKey: FULL,
      salt: FULL,
      receivedAt: 2 ** 40 - 1,
      attestBy: 2 ** 40 - 1,
      entries: [largest],
    }),
  ],
};

// ------------------------------------------------------------------------------------------------------ files

/** JSON as Biome lays it out: a list of strings on one line where it fits. */
function layOut(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(
    /^(.*)\[\n\s+([^[\]{}]*)\n\s+\](,?)$/gm,
    (tall, head, list, end) => {
      const flat = `${head}[${list.replace(/\n\s+/g, " ")}]${end}`;
      return flat.length <= 120 ? flat : tall;
    },
  );
  return `${text}\n`;
}

const files = { line: lines, lineTree: lineTrees, conversionTree: conversionTrees, commission: commissions, typedData };
let differing = 0;
for (const [name, value] of Object.entries(files)) {
  const file = new URL(`../protocol/vectors/${name}.json`, import.meta.url);
  const text = layOut(value);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    differing++;
    console.error(`protocol/vectors/${name}.json is not what scripts/vectors.ts computes.`);
  }
}
if (differing > 0) process.exit(1);
