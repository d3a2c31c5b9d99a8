/** An audit of one campaign: its history replayed, and compared with public data, receipts, and what the contract says. */
import { AbiCoder, keccak256 } from "ethers";
import type { Batch } from "./batch.ts";
import { type Finding, Findings } from "./findings.ts";
import { checkPublicBatch, type PublicBatch } from "./publicBatch.ts";
import { type HeldReceipt, type ReceiptSigner, Receipts } from "./receipts.ts";
import { type AttestedBatch, type HistoryEvent, Replay } from "./replay.ts";

/** What the contract says of the campaign at the last block. */
export interface ContractState {
  readonly available: bigint;
  readonly reserved: bigint;
  readonly nextConversion: bigint;
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

export function createAudit(receipts: readonly HeldReceipt[] = []) {
  const findings = new Findings();
  const replay = new Replay(findings);
  const held = new Receipts(findings, receipts);
  const numberOf = new Map<string, bigint>();

  return {
    /** Applies one event, in the order of the chain; returns what is to be fetched and handed to `batch` or `description`. */
    apply(event: HistoryEvent): Lookup | undefined {
      if (event.name === "DescriptionAnnounced") return { description: event.args.contentHash };
      return replay.apply(event);
    },

    /** Takes the lines that sources give for a batch, the first that are right. Those that are not are told of. */
    async lines({ batch }: AttestedBatch, given: AsyncIterable<GivenLines>): Promise<void> {
      findings.count("roots");
      const { digest, body } = batch;
      for await (const { source, lines } of given) {
        if (replay.takeLines(batch, lines)) return;
        findings.differ(
          "roots",
          `What ${source} gives as the lines of batch ${digest}, ${lines.length} bytes, does not have the root and the sum of the ${body.lineCount} that were signed.`,
        );
      }
      findings.differ("roots", `Nobody who was asked gives the ${body.lineCount} lines of batch ${digest}.`);
    },

    /** Compares the public data of a batch with its attestation. `data` undefined: nobody serves it. */
    async batch({ batch, lines, time }: AttestedBatch, data: PublicBatch | undefined): Promise<void> {
      const comparison = held.compare(batch.digest, time);
      const known = { findings, offers: replay.offers, numberOf };
      comparison.end(await checkPublicBatch(known, batch, lines ?? batch.lines, data, comparison.leaf));
    },

    /** Compares the bytes that are served as a description with the hash that was announced. */
    description(hash: string, bytes: Uint8Array | undefined): void {
      findings.expect("descriptions", bytes !== undefined, () => `The description ${hash} is not served.`);
      if (bytes !== undefined && keccak256(bytes) !== hash)
        findings.differ("descriptions", `What is served as description ${hash} has the hash ${keccak256(bytes)}.`);
    },

    /** Ends the replay at a block of time `now`, and compares with what the contract says there. */
    async finish(now: number, contract: ContractState, signer: ReceiptSigner): Promise<Finding[]> {
      // A history that does not begin with its campaign is none.
      const { holdSeconds } = replay.terms;
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
      held.finish(now, signer);
      return findings.list();
    },
  };
}

/** Compares what the contract stores of a batch with what the events made of it. */
async function compareBatch(findings: Findings, contract: ContractState, batch: Batch): Promise<void> {
  const { digest, body } = batch;
  const words = Array.from({ length: Math.ceil(body.lineCount / 256) }, (_, word) => word);
  const marks = await Promise.all(words.map((word) => contract.marks(digest, word)));
  for (const word of words) {
    const differs = (marks[word] ?? 0n) ^ batch.marks(word);
    findings.count("marks", Math.min(256, body.lineCount - 256 * word));
    for (let i = 0; i < 256; i++)
      if ((differs >> BigInt(i)) & 1n) {
        const settled = ((marks[word] ?? 0n) >> BigInt(i)) & 1n;
        const [has, says] = settled ? ["settled", "not"] : ["not settled", "that it was"];
        findings.differ(
          "marks",
          `Line ${256 * word + i} of ${digest} is ${has} by the contract; the events say ${says}.`,
        );
      }
  }
  if (batch.tree === undefined) return;
  const { root, total = 0n } = batch.tree;
  const commitment = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [root, total]));
  const lowered = await contract.loweredTo(digest);
  findings.expect(
    "roots",
    lowered === commitment,
    () => `Batch ${digest} stands at ${lowered} by the contract; the events lead to root ${root} and sum ${total}.`,
  );
}
