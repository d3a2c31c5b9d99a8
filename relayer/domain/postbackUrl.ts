/** The address of a partner's postback, with macros in braces, and what it is once they have their values. */

/** What stands for what, in the words of the page that offers them. */
export const MACROS = {
  conversion_id: "The conversion's number here",
  order_id: "The brand's own number of the order",
  campaign_id: "The campaign",
  event: "What happened, as the campaign's offers call it",
  status: "accepted, rejected, review, batched, attested, released or reversed",
  reason: "Why it was rejected or taken back, as a code",
  commission: "Your commission in whole tokens, such as 4.5; 0 where nothing is paid",
  commission_base_units: "The same in base units of the token",
  token: "The symbol of the token",
  currency: "The same as token",
  link: "The code of the invite link",
  subid: "What you called the link",
  code: "The code that the customer said",
  click_time: "When the customer bound to you came by you, in Unix seconds",
  conversion_time: "When it was received, in Unix seconds",
  move_id: "Rises with each move: of a conversion the highest is the last",
} as const;

export type Macro = keyof typeof MACROS;
export type MacroValues = Readonly<Record<Macro, string>>;

const MACRO = /\{([^{}]*)\}/g;
/** Scheme, user and host: whoever clicks must not say where to. Written out, for a URL's parser reads back slashes alike. */
const BEFORE_PATH = /^https?:\/\/[^/?#\\]*/i;

/** What is wrong with an address, in words; undefined: nothing. */
export function describeWrong(template: string): string | undefined {
  const unknown = [...template.matchAll(MACRO)]
    .map(([, name = ""]) => name)
    .find((name) => !Object.hasOwn(MACROS, name));
  if (unknown !== undefined)
    return `The macro {${unknown}} is not known. There are ${Object.keys(MACROS)
      .map((name) => `{${name}}`)
      .join(", ")}.`;
  if (/[{}]/.test(template.replaceAll(MACRO, "")))
    return "The address has a brace that belongs to no macro. Write macros as {name}, and any other brace as %7B or %7D.";
  const before = BEFORE_PATH.exec(template)?.[0];
  if (before === undefined) return "The address does not begin with https://.";
  if (/[{}]/.test(before))
    return "A macro stands before the path. Where to is said by you; macros belong into the path or the query.";
  return undefined;
}

/** Like encodeURIComponent, with what that leaves and somebody may read otherwise; a value that is a step in a path is none. */
const encode = (value: string): string =>
  /^\.\.?$/.test(value)
    ? ""
    : encodeURIComponent(value.toWellFormed()).replace(
        /[!'()*]/g,
        (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
      );

/** The address that is called: each value is one part of it and nothing else, whatever somebody wrote into it. */
export const fillUrl = (template: string, values: MacroValues): string =>
  new URL(template.replaceAll(MACRO, (_, name: Macro) => encode(values[name]))).href;

/** Made up, for a try. */
export const SAMPLE: MacroValues = {
  conversion_id: "0",
  order_id: "test",
  campaign_id: `0x${"0".repeat(64)}`,
  event: "test",
  status: "accepted",
  reason: "",
  commission: "4.5",
  commission_base_units: "4500000",
  token: "TEST",
  currency: "TEST",
  link: "test",
  subid: "test",
  code: "",
  click_time: "1796000000",
  conversion_time: "1796000060",
  move_id: "0",
};
