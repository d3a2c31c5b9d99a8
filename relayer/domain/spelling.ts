/** One spelling for each value of a report: two reports that say the same are the same, however they write it. */
import { networkOf } from "./network.ts";

/** An id or a name: without blanks around it, its letters composed (NFC), so that é is é. Capitals stay. */
export function canonicalText(text: string): string {
  return text.trim().normalize("NFC");
}

/** A decimal number without needless zeros: 49.9 for 049.90. What is none stays as it is. */
export function canonicalDecimal(text: string): string {
  const parts = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (parts === null) return text;
  const [, whole = "", fraction = ""] = parts;
  const left = whole.replace(/^0+(?=\d)/, "");
  const right = fraction.replace(/0+$/, "");
  return right === "" ? left : `${left}.${right}`;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:(Z)|([+ -])(\d\d):?(\d\d)?)$/i;

/**
 * A moment as ISO 8601 in its extended form: `+0100` and `+01` are `+01:00`, and a blank is a T. In a query a plus that was not
 * escaped arrives as a blank. What is none stays as it is.
 */
export function canonicalMoment(text: string): string {
  const parts = MOMENT.exec(text.trim());
  if (parts === null) return text;
  const [, day, time, zulu, sign, hours, minutes = "00"] = parts;
  const offset = zulu === undefined ? `${sign === "-" ? "-" : "+"}${hours}:${minutes}` : "Z";
  return `${day}T${time}${offset}`;
}

/**
 * A domain as DNS has it: small letters, no final full stop, other alphabets in Punycode. Of an e-mail address what stands after
 * the @. undefined: it is none.
 */
export function canonicalDomain(text: string): string | undefined {
  const domain = text.trim().split("@").at(-1)?.replace(/\.$/, "") ?? "";
  // URL would read more than a host out of these.
  if (domain === "" || /[\s/?#:\\%[\]]/.test(domain) || !URL.canParse(`http://${domain}`)) return undefined;
  const host = new URL(`http://${domain}`).hostname;
  return /^(?=.{1,253}$)([a-z0-9_-]{1,63}\.)*(?!\d+$)[a-z0-9-]{1,63}$/.test(host) ? host : undefined;
}

/**
 * An e-mail address in one spelling: its letters composed (NFC) and small, its domain as DNS has it. Whether capitals count before the
 * @ is for its provider to say, and none is known for whom they do. Dots and `+tags` stay: there they are another address. undefined: it
 * is none.
 */
export function canonicalEmail(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0)).trimStart().normalize("NFC").toLowerCase().normalize("NFC");
  const domain = canonicalDomain(text);
  return LOCAL_PART.test(local) && local.isWellFormed() && domain !== undefined ? `${local}@${domain}` : undefined;
}

/** Generous, as providers are: what is plainly no address is not taken for one. */
const LOCAL_PART = /^(?=.{1,64}$)(?:"[^\p{Cc}\p{Cf}]*"|[^\s\p{Cc}\p{Cf}<>,;"]+)$/u;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/**
 * An IP address in its one spelling (RFC 5952), without a port, brackets or a zone; an IPv4 address as it is also where IPv6
 * carries it. undefined: it is none.
 */
export function canonicalAddress(text: string): string | undefined {
  const given = text.trim();
  const [ipv4 = ""] = given.split(/:(?=\d{1,5}$)/);
  if (IPV4.test(ipv4)) return ipv4.split(".").map(Number).join(".");
  const inner = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(given)?.[1] ?? given;
  const [ipv6 = ""] = inner.split("%");
  if (!/^[0-9a-f.]*:[0-9a-f:.]*$/i.test(ipv6) || !URL.canParse(`http://[${ipv6}]`)) return undefined;
  const network = networkOf(ipv6);
  return IPV4.test(network) ? network : new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
}
