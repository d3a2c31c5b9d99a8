/**
 * Whether sales in their own currencies were converted by the rate that the description names: read again from the chain's feeds, or from the
 * signed file, by docs/relayer/currencies.md. What cannot be looked up is said, and counts as nothing.
 */
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import { concat, Interface, keccak256, TypedDataEncoder, toUtf8Bytes, verifyTypedData } from "ethers";
import { z } from "zod";
import { type Descriptions, judgedBy, type Paid, type ShownSale } from "./conditions.ts";
import type { Findings } from "./findings.ts";
import { readPacked } from "./packed.ts";

type Currencies = NonNullable<CampaignDescription["currencies"]>;
type Rate = NonNullable<ShownSale["rate"]>;

/** Where rates are looked up again. */
export interface RatePlaces {
  /** What a contract answers now; undefined: it reverts. */
  call(to: string, data: string): Promise<string | undefined>;
  /** A signed file by its digest, as anybody serves it; undefined: nobody does. */
  file(digest: string): Promise<string | undefined>;
}

/** What turns volumes into whole tokens. */
export interface TokenUnits {
  readonly unitExponent: number;
  readonly decimals: number;
}

const DELAY_SECONDS = 300;
const LATE_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export async function checkRates(
  findings: Findings,
  paid: readonly Paid[],
  { announced, texts }: Descriptions,
  units: TokenUnits,
  places: RatePlaces | undefined,
): Promise<void> {
  const known = new Map([...texts].map(([hash, text]) => [hash, readDescription(text).description?.currencies]));
  for (const one of paid) {
    const { receivedAt, attestedAt, shown } = one;
    const { sale } = shown;
    if (sale == null) continue;
    const name = `Conversion ${one.number}, ${sale.volume} ${sale.currency},`;
    if (sale.rate === null || sale.nonce === null) {
      findings.differ("rates", `${name} was paid, and no rate is shown of it.`);
      continue;
    }
    const by = describe(sale.rate);
    checkLeaf(findings, name, one, sale, sale.rate, units);
    const verdicts: Verdict[] = [];
    for (const { hash } of judgedBy(announced, receivedAt, attestedAt).filter(
      (description) => description !== undefined,
    )) {
      const currencies = known.get(hash);
      if (!known.has(hash)) verdicts.push({ left: "the description that was in force is not served" });
      else if (places === undefined) verdicts.push({ left: "no node was asked" });
      else if (currencies !== undefined) verdicts.push(await judge(currencies, sale.currency, sale.rate, one, places));
    }
    const isRight = verdicts.includes("right");
    const untold = verdicts.find((verdict) => typeof verdict === "object");
    if (!isRight && untold !== undefined) findings.leave("rates", `${name} is converted by ${by}: ${untold.left}.`);
    else findings.expect("rates", isRight, () => `${name} was converted by ${by}, which is not its rate.`);
  }
}

/** Why it could not be told; or what was found. */
type Verdict = "right" | "wrong" | { readonly left: string };

function checkLeaf(
  findings: Findings,
  name: string,
  { salt, entries }: Paid,
  { currency, volume, nonce }: ShownSale,
  rate: Rate,
  { unitExponent, decimals }: TokenUnits,
): void {
  const { numerator, denominator, observedAt, sources } = rate;
  const named = sources.map((one) => ("feed" in one ? [one.feed, one.round] : [one.file, one.day]));
  const said = ["partner-programs sale", nonce, currency, volume, numerator, denominator, observedAt, named];
  findings.expect(
    "rates",
    keccak256(toUtf8Bytes(JSON.stringify(said))) === salt,
    () => `${name} has another salt in its batch than that of this sale and its rate.`,
  );
  const sold = fractionOf(volume);
  const worth = (sold.over * BigInt(numerator) * 10n ** BigInt(decimals)) / (BigInt(denominator) * sold.under);
  const units = worth / 10n ** BigInt(unitExponent);
  const most = entries.map(readPacked).reduce((max, line) => (line.volumeUnits > max ? line.volumeUnits : max), 0n);
  findings.expect(
    "rates",
    most <= units,
    () => `${name} counts for ${most} units, and is ${units} by ${describe(rate)}.`,
  );
}

async function judge(
  currencies: Currencies,
  currency: string,
  rate: Rate,
  { receivedAt, shown }: Paid,
  places: RatePlaces,
): Promise<Verdict> {
  const { accepted, token, rates, lateAfterSeconds = LATE_SECONDS } = currencies;
  if (!accepted.includes(currency) && currency !== token) return "wrong";
  if (currency === token && (rates.kind === "file" || rates.token === undefined))
    return rate.sources.length === 0 && rate.numerator === rate.denominator ? "right" : "wrong";
  const { occurredAt } = shown;
  const asOf = occurredAt === undefined ? receivedAt : Math.min(receivedAt, occurredAt + lateAfterSeconds);
  const time = asOf - DELAY_SECONDS;
  try {
    const found =
      rates.kind === "feeds"
        ? await ofFeeds(rates, currency === token ? undefined : currency, rate, time, places)
        : await ofFile(rates, [currency, token], rate, time, places);
    if (found !== "earlier") return found;
  } catch (error) {
    return { left: `it could not be looked up (${(error as Error).name})` };
  }
  // Only the brand is shown when it was made: of a late one nobody else knows when its rate was due.
  return occurredAt === undefined
    ? { left: "whether that was in force at its time only who knows when it was made can say" }
    : "wrong";
}

type Judged = Verdict | "earlier";
type FeedRates = Extract<Currencies["rates"], { kind: "feeds" }>;
type FileRates = Extract<Currencies["rates"], { kind: "file" }>;

const ROUND = "returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)";
const AGGREGATOR = new Interface([
  "function decimals() view returns (uint8)",
  `function getRoundData(uint80 id) view ${ROUND}`,
]);

/** The rounds that are named are asked for, and those after them; "earlier": they were in force, and were not at the time any more. */
async function ofFeeds(
  { feeds, token, maxAgeSeconds }: FeedRates,
  currency: string | undefined,
  rate: Rate,
  time: number,
  { call }: RatePlaces,
): Promise<Judged> {
  const legs = [currency === undefined ? undefined : feeds[currency], token];
  const named = legs.filter((feed) => feed !== undefined);
  if (named.length !== rate.sources.length) return "wrong";
  let earlier = false;
  const values: { readonly over: bigint; readonly under: bigint }[] = [];
  const times: number[] = [];
  for (const feed of legs) {
    if (feed === undefined) {
      values.push({ over: 1n, under: 1n });
      continue;
    }
    const source = rate.sources[times.length];
    if (source === undefined || !("feed" in source) || source.feed !== feed) return "wrong";
    const id = BigInt(source.round);
    const [round, next] = [await roundOf(call, feed, id), await roundOf(call, feed, id + 1n)];
    const decimals = await call(feed, AGGREGATOR.encodeFunctionData("decimals"));
    if (round === undefined || decimals === undefined) return { left: `the feed ${feed} has no round ${id}` };
    if (round.answer <= 0n || round.answeredInRound < id || round.updatedAt > time) return "wrong";
    if (next !== undefined && next.updatedAt <= time) earlier = true;
    else if (time - round.updatedAt > maxAgeSeconds) return "wrong";
    times.push(round.updatedAt);
    values.push({ over: round.answer, under: 10n ** BigInt(decimals) });
  }
  const [of = ONE, by = ONE] = [values[0], token === undefined ? ONE : values[1]];
  const same = isFraction(rate, of.over * by.under, of.under * by.over) && rate.observedAt === Math.min(...times);
  return same ? (earlier ? "earlier" : "right") : "wrong";
}

const ONE = { over: 1n, under: 1n };

async function roundOf(call: RatePlaces["call"], feed: string, id: bigint) {
  const answer = await call(feed, AGGREGATOR.encodeFunctionData("getRoundData", [id]));
  if (answer === undefined || answer === "0x") return undefined;
  const [, value, , updatedAt, answeredInRound] = AGGREGATOR.decodeFunctionResult("getRoundData", answer);
  // Others answer with nothing but zeros where they have no such round.
  return updatedAt === 0n
    ? undefined
    : { answer: value as bigint, updatedAt: Number(updatedAt), answeredInRound: answeredInRound as bigint };
}

const DOMAIN = { name: "Partner Programs daily rates", version: "1" };
const TYPES = {
  DailyRates: [
    { name: "day", type: "string" },
    { name: "observed", type: "string" },
    { name: "base", type: "string" },
    { name: "rates", type: "DailyRate[]" },
  ],
  DailyRate: [
    { name: "currency", type: "string" },
    { name: "value", type: "string" },
  ],
};
const signedFile = z.object({
  day: z.iso.date(),
  observed: z.iso.date(),
  base: z.string(),
  rates: z.record(z.string(), z.string().regex(/^\d{1,12}(\.\d{1,12})?$/)),
  signature: z.string(),
});

async function ofFile(
  { signer, maxAgeDays }: FileRates,
  codes: readonly [currency: string, token: string],
  rate: Rate,
  time: number,
  { file }: RatePlaces,
): Promise<Judged> {
  const [source] = rate.sources;
  if (source === undefined || !("file" in source) || rate.sources.length !== 1) return "wrong";
  const text = await file(source.file);
  if (text === undefined) return { left: "nobody who was asked has the file" };
  const read = signedFile.safeParse(JSON.parse(text));
  if (!read.success) return { left: "what is served as the file is none" };
  const { signature, rates, day, observed, base } = read.data;
  const sorted = Object.keys(rates).sort();
  const said = { day, observed, base, rates: sorted.map((code) => ({ currency: code, value: rates[code] })) };
  const digest = keccak256(concat([signer, TypedDataEncoder.hash(DOMAIN, TYPES, said)]));
  if (digest !== source.file || verifyTypedData(DOMAIN, TYPES, said, signature) !== signer)
    return { left: "what is served as the file is another, or another's" };
  const observedAt = Date.parse(observed) / 1000;
  const age = (Date.parse(day) / 1000 - observedAt) / DAY_SECONDS;
  if (day !== source.day || age < 0 || age > maxAgeDays || rate.observedAt !== observedAt) return "wrong";
  const [of, by] = codes.map((code) => (code === base ? "1" : rates[code]));
  if (of === undefined || by === undefined) return "wrong";
  const [one, other] = [fractionOf(of), fractionOf(by)];
  if (!isFraction(rate, other.over * one.under, one.over * other.under)) return "wrong";
  const due = new Date(time * 1000).toISOString().slice(0, 10);
  return day === due ? "right" : day < due ? "earlier" : "wrong";
}

/** Whether a rate is a fraction, however it is written. */
const isFraction = ({ numerator, denominator }: Rate, over: bigint, under: bigint): boolean =>
  BigInt(numerator) * under === BigInt(denominator) * over;

function fractionOf(decimal: string): { readonly over: bigint; readonly under: bigint } {
  const [whole = "", fraction = ""] = decimal.split(".");
  return { over: BigInt(whole + fraction), under: 10n ** BigInt(fraction.length) };
}

function describe({ sources }: Rate): string {
  if (sources.length === 0) return "one for one token";
  return sources
    .map((one) => ("feed" in one ? `round ${one.round} of the feed ${one.feed}` : `the file ${one.file} of ${one.day}`))
    .join(" by ");
}
