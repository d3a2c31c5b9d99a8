/** CSV as it arrives. By hand: what csv-parse does not do is in docs/decisions/0003-by-hand.md. */
import { FinalError } from "./errors.ts";

const MAX_FIELD_CHARACTERS = 1_000;
const MAX_FIELDS = 100;

/** The text is not CSV from here on. */
export class MalformedCsv extends FinalError {
  override readonly name = "MalformedCsv";
}

/**
 * Records of a CSV text (RFC 4180: fields may be quoted, and then hold commas, line ends, and doubled quotes), each with the
 * number of its last line. @throws MalformedCsv that names the line that is wrong
 */
export async function* parseCsv(text: AsyncIterable<string>): AsyncGenerator<[number, string[]]> {
  let [field, fields, line]: [string, string[], number] = ["", [], 1];
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  let first = true;
  const endField = () => {
    fields.push(field);
    [field, state] = ["", "start"];
  };
  for await (const chunk of text) {
    for (const character of first ? chunk.replace(/^\uFEFF/, "") : chunk) {
      if (state === "quoted") {
        if (character === '"') state = "closed";
        else field += character;
      } else if (character === '"' && state === "start") state = "quoted";
      else if (character === '"' && state === "closed") {
        field += character;
        state = "quoted";
      } else if (character === ",") endField();
      else if (character === "\n") {
        endField();
        yield [line, fields];
        fields = [];
      } else if (character !== "\r") {
        if (state === "closed") throw new MalformedCsv(`line ${line} goes on after a closing quote.`);
        field += character;
        state = "plain";
      }
      if (character === "\n") line++;
      if (field.length > MAX_FIELD_CHARACTERS || fields.length > MAX_FIELDS)
        throw new MalformedCsv(
          `line ${line} has a field of more than ${MAX_FIELD_CHARACTERS} characters, or more than ${MAX_FIELDS} fields.`,
        );
    }
    first = false;
  }
  if (state === "quoted") throw new MalformedCsv(`line ${line} opens a quote that nothing closes.`);
  if (field !== "" || fields.length > 0) {
    endField();
    yield [line, fields];
  }
}
