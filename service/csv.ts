const MOST_FIELD = 1_000;

/** The text is not CSV from here on. */
export class MalformedCsv extends Error {
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
      if (field.length > MOST_FIELD || fields.length > 100)
        throw new MalformedCsv(
          `line ${line} has a field of more than ${MOST_FIELD} characters, or more than 100 fields.`,
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
