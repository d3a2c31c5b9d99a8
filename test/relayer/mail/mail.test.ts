import { encodeEventName } from "@partner-programs/protocol/eventName";
import { expect } from "chai";
import { id, Wallet, ZeroAddress } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { SECRET } from "#harness/relayer.ts";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { openPost, type Post } from "#relayer/mail/post.ts";
import { announceMoves, moveConversions } from "#relayer/store/conversions.ts";
import { undoCampaign } from "#relayer/store/cursor.ts";
import { noteDue } from "#relayer/store/dueNotices.ts";
import { bundleNotices, leaseMails } from "#relayer/store/mails.ts";
import { applyEvents } from "#relayer/store/projection.ts";
import { mail } from "#relayer/worker/mail.ts";
import type { ChainEvent } from "#service/chain/programs.ts";
import { openMailbox, type ReceivedMail } from "#test/support/mailbox.ts";

const FROM = "Partner Programs <notices@brand.example>";
const TRANSACTION = id("a transaction");
type Mailbox = Awaited<ReturnType<typeof openMailbox>>;

describe("mail", function () {
  this.timeout(OPENING);
  let box: Mailbox;
  let desk: RelayerWithCampaign;
  let post: Post;
  let shop: string;
  const { failures, logged } = openFailures();
  const settings = {
    PUBLIC_URL: "http://relayer.example",
    PORTAL_URLS: ["https://portal.example"],
    RELAYER_SECRET: SECRET,
    MAIL_A_MINUTE: 1_000,
    MAIL_PAUSE_SECONDS: 0,
    WEBHOOKS_RETRY_SCALE: 0,
  };

  before(async () => {
    box = await openMailbox();
    desk = await openRelayerWithCampaign({ SMTP_URL: box.url, PORTAL_URLS: settings.PORTAL_URLS });
    post = openPost({ SMTP_URL: box.url, MAIL_FROM: FROM });
    shop = (await desk.addKey(desk.campaignId, await desk.signIn(desk.brand), ["report"])).secret;
  });
  after(async () => {
    post?.close();
    await desk?.close();
    await box?.close();
  });
  beforeEach(async () => {
    box.mails.length = 0;
    box.refuse = () => undefined;
    box.taken = async () => {};
    for (const table of ["mail_addresses", "mail_questions", "mail_refusals"])
      await desk.database.query(`DELETE FROM ${table}`);
  });
  afterEach(() => expect(logged).to.deep.equal([]));

  const play = async (config: Partial<typeof settings> = {}) => {
    await announceMoves(desk.database);
    return mail({ database: desk.database, failures, post, config: { ...settings, ...config } });
  };
  const give = (token: string, email: string) => desk.call("PUT", "/v1/me/email", { token, json: { email } });
  const linkIn = (text: string, act: "confirm" | "unsubscribe") =>
    new URL(new RegExp(`http://relayer\\.example/mail/${act}/\\S+`).exec(text)?.[0] ?? "http://nothing.example")
      .pathname;
  const press = (path: string, body?: string) =>
    desk.call("POST", path, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      ...(body === undefined ? {} : { body }),
    });
  const last = () => box.mails.at(-1) as ReceivedMail;
  const [final, setFinal] = [
    async () => (await desk.database.query<{ block: bigint }>("SELECT block FROM chain_cursor"))[0]?.block ?? 0n,
    (block: number) => desk.database.query("UPDATE chain_cursor SET final_block = $1", [block]),
  ];

  const event = (name: string, args: Record<string, unknown>, block = 101): ChainEvent =>
    ({
      name,
      args: { campaignId: desk.campaignId, ...args },
      block,
      index: 3,
      transaction: id(name),
    }) as unknown as ChainEvent;
  const kindsSet = ({ address }: { readonly address: string }, block?: number) =>
    event("KindsSet", { partner: address, mask: 3n, before: 1n, effectiveAt: 1_800_000_000n }, block);
  /** As the worker applies what it reads: with all that an event changes. */
  const happen = (events: readonly ChainEvent[]) =>
    desk.database.transaction((sql) =>
      applyEvents(sql, events, { tokens: new Map(), times: new Map(), refusedAtOnce: new Map() }, 0),
    );

  /** A wallet whose address is confirmed, by the mail that it got. */
  async function reader(wallet: Wallet | ReturnType<typeof Wallet.createRandom>, email = "ada@mail.example") {
    const token = await desk.signIn(wallet);
    expect((await give(token, email)).status).to.equal(202);
    await play();
    expect((await press(linkIn(last().text, "confirm"))).status).to.equal(200);
    box.mails.length = 0;
    return token;
  }

  /** A partner of the campaign that reads mail, and its customers' orders. */
  async function partner(email?: string) {
    const wallet = Wallet.createRandom();
    const token = await reader(wallet, email);
    const joined = await desk.call("POST", `/v1/campaigns/${desk.campaignId}/partnerships`, { token });
    const bind = (customerId: string) =>
      desk.call("POST", "/v1/bindings", { token: shop, json: { code: joined.body.code, customerId } });
    const report = async (orderId: string) => {
      const customerId = `customer of ${orderId}`;
      expect((await bind(customerId)).status).to.be.oneOf([200, 201]);
      const json = { event: "signup", orderId, customerId };
      return (await desk.call("POST", "/v1/conversions", { token: shop, json })).body;
    };
    return { wallet, token, report };
  }

  it("sends nothing but a question before whoever reads it says yes, and a scanner that follows the link says nothing", async () => {
    const token = await desk.signIn(Wallet.createRandom());
    const given = await give(token, "ada@mail.example");
    expect(given.body).to.include({ available: true, email: "a…@mail.example", confirmed: false });
    await play();
    expect(box.mails).to.have.length(1);
    expect(last().recipients).to.deep.equal(["ada@mail.example"]);
    expect(last().headers.get("from")).to.equal(FROM);
    const path = linkIn(last().text, "confirm");
    const page = await desk.call("GET", path);
    expect(page.status).to.equal(200);
    expect(page.body).to.contain('<form method="post"><button>Yes, send them</button>');
    expect((await desk.call("GET", "/v1/me/notices", { token })).body.confirmed).to.equal(false);
    await press(path);
    expect((await desk.call("GET", "/v1/me/notices", { token })).body.confirmed).to.equal(true);
    // Given again it is not asked again.
    await give(token, "ada@mail.example");
    expect(await play()).to.equal(0);
  });

  it("tells a partner of its first sale, of a rejection and why, and of a release with its transaction, each once", async () => {
    const { report } = await partner();
    const first = await report("first-1");
    const second = await report("first-2");
    await moveConversions(desk.database, {
      ids: [BigInt(second.id)],
      from: ["accepted"],
      to: "rejected",
      reason: "self_referral",
    });
    await play();
    expect(box.mails).to.have.length(1);
    const { text, html, headers } = last();
    expect(headers.get("subject")).to.equal("Your first conversion in “Streamly”, and 1 more");
    expect(text).to.contain("is worth 2 DUSD").and.to.contain(first.receipt.signature);
    expect(text).to.contain(`https://portal.example/proof/${first.id}`);
    expect(text).to.contain("A partner cannot be its own customer.");
    for (const part of ["A partner cannot be its own customer.", first.receipt.signature, `/proof/${first.id}`])
      expect(html).to.contain(part);
    expect(await play()).to.equal(0);

    await moveConversions(desk.database, { ids: [BigInt(first.id)], from: ["accepted"], to: "attested" });
    await moveConversions(desk.database, {
      ids: [BigInt(first.id)],
      from: ["attested"],
      to: "released",
      transaction: TRANSACTION,
    });
    await setFinal(99);
    expect(await play()).to.equal(0);
    // Once the block is final.
    await setFinal(100);
    await play();
    expect(last().headers.get("subject")).to.equal("Released to you in “Streamly”");
    expect(last().text).to.contain(TRANSACTION);
    expect(await play()).to.equal(0);
  });

  it("does not tell what is not so any more", async () => {
    const { report } = await partner();
    const { id: conversionId } = await report("undone-1");
    await moveConversions(desk.database, {
      ids: [BigInt(conversionId)],
      from: ["accepted"],
      to: "rejected",
      reason: "self_referral",
    });
    await announceMoves(desk.database);
    await desk.database.query("UPDATE conversions SET state = 'accepted', reason = NULL WHERE id = $1", [conversionId]);
    await play();
    expect(box.mails.map(({ headers }) => headers.get("subject"))).to.deep.equal([
      "Your first conversion in “Streamly”",
    ]);
  });

  it("is one mail for a thousand rejections, and the next comes no sooner than the pause", async () => {
    const { report } = await partner();
    const { id: conversionId } = await report("many-0");
    await play();
    box.mails.length = 0;
    await desk.database.query(
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, partnership_id, volume, received_at, state, reason,
         commission, partner_commission, fee, salt)
       SELECT campaign_id, event, 'many-' || n, body_hash, key || n, partnership_id, volume, received_at, 'rejected', 'self_referral', 0, 0, 0, salt
       FROM conversions, generate_series(1, 1000) AS n WHERE id = $1`,
      [conversionId],
    );
    await desk.database.query(
      "INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, state, reason FROM conversions WHERE order_id LIKE 'many-%' AND state = 'rejected'",
    );
    await play({ MAIL_PAUSE_SECONDS: 900 });
    expect(box.mails).to.have.length(0);
    await play();
    expect(box.mails).to.have.length(1);
    expect(last().headers.get("subject")).to.match(/, and 999 more$/);
    expect(last().text).to.contain("And 975 more, which the pages show.");
  });

  it("ends with one click of the mail program, without a page, and the address is gone", async () => {
    const { token, report } = await partner();
    await report("click-1");
    await play();
    const header = last().headers.get("list-unsubscribe") ?? "";
    expect(last().headers.get("list-unsubscribe-post")).to.equal("List-Unsubscribe=One-Click");
    const path = new URL(header.replace(/^<|>$/g, "")).pathname;
    expect((await press(path, "List-Unsubscribe=One-Click")).status).to.equal(200);
    expect((await desk.call("GET", "/v1/me/notices", { token })).body.email).to.equal(null);
    const kept = await desk.database.query("SELECT 1 FROM mails UNION ALL SELECT 1 FROM notices");
    expect(kept).to.deep.equal([]);
    await report("click-2");
    expect(await play()).to.equal(0);
    // A second click does no harm; a link that is not whole does nothing.
    expect((await press(path)).status).to.equal(200);
    expect((await press(`${path.slice(0, -1)}x`)).status).to.equal(404);
  });

  it("does not ask again where somebody said that they did not ask for it, nor more than three times a day", async () => {
    const strangers = await Promise.all([1, 2, 3, 4].map(() => desk.signIn(Wallet.createRandom())));
    const statuses = [];
    for (const token of strangers) statuses.push((await give(token, "Eve@mail.example")).status);
    expect(statuses).to.deep.equal([202, 202, 202, 429]);
    await desk.database.query("DELETE FROM mail_questions");
    await play();
    await press(linkIn(last().text, "unsubscribe"));
    const again = await give(strangers[3] as string, "eve@MAIL.example");
    expect(again.status).to.equal(409);
    expect(again.body.detail).to.contain("did not ask for it");
  });

  it("refuses what is no address, above all one that brings headers of its own", async () => {
    const token = await desk.signIn(Wallet.createRandom());
    for (const email of [
      "ada@mail.example\r\nBcc: eve@mail.example",
      "ada@mail.example,eve@mail.example",
      '"Ada\r\n" <ada@mail.example>',
      "ada@mail.example\0",
      `${"a".repeat(250)}@mail.example`,
      "ada",
    ])
      expect((await give(token, email)).status, JSON.stringify(email)).to.equal(400);
    expect(await desk.database.query("SELECT 1 FROM mail_addresses")).to.deep.equal([]);
  });

  it("shows what strangers wrote in one line, without links, without markup, and never as a header", async () => {
    const { token, report } = await partner();
    await report("names-1");
    await play();
    box.mails.length = 0;
    const name = "Win\r\nBcc: eve@mail.example\r\n\u202Etxt.<b>http://evil.example/claim</b>";
    await desk.describe(desk.campaignId, {
      name,
      events: [{ name: "signup", title: "A new user", perCustomer: null }],
    });
    try {
      const { id: conversionId } = await report("names-2");
      await moveConversions(desk.database, {
        ids: [BigInt(conversionId)],
        from: ["accepted"],
        to: "rejected",
        reason: "self_referral",
      });
      await play();
      const { headers, recipients, text, html } = last();
      expect(recipients).to.deep.equal(["ada@mail.example"]);
      expect(headers.has("bcc")).to.equal(false);
      expect(headers.get("subject")).to.contain("Win Bcc");
      for (const shown of [headers.get("subject") ?? "", text, html]) {
        expect(shown).not.to.match(/evil\.example|\u202e/i);
        expect(shown).not.to.contain("http://evil");
      }
      expect(html).to.contain("&lt;b&gt;").and.not.to.contain("<b>");
      expect((await desk.call("GET", "/v1/me/notices", { token })).body.confirmed).to.equal(true);
    } finally {
      await desk.database.query(
        "DELETE FROM announced_descriptions WHERE id = (SELECT max(id) FROM announced_descriptions)",
      );
    }
  });

  it("says no more of a kind that is not wanted", async () => {
    const { token, report } = await partner();
    const chosen = await desk.call("PATCH", "/v1/me/notices", { token, json: { muted: ["partner.first_sale"] } });
    expect(chosen.body.muted).to.deep.equal(["partner.first_sale"]);
    await report("muted-1");
    expect(await play()).to.equal(0);
    expect((await desk.call("PATCH", "/v1/me/notices", { token, json: { muted: ["partner.news"] } })).status).to.equal(
      400,
    );
  });

  it("is sent again after a crash under the same Message-ID, and what the server would not take comes later", async () => {
    const { report } = await partner();
    await report("crash-1");
    await announceMoves(desk.database);
    await bundleNotices(desk.database, 0);
    // Killed after the server took it and before that was noted.
    const [leased] = await leaseMails(desk.database, { atOnce: 5, perMinute: 60 }, 0);
    expect(leased?.attempts).to.equal(1);
    box.refuse = () => 451;
    await play();
    expect(box.mails).to.have.length(0);
    const [waiting] = await desk.database.query<{ state: string; last_error: string }>(
      "SELECT state, last_error FROM mails WHERE purpose = 'notices'",
    );
    expect(waiting).to.include({ state: "pending" });
    expect(waiting?.last_error).to.contain("451").and.not.to.contain("ada@");
    box.refuse = () => undefined;
    await play();
    const [sent] = box.mails;
    await desk.database.query("UPDATE mails SET state = 'pending', due_at = now() WHERE purpose = 'notices'");
    await play();
    expect(box.mails).to.have.length(2);
    expect(last().headers.get("message-id")).to.equal(sent?.headers.get("message-id"));
    expect(last().headers.get("message-id")).to.match(/^<\d+\.[0-9a-f]{32}@relayer\.example>$/);
  });

  it("is not sent any more where the server knows no such mailbox, and the wallet sees why", async () => {
    const { token, report } = await partner();
    await report("gone-1");
    box.refuse = () => 550;
    await play();
    expect((await desk.call("GET", "/v1/me/notices", { token })).body.refused).to.contain("550");
    box.refuse = () => undefined;
    await report("gone-2");
    expect(await play()).to.equal(0);
    // Given again it is asked again.
    expect((await give(token, "ada@mail.example")).status).to.equal(202);
    expect(await play()).to.equal(1);
  });

  it("tells a partner what the chain says of its campaigns and of its money, and nobody of a campaign that it did not join", async () => {
    const { wallet } = await partner();
    const stranger = Wallet.createRandom();
    await reader(stranger, "kai@mail.example");
    await happen([
      // Before it wanted to hear anything.
      event("Suspended", { suspendedUntil: 1_700_000_000n }, 100),
      kindsSet(wallet),
      kindsSet(wallet),
      kindsSet(stranger),
      event("OfferAppended", {
        offerId: 2n,
        offer: {
          eventName: encodeEventName("sale"),
          kind: 0n,
          partner: ZeroAddress,
          flatAmount: 1_500_000n,
          rateBps: 1_250n,
          capUnits: 0n,
          validFrom: 1_800_000_000n,
          validTo: 0n,
          lockedUntil: 0n,
        },
      }),
      event("Claimed", {
        owner: wallet.address,
        token: "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE",
        receiver: wallet.address,
        amount: 3_000_000n,
      }),
    ]);
    await setFinal(101);
    await play();
    expect(box.mails.map(({ recipients }) => recipients)).to.deep.equal([["ada@mail.example"]]);
    const { text } = last();
    expect(text).to.contain("You are paid as another kind in “Streamly”").and.to.contain(id("KindsSet"));
    expect(text).to.contain(
      "A new offer (number 2) pays 1.5 DUSD and 12.5 % of the volume, from 2027-01-15 08:00 UTC on.",
    );
    expect(text).to.contain("You were paid 3 DUSD").and.to.contain(id("Claimed"));
    expect(text).not.to.contain("suspended");
    expect(await final()).to.equal(100n);
  });

  it("tells who applied to a campaign that it is paid there now", async () => {
    const applicant = Wallet.createRandom();
    await reader(applicant, "lin@mail.example");
    await desk.database.query("INSERT INTO applications (campaign_id, partner, answers) VALUES ($1, $2, '[]')", [
      desk.campaignId,
      applicant.address,
    ]);
    await happen([kindsSet(applicant, 120)]);
    await setFinal(120);
    await play();
    expect(last().headers.get("subject")).to.equal("You are paid as another kind in “Streamly”");
  });

  it("says nothing of what a reorganisation took back, and nothing twice of what came again", async () => {
    await reader(desk.brand, "brand@mail.example");
    const { wallet } = await partner("kim@mail.example");
    const happens = () => happen([kindsSet(wallet, 150)]);
    const goBack = () => desk.database.transaction((sql) => undoCampaign(sql, desk.campaignId, 140));
    await happens();
    await goBack();
    await setFinal(150);
    expect(await play()).to.equal(0);
    await happens();
    await play();
    expect(box.mails).to.have.length(1);
    await goBack();
    await happens();
    expect(await play()).to.equal(0);
  });

  it("tells a brand what waits for its review, that its budget is low and that its attesters do not sign, once each", async () => {
    await reader(desk.brand, "brand@mail.example");
    const { report } = await partner("kim@mail.example");
    const { id: conversionId } = await report("brand-1");
    await play();
    box.mails.length = 0;
    await desk.database.query("UPDATE conversions SET flags = '{velocity}' WHERE id = $1", [conversionId]);
    await desk.database.query("UPDATE campaigns SET promised = available, closes_at = 0 WHERE id = $1", [
      desk.campaignId,
    ]);
    await desk.database.query(
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root,
         lines_root, line_count, total, current_root, current_total, state, problem, created_at)
       VALUES ($1, $2, 1, 7, 0, 1, 1, $1, $1, 1, 0, $1, 0, 'asked', $3, now() - interval '1 hour')`,
      [id("batch"), desk.campaignId, "0xabc: no answer from http://attester.example"],
    );
    try {
      await noteDue(desk.database);
      await noteDue(desk.database);
      await play();
      expect(box.mails).to.have.length(1);
      const { text, recipients } = last();
      expect(recipients).to.deep.equal(["brand@mail.example"]);
      expect(text).to.contain("1 flagged conversions are paid unless you say otherwise");
      expect(text).to.contain(`https://portal.example/brand/${desk.campaignId}/review`);
      expect(text).to.contain("The budget of “Streamly” is used up").and.to.contain("0 DUSD is free");
      expect(text).to.contain("7 conversions wait for their signatures").and.not.to.contain("http://attester");
      await noteDue(desk.database);
      expect(await play()).to.equal(0);
    } finally {
      await desk.database.query("DELETE FROM batches WHERE digest = $1", [id("batch")]);
      await desk.database.query("UPDATE campaigns SET promised = 2100000 WHERE id = $1", [desk.campaignId]);
    }
  });

  it("tells a partner what becomes of its leads and which lapse soon, and a brand that some wait, without naming anybody", async () => {
    await reader(desk.brand, "brand@mail.example");
    const { wallet } = await partner("kim@mail.example");
    const insert = (state: string, registered: string, until: string) =>
      desk.database.query(
        `WITH lead AS (
           INSERT INTO leads (campaign_id, partnership_id, state, hash, signature, registered_at, answer_by, protected_until)
           SELECT campaign_id, id, $2, '0x', '0x', now() + $3::interval, now() + $3::interval + interval '7 days',
             now() + $4::interval
           FROM partnerships WHERE partner = $1 RETURNING id
         ) INSERT INTO lead_moves (lead_id, state, reason, moved_at)
         SELECT id, $2, CASE WHEN $2 = 'rejected' THEN 'no_fit' END, clock_timestamp() FROM lead`,
        [wallet.address, state, registered, until],
      );
    await insert("registered", "1 second", "90 days");
    await insert("rejected", "1 second", "90 days");
    await insert("registered", "-80 days", "5 days");
    await noteDue(desk.database);
    await noteDue(desk.database);
    await play();
    const of = (recipient: string) => box.mails.filter(({ recipients }) => recipients.includes(recipient));
    const [[mine], [brands]] = [of("kim@mail.example"), of("brand@mail.example")];
    expect(mine?.text).to.contain("A lead of yours in “Streamly” was rejected");
    expect(mine?.text).to.contain("This is nobody that the brand sells to.");
    expect(mine?.text).to.contain("A lead of yours in “Streamly” lapses soon");
    expect(mine?.text).to.contain(`https://portal.example/partner/${desk.campaignId}`);
    expect(brands?.text).to.contain("1 wait for your answer; the first can be rejected until");
    expect(brands?.text).to.contain(`https://portal.example/brand/${desk.campaignId}/leads`);
    await noteDue(desk.database);
    expect(await play()).to.equal(0);
    expect(box.mails).to.have.length(2);
    // A sale of long ago wins it now, and time ran out while nobody looked: told when it is written down.
    await desk.database.query(
      `INSERT INTO lead_moves (lead_id, state, moved_at)
       SELECT id, 'won', now() - interval '9 days' FROM leads WHERE state = 'registered' AND registered_at < now()`,
    );
    await noteDue(desk.database);
    await play();
    expect(box.mails).to.have.length(3);
    expect(last().text).to.contain("A lead of yours in “Streamly”");
  });

  it("tells a brand what took effect of what it announced, and a partner its month", async () => {
    await reader(desk.brand, "brand@mail.example");
    const { wallet, report } = await partner("kim@mail.example");
    const { id: conversionId } = await report("month-1");
    await play();
    box.mails.length = 0;
    await desk.database.query("UPDATE mail_addresses SET confirmed_at = now() - interval '60 days'");
    await desk.database.query(
      "UPDATE conversions SET received_at = date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 day' WHERE id = $1",
      [conversionId],
    );
    await desk.database.query(
      "UPDATE campaigns SET withdrawable_at = extract(epoch FROM now())::bigint - 60 WHERE id = $1",
      [desk.campaignId],
    );
    try {
      await noteDue(desk.database);
      await noteDue(desk.database);
      await play();
      const of = (recipient: string) => box.mails.find(({ recipients }) => recipients.includes(recipient));
      expect(of("brand@mail.example")?.text).to.contain("The announced withdrawal can be made in “Streamly”");
      expect(of("kim@mail.example")?.text).to.contain("2 DUSD by 1 conversions; 0 were rejected or taken back.");
      expect(of("kim@mail.example")?.text).to.contain(wallet.address);
      expect(box.mails).to.have.length(2);
    } finally {
      await desk.database.query("UPDATE campaigns SET withdrawable_at = 0 WHERE id = $1", [desk.campaignId]);
    }
  });

  it("is never more than the operator lets go in a minute", async () => {
    for (const email of ["a@mail.example", "b@mail.example", "c@mail.example"])
      await give(await desk.signIn(Wallet.createRandom()), email);
    await desk.database.query("UPDATE mails SET sent_at = NULL");
    await play({ MAIL_A_MINUTE: 2 });
    await play({ MAIL_A_MINUTE: 2 });
    expect(box.mails).to.have.length(2);
  });
});
