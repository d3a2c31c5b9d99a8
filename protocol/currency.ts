/** The currencies of ISO 4217, and how many decimals each has. */
import { z } from "zod";

/** Those that money is paid in: without precious metals, baskets, test codes and codes for no currency. */
const CODES =
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE " +
  "CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES " +
  "KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR " +
  "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND " +
  "TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";
const NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND";

const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...CODES.split(" ").map((code) => [code, 2] as const),
  ...NO_DECIMALS.split(" ").map((code) => [code, 0] as const),
  ...THREE_DECIMALS.split(" ").map((code) => [code, 3] as const),
]);

export const CURRENCIES: readonly string[] = CODES.split(" ");

/** Decimals of a currency's smallest unit; undefined: it is none. */
export const currencyDecimals = (code: string): number | undefined => DECIMALS.get(code);

/** A currency's code as everything of ours writes it. */
export const currencyCode = z
  .string()
  .refine((code) => DECIMALS.has(code), "must be the code of a currency by ISO 4217, in capitals: EUR");

/** More decimals than a price in any currency has. */
export const MAX_SALE_DECIMALS = 6;
