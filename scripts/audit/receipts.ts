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
  /** Each with when it signed last, Unix seconds; undefined: it still does. */
  readonly signers: ReadonlyMap<string, number | undefined> | undefined;
}

/** It is noted each minute that a key is in use, and two processes do not end at once. */
const UNTIL_SECONDS = 120;

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
      this.#paid.push({
        number: leaf.number,
        salt: leaf.salt,
        entries: leaf.entries,
        receivedAt,
        attestedAt: time,
        shown,
      });
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

  /** Those whose batch proves them, and of which more is shown than their receipt. */
  get paid(): readonly Paid[] {
    return this.#paid;
  }

  /** Looks at who signed the receipts, at those that were never attested, at `now` (Unix seconds), and at what paid the others. */
  finish(now: number, { domain, signers }: ReceiptSigner, descriptions: Descriptions): void {
    const conditions = conditionsIn(descriptions);
    for (const one of this.#paid) checkConditions(this.#findings, one, descriptions.announced, conditions);
    for (const receipt of this.#receipts) {
      const of = `The receipt of ${receipt.conversionKey}`;
      const by = recover(receipt, domain);
      const until = by === undefined ? undefined : signers?.get(by);
      const inTime = until === undefined || receipt.receivedAt <= until + UNTIL_SECONDS;
      const isKnown = by !== undefined && (signers === undefined || signers.has(by));
      this.#findings.expect("receipts", isKnown && inTime, () =>
        by === undefined
          ? `${of} has no signature that can be read.`
          : isKnown
            ? `${of} is signed by ${by}, which was the relayer's until ${until}, and was received at ${receipt.receivedAt}.`
            : `${of} is signed by ${by}, not by the relayer ${[...(signers?.keys() ?? [])].join(" or ")}.`,
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
