/** The verbs of `npm run campaign`: each is one of a brand's transactions. */
import { DECIMAL, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import {
  FIRST_GROUP,
  FOR_ONE_PARTNER,
  KINDS,
  type KnownKind,
  kindMask,
  kindName,
  MAX_KIND,
} from "@partner-programs/protocol/kinds";
import { LONGEST_LOCK, NO_LIMIT } from "@partner-programs/protocol/limits";
import { NATIVE } from "@partner-programs/protocol/native";
import { readToken, type Token } from "@partner-programs/protocol/token";
import {
  Contract,
  type ContractTransactionResponse,
  formatUnits,
  isAddress,
  isHexString,
  type Signer,
  ZeroAddress,
} from "ethers";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import { ascending, campaignPlan, offerPlan, readPlan, toNewCampaign, toOffer } from "./plan.ts";

/** What a verb works with. */
export interface Context {
  readonly programs: PartnerPrograms;
  readonly lens: PartnerProgramsLens;
  readonly signer: Signer;
  /** An option's value. @throws Error that names the option if it is not given */
  readonly option: (name: string) => string;
  readonly given: (name: string) => string | undefined;
}

/** A transaction that is ready: what it means, in words, and how to send it. */
export interface Prepared {
  readonly summary: readonly string[];
  readonly steps: readonly {
    readonly what: string;
    readonly estimate: () => Promise<bigint>;
    readonly send: () => Promise<ContractTransactionResponse>;
  }[];
}

export interface Verb {
  readonly help: string;
  /** Its options beside --campaign, with what they are: each has to be given. */
  readonly options: Readonly<Record<string, string>>;
  /** It is not about a campaign that there is. */
  readonly withoutCampaign?: true;
  prepare(context: Context): Promise<Prepared>;
}

type Method = PartnerPrograms["suspend"] | PartnerPrograms["fund"];

/** One call of the contract as a step. Its estimate is a rehearsal: what would revert says so before anything is sent. */
function step(what: string, method: unknown, ...args: unknown[]): Prepared["steps"][number] {
  const call = method as { estimateGas(...a: unknown[]): Promise<bigint> } & ((
    ...a: unknown[]
  ) => Promise<ContractTransactionResponse>);
  return { what, estimate: () => call.estimateGas(...args), send: () => call(...args) };
}

export function describeToken(token: string, { signer }: Pick<Context, "signer">): Promise<Token> {
  return readToken(token, (data) => signer.call({ to: token, data }));
}

export function campaignId({ option }: Context): string {
  const id = option("campaign");
  if (!isHexString(id, 32)) throw new Error(`--campaign ${id} must be a campaign id: 0x and 64 hexadecimal digits.`);
  return id;
}

const termsOf = (context: Context) => context.lens.termsOf(campaignId(context));

async function campaignToken(context: Context) {
  const { token } = await termsOf(context);
  return { token, ...(await describeToken(token, context)) };
}

async function amountOption(context: Context) {
  const { token, symbol, decimals } = await campaignToken(context);
  const amount = context.option("amount");
  if (!DECIMAL.test(amount))
    throw new Error(`--amount ${amount} must be a decimal number of whole tokens, such as 250.00.`);
  return { token, symbol, decimals, units: toBaseUnitsDown(amount, decimals) };
}

async function noticeOf(context: Context): Promise<string> {
  const { noticeSeconds } = await termsOf(context);
  return days(noticeSeconds);
}

function days(seconds: bigint | number): string {
  const value = Number(seconds);
  return value % 86_400 === 0 ? `${value / 86_400} days` : `${value} seconds`;
}

function addressOption({ option }: Context, name: string): string {
  const value = option(name);
  if (!isAddress(value)) throw new Error(`--${name} ${value} must be an address: 0x and 40 hexadecimal digits.`);
  return value;
}

function addresses(list: string): string[] {
  return ascending(list.split(",").map((item) => item.trim()));
}

function parseKinds(list: string): bigint {
  return kindMask(
    ...list
      .split(",")
      .filter((name) => name !== "")
      .map((name) => {
        const number = Number(name);
        if (KINDS.includes(name as KnownKind)) return name as KnownKind;
        if (Number.isInteger(number) && number >= FIRST_GROUP && number <= MAX_KIND) return number;
        throw new Error(
          `"${name}" is no kind. Kinds are ${KINDS.join(", ")}, and ${FIRST_GROUP} to ${MAX_KIND} for groups of your own.`,
        );
      }),
  );
}

function describeOffer(
  offer: IPartnerPrograms.OfferStruct,
  unitExponent: number,
  token: { symbol: string; decimals: number },
): string {
  const parts: string[] = [];
  if (BigInt(offer.flatAmount) !== 0n)
    parts.push(`${formatUnits(offer.flatAmount, token.decimals)} ${token.symbol} each`);
  if (BigInt(offer.rateBps) !== 0n) {
    const cap = formatUnits(BigInt(offer.capUnits) * 10n ** BigInt(unitExponent), token.decimals);
    parts.push(`${Number(offer.rateBps) / 100} % of at most ${cap} ${token.symbol}`);
  }
  const who = Number(offer.kind) === FOR_ONE_PARTNER ? `${offer.partner} alone` : `${kindName(Number(offer.kind))}s`;
  return `pays ${who} for "${decodeEventName(String(offer.eventName))}": ${parts.join(" and ")}`;
}

/** A verb that takes a campaign and nothing else. */
function plain(
  help: string,
  method: (programs: PartnerPrograms) => Method,
  meaning: (context: Context) => Promise<string>,
): Verb {
  return {
    help,
    options: {},
    async prepare(context) {
      const id = campaignId(context);
      return { summary: [await meaning(context)], steps: [step(help, method(context.programs), id)] };
    },
  };
}

export const VERBS: Readonly<Record<string, Verb>> = {
  create: {
    help: "creates a campaign from a JSON file",
    withoutCampaign: true,
    options: { file: "the campaign, as scripts/campaign/example.json" },
    async prepare(context) {
      const file = context.option("file");
      const plan = readPlan(file, campaignPlan);
      const token = await describeToken(plan.token, context);
      const given = toNewCampaign(plan, file, token.decimals);
      const id = await context.programs.createCampaign.staticCall(given);
      return {
        summary: [
          `creates "${plan.name}" as ${id}`,
          `in ${token.symbol} (${plan.token})`,
          plan.holdSeconds === 0
            ? "commissions are not held: what is attested is paid, and no refund takes it back"
            : `commissions are held for ${days(plan.holdSeconds)}; changes for the worse take ${days(plan.noticeSeconds)}`,
          plan.linesOnChain || plan.holdSeconds === 0
            ? "every line is given to the chain: whoever has the chain has all that is needed to be paid"
            : "lines are kept by the relayer and the attesters: a batch of any size costs the same",
          plan.openKinds.length === 0
            ? "only partners that you list are paid"
            : `pays any ${plan.openKinds.join(", ")}`,
          ...given.offers.map((offer) => describeOffer(offer, Number(given.terms.unitExponent), token)),
          `${plan.threshold} of ${plan.attesters.length} attesters sign: ${given.attesters.join(", ")}`,
          plan.feeBps === 0 ? "no operator's fee" : `${plan.feeBps / 100} % on top of commissions to ${plan.operator}`,
          plan.dailyLimit === undefined
            ? "no daily limit: attesters who lie, or a stolen key, can take the whole budget in a day"
            : `at most ${plan.dailyLimit} ${token.symbol} a day`,
          `its description has hash ${given.descriptionHash} and is at ${plan.descriptionUri}`,
          "token, hold, notice, where the lines are, open kinds, fee and operator can never be changed",
        ],
        steps: [step("createCampaign", context.programs.createCampaign, given)],
      };
    },
  },
  fund: {
    help: "adds to a campaign's budget",
    options: { amount: "whole tokens, such as 250.00" },
    async prepare(context) {
      const id = campaignId(context);
      const { token, symbol, decimals, units } = await amountOption(context);
      const summary = [
        `gives ${formatUnits(units, decimals)} ${symbol} to the campaign; only its brand can withdraw them, with notice`,
      ];
      if (token === NATIVE)
        return { summary, steps: [step("fund", context.programs.fund, id, units, { value: units })] };
      const erc20 = new Contract(
        token,
        [
          "function approve(address, uint256) returns (bool)",
          "function allowance(address, address) view returns (uint256)",
        ],
        context.signer,
      );
      const allowed: bigint = await erc20.getFunction("allowance")(await context.signer.getAddress(), context.programs);
      const approve = step("approve the contract to take it", erc20.getFunction("approve"), context.programs, units);
      return {
        summary,
        steps: [...(allowed >= units ? [] : [approve]), step("fund", context.programs.fund, id, units)],
      };
    },
  },
  "append-offer": {
    help: "publishes a new offer",
    options: { file: "the offer, as one of those in scripts/campaign/example.json" },
    async prepare(context) {
      const id = campaignId(context);
      const { unitExponent } = await termsOf(context);
      const token = await campaignToken(context);
      const offer = toOffer(readPlan(context.option("file"), offerPlan), token.decimals, Number(unitExponent));
      return {
        summary: [describeOffer(offer, Number(unitExponent), token)],
        steps: [step("appendOffer", context.programs.appendOffer, id, offer)],
      };
    },
  },
  "retire-offer": {
    help: "ends an offer after the notice",
    options: { offer: "its number" },
    async prepare(context) {
      const id = campaignId(context);
      const offer = context.option("offer");
      return {
        summary: [`ends offer ${offer} after ${await noticeOf(context)}, or at its guarantee if that is later`],
        steps: [step("retireOffer", context.programs.retireOffer, id, offer)],
      };
    },
  },
  "set-attesters": {
    help: "replaces the attesters after the notice",
    options: { attesters: "addresses, comma-separated", threshold: "how many of them sign" },
    async prepare(context) {
      const id = campaignId(context);
      const members = addresses(context.option("attesters"));
      const threshold = context.option("threshold");
      return {
        summary: [
          `after ${await noticeOf(context)}, ${threshold} of these ${members.length} sign: ${members.join(", ")}`,
          "what the present ones signed and nobody submitted until then is void",
        ],
        steps: [step("announceAttesters", context.programs.announceAttesters, id, threshold, members)],
      };
    },
  },
  "set-kinds": {
    help: "lists partners with their kinds",
    options: { partners: "addresses, comma-separated", kinds: "kinds, comma-separated; empty takes all away" },
    async prepare(context) {
      const id = campaignId(context);
      const partners = addresses(context.option("partners"));
      const kinds = context.option("kinds");
      return {
        summary: [
          `${partners.length} partners are ${kinds === "" ? "nothing" : kinds}; kinds taken away stay payable for ${await noticeOf(context)}`,
        ],
        steps: [step("setKinds", context.programs.setKinds, id, partners, parseKinds(kinds))],
      };
    },
  },
  "announce-daily-limit": {
    help: "bounds what can be attested in a day, after the notice: up and down",
    options: { amount: 'whole tokens, fees included, or "none"' },
    async prepare(context) {
      const id = campaignId(context);
      const none = context.option("amount") === "none";
      const limit = none ? NO_LIMIT : (await amountOption(context)).units;
      return {
        summary: [
          none
            ? `no daily limit after ${await noticeOf(context)}`
            : `at most ${context.option("amount")} a day after ${await noticeOf(context)}`,
          "until then the present limit holds",
        ],
        steps: [step("announceDailyLimit", context.programs.announceDailyLimit, id, limit)],
      };
    },
  },
  suspend: plain(
    "stops new attestations for one notice at most",
    (programs) => programs.suspend,
    async (context) => `nothing new is attested for ${await noticeOf(context)}; what is attested is not touched`,
  ),
  resume: plain(
    "ends a suspension early",
    (programs) => programs.resume as never,
    async () => "attestations go on at once",
  ),
  close: plain(
    "announces the campaign's end, for ever",
    (programs) => programs.closeCampaign,
    async (context) =>
      `closes after ${await noticeOf(context)}, or at the last offer's guarantee; this cannot be taken back`,
  ),
  transfer: {
    help: "offers the campaign to another brand, which can accept after the notice",
    options: { to: `an address; ${ZeroAddress} takes the offer back` },
    async prepare(context) {
      const id = campaignId(context);
      const to = addressOption(context, "to");
      return {
        summary: [
          to === ZeroAddress
            ? "takes the offer back: nobody can accept the campaign"
            : `offers the campaign, with its budget, to ${to}, which can accept after ${await noticeOf(context)}`,
        ],
        steps: [step("transferCampaign", context.programs.transferCampaign, id, to)],
      };
    },
  },
  accept: plain(
    "takes over a campaign that was offered",
    (programs) => programs.acceptCampaign as never,
    async () => "the campaign is yours, with its budget and its promises",
  ),
  "announce-withdrawal": {
    help: "announces a withdrawal of budget that is not reserved",
    options: { amount: "whole tokens" },
    async prepare(context) {
      const id = campaignId(context);
      const { units, symbol, decimals } = await amountOption(context);
      return {
        summary: [
          `${formatUnits(units, decimals)} ${symbol} can be withdrawn in ${await noticeOf(context)}, or at the last guarantee, for seven days`,
          "what is attested until then can lower it, and nothing raises it",
        ],
        steps: [step("announceWithdrawal", context.programs.announceWithdrawal, id, units)],
      };
    },
  },
  "cancel-withdrawal": plain(
    "takes an announced withdrawal back",
    (programs) => programs.cancelWithdrawal as never,
    async () => "the budget stays",
  ),
  withdraw: {
    help: "makes an announced withdrawal, or takes the rest of a closed campaign",
    options: { to: "who receives it" },
    async prepare(context) {
      const id = campaignId(context);
      const { symbol, decimals } = await campaignToken(context);
      const amount = await context.programs.withdraw.staticCall(id, context.option("to"));
      return {
        summary: [`sends ${formatUnits(amount, decimals)} ${symbol} to ${context.option("to")}`],
        steps: [step("withdraw", context.programs.withdraw, id, context.option("to"))],
      };
    },
  },
  payout: {
    help: "sets where you are paid, and locks it; a partner's own",
    withoutCampaign: true,
    options: {
      to: "an address; your own for none",
      lock: "seconds that a later change takes, 365 days at most; 0: no lock",
    },
    async prepare(context) {
      const owner = await context.signer.getAddress();
      const to = addressOption(context, "to");
      const lock = context.option("lock");
      if (!/^\d{1,8}$/.test(lock) || Number(lock) > LONGEST_LOCK)
        throw new Error(`--lock ${lock} must be a number of seconds, ${LONGEST_LOCK} at most.`);
      const [now, before] = await context.lens.receiverOf(owner);
      return {
        summary: [
          before === 0n
            ? `from now on you are paid to ${to}`
            : `after the lock in force, ${days(before)}, you are paid to ${to}; until then to ${now}`,
          lock === "0"
            ? "no lock: whoever has your key can claim to any address"
            : `locked for ${days(Number(lock))}: claims pay only there, and a later change takes that long`,
        ],
        steps: [
          step(
            "setPayout",
            context.programs.setPayout,
            to.toLowerCase() === owner.toLowerCase() ? ZeroAddress : to,
            lock,
          ),
        ],
      };
    },
  },
  "revoke-orders": {
    help: "makes void what you signed so far and nobody carried; a partner's own",
    withoutCampaign: true,
    options: {},
    async prepare({ programs }) {
      return {
        summary: ["orders for claims and for payout addresses that you signed so far are void"],
        steps: [step("revokeOrders", programs.revokeOrders)],
      };
    },
  },
};
