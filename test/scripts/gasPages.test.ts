import { readFileSync } from "node:fs";
import { expect } from "chai";
import { FLOORS, floorOf } from "#scripts/gas/floors.ts";
import { type Figures, pageWith } from "#scripts/gas/page.ts";
import { stalePages } from "#scripts/gas-pages.ts";

const CALLDATA = { transactions: 1, zeroBytes: 26, otherBytes: 42 };
const figures = (gas: number): Figures => ({
  gas: { "fund a campaign again": gas },
  calldata: { "fund a campaign again": CALLDATA },
});

describe("the pages' figures of gas", () => {
  it("are those of snapshots/", () => {
    expect(stalePages(false), "run: npm run gas-pages").to.deep.equal([]);
    const page = readFileSync(new URL("../../docs/gas.md", import.meta.url), "utf8");
    expect(page.match(/<!-- gas: \w+ -->/g)).to.have.lengthOf(3);
  });

  it("are written into rows and blocks, and other text is let alone", () => {
    const page =
      "# fund\n\n54,000 | 1\n\n## Gas\n\n| | |\n|---|---|\n| fund a campaign again | 1 |\n\n## Beware\n\n| a | 1 |\n";
    expect(pageWith(page, figures(54_205))).to.equal(page.replace("again | 1 |", "again | 54,205 |"));
    const block = "<!-- gas: operations -->\nold\n<!-- end -->\n";
    expect(pageWith(block, figures(54_205))).to.equal(
      "<!-- gas: operations -->\n| operation | gas |\n| --- | --- |\n| fund a campaign again | 54,205 |\n<!-- end -->\n",
    );
  });

  it("are refused where a page names what was not measured", () => {
    const page = "## Gas\n\n| fund a champagne | 1 |\n";
    expect(() => pageWith(page, figures(1))).to.throw('snapshots/gas.json has no "fund a champagne"');
    expect(() => pageWith("<!-- gas: roof -->\n<!-- end -->", figures(1))).to.throw('no block "roof"');
  });

  it("have a floor below them, or the floor is wrong", () => {
    const work = FLOORS["fund a campaign again"];
    if (work === undefined) throw new Error("no floor");
    // 21,000; 26 x 4 + 42 x 16; 3 x 2,100 + 3 x 5,000; 2,600; 375 x 4 + 256, twice.
    const { total, ...parts } = floorOf(CALLDATA, work);
    expect(parts).to.deep.equal({ intrinsic: 21_000, calldata: 776, slots: 21_300, calls: 2_600, logs: 3_512 });
    expect(total).to.equal(49_188);
    const page = "<!-- gas: floors -->\n<!-- end -->\n";
    expect(pageWith(page, figures(total + 1))).to.contain("| 49,188 | 49,189 | 1 (0.0 %) |");
    expect(() => pageWith(page, figures(total - 1))).to.throw("less than its floor of 49188");
  });

  it("count calldata for what a transaction with so much of it costs at least", () => {
    const nothing = { read: 0, changed: 0, fresh: 0, logs: [] };
    const bytes = { transactions: 1, zeroBytes: 0, otherBytes: 1_000 };
    expect(floorOf(bytes, nothing).total).to.equal(21_000 + 40_000);
  });
});
