/** Sales in their own currencies as a brand fills them in, and as its description says them. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { getAddress, isAddress } from "../chain/address.ts";

export interface CurrencyDraft {
  readonly kind: "feeds" | "file";
  /** What one whole token counts as. */
  readonly token: string;
  /** A currency a line; of feeds with the address of its feed behind it. */
  readonly lines: string;
  /** Of feeds, that of what the token is worth; empty: always one of `token`. */
  readonly tokenFeed: string;
  readonly url: string;
  readonly signer: string;
}

type Currencies = NonNullable<CampaignDescription["currencies"]>;

export const NEW_CURRENCIES: CurrencyDraft = {
  kind: "feeds",
  token: "USD",
  lines: "",
  tokenFeed: "",
  url: "",
  signer: "",
};

/** A little more than a day: most feeds of currencies are updated once a day at least. */
const MAX_AGE_SECONDS = 90_000;
const MAX_AGE_DAYS = 5;
const MAX_CURRENCIES = 60;

const linesOf = ({ lines, kind }: CurrencyDraft): (readonly [code: string, feed: string])[] =>
  lines
    .split(kind === "feeds" ? /\n/ : /[\s,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [code = "", feed = ""] = line.split(/[\s:=,]+/, 2);
      return [code.toUpperCase(), feed] as const;
    });

const isCurrency = (code: string) => Intl.supportedValuesOf("currency").includes(code);
const isFeed = (text: string) => isAddress(text) && BigInt(text) !== 0n;

/** What is wrong with them, with what to do; undefined: nothing. */
export function currencyProblem(draft: CurrencyDraft | undefined): string | undefined {
  if (draft === undefined) return undefined;
  const token = draft.token.trim().toUpperCase();
  if (!isCurrency(token)) return `"${draft.token}" is no currency. Say what one token counts as by its code: USD.`;
  const lines = linesOf(draft);
  if (lines.length === 0 || lines.length > MAX_CURRENCIES)
    return `Name 1 to ${MAX_CURRENCIES} currencies that sales may be in.`;
  const unknown = lines.find(([code]) => !isCurrency(code));
  if (unknown !== undefined) return `"${unknown[0]}" is no currency. Write its code: EUR.`;
  if (new Set(lines.map(([code]) => code)).size < lines.length) return "A currency is named twice.";
  if (draft.kind === "file") {
    if (!/^https?:\/\//.test(draft.url) || !URL.canParse(draft.url) || !draft.url.includes("{day}"))
      return "Where the file of a day is: an address with {day} in it, such as https://rates.example/{day}.json.";
    return isFeed(draft.signer.trim()) ? undefined : "Who signs the files: an address, 0x and 40 hexadecimal digits.";
  }
  const without = lines.find(([code, feed]) => code !== token && !isFeed(feed));
  if (without !== undefined) return `Behind ${without[0]} stands the address of its feed: ${without[0]} 0x….`;
  if (lines.some(([code, feed]) => code === token && feed !== ""))
    return `${token} is what feeds are in, and has none. Leave the address behind it out.`;
  if (draft.tokenFeed.trim() !== "" && !isFeed(draft.tokenFeed.trim()))
    return "The token's own feed is an address; leave it empty where a token is always worth one.";
  return undefined;
}

/** As the description says it, of a draft without problems. What the form does not ask for stays as it was. */
export function toCurrencies(draft: CurrencyDraft | undefined, before?: Currencies): Currencies | undefined {
  if (draft === undefined) return undefined;
  const token = draft.token.trim().toUpperCase();
  const lines = linesOf(draft);
  const { rates: old, lateAfterSeconds } = before ?? {};
  const more = lateAfterSeconds === undefined ? {} : { lateAfterSeconds };
  const accepted = lines.map(([code]) => code);
  if (draft.kind === "file") {
    const maxAgeDays = old?.kind === "file" ? old.maxAgeDays : MAX_AGE_DAYS;
    const signer = getAddress(draft.signer.trim());
    return { accepted, token, rates: { kind: "file", url: draft.url.trim(), signer, maxAgeDays }, ...more };
  }
  const kept = old?.kind === "feeds" ? old : undefined;
  const named = lines.filter(([code]) => code !== token).map(([code, feed]) => [code, getAddress(feed)] as const);
  return {
    accepted,
    token,
    rates: {
      kind: "feeds",
      feeds: { ...keptFeeds(kept, accepted), ...Object.fromEntries(named) },
      ...(draft.tokenFeed.trim() !== "" && { token: getAddress(draft.tokenFeed.trim()) }),
      maxAgeSeconds: kept?.maxAgeSeconds ?? MAX_AGE_SECONDS,
      ...(kept?.sequencer !== undefined && { sequencer: kept.sequencer }),
    },
    ...more,
  };
}

/** In the order in which they were published: what is not changed reads the same. */
function keptFeeds(kept: Extract<Currencies["rates"], { kind: "feeds" }> | undefined, accepted: readonly string[]) {
  return Object.fromEntries(Object.entries(kept?.feeds ?? {}).filter(([code]) => accepted.includes(code)));
}

/** As the form shows it. */
export function currencyDraftOf(currencies: CampaignDescription["currencies"]): CurrencyDraft | undefined {
  if (currencies === undefined) return undefined;
  const { accepted, token, rates } = currencies;
  if (rates.kind === "file")
    return { ...NEW_CURRENCIES, kind: "file", token, lines: accepted.join("\n"), url: rates.url, signer: rates.signer };
  const lines = accepted.map((code) => [code, ...(code === token ? [] : [rates.feeds[code]])].join(" ")).join("\n");
  return { ...NEW_CURRENCIES, token, lines, tokenFeed: rates.token ?? "" };
}
