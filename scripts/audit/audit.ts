/** An audit of one campaign: its history replayed, and compared with public data, receipts, and what the contract says. Pure. */
import { keccak256 } from "ethers";
import { type Finding, Findings } from "./findings.ts";
import { checkPublicBatch, type PublicBatch } from "./publicBatch.ts";
import { type HeldReceipt, type ReceiptSigner, Receipts } from "./receipts.ts";
import { type AttestedBatch, type HistoryEvent, Replay } from "./replay.ts";

/** What the contract says of the campaign at the last block. */
export interface ContractState {
  readonly available: bigint;
  readonly reserved: bigint;
  readonly nextConversion: bigint;
}

/** What is still to be looked up when an event was applied: a batch's public data, or a description. */
export type Lookup = AttestedBatch | { readonly description: string };

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

    /** Compares the public data of a batch with its attestation. `data` undefined: nobody serves it; a text: why it cannot be read. */
    batch(attested: AttestedBatch, data: PublicBatch | string | undefined): void {
      const proven = checkPublicBatch({ findings, offers: replay.offers, numberOf }, attested, data);
      if (typeof data !== "object") return;
      held.compare((data as PublicBatch).leaves, { digest: attested.batch, proven, time: attested.time });
    },

    /** Compares the bytes that are served as a description with the hash that was announced. */
    description(hash: string, bytes: Uint8Array | undefined): void {
      findings.expect("descriptions", bytes !== undefined, () => `The description ${hash} is not served.`);
      if (bytes !== undefined && keccak256(bytes) !== hash)
        findings.differ("descriptions", `What is served as description ${hash} has the hash ${keccak256(bytes)}.`);
    },

    /** Ends the replay at a block of time `now`, and compares with what the contract says there. */
    finish(now: number, contract: ContractState, signer: ReceiptSigner): Finding[] {
      // A history that does not begin with its campaign is none.
      void replay.terms;
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
      held.finish(now, signer);
      return findings.list();
    },
  };
}
