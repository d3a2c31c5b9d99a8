/** Reads the lists of a JSON object as it arrives, one item after the other: a batch has hundreds of thousands of conversions. */

/** An item of a list of the object, or, with `name`, a member of it that is neither a list nor an object. */
export type JsonItem =
  | { readonly list: string; readonly item: unknown }
  | { readonly name: string; readonly item: unknown };

/** Nothing of ours is as long. */
const MAX_ITEM = 64 * 1024;

/**
 * What stands right in the object: the items of its lists, and its other members. Objects within it are passed over.
 * @throws Error if it is no JSON object, or ends in the midst of it
 */
export async function* readJsonItems(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<JsonItem> {
  const decoder = new TextDecoder();
  const scanner = new Scanner();
  for await (const piece of pieces) yield* scanner.scan(decoder.decode(piece, { stream: true }));
  yield* scanner.scan(decoder.decode());
  scanner.end();
}

class Scanner {
  /** What brackets are open, the innermost last. */
  #open = "";
  #inString = false;
  #escaped = false;
  #ended = false;
  /** The value that is read: an item of a list, or a member of the object that is none. */
  #text = "";
  /** Which list that is in. */
  #list = "";

  *scan(text: string): Generator<JsonItem> {
    for (let at = 0; at < text.length; ) {
      if (this.#inString) at = this.#string(text, at);
      else {
        const item = this.#structure(text[at++] as string);
        if (item !== undefined) yield item;
      }
      if (this.#text.length > MAX_ITEM) throw new Error(`It has an item of more than ${MAX_ITEM} characters.`);
    }
  }

  end(): void {
    if (!this.#ended) throw new Error("It ends in the midst of its JSON.");
  }

  /** Goes on to the end of the string, or of what has arrived of it. @returns where */
  #string(text: string, at: number): number {
    if (this.#escaped) {
      this.#escaped = false;
      this.#text += text[at];
      return at + 1;
    }
    const special = /["\\]/g;
    special.lastIndex = at;
    const found = special.exec(text);
    const end = found === null ? text.length : found.index + 1;
    this.#text += text.slice(at, end);
    if (found?.[0] === '"') this.#inString = false;
    else if (found !== null) this.#escaped = true;
    return end;
  }

  #structure(character: string): JsonItem | undefined {
    if (this.#ended) {
      if (character.trim() !== "") throw new Error("It goes on behind its JSON.");
      return undefined;
    }
    if (this.#open === "") {
      if (character === "{") this.#open = "{";
      else if (character.trim() !== "") throw new Error("It is no JSON object.");
      return undefined;
    }
    if (character === '"') this.#inString = true;
    if (this.#open === "{") return this.#member(character);
    if (this.#open === "{[" && (character === "," || character === "]")) {
      const item = this.#item();
      if (character === "]") this.#close("[");
      return item;
    } else {
      this.#text += character;
      if (character === "{" || character === "[") this.#open += character;
      else if (character === "}") this.#close("{");
      else if (character === "]") this.#close("[");
    }
    return undefined;
  }

  /** Right in the object: names with their values, and where a list begins. */
  #member(character: string): JsonItem | undefined {
    if (character === "[" || character === "{") {
      this.#list = this.#text.match(/"([^"\\]*)"\s*:\s*$/)?.[1] ?? "";
      this.#open += character;
      this.#text = "";
    } else if (character === "}" || character === ",") {
      const text = this.#text.trim();
      this.#text = "";
      if (character === "}") {
        this.#close("{");
        this.#ended = true;
      }
      const [name, item] = text === "" ? [] : (Object.entries(JSON.parse(`{${text}}`))[0] ?? []);
      return name === undefined ? undefined : { name, item };
    } else this.#text += character;
    return undefined;
  }

  #item(): JsonItem | undefined {
    const text = this.#text.trim();
    this.#text = "";
    return text === "" ? undefined : { list: this.#list, item: JSON.parse(text) };
  }

  #close(bracket: string): void {
    if (!this.#open.endsWith(bracket)) throw new Error("Its brackets do not match.");
    this.#open = this.#open.slice(0, -1);
    if (this.#open === "{") this.#text = "";
  }
}
