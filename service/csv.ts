/** CSV as it arrives. By hand: what csv-parse does not do is in docs/decisions/0003-by-hand.md. */
import { FinalError } from "./errors.ts";

const MAX_FIELD_CHARACTERS = 1_000;
const MAX_FIELDS = 100;
/** So much of a first line is looked at for what separates. */
const MAX_HEAD_CHARACTERS = 8_192;
const SEPARATORS = [",", ";", "\t", "|"];
/** How a spreadsheet shows a number that is too long for it, with two digits behind the E at least: the digits that are not shown are lost. */
const SHORTENED_NUMBER = /^-?[1-9]([.,]\d+)?E\+\d{2,}$/i;

/** The text is not CSV from here on. */
export class MalformedCsv extends FinalError {
  override readonly name = "MalformedCsv";
}

/**
 * Records of a CSV text (RFC 4180: fields may be quoted, and then hold separators, line ends, and doubled quotes), each with the
 * number of its last line and the separator. Lines end with CR, LF or both. What separates is said by a first line such as `sep=;`,
 * which is no record; otherwise it is what the first line has most of. @throws MalformedCsv that names the line that is wrong
 */
export async function* parseCsv(text: AsyncIterable<string>): AsyncGenerator<[number, string[], string]> {
  let [field, fields, line]: [string, string[], number] = ["", [], 1];
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  let separator = "";
  let before = "";
  const endField = () => {
    fields.push(field);
    [field, state] = ["", "start"];
  };
  for await (const chunk of fromFirstLine(text)) {
    let rest = chunk;
    if (separator === "") {
      const named = /^"?sep=([^\r\n"]?)"?[^\r\n]*(\r\n|[\r\n]|$)/i.exec(chunk);
      separator = named === null ? separatorOf(chunk) : (named[1] as string);
      if (!SEPARATORS.includes(separator))
        throw new MalformedCsv(`line 1 says that "${separator}" separates; send commas, semicolons, tabs or |.`);
      if (named !== null) [rest, line] = [chunk.slice(named[0].length), 2];
    }
    for (const character of rest) {
      // A line that ends with both was ended by the first.
      const ended = character === "\n" && before === "\r";
      before = character;
      if (state === "quoted") {
        if (character === '"') state = "closed";
        else field += character;
      } else if (character === '"' && state === "start") state = "quoted";
      else if (character === '"' && state === "closed") {
        field += character;
        state = "quoted";
      } else if (character === separator) endField();
      else if (character === "\n" || character === "\r") {
        if (ended) continue;
        endField();
        yield [line, fields, separator];
        fields = [];
      } else {
        if (state === "closed") throw new MalformedCsv(`line ${line} goes on after a closing quote.`);
        field += character;
        state = "plain";
      }
      if ((character === "\n" && !ended) || character === "\r") line++;
      if (field.length > MAX_FIELD_CHARACTERS || fields.length > MAX_FIELDS)
        throw new MalformedCsv(
          `line ${line} has a field of more than ${MAX_FIELD_CHARACTERS} characters, or more than ${MAX_FIELDS} fields.`,
        );
    }
  }
  if (state === "quoted") throw new MalformedCsv(`line ${line} opens a quote that nothing closes.`);
  if (field !== "" || fields.length > 0) {
    endField();
    yield [line, fields, separator];
  }
}

/** The text without its mark of the byte order, in pieces of which the first has the whole first line. */
async function* fromFirstLine(text: AsyncIterable<string>): AsyncGenerator<string> {
  let head: string | undefined = "";
  for await (const chunk of text) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head += chunk;
    // A CR at the end may be half of a line end.
    if (head.length < MAX_HEAD_CHARACTERS && !/[\r\n]./s.test(unquoted(head))) continue;
    yield head.replace(/^\uFEFF/, "");
    head = undefined;
  }
  if (head !== undefined && head !== "") yield head.replace(/^\uFEFF/, "");
}

function unquoted(text: string): string {
  return text.replace(/"[^"]*("|$)/g, "");
}

/** What the first line has most of, outside of quotes. */
function separatorOf(text: string): string {
  const [line = ""] = unquoted(text.slice(0, MAX_HEAD_CHARACTERS)).split(/[\r\n]/, 1);
  const count = (separator: string) => line.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * A decimal number in a file as the rest of the product writes it. Where semicolons separate, the comma is free for decimals, and
 * spreadsheets of most of Europe use it so. Elsewhere `1,234` may be a thousand, and is left as it is, to be refused.
 */
export function readDecimal(field: string, separator: string): string {
  return separator === ";" && /^\d+,\d+$/.test(field) ? field.replace(",", ".") : field;
}

/** Whether a spreadsheet made this of a long number: of several ids it makes the same. */
export function isShortenedNumber(field: string): boolean {
  return SHORTENED_NUMBER.test(field);
}
