/** Taking in what a brand reports: conversions, bindings, refunds, reviews. */
import type { SignLeadReceipt, SignReceipts } from "#service/chain/receipts.ts";
import type { Database } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import { crashPoint } from "./crashPoint.ts";
import { sameAttributes } from "./domain/attributes.ts";
import type { ProspectDetails } from "./domain/leads.ts";
import { type ReferralSecrets, referralSecretsOf } from "./domain/referralSecrets.ts";
import { type BindingMove, type CustomerMerge, mergeCustomers, moveBinding } from "./intake/bindingMoves.ts";
import { type Gift, giveBonus } from "./intake/bonuses.ts";
import { Busy, RefusedBinding } from "./intake/errors.ts";
import { acceptGroup } from "./intake/group.ts";
import { judgeAgain } from "./intake/judgeAgain.ts";
import { keysOf } from "./intake/known.ts";
import { type BrandDecision, decideLead, type Registration, registerLead } from "./intake/leads.ts";
import { introduce, readLedger, writeChanges } from "./intake/ledger.ts";
import { type OrderRefund, type OrderRefundOutcome, refundOrder } from "./intake/orderRefunds.ts";
import { createGroupQueue } from "./intake/queue.ts";
import { type Refund, refundConversion } from "./intake/refunds.ts";
import type { Acceptance, PendingReport, Person, Report } from "./intake/report.ts";
import { clearConversion, requireReview } from "./intake/reviews.ts";
import { acceptBonuses, type Bonus } from "./intake/rewards.ts";
import { createSaleRates, noRates } from "./intake/saleRates.ts";
import { type SourceRefund, takeBackUpTo } from "./intake/sourceOrders.ts";
import { withdrawWaiting } from "./intake/waitingRefunds.ts";
import { bodyKey } from "./secrets.ts";
import type { Note } from "./store/acts.ts";
import { lockCampaign } from "./store/campaigns.ts";
import { readPartnerAndCode } from "./store/customers.ts";
import type { WaitingRefundRow } from "./store/waitingRefunds.ts";

/** So many reports at most share a transaction. */
const MAX_TOGETHER = 256;

/** A customer's binding as it stands. Times are milliseconds since 1970, `until` null: for life. */
export interface CustomerBinding {
  readonly partner: string;
  readonly code: string;
  readonly boundAt: number;
  readonly until: number | null;
  /** Whether it came or changed just now. */
  readonly created: boolean;
}

/** A refund as it is asked for. */
export type RefundRequest = Omit<Refund, "bodyHash">;
export type OrderRefundRequest = Omit<OrderRefund, "bodyHash">;

export interface Intake {
  /**
   * Takes in one report: judges it and writes the outcome down, with a receipt if it is accepted. The same report again gives
   * the same conversion; one of an order that was rejected is judged again. Reports of a campaign are judged in the order of the
   * calls.
   * @throws ConflictingReport, InvalidReport, MissingDescription, Busy
   */
  accept(
    campaignId: string,
    report: Report,
    request: { readonly apiKeyId: bigint; readonly idempotencyKey: string | undefined },
    receivedAt: number,
  ): Promise<Acceptance>;
  /**
   * Gives a partner a bonus by the brand's own word. The same again gives nothing more; one that was rejected is judged again.
   * @returns whether it is new. @throws RefusedBonus, InvalidReport, MissingDescription
   */
  giveBonus(campaignId: string, gift: Gift, now: number, note: Note): Promise<boolean>;
  /** Takes in bonuses, no two of one order, as reports are: the same again is the same conversion. @throws MissingDescription */
  reward(campaignId: string, bonuses: readonly Bonus[], now: number): Promise<(Acceptance | Error)[]>;
  /**
   * Binds a customer to the partner that brought it, as the campaign's rule has it. Saying it again changes nothing.
   * @throws RefusedBinding, MissingDescription
   */
  bind(campaignId: string, person: Person, receivedAt: number): Promise<CustomerBinding>;
  /**
   * Gives a bound customer to another partner by the brand's word, which is kept with its reason.
   * @throws RefusedBinding
   */
  moveBinding(campaignId: string, move: BindingMove, now: number, note: Note): Promise<"unbound" | "moved" | "there">;
  /**
   * Merges two customers by the brand's word, which is kept with its reason.
   * @throws RefusedBinding, MissingDescription
   */
  mergeCustomers(
    campaignId: string,
    merge: CustomerMerge,
    now: number,
    note: Note,
  ): Promise<"unbound" | "merged" | "there">;
  /**
   * Takes a conversion back, or a part of it. The same refund again takes back nothing more.
   * @returns whether the campaign has such a conversion. @throws RefusedRefund
   */
  refund(campaignId: string, request: RefundRequest, now: number): Promise<boolean>;
  /**
   * As `refund`, by the brand's own id of the order. One whose sale is not known waits for it.
   * @throws RefusedRefund, MissingDescription
   */
  refundOrder(campaignId: string, request: OrderRefundRequest, now: number): Promise<OrderRefundOutcome>;
  /**
   * As `refundOrder`, for a source that says how much in all was given back of an order that it reported.
   * @returns whether anything was taken back. @throws RefusedRefund, MissingDescription
   */
  refundUpTo(campaignId: string, refund: SourceRefund, now: number): Promise<boolean>;
  /**
   * Withdraws a refund that waits for its sale.
   * @returns it as it stands now; undefined: the campaign has none of that id. @throws RefusedRefund
   */
  withdrawRefund(campaignId: string, waitingRefundId: bigint): Promise<WaitingRefundRow | undefined>;
  /**
   * Judges a conversion again that was rejected when it was reported, by the brand's word. What is not rejected stays as it is.
   * Without `note` the relayer does so by itself. @returns whether the campaign has such a conversion.
   * @throws RefusedJudgement, MissingDescription
   */
  judgeAgain(campaignId: string, conversionId: bigint, now: number, note?: Note): Promise<boolean>;
  /**
   * The brand's word on a flagged conversion: its flags go, or it is taken back as a refund is. Saying it again changes nothing.
   * @throws RefusedRefund
   */
  review(
    campaignId: string,
    conversionId: bigint,
    decision: "release" | "confirm",
    now: number,
    note: Note,
  ): Promise<void>;
  /**
   * Registers a prospect as a partner's, with a signed receipt, if it is nobody's.
   * @throws RefusedLead, InvalidReport, TooManyLeads, MissingDescription
   */
  registerLead(campaignId: string, partner: string, prospect: ProspectDetails, now: number): Promise<Registration>;
  /**
   * The brand's word on a lead.
   * @returns whether the campaign has such a lead. @throws RefusedLead, RefusedBinding, MissingDescription
   */
  decideLead(campaignId: string, id: bigint, decision: BrandDecision, now: number, note: Note): Promise<boolean>;
}

/** As much of a reason as an act keeps; whole it stands where it is given. */
const shortened = (reason: string) => reason.slice(0, 200);

export function createIntake(
  database: Database,
  signReceipts: SignReceipts,
  signLead: SignLeadReceipt,
  config: {
    readonly RELAYER_SECRET: string;
    readonly REFERRAL_SECRETS?: ReferralSecrets | undefined;
    readonly ATTEST_WITHIN_SECONDS: number;
  },
  findRate: FindRate = noRates,
): Intake {
  const secret = config.RELAYER_SECRET;
  const referralSecrets = referralSecretsOf(config);
  const context = { secret, referralSecrets, attestWithinSeconds: config.ATTEST_WITHIN_SECONDS, signReceipts };
  const saleRates = createSaleRates(database, findRate);
  const enqueue = createGroupQueue<PendingReport, Acceptance>({
    max: MAX_TOGETHER,
    keysOf,
    async work(campaignId, reports) {
      const taken = await database.transaction((sql) => acceptGroup(sql, context, campaignId, reports));
      crashPoint("accepted");
      return taken;
    },
    whenFull: (waiting) => new Busy(`${waiting} reports of this campaign wait already. Send it again in a moment.`),
  });

  return {
    accept(campaignId, report, request, receivedAt) {
      const { attributes, currency, occurredAt } = report;
      const body = attributes === undefined ? report : { ...report, attributes: sameAttributes(attributes) };
      const pending = { report, ...request, receivedAt, bodyHash: bodyKey(secret, campaignId, body) };
      return saleRates.inTurn(campaignId, { currency, receivedAt, occurredAt }, (lookedUp) =>
        enqueue(campaignId, lookedUp === undefined ? pending : { ...pending, lookedUp }),
      );
    },

    giveBonus: (campaignId, gift, now, note) =>
      database.transaction((sql) => giveBonus(sql, context, campaignId, gift, now, note)),

    reward: (campaignId, bonuses, now) =>
      database.transaction((sql) => acceptBonuses(sql, context, campaignId, bonuses, now)),

    bind: (campaignId, person, receivedAt) =>
      database.transaction(async (sql) => {
        const introduction = introduce(secret, campaignId, person, receivedAt, referralSecrets);
        const { ledger } = await readLedger(sql, campaignId, [introduction], [], receivedAt);
        const outcome = ledger.bind(introduction);
        if ("reason" in outcome) throw new RefusedBinding(outcome.reason);
        const { binding, created } = outcome;
        await writeChanges(sql, campaignId, ledger);
        const bound = await readPartnerAndCode(sql, binding.partnershipId);
        if (bound === undefined) throw new Error(`There is no partnership ${binding.partnershipId}.`);
        return { ...bound, boundAt: binding.boundAt, until: binding.until, created };
      }),

    moveBinding: (campaignId, move, now, note) =>
      database.transaction(async (sql) => {
        const moved = await moveBinding(sql, campaignId, move, now);
        if (moved === "moved") await note(sql, { code: move.code, reason: shortened(move.reason) });
        return moved;
      }),

    mergeCustomers: (campaignId, merge, now, note) =>
      database.transaction(async (sql) => {
        const merged = await mergeCustomers(sql, campaignId, merge, now);
        if (merged === "merged") await note(sql, { reason: shortened(merge.reason) });
        return merged;
      }),

    refund: (campaignId, request, now) =>
      database.transaction((sql) =>
        refundConversion(sql, signReceipts, campaignId, withHash(campaignId, request), now),
      ),

    refundOrder: (campaignId, request, now) =>
      database.transaction((sql) => refundOrder(sql, signReceipts, campaignId, withHash(campaignId, request), now)),

    refundUpTo: (campaignId, refund, now) =>
      database.transaction((sql) =>
        takeBackUpTo(sql, signReceipts, campaignId, refund, (what) => bodyKey(secret, campaignId, what), now),
      ),

    withdrawRefund: (campaignId, id) => database.transaction((sql) => withdrawWaiting(sql, campaignId, id)),

    async judgeAgain(campaignId, conversionId, now, note) {
      const rates = await saleRates.again(campaignId, conversionId, now);
      return database.transaction(async (sql) => {
        const found = await judgeAgain(sql, context, campaignId, conversionId, now, rates);
        if (found) await note?.(sql, { conversion: String(conversionId) });
        return found;
      });
    },

    review: (campaignId, conversionId, decision, now, note) =>
      database.transaction(async (sql) => {
        await lockCampaign(sql, campaignId);
        await note(sql, { conversion: String(conversionId), decision });
        if (decision === "release") return clearConversion(sql, campaignId, conversionId);
        await requireReview(sql, campaignId, conversionId);
        const request = { conversionId, volume: undefined, key: "review", reason: "fraud_confirmed" as const };
        await refundConversion(sql, signReceipts, campaignId, withHash(campaignId, request), now);
      }),

    registerLead: (campaignId, partner, prospect, now) =>
      database.transaction((sql) => registerLead(sql, { secret, signLead }, campaignId, partner, prospect, now)),

    decideLead: (campaignId, id, decision, now, note) =>
      database.transaction(async (sql) => {
        const found = await decideLead(sql, { secret, signLead }, campaignId, id, decision, now);
        if (found) await note(sql, { lead: String(id), decision: decision.decision });
        return found;
      }),
  };

  function withHash<Request extends Pick<Refund, "volume" | "reason">>(campaignId: string, request: Request) {
    const { volume, reason } = request;
    return { ...request, bodyHash: bodyKey(secret, campaignId, { volume, reason }) };
  }
}
