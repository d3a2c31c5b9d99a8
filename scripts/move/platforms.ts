/**
 * What other platforms call the things that are moved here, in the answers of their APIs and in the heads of their files. From their
 * public references, November 2026: developers.rewardful.com, docs.firstpromoter.com (v1 and v2), docs.partnerstack.com, docs.tolt.com,
 * dub.co/docs. Of several names the first that is there and not empty counts. `a.b` is a field of a field, `a[]` each of a list; in a
 * file's head the same stands as `a_b`, capitals and blanks aside.
 */

export interface Fields {
  readonly partners: Readonly<Record<"id" | "email" | "name" | "state" | "token" | "code", readonly string[]>>;
  readonly customers: Readonly<Record<"id" | "partner", readonly string[]>>;
  readonly commissions: Readonly<Record<"id" | "partner" | "amount" | "currency" | "state", readonly string[]>>;
}

export type Subject = keyof Fields;

export interface Platform extends Fields {
  readonly title: string;
  /** What stands in the platform's links before the partner's token, as `via` in `?via=ada`. */
  readonly parameter: string;
  /** The states of a partner that works there. One without a state does. */
  readonly active: readonly string[];
  /** The states of a commission that is owed and was not paid. */
  readonly open: readonly string[];
}

/** Each is an alternative, and a name in two parts is put together. */
const NAME = ["name", "first_name+last_name", "profile.first_name+profile.last_name"];

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  rewardful: {
    title: "Rewardful",
    parameter: "via",
    active: ["active"],
    open: ["pending", "due"],
    partners: {
      id: ["id", "affiliate_id"],
      email: ["email"],
      name: NAME,
      state: ["state", "status"],
      token: ["links[].token", "token", "link_token"],
      code: ["coupon.token", "coupon", "coupon_code"],
    },
    customers: {
      id: ["stripe_customer_id", "customer.id", "customer.email", "email"],
      partner: ["affiliate.id", "affiliate.email", "affiliate_email"],
    },
    commissions: {
      id: ["id", "commission_id"],
      partner: [
        "affiliate.id",
        "sale.affiliate.id",
        "sale.referral.affiliate.id",
        "affiliate.email",
        "affiliate_email",
      ],
      amount: ["amount", "commission_amount"],
      currency: ["currency"],
      state: ["state", "status"],
    },
  },
  firstpromoter: {
    title: "FirstPromoter",
    parameter: "fpr",
    active: ["accepted", "active"],
    open: ["pending", "approved"],
    partners: {
      id: ["id", "promoter_id"],
      email: ["email"],
      name: NAME,
      state: ["state", "status", "promoter_campaigns[].state"],
      token: ["promoter_campaigns[].ref_token", "promotions[].ref_id", "ref_token", "ref_id", "cust_ref"],
      code: ["promoter_campaigns[].coupon", "promotions[].promo_code", "coupon", "promo_code"],
    },
    customers: {
      id: ["uid", "customer_id", "email"],
      partner: ["promoter_campaign.promoter.id", "promoter.id", "promoter_id", "promoter.email", "promoter_email"],
    },
    commissions: {
      id: ["id", "commission_id"],
      partner: ["promoter_campaign.promoter.id", "promoter.id", "promoter_id", "promoter.email", "promoter_email"],
      amount: ["amount", "commission_amount"],
      currency: ["currency"],
      // v2 says beside the status whether it was paid; v1's status says it itself.
      state: ["payout_status", "status", "state"],
    },
  },
  partnerstack: {
    title: "PartnerStack",
    parameter: "ps_partner_key",
    active: ["active", "approved"],
    open: ["pending", "approved", "hold"],
    partners: {
      id: ["partner_key", "key"],
      email: ["email", "team.email"],
      name: [...NAME, "team.name"],
      state: ["approved_status", "status", "state"],
      token: ["partner_key"],
      code: ["coupons[].code", "coupon_code"],
    },
    customers: {
      id: ["customer_key", "external_key", "provider_key", "email"],
      partner: ["partner_key", "partnership.partner_key", "partner_email"],
    },
    commissions: {
      id: ["key", "reward_key", "id"],
      partner: ["partner_key", "partnership.partner_key", "partner_email"],
      amount: ["amount", "reward_amount"],
      currency: ["currency"],
      state: ["reward_status", "status", "state"],
    },
  },
  tolt: {
    title: "Tolt",
    parameter: "ref",
    active: ["active", "approved"],
    open: ["pending", "approved"],
    partners: {
      id: ["id", "partner_id"],
      email: ["email"],
      name: NAME,
      state: ["status", "state"],
      token: ["links[].value", "link_value", "referral_code"],
      code: ["promotion_codes[].code", "promotion_code", "coupon"],
    },
    customers: { id: ["customer_id", "email"], partner: ["partner.id", "partner.email", "partner_email"] },
    commissions: {
      id: ["id", "commission_id"],
      partner: ["partner.id", "partner.email", "partner_email"],
      amount: ["amount", "commission_amount"],
      currency: ["currency"],
      state: ["status", "state"],
    },
  },
  dub: {
    title: "Dub",
    parameter: "via",
    active: ["approved"],
    open: ["pending", "processed", "hold"],
    partners: {
      id: ["id", "partner_id"],
      email: ["email"],
      name: NAME,
      state: ["status"],
      token: ["links[].key", "link_key", "key"],
      code: ["discount_codes[].code", "discountcodes[].code", "discount_code"],
    },
    customers: {
      id: ["externalid", "external_id", "email"],
      partner: ["partner.id", "partner.email", "partner_email"],
    },
    commissions: {
      id: ["id", "commission_id"],
      partner: ["partner.id", "partnerid", "partner.email", "partner_email"],
      amount: ["earnings"],
      currency: ["currency"],
      state: ["status"],
    },
  },
};
