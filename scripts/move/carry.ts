/**
 * Carries partners, codes, customers and open commissions over, as far as each can come now. It is run as often as there is something
 * to carry: what is here already is seen here, and nothing is kept beside.
 */
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import pMap from "p-map";
import { toDecimal } from "#sources/stripe/money.ts";
import { Refused, type Relayer } from "../relayer.ts";
import type { Commission, Customer, Partner } from "./exports.ts";

const AT_ONCE = 4;
const LABEL_CHARACTERS = 100;
const MAX_INVITATIONS = 1_000;

export interface Moved {
  readonly partners: readonly Partner[];
  readonly customers: readonly Customer[];
  readonly commissions: readonly Commission[];
}

export interface Terms {
  readonly campaignId: string;
  /** The platform's name on the command line: what is carried over is marked with it. */
  readonly from: string;
  /** The kinds that partners are invited as. */
  readonly kinds: readonly number[];
  /** The event that pays open commissions, a unit for each of the `currency`. undefined: they stay. */
  readonly commissions: { readonly event: string; readonly currency: string } | undefined;
  /** Otherwise it is said what would be done, and nothing is. */
  readonly apply: boolean;
}

/** How far a partner has come. */
type Stage = "left" | "new" | "invited" | "waiting" | "joined";

export interface Invited {
  readonly partner: Partner;
  readonly code: string;
}

export interface Outcome {
  readonly stages: Readonly<Record<Stage, number>>;
  /** Invitations that nobody has used yet. */
  readonly open: readonly Invited[];
  /** `done` was done or would be; `here` was done before. */
  readonly codes: Counts;
  readonly customers: Counts;
  readonly commissions: Counts;
  /** What does not come, or not yet, each with its reason. */
  readonly stay: readonly string[];
}

interface Counts {
  done: number;
  here: number;
  /** For partners who have not joined. */
  later: number;
}

interface Here {
  readonly partner: Partner;
  readonly stage: Stage;
  /** Its wallet here, once it has joined. */
  readonly wallet?: string;
  /** An invitation that it has not used. */
  readonly invitation?: string;
  /** One of its codes here: by it the relayer knows the partner. */
  code?: string;
}

export async function carry(relayer: Relayer, moved: Moved, terms: Terms, say: (line: string) => void) {
  const stay: string[] = [];
  const here = await findThem(relayer, moved.partners, terms);
  const open = await invite(relayer, here, terms, stay, say);
  const codes = await giveCodes(relayer, here, terms, stay);
  const byName = nameThem(here);
  const customers = await bind(relayer, moved.customers, byName, terms, stay, say);
  const commissions = await report(relayer, moved.commissions, byName, terms, stay, say);
  const stages = { left: 0, new: 0, invited: 0, waiting: 0, joined: 0 };
  for (const { stage } of here) stages[stage]++;
  return { stages, open, codes, customers, commissions, stay } satisfies Outcome;
}

/** An invitation tells whose it is by the end of its label. */
const markOf = ({ from }: Terms, { id }: Partner) => `(${from} ${id})`;

function labelOf(terms: Terms, partner: Partner): string {
  const mark = markOf(terms, partner);
  const name = (partner.name || partner.email || "Partner").slice(0, LABEL_CHARACTERS - mark.length - 1);
  return `${name} ${mark}`;
}

async function findThem(relayer: Relayer, partners: readonly Partner[], terms: Terms): Promise<Here[]> {
  const path = `/v1/campaigns/${terms.campaignId}`;
  const invitations = new Map<
    string,
    { readonly state: string; readonly partner: string | null; readonly code: string }
  >();
  for await (const one of relayer.list<{ label: string; state: string; partner: string | null; code: string }>(
    `${path}/invitations`,
  )) {
    const mark = /\(\S+ [^()]+\)$/.exec(one.label)?.[0];
    if (mark !== undefined && (one.state !== "revoked" || !invitations.has(mark))) invitations.set(mark, one);
  }
  const joined = new Set<string>();
  for await (const { partner } of relayer.list<{ partner: string }>(`${path}/partnerships`)) joined.add(partner);
  return partners.map((partner): Here => {
    const invitation = invitations.get(markOf(terms, partner));
    if (invitation?.state === "used" && invitation.partner !== null)
      return { partner, stage: joined.has(invitation.partner) ? "joined" : "waiting", wallet: invitation.partner };
    if (invitation?.state === "open") return { partner, stage: "invited", invitation: invitation.code };
    return { partner, stage: partner.active ? "new" : "left" };
  });
}

async function invite(relayer: Relayer, here: Here[], terms: Terms, stay: string[], say: (line: string) => void) {
  const open: Invited[] = here.flatMap(({ partner, invitation: code }) =>
    code === undefined ? [] : [{ partner, code }],
  );
  const fresh = here.filter(({ stage }) => stage === "new");
  const room = Math.max(0, MAX_INVITATIONS - open.length);
  if (fresh.length > room)
    stay.push(
      `${fresh.length - room} partners are invited later: a campaign has ${MAX_INVITATIONS} invitations that nobody used.`,
    );
  if (!terms.apply) return open;
  for (const [i, { partner }] of fresh.slice(0, room).entries()) {
    const { code } = await relayer.call<{ code: string }>("POST", `/v1/campaigns/${terms.campaignId}/invitations`, {
      label: labelOf(terms, partner),
      kinds: terms.kinds,
    });
    open.push({ partner, code });
    if ((i + 1) % 100 === 0) say(`Invited ${i + 1} of ${fresh.length}.`);
  }
  return open;
}

/** A partner's codes, and what stood in its links: a page that finds it in its address can report it as a code. */
async function giveCodes(relayer: Relayer, here: Here[], terms: Terms, stay: string[]): Promise<Counts> {
  const counts: Counts = { done: 0, here: 0, later: 0 };
  const path = `/v1/campaigns/${terms.campaignId}`;
  const given = new Map<string, { readonly partner: string; readonly retiredAt: string | null }>();
  for await (const one of relayer.list<{ code: string; partner: string; retiredAt: string | null }>(`${path}/codes`))
    given.set(canonicalCode(one.code) ?? one.code, one);
  for (const one of here) {
    for (const typed of new Set([...one.partner.codes, ...one.partner.tokens])) {
      const name = canonicalCode(typed);
      const there = name === undefined ? undefined : given.get(name);
      if (name === undefined || !/^[a-z0-9][a-z0-9 -]*$/i.test(typed)) {
        stay.push(
          `Code ${JSON.stringify(typed)} of ${nameOf(one.partner)}: a code has 3 to 24 letters A to Z and digits.`,
        );
      } else if (there !== undefined && there.partner === one.wallet) {
        counts.here++;
        if (there.retiredAt === null) one.code ??= typed;
      } else if (there !== undefined) stay.push(`Code ${typed} of ${nameOf(one.partner)} is ${there.partner}'s here.`);
      else if (one.wallet === undefined || one.stage !== "joined") counts.later++;
      else {
        const grant = { codes: [{ partner: one.wallet, code: typed }] };
        const refused = terms.apply && (await refusalOf(relayer.call("POST", `${path}/code-grants`, grant)));
        if (refused) {
          stay.push(`Code ${typed} of ${nameOf(one.partner)}: ${refused}`);
          continue;
        }
        counts.done++;
        one.code ??= typed;
        given.set(name, { partner: one.wallet, retiredAt: null });
      }
    }
  }
  return counts;
}

/** Why the relayer refused what was asked; undefined if it did not. */
const refusalOf = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Refused) return error.message;
      throw error;
    },
  );

const nameOf = ({ name, email, id }: Partner) => name || email || id;

/** Partners by whatever the other lists call them: an id before an e-mail address before a token. */
function nameThem(here: readonly Here[]): ReadonlyMap<string, Here> {
  const names = new Map<string, Here>();
  for (const one of here) {
    for (const token of one.partner.tokens) names.set(token, one);
  }
  for (const one of here) if (one.partner.email !== "") names.set(one.partner.email, one);
  for (const one of here) names.set(one.partner.id, one);
  return names;
}

const find = (names: ReadonlyMap<string, Here>, name: string) => names.get(name) ?? names.get(name.toLowerCase());

/** Does `work` for each, some at once, and says how far it is. */
async function each<Item>(
  what: string,
  items: readonly Item[],
  say: (line: string) => void,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  let looked = 0;
  await pMap(
    items,
    async (item) => {
      if (++looked % 1_000 === 0) say(`${what}: ${looked} of ${items.length}.`);
      await work(item);
    },
    { concurrency: AT_ONCE },
  );
}

/** The partner that something is of, if it can come now; otherwise it is counted for later, or said why it stays. */
function whoHasJoined(
  what: string,
  one: Here | undefined,
  { partner }: { readonly partner: string },
  counts: Counts,
  stay: string[],
): Here | undefined {
  if (one === undefined) stay.push(`${what}: no partner ${partner} was given.`);
  else if (one.stage === "left") stay.push(`${what}: ${nameOf(one.partner)} does not come.`);
  else if (one.stage !== "joined") counts.later++;
  else if (one.code === undefined) stay.push(`${what}: ${nameOf(one.partner)} has no code here to be known by.`);
  else return one;
  return undefined;
}

async function bind(
  relayer: Relayer,
  customers: readonly Customer[],
  names: ReadonlyMap<string, Here>,
  terms: Terms,
  stay: string[],
  say: (line: string) => void,
): Promise<Counts> {
  const counts: Counts = { done: 0, here: 0, later: 0 };
  await each("Customers", customers, say, async (customer) => {
    const one = whoHasJoined(`Customer ${customer.id}`, find(names, customer.partner), customer, counts, stay);
    if (one === undefined) return;
    // Whoever brought a customer here since then is not displaced.
    const isEmail = customer.id.includes("@");
    const id = isEmail ? customer.id.toLowerCase() : customer.id;
    const bound = await relayer.find<{ partner: string }>(`/v1/bindings?customerId=${encodeURIComponent(id)}`);
    if (bound?.partner === one.wallet) return void counts.here++;
    if (bound !== undefined) return void stay.push(`Customer ${id} is ${bound.partner}'s here.`);
    const binding = { ...(isEmail ? { customerEmail: id } : { customerId: id }), code: one.code };
    const refused = terms.apply && (await refusalOf(relayer.call("POST", "/v1/bindings", binding)));
    if (refused) stay.push(`Customer ${id}: ${refused}`);
    else counts.done++;
  });
  return counts;
}

async function report(
  relayer: Relayer,
  commissions: readonly Commission[],
  names: ReadonlyMap<string, Here>,
  terms: Terms,
  stay: string[],
  say: (line: string) => void,
): Promise<Counts> {
  const counts: Counts = { done: 0, here: 0, later: 0 };
  const open = commissions.filter((one) => one.open);
  const paying = terms.commissions;
  if (paying === undefined) {
    if (open.length > 0)
      stay.push(
        `${open.length} open commissions: name the event that pays them with --commission-event, or pay them there.`,
      );
    return counts;
  }
  await each("Commissions", open, say, async (commission) => {
    const what = `Commission ${commission.id}`;
    const volume = amountOf(commission, paying.currency);
    if (commission.currency !== "" && commission.currency !== paying.currency)
      return void stay.push(`${what} is in ${commission.currency}, and the event pays ${paying.currency}.`);
    if (volume === undefined)
      return void stay.push(`${what}: ${JSON.stringify(commission.amount)} is no amount above 0.`);
    const one = whoHasJoined(what, find(names, commission.partner), commission, counts, stay);
    if (one === undefined) return;
    const orderId = `${terms.from}:${commission.id}`;
    const query = new URLSearchParams({ event: paying.event, orderId });
    const known = await relayer.find<{ items: readonly unknown[] }>(`/v1/conversions?${query}`);
    if ((known?.items.length ?? 0) > 0) return void counts.here++;
    if (!terms.apply) return void counts.done++;
    const sent = { event: paying.event, orderId, volume, code: one.code };
    const answer = relayer.call<{ state: string; reasonText: string | null }>("POST", "/v1/conversions", sent);
    const refused = await refusalOf(answer);
    if (refused !== undefined) return void stay.push(`${what}: ${refused}`);
    const { state, reasonText } = await answer;
    if (state === "rejected") stay.push(`${what} was rejected: ${reasonText}`);
    else counts.done++;
  });
  return counts;
}

/** An amount above 0 as a decimal number; undefined if it is none. */
function amountOf({ amount, minor }: Commission, currency: string): string | undefined {
  if (minor && /^\d{1,30}$/.test(amount) && BigInt(amount) > 0n) return toDecimal(BigInt(amount), currency);
  if (!minor && /^\d{1,30}(\.\d{1,18})?$/.test(amount) && /[1-9]/.test(amount)) return amount;
  return undefined;
}
