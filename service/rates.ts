/**
 * Which rate a sale in its own currency has: by a campaign's description and its time, from the chain's feeds or a day's signed file. Relayer
 * and attester look it up by the same rule, each on its own node and in its own copy.
 */

import { dayOf, type RateFile, rateIn } from "@partner-programs/protocol/rateFile";
import {
  type FeedAnswer,
  type FeedRates,
  type FileRates,
  type FoundRate,
  feedFraction,
  isPar,
  PAR,
  RATE_DELAY_SECONDS,
  type Rate,
  type SaleCurrencies,
  tableFraction,
} from "@partner-programs/protocol/rates";
import { type Feeds, type FeedsAt, isOfEarlierPhase, type Round } from "./chain/feeds.ts";
import { isRetryable, RetryableError } from "./errors.ts";

/** The file of a day, by its digest; or why it is not there. */
export type DailyFile =
  | { readonly file: RateFile; readonly digest: string; readonly problem?: undefined }
  | { readonly problem: string };

export interface RateSources {
  readonly feeds: Feeds;
  fileOf(rates: FileRates, day: string): Promise<DailyFile>;
}

/**
 * `asOf`: the sale's own time for its rate (`rateTime`), in Unix seconds.
 * @param named rounds that somebody else took: of a phase that is over they count too, for the proxy may have turned to the next one since
 */
export type FindRate = (
  currencies: SaleCurrencies,
  currency: string,
  asOf: number,
  named?: Rate["sources"],
) => Promise<FoundRate>;

/** More decimals than a feed has. */
const MAX_FEED_DECIMALS = 36;

const none = (problem: string, transient = false): FoundRate => ({ problem, transient });

export function createRates({ feeds, fileOf }: RateSources): FindRate {
  return async (currencies, currency, asOf, named = []) => {
    const { accepted, token, rates } = currencies;
    if (!accepted.includes(currency) && currency !== token)
      return none(`the campaign takes ${[...new Set([token, ...accepted])].join(", ")}, not ${currency}`);
    if (isPar(currencies, currency)) return { rate: PAR };
    const time = asOf - RATE_DELAY_SECONDS;
    try {
      return rates.kind === "feeds"
        ? await byFeeds(rates, currencies.token, currency, time, named)
        : await byFile(rates, token, currency, dayOf(time));
    } catch (error) {
      if (error instanceof RetryableError) return none(error.message.replace(/\.$/, ""), true);
      // What a node's client appends to its messages may hold its URL, and that a key.
      if (isRetryable(error)) return none("the chain's node does not answer", true);
      throw error;
    }
  };

  async function byFeeds(
    rates: FeedRates,
    token: string,
    currency: string,
    time: number,
    named: Rate["sources"],
  ): Promise<FoundRate> {
    const now = await feeds.at(time);
    const down = rates.sequencer && (await sequencerProblem(now, rates.sequencer, time));
    if (down !== undefined) return none(down);
    const legs = [currency === token ? undefined : rates.feeds[currency], rates.token];
    const answers: (FeedAnswer | undefined)[] = [];
    const rounds: { feed: string; round: Round }[] = [];
    for (const feed of legs) {
      if (feed === undefined) {
        answers.push(undefined);
        continue;
      }
      const round = await roundOf(now, feed, named);
      if (round === undefined) return none(`the feed ${feed} had no round at ${time} yet`);
      const problem = roundProblem(feed, round, time, rates.maxAgeSeconds);
      if (problem !== undefined) return none(problem);
      const decimals = await now.decimals(feed);
      if (decimals > MAX_FEED_DECIMALS) return none(`the feed ${feed} says that it has ${decimals} decimals`);
      answers.push({ answer: round.answer, decimals });
      rounds.push({ feed, round });
    }
    return {
      rate: {
        ...feedFraction(answers[0] ?? { answer: 1n, decimals: 0 }, answers[1]),
        observedAt: Math.min(...rounds.map(({ round }) => round.updatedAt)),
        sources: rounds.map(({ feed, round }) => ({ feed, round: String(round.id) })),
      },
    };
  }

  async function roundOf(now: FeedsAt, feed: string, named: Rate["sources"]): Promise<Round | undefined> {
    const round = await now.roundAt(feed);
    const other = named.find((one) => "feed" in one && one.feed === feed);
    if (round === undefined || other === undefined || !("feed" in other)) return round;
    const id = BigInt(other.round);
    return id < round.id && isOfEarlierPhase(id, round.id) ? ((await now.wasLastOfPhase(feed, id)) ?? round) : round;
  }

  /** Why a sequencer was not up for long enough: its feed answers 0 while it is, and each change is a round. */
  async function sequencerProblem(
    now: FeedsAt,
    { feed, graceSeconds }: NonNullable<FeedRates["sequencer"]>,
    time: number,
  ): Promise<string | undefined> {
    const state = await now.roundAt(feed, "startedAt");
    if (state === undefined || state.startedAt === 0) return `the sequencer's feed ${feed} had not begun at ${time}`;
    if (state.answer !== 0n) return `the chain's sequencer was down at ${time}, by round ${state.id} of ${feed}`;
    if (time - state.startedAt < graceSeconds)
      return `the chain's sequencer was up since ${state.startedAt} alone at ${time}, and has to be for ${graceSeconds} seconds`;
    return undefined;
  }

  async function byFile(rates: FileRates, token: string, currency: string, day: string): Promise<FoundRate> {
    const found = await fileOf(rates, day);
    if (found.problem !== undefined) return none(`the file of rates of ${day} ${found.problem}`, true);
    const { file, digest } = found;
    const [ofCurrency, ofToken] = [rateIn(file, currency), rateIn(file, token)];
    if (ofCurrency === undefined || ofToken === undefined)
      return none(`the file of rates of ${day} has no ${ofCurrency === undefined ? currency : token}`);
    const observedAt = Date.parse(file.observed) / 1000;
    return { rate: { ...tableFraction(ofCurrency, ofToken), observedAt, sources: [{ file: digest, day }] } };
  }
}

/** Why a round is no rate: what Chainlink's documentation asks of whoever reads one. */
export function roundProblem(
  feed: string,
  { id, answer, updatedAt, answeredInRound }: Round,
  time: number,
  maxAgeSeconds: number,
) {
  const name = `round ${id} of the feed ${feed}`;
  if (answer <= 0n) return `${name} answered ${answer}`;
  if (answeredInRound < id) return `${name} was answered in round ${answeredInRound}: it is an old answer`;
  if (time - updatedAt > maxAgeSeconds)
    return `${name} was ${time - updatedAt} seconds old, and the campaign takes ${maxAgeSeconds} at most`;
  return undefined;
}
