/** What wallets are to be told: of moves of conversions, and of events of the chain. What is due by time alone is in dueNotices.ts. */
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";
import type { NoticeKind } from "../domain/noticeKinds.ts";

/**
 * Notes for partners the moves in `fresh`, in the statement that marks them as announced. What the chain moved is told once it is
 * final: the newest block that is read is not before the move's.
 */
export const NOTICES_OF_MOVES = `
  INSERT INTO notices (wallet, kind, about, campaign_id, conversion_id, transaction, block)
  SELECT r.wallet, told.kind, told.about, c.campaign_id, c.id, fresh.transaction,
    CASE WHEN fresh.transaction IS NOT NULL THEN (SELECT block FROM chain_cursor) END
  FROM fresh JOIN conversions c ON c.id = fresh.conversion_id JOIN partnerships p ON p.id = c.partnership_id
  JOIN mail_readers r ON r.wallet = p.partner AND r.confirmed_at <= fresh.moved_at
  CROSS JOIN LATERAL (
    SELECT 'partner.first_sale' AS kind, 'partnership:' || p.id AS about WHERE fresh.state = 'accepted'
      AND NOT EXISTS (SELECT 1 FROM conversions earlier WHERE earlier.partnership_id = p.id
        AND earlier.id < c.id AND earlier.state <> 'rejected')
    UNION ALL SELECT 'partner.rejected', fresh.state || ':' || c.id
      WHERE fresh.state IN ('rejected', 'reversed')
    UNION ALL SELECT 'partner.released', 'released:' || c.id WHERE fresh.state = 'released'
  ) AS told
  WHERE told.kind <> ALL (r.muted) ON CONFLICT DO NOTHING`;

/** What an event has to say to some wallets. */
interface Told {
  readonly kind: NoticeKind;
  readonly about: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** To the campaign's partners, or of them to one: nobody hears of a campaign that it neither joined nor applied to. */
async function tellPartners(sql: Sql, event: ChainEvent, told: Told, partner?: string): Promise<void> {
  const { args, block, transaction } = event;
  await sql.query(
    `INSERT INTO notices (wallet, kind, about, campaign_id, transaction, block, facts)
     SELECT r.wallet, $2, $3, $1, $4, $5, $6::jsonb
     FROM mail_readers r
     WHERE r.from_block < $5 AND $2 <> ALL (r.muted) AND ($7::text IS NULL OR r.wallet = $7)
       AND (EXISTS (SELECT 1 FROM partnerships WHERE partner = r.wallet AND campaign_id = $1)
         OR EXISTS (SELECT 1 FROM applications WHERE partner = r.wallet AND campaign_id = $1))
     ON CONFLICT DO NOTHING`,
    [args.campaignId, told.kind, told.about, transaction, block, JSON.stringify(told.facts), partner ?? null],
  );
}

type Tell = (sql: Sql, event: ChainEvent) => Promise<void>;

/** Another rate, or none any more: `what` says which. */
const tellTerms =
  (what: string, of: (args: ChainEvent["args"]) => Record<string, unknown>): Tell =>
  (sql, event) =>
    tellPartners(sql, event, {
      kind: "partner.terms",
      about: `${event.transaction}:${event.index}`,
      facts: { what, ...of(event.args) },
    });

const TELL: Readonly<Record<string, Tell>> = {
  KindsSet: async (sql, event) => {
    const { partner, mask, before, effectiveAt } = event.args;
    const facts = { mask: String(mask), before: String(before), effectiveAt: Number(effectiveAt) };
    const about = `${event.transaction}:${event.index}`;
    await tellPartners(sql, event, { kind: "partner.approved", about, facts }, partner);
  },
  OfferAppended: async (sql, event) => {
    const { offer, offerId } = event.args;
    const mine = BigInt(offer.partner) === 0n ? undefined : offer.partner;
    const facts = {
      what: mine === undefined ? "offer" : "own_offer",
      offerId: Number(offerId),
      flat: String(offer.flatAmount),
      rateBps: Number(offer.rateBps),
      effectiveAt: Number(offer.validFrom),
    };
    const about = `${event.transaction}:${event.index}`;
    await tellPartners(sql, event, { kind: "partner.terms", about, facts }, mine);
  },
  OfferRetirementAnnounced: tellTerms("retirement", ({ offerId, effectiveAt }) => ({
    offerId: Number(offerId),
    effectiveAt: Number(effectiveAt),
  })),
  DescriptionAnnounced: tellTerms("description", ({ effectiveAt }) => ({ effectiveAt: Number(effectiveAt) })),
  ClosingAnnounced: tellTerms("closing", ({ effectiveAt }) => ({ effectiveAt: Number(effectiveAt) })),
  Suspended: tellTerms("suspension", ({ suspendedUntil }) => ({ until: Number(suspendedUntil) })),
  Claimed: async (sql, { args, block, transaction }) => {
    const facts = { token: args.token, receiver: args.receiver, amount: String(args.amount) };
    await sql.query(
      `INSERT INTO notices (wallet, kind, about, transaction, block, facts)
       SELECT r.wallet, 'partner.paid', $2, $3, $4, $5::jsonb || coalesce((
         SELECT jsonb_build_object('symbol', token_symbol, 'decimals', token_decimals)
         FROM campaigns WHERE token = $6 LIMIT 1), '{}')
       FROM mail_readers r WHERE r.wallet = $1 AND r.from_block < $4 AND 'partner.paid' <> ALL (r.muted)
       ON CONFLICT DO NOTHING`,
      [args.owner, `${transaction}:${args.token}`, transaction, block, JSON.stringify(facts), args.token],
    );
  },
  Pulled: async (sql, event) => {
    const { partner, attestation, index, commission } = event.args;
    const facts = { batch: attestation, line: Number(index), amount: String(commission) };
    await tellPartners(sql, event, { kind: "partner.paid", about: `${attestation}:${index}`, facts }, partner);
  },
};

/** Notes what an event says to those who want to hear of it. */
export async function noteEvent(sql: Sql, event: ChainEvent): Promise<void> {
  if (Object.hasOwn(TELL, event.name)) await TELL[event.name]?.(sql, event);
}
