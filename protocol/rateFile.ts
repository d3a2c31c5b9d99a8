/** A day's exchange rates in a signed file: a table against one base, as central banks publish it. */
import { concat, keccak256, type TypedDataDomain, TypedDataEncoder, verifyTypedData } from "ethers";
import { z } from "zod";
import { currencyCode } from "./currency.ts";

const MAX_CURRENCIES = 400;
/** Of the file's text. */
export const MAX_RATE_FILE_BYTES = 64 * 1024;

const decimal = z
  .string()
  .regex(/^(?=.*[1-9])\d{1,12}(\.\d{1,12})?$/, "must be a decimal number above zero, as text: 1.0823");

/** Other fields do no harm; they are not signed. */
export const rateFile = z.object({
  version: z.literal(1),
  /** The day in UTC on which these rates are in force, all of it. Each day has a file; on a Sunday it is mostly Friday's rates again. */
  day: z.iso.date(),
  /** The day on which they were observed: that day or one before. */
  observed: z.iso.date(),
  base: currencyCode,
  /** How much of each currency one of the base is. */
  rates: z
    .record(z.string().regex(/^[A-Z]{3}$/, "must be three capital letters"), decimal)
    .refine((rates) => Object.keys(rates).length <= MAX_CURRENCIES, `has more than ${MAX_CURRENCIES} currencies`),
  /** EIP-712, of the signer's key. */
  signature: z.string().regex(/^0x[0-9a-fA-F]{130}$/, "must be a signature of 65 bytes"),
});

export type RateFile = z.infer<typeof rateFile>;

export const RATE_FILE_DOMAIN: TypedDataDomain = { name: "Partner Programs daily rates", version: "1" };
export const RATE_FILE_TYPES = {
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

/** What is signed: the rates in the order of their codes. */
export function rateFileMessage({ day, observed, base, rates }: Omit<RateFile, "version" | "signature">) {
  const sorted = Object.entries(rates).sort(([one], [other]) => (one < other ? -1 : 1));
  return { day, observed, base, rates: sorted.map(([currency, value]) => ({ currency, value })) };
}

/** What a file is known by, however its text is written: who signed it, and the digest that was signed. */
export const rateFileDigest = (file: Omit<RateFile, "version" | "signature">, signer: string): string =>
  keccak256(concat([signer, TypedDataEncoder.hash(RATE_FILE_DOMAIN, RATE_FILE_TYPES, rateFileMessage(file))]));

/** The file that a text is, if it is the day's and the signer's; or what is wrong with it, in words. */
export function readRateFile(
  text: string,
  { day, signer, maxAgeDays }: { readonly day: string; readonly signer: string; readonly maxAgeDays: number },
): { readonly file: RateFile; readonly digest: string; readonly problem?: undefined } | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "is not JSON" };
  }
  const { data: file, error } = rateFile.safeParse(json);
  if (file === undefined)
    return { problem: `is no file of rates: ${z.prettifyError(error).replaceAll("\n", " ").slice(0, 500)}` };
  if (file.day !== day) return { problem: `is of ${file.day}, not of ${day}` };
  const age = (Date.parse(day) - Date.parse(file.observed)) / 86_400_000;
  if (age < 0) return { problem: `has rates of ${file.observed}, which is after its day ${day}` };
  if (age > maxAgeDays)
    return {
      problem: `has rates of ${file.observed}, ${age} days before ${day}, and the campaign takes ${maxAgeDays} at most`,
    };
  const by = signerOf(file);
  if (by !== signer) return { problem: `is signed by ${by ?? "nobody"}, not by ${signer}` };
  return { file, digest: rateFileDigest(file, signer) };
}

function signerOf(file: RateFile): string | undefined {
  try {
    return verifyTypedData(RATE_FILE_DOMAIN, RATE_FILE_TYPES, rateFileMessage(file), file.signature);
  } catch {
    return undefined;
  }
}

/** How much of a currency one of the base is; undefined: the file does not say. */
export const rateIn = ({ base, rates }: RateFile, currency: string): string | undefined =>
  currency === base ? "1" : Object.hasOwn(rates, currency) ? rates[currency] : undefined;

/** The day of a moment in UTC. `seconds`: since 1970. */
export const dayOf = (seconds: number): string => new Date(1000 * seconds).toISOString().slice(0, 10);
