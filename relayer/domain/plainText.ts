/** What strangers wrote, as it may stand in a mail: one line, nothing unseen, nothing that a mail program makes a link of. */

/** Controls, format characters (that turn the direction of reading, or are not seen), halves of characters, separators of lines. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]+/gu;
/** Between the parts of an address stands a character that is not seen and joins no link: U+2060, WORD JOINER. */
const JOINT = /[.:/@]/g;

/** Text in one line, of at most `max` characters. */
export function oneLine(text: string, max: number): string {
  const line = text.normalize("NFC").replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join("")}…`;
}

/** The same, and with nothing in it that becomes a link where it is read. */
export const unlinked = (text: string, max: number) => oneLine(text, max).replace(JOINT, "$&\u2060");
