/** What becomes of one report by its judgement, with what its receipt is to promise. */
import { randomBytes } from "node:crypto";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { packLine } from "@partner-programs/protocol/line";
import { type Sale, saltOfSale } from "@partner-programs/protocol/rates";
import { REASONS } from "@partner-programs/protocol/reasons";
import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import type { JudgedReport, Ledger, LedgerEntry } from "../domain/ledger.ts";
import { conversionKey } from "../secrets.ts";
import type { NewConversion } from "../store/conversionRow.ts";
import { InvalidReport } from "./errors.ts";
import { keepIntroduction } from "./introduced.ts";
import type { PendingReport } from "./report.ts";

/** A conversion as it was judged, with what its receipt is to promise. */
export type Decision = Omit<NewConversion, "receipt"> & { readonly promise: PackedReceipt | undefined };

/**
 * Judges a report, and notes in the ledger what it uses up.
 * @param first the same as it came before and was rejected: as of then it is judged first, for what has ended since was good then;
 * and as of now if that is no better, for what has begun since is good now
 */
export function decide(
  { secret, attestWithinSeconds }: { readonly secret: string; readonly attestWithinSeconds: number },
  campaignId: string,
  ledger: Ledger,
  { report, receivedAt, bodyHash, apiKeyId, idempotencyKey }: PendingReport,
  judged: JudgedReport,
  first?: JudgedReport,
): Decision | InvalidReport {
  const problem = ledger.problemOf(judged);
  if (problem !== undefined) return new InvalidReport(problem);
  const { entry, at } = judgeAt(ledger, judged, first);
  const { judgement, volume, sale, customer, partner, linkId, link, codeId, code, attributes, history } = entry;
  // Nothing is wrong with the order: it is to be reported again, with what is missing.
  if (!judgement.accepted && judgement.reason === "unknown_customer")
    return new InvalidReport(`${REASONS.unknown_customer} Send customerId, customerEmail or customerWallet.`);
  const key = conversionKey(secret, campaignId, report.event, report.orderId);
  const { salt, sale: kept } = saltOf(sale);
  const common = {
    event: report.event,
    orderId: report.orderId,
    bodyHash,
    key,
    customer,
    partnershipId: judgement.partnershipId,
    partner,
    linkId,
    link,
    codeId,
    code,
    volume,
    sale: kept,
    attributes,
    history,
    occurredAt: report.occurredAt,
    receivedAt: at,
    salt,
    apiKeyId,
    idempotencyKey,
  };
  if (!judgement.accepted)
    return {
      ...common,
      ...NOTHING,
      state: "rejected",
      reason: judgement.reason,
      note: judgement.note,
      introduced: keepIntroduction(judged),
    };
  const { commission, partnerCommission, fee, flags } = judgement;
  const entries = judgement.entries.map(packLine);
  const attestBy = Math.floor(receivedAt / 1000) + attestWithinSeconds;
  const promise = { campaignId, conversionKey: key, salt, receivedAt: Math.floor(at / 1000), attestBy, entries };
  const amounts = { entries, commission, partnerCommission, fee, introduced: undefined };
  return { ...common, ...amounts, state: "accepted", reason: undefined, note: undefined, attestBy, promise, flags };
}

const random = () => `0x${randomBytes(32).toString("hex")}`;

/** The leaf's salt: of a converted sale it says by which rate, to whoever is told the nonce. */
function saltOf(sale: LedgerEntry["sale"]): { readonly salt: string; readonly sale: Sale | undefined } {
  if (sale?.rate === undefined) return { salt: random(), sale };
  const converted = { ...sale, rate: sale.rate, nonce: random() };
  return { salt: saltOfSale(converted), sale: converted };
}

function judgeAt(
  ledger: Ledger,
  judged: JudgedReport,
  first: JudgedReport | undefined,
): { readonly entry: LedgerEntry; readonly at: number } {
  if (first === undefined) return { entry: ledger.judge(judged), at: judged.receivedAt };
  const then = { entry: ledger.judge(first), at: first.receivedAt };
  if (then.entry.judgement.accepted) return then;
  const entry = ledger.judge(judged);
  return entry.judgement.accepted ? { entry, at: judged.receivedAt } : then;
}

/** What a rejected conversion pays. */
const NOTHING = {
  entries: [],
  commission: 0n,
  partnerCommission: 0n,
  fee: 0n,
  attestBy: undefined,
  promise: undefined,
  flags: [],
};

/** What a token can count to. */
const MAX_AMOUNT = 2n ** 256n;

/** Why a volume can be none of the campaign's token. */
export function unfit(volume: string, tokenDecimals: number): InvalidReport | undefined {
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals <= tokenDecimals) {
    if (toBaseUnitsDown(volume, tokenDecimals) < MAX_AMOUNT) return undefined;
    return new InvalidReport(
      `volume ${volume} is more than there can be of the campaign's token, which has ${tokenDecimals} decimals. Report less.`,
    );
  }
  return new InvalidReport(
    `volume ${volume} has ${decimals} decimals, the campaign's token has ${tokenDecimals}. Round it.`,
  );
}
