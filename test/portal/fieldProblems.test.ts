import { expect } from "chai";
import { z } from "zod";
import { ApiError } from "#portal/app/api/client.ts";
import { fieldProblems } from "#portal/app/text/fieldProblems.ts";
import { describeIssues } from "#relayer/http/describeIssues.ts";

describe("what the relayer says against a field", () => {
  const FIELDS = { names: ["label", "path", "alias"], taken: "alias" };
  const refusal = (given: unknown) => {
    const schema = z.strictObject({
      label: z.string().max(5, "has at most 5 letters. Fewer: better"),
      path: z.string().startsWith("/", "must begin with /"),
      alias: z.string().nullable(),
    });
    const { error } = schema.safeParse(given);
    return new ApiError(400, `json: ${describeIssues(error as z.ZodError)}`);
  };

  it("is said at the field, of several each its own, in the relayer's words", () => {
    expect(fieldProblems(refusal({ label: "much too long", path: "pricing", alias: null }), FIELDS)).to.deep.equal({
      label: "Has at most 5 letters. Fewer: better.",
      path: "Must begin with /.",
    });
  });

  it("is said at the one that is taken, where it is", () => {
    const taken = new ApiError(409, 'The alias "ada" is taken. Choose another one.');
    expect(fieldProblems(taken, FIELDS)).to.deep.equal({ alias: 'The alias "ada" is taken. Choose another one.' });
    expect(fieldProblems(taken, { names: ["label"] })).to.deep.equal({});
  });

  it("is not about a field where it is about none", () => {
    expect(fieldProblems(refusal({ label: "a", path: "/", alias: null, more: 1 }), FIELDS)).to.deep.equal({});
    for (const other of [new ApiError(403, "json: label: no."), new Error("label: no."), undefined, "label: no."])
      expect(fieldProblems(other, FIELDS)).to.deep.equal({});
  });
});
