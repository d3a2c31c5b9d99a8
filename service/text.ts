/** Text as it arrives in bytes, in the encodings that spreadsheets write. */
import { FinalError } from "./errors.ts";

/** The bytes are not the text that they were taken for. */
export class UnreadableText extends FinalError {
  override readonly name = "UnreadableText";
}

const ENCODING_NAMES: Readonly<Record<string, string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16 (little-endian)",
  "utf-16be": "UTF-16 (big-endian)",
};
/** What the first bytes tell, the longest mark first. UTF-16 without a mark shows by the zero in its first Latin letter. */
const MARKS: readonly (readonly [encoding: string, is: (bytes: Uint8Array) => boolean])[] = [
  ["utf-32", (b) => b[0] === 0xff && b[1] === 0xfe && b[2] === 0 && b[3] === 0],
  ["utf-32", (b) => b[0] === 0 && b[1] === 0 && b[2] === 0xfe && b[3] === 0xff],
  ["utf-8", (b) => b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf],
  ["utf-16le", (b) => (b[0] === 0xff && b[1] === 0xfe) || (b.length > 1 && b[0] !== 0 && b[1] === 0)],
  ["utf-16be", (b) => (b[0] === 0xfe && b[1] === 0xff) || (b.length > 1 && b[0] === 0 && b[1] !== 0)],
];
const MARK_BYTES = 4;

/**
 * The text of bytes as they arrive: in the encoding that their first bytes show (UTF-8 or UTF-16), else in the one that is `named`,
 * else in UTF-8. An encoding that nobody named is not guessed, for a wrong guess would make other orders of the ids.
 * @throws UnreadableText
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>, named?: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let [start, seen] = [new Uint8Array(), 0];
  const decode = (part?: Uint8Array): string => {
    decoder ??= openDecoder(start, named);
    try {
      return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true });
    } catch {
      throw new UnreadableText(whyUnreadable(decoder.encoding, seen));
    }
  };
  for await (const part of bytes) {
    seen += part.byteLength;
    if (decoder !== undefined) yield decode(part);
    else {
      start = Buffer.concat([start, part]);
      if (start.byteLength >= MARK_BYTES) yield decode(start);
    }
  }
  if (decoder === undefined) yield decode(start);
  yield decode();
}

function openDecoder(start: Uint8Array, named: string | undefined): TextDecoder {
  const shown = MARKS.find(([, is]) => is(start))?.[0];
  if (shown === "utf-32") throw new UnreadableText("The file is UTF-32. Save it as UTF-8.");
  return new TextDecoder(shown ?? named ?? "utf-8", { fatal: true });
}

function whyUnreadable(encoding: string, byte: number): string {
  const fact = `The file is not ${ENCODING_NAMES[encoding] ?? encoding}, somewhere before byte ${byte}.`;
  if (encoding !== "utf-8") return `${fact} Save it as UTF-8.`;
  return `${fact} It may be Windows-1252, as spreadsheets write "CSV": save it as "CSV UTF-8", or name its charset.`;
}

/** Whether this is the name of an encoding that `decodeText` can read. */
export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name, { fatal: true }).encoding !== "";
  } catch {
    return false;
  }
}
