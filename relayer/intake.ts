import { createHash } from "node:crypto";
import { hexlify, randomBytes, type Wallet } from "ethers";
import { toBaseUnitsDown } from "../protocol/amount.ts";
import { type CampaignDescription, campaignDescription } from "../protocol/description.ts";
import { packLine } from "../protocol/line.ts";
import { receiptTypedData } from "../protocol/typedData.ts";
import type { Database, Sql } from "../server/database.ts";
import type { ProgramsChain } from "../server/programs.ts";
import { crashPoint } from "./crashPoint.ts";
import { type Candidate, type Judgement, judge } from "./domain/judge.ts";
import { verifyReferral } from "./domain/referralToken.ts";
import { conversionKey, customerKey } from "./secrets.ts";

const WITHDRAWAL_WINDOW_SECONDS = 7 * 86_400;

/** A conversion as the brand's server reports it. */
export interface Report {
  readonly event: string;
  readonly orderId: string;
  /** A decimal number of whole tokens. */
  readonly volume: string;
  readonly referralToken: string | undefined;
  readonly customerId: string | undefined;
  readonly customerWallet: string | undefined;
  /** When it happened, as the brand says; the conversion's time is when the relayer received it. */
  readonly occurredAt: string | undefined;
}

/** The same order was reported before, with another content. */
export class ConflictingReport extends Error {
  override readonly name = "ConflictingReport";
  readonly conversionId: bigint;
  constructor(conversionId: bigint, what: string) {
    super(
      `${what} was used before for conversion ${conversionId}, with another body. Report a correction as a refund.`,
    );
    this.conversionId = conversionId;
  }
}

export interface Intake {
  /**
   * Takes in one report: judges it and writes the outcome down, with a receipt if it is accepted. The same report again gives
   * the same conversion. @throws ConflictingReport
   */
  accept(
    campaignId: string,
    report: Report,
    request: { readonly apiKeyId: bigint; readonly idempotencyKey: string | undefined },
    receivedAt: number,
  ): Promise<{ conversionId: bigint; created: boolean }>;
}

export function createIntake(
  database: Database,
  chain: ProgramsChain,
  signer: Wallet,
  config: { readonly RELAYER_SECRET: string; readonly ATTEST_WITHIN_SECONDS: number },
): Intake {
  const secret = config.RELAYER_SECRET;

  return {
    async accept(campaignId, report, request, receivedAt) {
      const bodyHash = createHash("sha256").update(JSON.stringify(report)).digest("hex");
      const taken = await database.transaction(async (sql) => {
        // Serialises the reports of a campaign: the budget and the natural key are looked at and used up in one step.
        const campaign = await lockCampaign(sql, campaignId);
        const known = await findKnown(sql, campaignId, report, request, bodyHash);
        if (known !== undefined) return { conversionId: known, created: false };

        const customer =
          report.customerId === undefined ? undefined : customerKey(secret, campaignId, report.customerId);
        const judgement = judge(await gatherFacts(sql, secret, campaign, report, customer, receivedAt));
        const conversionId = await write(sql, campaign, report, judgement, { customer, bodyHash, receivedAt });
        if (judgement.accepted && customer !== undefined) {
          await bind(sql, campaign, customer, judgement.partnershipId, receivedAt);
        }
        if (request.idempotencyKey !== undefined) {
          await sql.query(
            "INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id) VALUES ($1, $2, $3, $4)",
            [request.apiKeyId, request.idempotencyKey, bodyHash, conversionId],
          );
        }
        return { conversionId, created: true };
      });
      crashPoint("accepted");
      return taken;
    },
  };

  async function write(
    sql: Sql,
    campaign: Campaign,
    report: Report,
    judgement: Judgement,
    with_: { customer: string | undefined; bodyHash: string; receivedAt: number },
  ): Promise<bigint> {
    const key = conversionKey(secret, campaign.id, report.event, report.orderId);
    const salt = hexlify(randomBytes(32));
    const attestBy = Math.floor(with_.receivedAt / 1000) + config.ATTEST_WITHIN_SECONDS;
    const entries = judgement.accepted ? judgement.entries : [];
    const receipt = judgement.accepted
      ? await signReceipt({
          campaignId: campaign.id,
          conversionKey: key,
          salt,
          receivedAt: Math.floor(with_.receivedAt / 1000),
          attestBy,
          entries,
        })
      : null;
    const state = judgement.accepted ? "accepted" : "rejected";
    const reason = judgement.accepted ? null : judgement.reason;
    const [row] = await sql.query<{ id: bigint }>(
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, customer, partnership_id, volume, occurred_at, received_at,
         state, reason, entries, commission, fee, salt, attest_by, receipt, link_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
         (SELECT id FROM links WHERE code = $19 AND partnership_id = $7)) RETURNING id`,
      [
        campaign.id,
        report.event,
        report.orderId,
        with_.bodyHash,
        key,
        with_.customer ?? null,
        judgement.partnershipId ?? null,
        toBaseUnitsDown(report.volume, campaign.token_decimals),
        report.occurredAt ?? null,
        new Date(with_.receivedAt),
        state,
        reason,
        JSON.stringify(entries.map(packLine)),
        judgement.accepted ? judgement.commission : 0n,
        judgement.accepted ? judgement.fee : 0n,
        salt,
        judgement.accepted ? attestBy : null,
        receipt,
        verifyReferral(secret, report.referralToken ?? "")?.code ?? null,
      ],
    );
    const conversionId = row?.id as bigint;
    await sql.query("INSERT INTO conversion_moves (conversion_id, state, reason) VALUES ($1, $2, $3)", [
      conversionId,
      state,
      reason,
    ]);
    if (judgement.accepted) {
      await sql.query("UPDATE campaigns SET promised = promised + $2 WHERE id = $1", [
        campaign.id,
        judgement.commission + judgement.fee,
      ]);
    }
    return conversionId;
  }

  async function signReceipt(receipt: Parameters<typeof receiptTypedData>[0]): Promise<string> {
    const { types, message } = receiptTypedData(receipt);
    return signer.signTypedData(chain.domain, types, message);
  }
}

interface Campaign {
  id: string;
  token_decimals: number;
  unit_exponent: number;
  fee_bps: number;
  open_kinds: number;
  available: bigint;
  promised: bigint;
  withdrawal_amount: bigint;
  withdrawable_at: bigint;
  suspended_until: bigint;
  closes_at: bigint;
  description: CampaignDescription;
}

async function lockCampaign(sql: Sql, campaignId: string): Promise<Campaign> {
  const [row] = await sql.query<Omit<Campaign, "description"> & { body: string | null }>(
    `SELECT campaigns.*, (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS body FROM campaigns
     WHERE campaigns.id = $1 FOR UPDATE`,
    [campaignId],
  );
  if (row === undefined) throw new Error(`There is no campaign ${campaignId}.`);
  if (row.body === null) {
    throw new MissingDescription(
      `The description of campaign ${campaignId} is not known here. Upload it with POST /v1/descriptions.`,
    );
  }
  return { ...row, description: campaignDescription.parse(JSON.parse(row.body)) };
}

export class MissingDescription extends Error {
  override readonly name = "MissingDescription";
}

async function findKnown(
  sql: Sql,
  campaignId: string,
  report: Report,
  request: { readonly apiKeyId: bigint; readonly idempotencyKey: string | undefined },
  bodyHash: string,
): Promise<bigint | undefined> {
  if (request.idempotencyKey !== undefined) {
    const [used] = await sql.query<{ conversion_id: bigint; request_hash: string }>(
      "SELECT conversion_id, request_hash FROM idempotency_keys WHERE api_key_id = $1 AND idempotency_key = $2",
      [request.apiKeyId, request.idempotencyKey],
    );
    if (used !== undefined && used.request_hash !== bodyHash) {
      throw new ConflictingReport(used.conversion_id, `Idempotency-Key "${request.idempotencyKey}"`);
    }
    if (used !== undefined) return used.conversion_id;
  }
  const [known] = await sql.query<{ id: bigint; body_hash: string }>(
    "SELECT id, body_hash FROM conversions WHERE campaign_id = $1 AND event = $2 AND order_id = $3",
    [campaignId, report.event, report.orderId],
  );
  if (known !== undefined && known.body_hash !== bodyHash) {
    throw new ConflictingReport(known.id, `Order "${report.orderId}" of event "${report.event}"`);
  }
  return known?.id;
}

async function gatherFacts(
  sql: Sql,
  secret: string,
  campaign: Campaign,
  report: Report,
  customer: string | undefined,
  receivedAt: number,
): Promise<Parameters<typeof judge>[0]> {
  const now = Math.floor(receivedAt / 1000);
  const offers = await sql.query<{
    offer_id: number;
    kind: number;
    flat_amount: bigint;
    rate_bps: number;
    cap_units: bigint;
  }>(
    `SELECT offer_id, kind, flat_amount, rate_bps, cap_units FROM offers
     WHERE campaign_id = $1 AND event = $2 AND valid_from <= $3 AND valid_to > $3 ORDER BY offer_id`,
    [campaign.id, report.event, now],
  );
  const [counted] = await sql.query<{ count: bigint }>(
    "SELECT count(*) AS count FROM conversions WHERE campaign_id = $1 AND event = $2 AND customer = $3 AND state NOT IN ('rejected', 'reversed')",
    [campaign.id, report.event, customer ?? null],
  );
  const [binding] = await sql.query<{ partnership_id: bigint; bound_at: Date; bound_until: Date | null }>(
    "SELECT partnership_id, bound_at, bound_until FROM bindings WHERE campaign_id = $1 AND customer = $2",
    [campaign.id, customer ?? null],
  );
  const bound =
    binding &&
    (await candidate(sql, campaign, "partnerships.id = $2", binding.partnership_id, binding.bound_at.getTime(), now));
  const withdrawing =
    campaign.withdrawable_at !== 0n && now < Number(campaign.withdrawable_at) + WITHDRAWAL_WINDOW_SECONDS
      ? campaign.withdrawal_amount
      : 0n;
  return {
    receivedAt,
    campaign: {
      feeBps: campaign.fee_bps,
      unitExponent: campaign.unit_exponent,
      tokenDecimals: campaign.token_decimals,
      suspended: now < Number(campaign.suspended_until),
      closed: campaign.closes_at !== 0n && now >= Number(campaign.closes_at),
      spendable: campaign.available - withdrawing - campaign.promised,
    },
    description: campaign.description,
    offers: offers.map((offer) => ({
      offerId: offer.offer_id,
      kind: offer.kind,
      flatAmount: offer.flat_amount,
      rateBps: offer.rate_bps,
      capUnits: offer.cap_units,
    })),
    event: report.event,
    volume: report.volume,
    customerWallet: report.customerWallet,
    touch: await touch(sql, secret, campaign, report.referralToken, now),
    binding: bound && { ...bound, until: binding.bound_until?.getTime() ?? null },
    countedForCustomer: Number(counted?.count ?? 0n),
  };
}

async function touch(
  sql: Sql,
  secret: string,
  campaign: Campaign,
  token: string | undefined,
  now: number,
): Promise<Parameters<typeof judge>[0]["touch"]> {
  if (token === undefined) return undefined;
  const referral = verifyReferral(secret, token);
  if (referral === undefined) return "unknown";
  const link = "partnerships.id = (SELECT partnership_id FROM links WHERE code = $2)";
  const touched = await candidate(sql, campaign, link, referral.code, referral.clickedAt, now);
  return touched === undefined ? "unknown" : { ...touched, until: referral.expiresAt };
}

async function candidate(
  sql: Sql,
  campaign: Campaign,
  condition: "partnerships.id = $2" | "partnerships.id = (SELECT partnership_id FROM links WHERE code = $2)",
  value: bigint | string,
  touchedAt: number,
  now: number,
): Promise<Candidate | undefined> {
  const [row] = await sql.query<{
    id: bigint;
    partner: string;
    mask: number | null;
    previous_mask: number;
    effective_at: bigint;
  }>(
    `SELECT partnerships.id, partnerships.partner, kinds.mask, kinds.previous_mask, kinds.effective_at
     FROM partnerships LEFT JOIN kinds ON kinds.campaign_id = partnerships.campaign_id AND kinds.partner = partnerships.partner
     WHERE partnerships.campaign_id = $1 AND ${condition}`,
    [campaign.id, value],
  );
  if (row === undefined) return undefined;
  const payableKinds =
    row.mask === null ? campaign.open_kinds : row.mask | (now < Number(row.effective_at) ? row.previous_mask : 0);
  return { partnershipId: row.id, partner: row.partner, payableKinds, touchedAt };
}

/** Binds a customer to the partner of its conversion: the first one while it lasts, or always the last, as the campaign says. */
async function bind(sql: Sql, campaign: Campaign, customer: string, partnershipId: bigint, now: number): Promise<void> {
  const { bindingSeconds, touch: rule } = campaign.description.attribution;
  if (bindingSeconds === 0) return;
  await sql.query(
    `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, bound_until) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (campaign_id, customer) DO UPDATE SET partnership_id = $3, bound_at = $4, bound_until = $5
     WHERE ($6 AND bindings.partnership_id <> $3) OR bindings.bound_until <= $4`,
    [
      campaign.id,
      customer,
      partnershipId,
      new Date(now),
      bindingSeconds === null ? null : new Date(now + bindingSeconds * 1000),
      rule === "last",
    ],
  );
}
