import { stepsOf, valueAt } from "@partner-programs/protocol/jsonPath";
import { expect } from "chai";
import fc from "fast-check";

describe("paths to one value in JSON", () => {
  const body = { data: { items: [{ "unit price": 5 }, { "unit price": 7 }], "": 1, "a'b": 2 }, list: [0, null] };

  it("are singular queries of RFC 9535", () => {
    for (const [path, found] of [
      ["$", body],
      ["$.data.items[1]['unit price']", 7],
      ['$["data"]["items"][-1]["unit price"]', 7],
      ["$.data['']", 1],
      [`$.data["a'b"]`, 2],
      ["$.list[1]", null],
      ["$.list[2]", undefined],
      ["$.list.length", undefined],
      ["$.data.items.0", undefined],
      ["$.constructor", undefined],
      ["$.data.__proto__", undefined],
    ] as const)
      expect(valueAt(body, path), path).to.equal(found);
    for (const wrong of [
      "",
      "data",
      "$.",
      "$..a",
      "$.*",
      "$[*]",
      "$[0:2]",
      "$[?@.a]",
      "$.a b",
      "$[01]",
      "$['a",
      "$ .a",
      `$${".a".repeat(17)}`,
    ])
      expect(stepsOf(wrong), wrong).to.equal(undefined);
  });

  it("lead to where any names lead, and nowhere else", () => {
    const name = fc.string({ maxLength: 20 }).filter((text) => !/['\\\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), fc.jsonValue(), (names, value) => {
        const deep = names.reduceRight<unknown>((inner, one) => Object.fromEntries([[one, inner]]), value);
        const path = `$${names.map((one) => `['${one}']`).join("")}`;
        expect(valueAt(deep, path)).to.equal(value);
        expect(valueAt(deep, `${path}['nowhere at all, surely']`)).to.equal(undefined);
      }),
    );
  });
});
