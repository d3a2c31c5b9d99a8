/**
 * What a sale in its own currency is in a campaign's token: which currencies the description takes, by which rates, and the exact
 * arithmetic that relayer, attesters and whoever checks them have in common. docs/relayer/currencies.md is the rule in words.
 */
import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { address } from "./address.ts";
import { DECIMAL, fromBaseUnits } from "./amount.ts";
import { bytes32 } from "./bytes32.ts";
import { currencyCode, MAX_SALE_DECIMALS } from "./currency.ts";

/**
 * A sale takes the rate that was in force so many seconds before it was received: by then every node of the chain has the same rounds of
 * a feed, so that whoever looks later finds the same rate.
 */
export const RATE_DELAY_SECONDS = 300;

/** A sale that is received later after it was made than so has the rate of when that time was over. */
const LATE_AFTER_SECONDS = 3_600;

/** A shop's clock may be off by so much from the relayer's. */
export const CLOCK_SKEW_SECONDS = 300;

/** How long an L2's sequencer has to be back before a feed's answers count again. */
const SEQUENCER_GRACE_SECONDS = 3_600;

/** Contracts that answer as Chainlink's feeds do (`AggregatorV3Interface`), on the campaign's own chain. */
const feedRates = z.strictObject({
  kind: z.literal("feeds"),
  /** By currency, the feed of what one of it is worth. All of them, and `token`, in one and the same currency. */
  feeds: z.record(currencyCode, address),
  /** The feed of what one whole token is worth. Left out: the token is worth one of that currency, always. */
  token: address.optional(),
  /** A round that is older than so many seconds is no rate. */
  maxAgeSeconds: z
    .int()
    .min(60)
    .max(7 * 86_400),
  /** The feed that says whether an L2's sequencer is up, and since when it has to be. */
  sequencer: z
    .strictObject({
      feed: address,
      graceSeconds: z.int().min(0).max(86_400).default(SEQUENCER_GRACE_SECONDS),
    })
    .optional(),
});

/** A signed file for each day (protocol/rateFile.ts). */
const fileRates = z.strictObject({
  kind: z.literal("file"),
  /** Where the file of a day is: with `{day}` in it, which is that day in UTC, `2026-11-28`. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .refine((url) => url.includes("{day}"), "has no {day} in it: each day has a file of its own"),
  /** Who signs it. */
  signer: address,
  /** The rates of a day may be observed so many days before it. */
  maxAgeDays: z.int().min(0).max(31).default(5),
});

/** Which currencies sales may be in besides the token, and by which rates they are converted. */
export const saleCurrencies = z
  .strictObject({
    /** Sales in these count. */
    accepted: z
      .array(currencyCode)
      .min(1)
      .max(60)
      .refine((codes) => new Set(codes).size === codes.length, "names a currency twice"),
    /** One whole token counts as one of this currency. With a feed of what the token is worth: the currency that all feeds are in. */
    token: currencyCode,
    rates: z.discriminatedUnion("kind", [feedRates, fileRates]),
    /** A sale that is received later than so many seconds after it was made has the rate of then: left out, an hour. */
    lateAfterSeconds: z
      .int()
      .min(60)
      .max(31 * 86_400)
      .optional(),
  })
  .superRefine(({ accepted, token, rates }, context) => {
    if (rates.kind !== "feeds") return;
    if (Object.hasOwn(rates.feeds, token))
      context.addIssue({
        code: "custom",
        path: ["rates", "feeds", token],
        message: "is what feeds are in: it has none",
      });
    for (const [i, code] of accepted.entries())
      if (!Object.hasOwn(rates.feeds, code) && code !== token)
        context.addIssue({ code: "custom", path: ["accepted", i], message: "has no feed: name one in `rates.feeds`" });
  });

export type SaleCurrencies = z.infer<typeof saleCurrencies>;
export type FeedRates = z.infer<typeof feedRates>;
export type FileRates = z.infer<typeof fileRates>;

/**
 * As of when a sale takes its rate, in Unix seconds: when it was received, but no later than the description allows after it was made. So a
 * file that is brought months later has the rates of its sales' own days, and nobody chooses a better day by handing a sale on late.
 * @param madeAt by the brand's report, or by whoever checks it by the source's own word; undefined: nobody says
 */
export const rateTime = (
  { lateAfterSeconds = LATE_AFTER_SECONDS }: Pick<SaleCurrencies, "lateAfterSeconds">,
  receivedAt: number,
  madeAt: number | undefined,
): number => (madeAt === undefined ? receivedAt : Math.min(receivedAt, madeAt + lateAfterSeconds));

const positive = z.string().regex(/^[1-9]\d{0,89}$/, "must be a whole number above zero, as text");

/** A round of a feed, or a day's file by its digest. */
const rateSource = z.union([
  z.strictObject({ feed: address, round: z.string().regex(/^\d{1,25}$/) }),
  z.strictObject({ file: bytes32, day: z.iso.date() }),
]);

/** What one of a currency is in whole tokens, exactly, and where that stands. */
export const rate = z.strictObject({
  numerator: positive,
  denominator: positive,
  /** When it was observed: of several rounds the oldest. Unix seconds. */
  observedAt: z.int().min(0),
  /** The rounds of currency and token, or the file; none: one of the currency is one token. */
  sources: z.array(rateSource).max(2),
});

export type Rate = z.infer<typeof rate>;

/** What was looked up: the rate; or why there is none, as the end of a sentence. `transient`: there may be one of that time later. */
export type FoundRate =
  | { readonly rate: Rate; readonly problem?: undefined }
  | { readonly rate?: undefined; readonly problem: string; readonly transient: boolean };

/** A sale in its own currency, as it was converted. */
export const convertedSale = z.strictObject({
  currency: currencyCode,
  /** A decimal number of the currency. */
  volume: z.string().regex(DECIMAL),
  rate,
  /** 32 random bytes: with them the conversion's salt says which sale and rate it stands for. */
  nonce: bytes32,
});

export type ConvertedSale = z.infer<typeof convertedSale>;

/** A sale in its own currency, whether it was converted or not. */
export type Sale = Pick<ConvertedSale, "currency" | "volume"> & Partial<Pick<ConvertedSale, "rate" | "nonce">>;

export const isConverted = (sale: Sale | null | undefined): sale is ConvertedSale =>
  sale?.rate !== undefined && sale.nonce !== undefined;

/** One token for one of the currency. */
export const PAR: Rate = { numerator: "1", denominator: "1", observedAt: 0, sources: [] };

/** Whether a sale in this currency is one in tokens by another name: no rate is looked up for it. */
export const isPar = ({ token, rates }: SaleCurrencies, currency: string): boolean =>
  currency === token && (rates.kind === "file" || rates.token === undefined);

/**
 * In what a sale of a source counts: in its own currency, which is converted; in tokens ("token"), where one of the currency is one of them;
 * undefined: not at all.
 * @param counted the currency of which so much is as many whole tokens, by the mapping of the source
 */
export function countedAs(
  currencies: SaleCurrencies | undefined,
  currency: string,
  counted: string,
): { readonly currency: string | undefined } | undefined {
  if (currencies !== undefined && isPar(currencies, currency)) return { currency: undefined };
  if (currencies?.accepted.includes(currency) || currency === currencies?.token) return { currency };
  return currency === counted ? { currency: undefined } : undefined;
}

/** The currencies that count, in words. */
export const describeCounted = (currencies: SaleCurrencies | undefined, counted?: string): string =>
  [
    ...new Set([
      ...(counted === undefined ? [] : [counted]),
      ...(currencies === undefined ? [] : [currencies.token, ...currencies.accepted]),
    ]),
  ].join(", ");

/** What a feed answered: a number with so many decimals. */
export interface FeedAnswer {
  readonly answer: bigint;
  readonly decimals: number;
}

/** The fraction that two feeds give: what one of the currency is worth by what one token is. */
export function feedFraction(
  currency: FeedAnswer,
  token: FeedAnswer | undefined,
): Pick<Rate, "numerator" | "denominator"> {
  const { answer, decimals } = token ?? { answer: 1n, decimals: 0 };
  return {
    numerator: String(currency.answer * 10n ** BigInt(decimals)),
    denominator: String(answer * 10n ** BigInt(currency.decimals)),
  };
}

/** The fraction of a table against one base: what one of the currency is in the token's currency. */
export function tableFraction(ofCurrency: string, ofToken: string): Pick<Rate, "numerator" | "denominator"> {
  const [currency, token] = [toFraction(ofCurrency), toFraction(ofToken)];
  return {
    numerator: String(token.units * 10n ** BigInt(currency.decimals)),
    denominator: String(currency.units * 10n ** BigInt(token.decimals)),
  };
}

function toFraction(decimal: string): { readonly units: bigint; readonly decimals: number } {
  const [whole = "", fraction = ""] = decimal.split(".");
  return { units: BigInt(whole + fraction), decimals: fraction.length };
}

/**
 * A volume of the currency in base units of the token. Rounded once, down, to a base unit: amounts of a sale are added and taken off in
 * its own currency, and only what they come to is converted.
 */
export function toTokenDown(
  volume: string,
  { numerator, denominator }: Pick<Rate, "numerator" | "denominator">,
  tokenDecimals: number,
): bigint {
  const { units, decimals } = toFraction(volume);
  return (units * BigInt(numerator) * 10n ** BigInt(tokenDecimals)) / (BigInt(denominator) * 10n ** BigInt(decimals));
}

/** The same, as a decimal number of whole tokens. */
export const toTokensDown = (volume: string, rate: Rate, tokenDecimals: number): string =>
  fromBaseUnits(toTokenDown(volume, rate, tokenDecimals), tokenDecimals);

/** Base units of the token in smallest units of the currency, by what one of that is in whole tokens; rounded down. */
export const toCurrencyDown = (
  amount: bigint,
  { numerator, denominator }: Pick<Rate, "numerator" | "denominator">,
  tokenDecimals: number,
  currencyDecimals: number,
): bigint =>
  (amount * BigInt(denominator) * 10n ** BigInt(currencyDecimals)) / (BigInt(numerator) * 10n ** BigInt(tokenDecimals));

/** Why a volume can be none of a currency; undefined: it can. */
export function unfitForCurrency(volume: string, currency: string): string | undefined {
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals <= MAX_SALE_DECIMALS) return undefined;
  return `volume ${volume} ${currency} has ${decimals} decimals; a sale has at most ${MAX_SALE_DECIMALS}. Round it.`;
}

/**
 * The salt of a converted sale's leaf. It is under the attestation's root, so that the rate cannot be told otherwise afterwards; and as
 * nobody else knows the nonce, nothing of the sale can be guessed from it.
 */
export function saltOfSale({ currency, volume, rate, nonce }: ConvertedSale): string {
  const { numerator, denominator, observedAt, sources } = rate;
  const named = sources.map((one) => ("feed" in one ? [one.feed, one.round] : [one.file, one.day]));
  const said = ["partner-programs sale", nonce, currency, volume, numerator, denominator, observedAt, named];
  return keccak256(toUtf8Bytes(JSON.stringify(said)));
}

/** Whether two rates are one and the same, read at the same places. */
export const isSameRate = (one: Rate, other: Rate): boolean =>
  one.numerator === other.numerator &&
  one.denominator === other.denominator &&
  one.observedAt === other.observedAt &&
  JSON.stringify(one.sources.map(namesOf)) === JSON.stringify(other.sources.map(namesOf));

const namesOf = (source: Rate["sources"][number]) =>
  "feed" in source ? [source.feed, source.round] : [source.file, source.day];

/** A rate in words: `round 7 of the feed 0x…`, or `the file 0x… of 2026-11-28`. */
export function describeRate({ sources }: Rate): string {
  if (sources.length === 0) return "one for one token";
  return sources
    .map((one) => ("feed" in one ? `round ${one.round} of the feed ${one.feed}` : `the file ${one.file} of ${one.day}`))
    .join(" by ");
}
