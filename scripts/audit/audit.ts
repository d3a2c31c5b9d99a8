/** An audit of one campaign: its history replayed, and compared with public data, receipts, and what the contract says. */
import { AbiCoder, keccak256, ZeroHash } from "ethers";
import type { Batch } from "./batch.ts";
import { Bonuses } from "./bonuses.ts";
import { type Finding, Findings } from "./findings.ts";
import { checkPublicBatch, type GivenBatch, notServed } from "./publicBatch.ts";
import { checkRates, type RatePlaces } from "./rates.ts";
import { type HeldReceipt, type ReceiptSigner, Receipts } from "./receipts.ts";
import { type AttestedBatch, type HistoryEvent, Replay } from "./replay.ts";

/** What the contract says of the campaign at the last block. */
export interface ContractState {
  readonly available: bigint;
  readonly reserved: bigint;
  readonly nextConversion: bigint;
  /** Of its token. */
  readonly decimals: number;
  /** Which of 256 lines of a batch are settled. */
  marks(digest: string, word: number): Promise<bigint>;
  /** What commits to a batch's lines since a reversal; 0: there was none. */
  loweredTo(digest: string): Promise<string>;
}

/** What is still to be looked up when an event was applied: a batch's public data, or a description. */
export type Lookup = AttestedBatch | { readonly description: string };

/** Where lines come from, and what it gave. */
export interface GivenLines {
  readonly source: string;
  readonly lines: Uint8Array;
}

/** Where a description comes from, and what it gave. */
export interface GivenDescription {
  readonly source: string;
  readonly bytes: Uint8Array;
}

export function createAudit(receipts: readonly HeldReceipt[] = []) {
  const findings = new Findings();
  const bonuses = new Bonuses(findings);
  const replay = new Replay(findings, (...line) => bonuses.line(...line));
  const held = new Receipts(findings, receipts);
  const numberOf = new Map<string, bigint>();
  const texts = new Map<string, string>();

  return {
    replay,
    findings,

    /** Applies one event, in the order of the chain; returns what is to be fetched and handed to `batch` or `description`. */
    apply(event: HistoryEvent): Lookup | undefined {
      const batch = replay.apply(event);
      return event.name === "DescriptionAnnounced" ? { description: event.args.contentHash } : batch;
    },

    /** Takes the lines that sources give for a batch: those that are right. Of each other it is told. */
    async lines({ batch, linesGiven, lines }: AttestedBatch, given: AsyncIterable<GivenLines>): Promise<void> {
      const { digest, body } = batch;
      let right = lines ?? batch.lines;
      if (linesGiven && right === undefined) return;
      if (!linesGiven) findings.count("roots");
      for await (const one of given) {
        const same = right === undefined ? replay.takeLines(batch, one.lines) : Buffer.compare(one.lines, right) === 0;
        right ??= batch.lines;
        if (same) continue;
        const what = `What ${one.source} gives as the lines of batch ${digest}, ${one.lines.length} bytes,`;
        findings.differ(
          "roots",
          `${what} does not have the root and the sum of the ${body.lineCount} that were signed.`,
        );
      }
      if (right === undefined)
        findings.differ("roots", `Nobody who was asked gives the ${body.lineCount} lines of batch ${digest}.`);
    },

    /** Compares the public data of a batch, as each gives it, with its attestation. */
    async batch({ batch, lines, time }: AttestedBatch, given: AsyncIterable<GivenBatch>): Promise<void> {
      const known = { findings, offers: replay.offers, numberOf };
      let compared: { proven: boolean; end(proven: boolean): void } | undefined;
      for await (const one of given) {
        const comparison = held.compare(batch.digest, time);
        const rewards = bonuses.collect(batch, time, replay.offers);
        const proven = await checkPublicBatch(known, batch, lines ?? batch.lines, one, (leaf) => {
          comparison.leaf(leaf);
          rewards.leaf(leaf);
        });
        const end = (right: boolean) => {
          comparison.end(right);
          rewards.end(right);
        };
        // Receipts are compared with one that proves its conversions, if there is any.
        if (compared?.proven !== true) compared = { proven, end };
      }
      if (compared === undefined) notServed(findings, batch);
      compared?.end(compared.proven);
    },

    /** Compares the bytes that each serves as a description with the hash that was announced. */
    async description(hash: string, given: AsyncIterable<GivenDescription>): Promise<void> {
      findings.count("descriptions");
      let served = false;
      for await (const { source, bytes } of given) {
        served = true;
        if (keccak256(bytes) === hash) {
          const text = new TextDecoder().decode(bytes);
          texts.set(hash, text);
          bonuses.description(text);
        } else
          findings.differ(
            "descriptions",
            `What ${source} serves as description ${hash} has the hash ${keccak256(bytes)}.`,
          );
      }
      if (!served) findings.differ("descriptions", `The description ${hash} is not served.`);
    },

    /** Ends the replay at a block of time `now`, and compares with what the contract says there. */
    async finish(now: number, contract: ContractState, signer: ReceiptSigner, rates?: RatePlaces): Promise<Finding[]> {
      // A history that does not begin with its campaign is none.
      const { holdSeconds, unitExponent } = replay.terms;
      findings.expect(
        "numbers",
        contract.nextConversion === replay.next,
        () => `The contract's next number is ${contract.nextConversion}, the events lead to ${replay.next}.`,
      );
      for (const name of ["available", "reserved"] as const)
        findings.expect(
          "balances",
          contract[name] === replay[name],
          () => `The contract has ${contract[name]} ${name}, the events add up to ${replay[name]}.`,
        );
      for (const batch of replay.batches.values()) {
        for (const index of batch.in("due"))
          findings.differ("refusals", `Line ${index} of ${batch.digest} does not hold, and was not refused.`);
        // Without a hold no batch is stored.
        if (holdSeconds > 0) await compareBatch(findings, contract, batch);
      }
      const descriptions = { announced: replay.descriptions, texts };
      held.finish(now, signer, descriptions);
      const units = { unitExponent, decimals: contract.decimals };
      await checkRates(findings, held.paid, descriptions, units, rates);
      bonuses.finish(now, descriptions, replay, contract.decimals);
      return findings.list();
    },
  };
}

/** Compares what the contract stores of a batch with what the events made of it. */
async function compareBatch(findings: Findings, contract: ContractState, batch: Batch): Promise<void> {
  const { digest, body } = batch;
  const words = [...batch.words()];
  const marks = await Promise.all(words.map((word) => contract.marks(digest, word)));
  for (const [at, word] of words.entries()) {
    const has = marks[at] ?? 0n;
    const differs = has ^ batch.marks(word);
    findings.count("marks", Math.min(256, body.lineCount - 256 * word));
    for (let i = 0; i < 256; i++)
      if ((differs >> BigInt(i)) & 1n) {
        const settled = (has >> BigInt(i)) & 1n;
        const [is, says] = settled ? ["settled", "not"] : ["not settled", "that it was"];
        findings.differ(
          "marks",
          `Line ${256 * word + i} of ${digest} is ${is} by the contract; the events say ${says}.`,
        );
      }
  }
  const { root, total } = batch.head;
  const reversed = batch.heads.length > 1;
  const commitment = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [root, total]));
  const lowered = await contract.loweredTo(digest);
  findings.expect(
    "roots",
    lowered === (reversed ? commitment : ZeroHash),
    () => `Batch ${digest} stands at ${lowered} by the contract; the events lead to root ${root} and sum ${total}.`,
  );
}
