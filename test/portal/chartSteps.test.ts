import { expect } from "chai";
import fc from "fast-check";
import { niceSteps } from "#portal/app/text/chartSteps.ts";

describe("the numbers beside a chart", () => {
  it("are round, and begin with nothing", () => {
    expect(niceSteps(0)).to.deep.equal([0, 1]);
    expect(niceSteps(3)).to.deep.equal([0, 1, 2, 3]);
    expect(niceSteps(47)).to.deep.equal([0, 10, 20, 30, 40, 50]);
    expect(niceSteps(0.3)).to.deep.equal([0, 0.1, 0.2, 0.3]);
    expect(niceSteps(1_000_000)).to.deep.equal([0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
  });

  it("reach what is shown, with no step too many, whatever it is", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (most) => {
        const steps = niceSteps(most);
        const [last, before] = [steps.at(-1) ?? 0, steps.at(-2) ?? 0];
        return steps.length <= 6 && last >= most * (1 - 1e-8) && before < most;
      }),
    );
  });
});
