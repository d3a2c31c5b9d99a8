/** Whether what receipts promised was kept: the entries, the time, and who signed it. */
import { verifyTypedData } from "ethers";
import { checkConditions, conditionsIn, type Descriptions, type Paid, type Shown } from "./conditions.ts";
import type { Findings } from "./findings.ts";
import type { PublicLeaf } from "./publicBatch.ts";

/** As docs/attestation.md has it. */
const TYPES = {
  Receipt: [
    { name: "campaignId", type: "bytes32" },
    { name: "conversionKey", type: "bytes32" },
    { name: "salt", type: "bytes32" },
    { name: "receivedAt", type: "uint40" },
    { name: "attestBy", type: "uint40" },
    { name: "entries", type: "bytes32[]" },
  ],
};

/** A receipt that somebody holds. */
export interface HeldReceipt {
  readonly campaignId: string;
  readonly conversionKey: string;
  readonly salt: string;
  readonly receivedAt: number;
  readonly attestBy: number;
  /** Packed. */
  readonly entries: readonly string[];
  readonly signature: string;
  /** Taken back before it was attested, as its holder says. */
  readonly takenBack: boolean;
  /** What its holder is shown of the conversion; undefined: it holds the receipt alone. */
  readonly shown?: Shown | undefined;
}

/** Under which domain receipts are signed, and by whom; undefined: by anybody. */
export interface ReceiptSigner {
  readonly domain: Parameters<typeof verifyTypedData>[0];
  readonly signer: string | undefined;
}

export class Receipts {
  readonly #findings: Findings;
  readonly #receipts: readonly HeldReceipt[];
  readonly #byKey: ReadonlyMap<string, readonly HeldReceipt[]>;
  readonly #attested = new Set<HeldReceipt>();
  readonly #paid: Paid[] = [];

  constructor(findings: Findings, receipts: readonly HeldReceipt[]) {
    this.#findings = findings;
    this.#receipts = receipts;
    this.#byKey = Map.groupBy(receipts, ({ conversionKey }) => conversionKey);
  }

  /** Of a batch: what compares its conversions with the receipts of their keys, and is told at the end whether they were proven. */
  compare(digest: string, time: number) {
    const seen: { readonly leaf: PublicLeaf; readonly receipt: HeldReceipt }[] = [];
    return {
      leaf: (leaf: PublicLeaf): void => {
        for (const receipt of this.#byKey.get(leaf.key) ?? []) seen.push({ leaf, receipt });
      },
      end: (proven: boolean): void => {
        for (const { leaf, receipt } of seen) this.#compareOne(leaf, receipt, { digest, time, proven });
      },
    };
  }

  #compareOne(
    leaf: PublicLeaf,
    receipt: HeldReceipt,
    { digest, time, proven }: { readonly digest: string; readonly time: number; readonly proven: boolean },
  ): void {
    this.#attested.add(receipt);
    const of = `The receipt of ${receipt.conversionKey}`;
    const { shown, receivedAt } = receipt;
    if (proven && shown !== undefined)
      this.#paid.push({ number: leaf.number, entries: leaf.entries, receivedAt, attestedAt: time, shown });
    const kept = leaf.salt === receipt.salt && leaf.entries.join() === receipt.entries.join();
    if (!proven) this.#findings.differ("receipts", `${of}: its batch ${digest} does not prove its conversions.`);
    else if (!kept)
      this.#findings.differ("receipts", `${of} promised other entries than number ${leaf.number} was attested with.`);
    else if (time > receipt.attestBy)
      this.#findings.differ(
        "receipts",
        `${of} promised attestation until ${receipt.attestBy}; number ${leaf.number} was attested at ${time}.`,
      );
  }

  /** Looks at who signed the receipts, at those that were never attested, at `now` (Unix seconds), and at what paid the others. */
  finish(now: number, { domain, signer }: ReceiptSigner, descriptions: Descriptions): void {
    const conditions = conditionsIn(descriptions);
    for (const one of this.#paid) checkConditions(this.#findings, one, descriptions.announced, conditions);
    for (const receipt of this.#receipts) {
      const of = `The receipt of ${receipt.conversionKey}`;
      const by = recover(receipt, domain);
      this.#findings.expect("receipts", by !== undefined && (signer === undefined || by === signer), () =>
        by === undefined
          ? `${of} has no signature that can be read.`
          : `${of} is signed by ${by}, not by the relayer ${signer}.`,
      );
      if (this.#attested.has(receipt) || receipt.takenBack || now <= receipt.attestBy) continue;
      this.#findings.differ("receipts", `${of} promised attestation until ${receipt.attestBy}; it was never attested.`);
    }
  }
}

function recover(receipt: HeldReceipt, domain: ReceiptSigner["domain"]): string | undefined {
  const { signature, takenBack: _, shown: __, ...promised } = receipt;
  try {
    return verifyTypedData(domain, TYPES, promised, signature);
  } catch {
    // Malformed, or of no key: not a receipt.
    return undefined;
  }
}
