import { readFileSync } from "node:fs";
import { z } from "@hono/zod-openapi";
import { expect } from "chai";
import { probe } from "#scripts/inputs/probe.ts";
import { inputsPage } from "#scripts/inputs-page.ts";

describe("docs/relayer/inputs.md", () => {
  it("is what the schemas of the requests say", async () => {
    expect(await inputsPage()).to.equal(readFileSync(new URL("../../docs/relayer/inputs.md", import.meta.url), "utf8"));
  });

  it("says what a schema does with a value, and not what it is called", () => {
    const amount = z
      .string()
      .trim()
      .regex(/^\d+(\.\d+)?$/, "is no number.")
      .transform((value) => String(Number(value)))
      .optional();
    expect(probe("volume", amount, { type: "string", description: "Whole tokens." }, "body")).to.deep.equal({
      name: "volume",
      accepted: "text",
      leftOut: "left out: not said",
      understood: "blanks around it are cut; zeros that do not count are cut; Whole tokens",
      refused:
        '`?`, `""`, longer: is no number.<br>`7`: Invalid input: expected string, received number.<br>`null`: Invalid input: expected string, received null.',
    });
    const name = z.string().min(1).max(12).toLowerCase().default("ada");
    expect(probe("alias", name, { type: "string" }, "query")).to.deep.equal({
      name: "alias",
      accepted: "text of at most 12 characters",
      leftOut: "left out: `ada`",
      understood: "in any case",
      refused:
        '`""`: Too small: expected string to have >=1 characters.<br>longer: Too big: expected string to have <=12 characters.',
    });
  });

  it("asks for a value of a field that is new", () => {
    expect(() => probe("colour", z.string().regex(/^red$/), { type: "string" }, "body")).to.throw(
      "No value is known that colour (string) takes. Give one in SAMPLES of scripts/inputs/probe.ts.",
    );
  });
});
