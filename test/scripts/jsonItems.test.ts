import { expect } from "chai";
import fc from "fast-check";
import { type JsonItem, readJsonItems } from "#scripts/audit/jsonItems.ts";

/** What is read of a text, cut into pieces of so many bytes. */
async function itemsOf(text: string, size = 1_000): Promise<JsonItem[]> {
  const bytes = new TextEncoder().encode(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }
  const items: JsonItem[] = [];
  for await (const item of readJsonItems(pieces())) items.push(item);
  return items;
}
const failure = (text: string, size?: number) =>
  itemsOf(text, size).then(
    () => "",
    (error: Error) => error.message,
  );

/** The same by JSON.parse, of the whole. */
const expected = (object: object): JsonItem[] =>
  Object.entries(object).flatMap(([name, value]): JsonItem[] => {
    if (Array.isArray(value)) return value.map((item) => ({ list: name, item }));
    return typeof value === "object" && value !== null ? [] : [{ name, item: value }];
  });

/** Texts that look like the structure around them. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"', "\\", '\\"', "[", "]", "{", "}", ",", ":", "é😀"),
);
const name = fc.string({ unit: fc.constantFrom("a", "b", "c", "[", "{", ",", " "), minLength: 1, maxLength: 6 });
const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const inner = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const object = fc.dictionary(
  name,
  fc.oneof(leaf, fc.array(inner, { maxLength: 4 }), fc.dictionary(text, inner, { maxKeys: 3 })),
  {
    maxKeys: 5,
    noNullPrototype: true,
  },
);

describe("a batch's JSON as it arrives", () => {
  it("gives the items of its lists and its plain members in their order, however it is cut and laid out", async () => {
    await fc.assert(
      fc.asyncProperty(
        object,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(0, 1, "\t"),
        async (given, size, space) => {
          const wanted = expected(JSON.parse(JSON.stringify(given)));
          const laidOut = ` \n${JSON.stringify(given, null, space)}\n `;
          expect(await itemsOf(laidOut, size)).to.deep.equal(wanted);
          expect(await itemsOf(JSON.stringify(given))).to.deep.equal(wanted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("is refused where it is no object, ends too soon, goes on, or closes what it did not open", async () => {
    for (const one of ["[]", '"a"', "5", " x{}"]) expect(await failure(one)).to.equal("It is no JSON object.");
    for (const one of ["", "{", '{"a": [1, 2', '{"a": "b', '{"a": {"b": 1}']) {
      expect(await failure(one), one).to.equal("It ends in the midst of its JSON.");
      expect(await failure(one, 1), one).to.equal("It ends in the midst of its JSON.");
    }
    expect(await failure("{} \n ")).to.equal("");
    expect(await failure("{} {}")).to.equal("It goes on behind its JSON.");
    for (const one of ['{"a": [[1}]}', '{"a": [{"b": 1]}]}', '{"a": {"b": 1]}}'])
      expect(await failure(one), one).to.equal("Its brackets do not match.");
    expect(await failure('{"a": [nonsense]}')).to.match(/JSON/);
    expect(await failure('{"a": nonsense}')).to.match(/JSON/);
  });

  it("holds an item of 64 kB, and none that is longer", async () => {
    const list = (length: number) => `{"a": [${JSON.stringify("x".repeat(length - 2))}, 1]}`;
    expect((await itemsOf(list(64 * 1024))).length).to.equal(2);
    expect(await failure(list(64 * 1024 + 1))).to.equal("It has an item of more than 65536 characters.");
    // Many that are short are no more than each of them.
    expect((await itemsOf(JSON.stringify({ a: Array.from({ length: 30_000 }, (_, i) => i) }))).length).to.equal(30_000);
    // What is passed over is bounded as well.
    expect(await failure(`{"a": {"b": ${JSON.stringify("x".repeat(70_000))}}}`)).to.match(/more than 65536/);
  });
});
