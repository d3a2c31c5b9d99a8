/**
 * Codes at the end of a transaction's data (ERC-8021, schema 0): the contract that is called does not see them, and whoever reads the
 * chain does. Behind the call come the codes, separated by commas, their length in a byte, the schema in a byte, and a mark of 16 bytes.
 */
const MARK = "80218021802180218021802180218021";
const SCHEMA = "00";
const MAX_BYTES = 255;
/** Visible ASCII but the comma. */
const CODE = /^[\x21-\x2b\x2d-\x7e]+$/;

/** The suffix with these codes, as hexadecimal digits behind `0x`. @throws RangeError that names the code that is none */
export function toDataSuffix(codes: readonly string[]): string {
  const wrong = codes.find((code) => !CODE.test(code));
  if (wrong !== undefined)
    throw new RangeError(`${JSON.stringify(wrong)} is no code for a suffix: visible ASCII characters without a comma.`);
  const text = codes.join(",");
  if (text.length === 0 || text.length > MAX_BYTES)
    throw new RangeError(
      `The codes of a suffix have 1 to ${MAX_BYTES} characters with their commas, not ${text.length}.`,
    );
  const digits = [...text].map((character) => byte(character.charCodeAt(0))).join("");
  return `0x${digits}${byte(text.length)}${SCHEMA}${MARK}`;
}

/** The codes at the end of a transaction's data; none where there is no suffix, or one of another schema. */
export function codesInData(data: string): string[] {
  const lower = data.toLowerCase();
  const tail = SCHEMA + MARK;
  if (!/^0x([0-9a-f]{2})*$/.test(lower) || !lower.endsWith(tail)) return [];
  const before = lower.slice(2, -tail.length);
  const length = Number.parseInt(before.slice(-2), 16);
  const digits = before.slice(0, -2).slice(-2 * length);
  if (!(length > 0) || digits.length !== 2 * length) return [];
  const text = String.fromCharCode(...(digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  const codes = text.split(",");
  return codes.every((code) => CODE.test(code)) ? codes : [];
}

/** Of the codes the first that begins with a campaign's `prefix`, without it. */
export function codeWithPrefix(codes: readonly string[], prefix: string): string | undefined {
  const found = codes.find((code) => code.startsWith(prefix) && code.length > prefix.length);
  return found?.slice(prefix.length).toLowerCase();
}

const byte = (value: number) => value.toString(16).padStart(2, "0");
