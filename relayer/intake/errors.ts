/** What intake says no with. Each text is for the brand's server. */

import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import type { Sql } from "#service/database.ts";
import { FinalError, RetryableError } from "#service/errors.ts";
import { describeSetAside, readSetAside, type SetAside } from "../store/setAside.ts";

/** The same order was reported before, with another content. */
export class ConflictingReport extends FinalError {
  override readonly name = "ConflictingReport";
  readonly conversionId: bigint;
  constructor(conversionId: bigint, what: string) {
    super(
      `${what} was used before for conversion ${conversionId}, with another body. Report a correction as a refund.`,
    );
    this.conversionId = conversionId;
  }
}

/** The report cannot be of this campaign. */
export class InvalidReport extends FinalError {
  override readonly name = "InvalidReport";
}

/** More wait than will be served soon. */
export class Busy extends RetryableError {
  override readonly name = "Busy";
}

/** The campaign's terms are not known here, or not understood. */
export class MissingDescription extends FinalError {
  override readonly name = "MissingDescription";
}

/** This refund or review cannot be done any more, or never could. */
export class RefusedRefund extends FinalError {
  override readonly name = "RefusedRefund";
}

/** What is judged is judged. */
export class RefusedJudgement extends FinalError {
  override readonly name = "RefusedJudgement";
}

/** The customer cannot be bound to this partner. */
export class RefusedBinding extends FinalError {
  override readonly name = "RefusedBinding";
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(`${reason}: ${REASONS[reason]}`);
    this.reason = reason;
  }
}

/** The lead cannot be registered, or not be moved so. */
export class RefusedLead extends FinalError {
  override readonly name = "RefusedLead";
}

/** The brand's word is not enough for this bonus. */
export class RefusedBonus extends FinalError {
  override readonly name = "RefusedBonus";
}

/** A self-billing invoice cannot be written, or not yet. */
export class RefusedInvoice extends FinalError {
  override readonly name = "RefusedInvoice";
}

/** The partner has asked about more prospects than it may in a day. */
export class TooManyLeads extends FinalError {
  override readonly name = "TooManyLeads";
}

/** An event of the campaign could not be read from the chain: what its budget is, and who earns, is not known until it is. */
export class CampaignSetAside extends RetryableError {
  override readonly name = "CampaignSetAside";
  constructor(aside: SetAside) {
    super(
      `Campaign ${aside.campaignId} is set aside: ${describeSetAside(aside)}. Nothing is lost; send it again when GET /v1/campaigns/${aside.campaignId} says that \`setAside\` is null.`,
      { retryAfterSeconds: 600 },
    );
  }
}

/** @throws CampaignSetAside */
export async function requireNotSetAside(sql: Sql, campaignId: string): Promise<void> {
  const [aside] = await readSetAside(sql, campaignId);
  if (aside !== undefined) throw new CampaignSetAside(aside);
}
