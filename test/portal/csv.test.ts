import { expect } from "chai";
import { requireWhole, toCsv } from "#portal/app/text/csv.ts";

describe("CSV files in the page", () => {
  const failureOf = (text: string) =>
    requireWhole(new Blob([text])).then(
      () => "none",
      (error: Error) => error.message,
    );

  it("are saved if they end with their sums, and not where they broke off, wherever that was", async () => {
    const line = `1,"a total, of ""two""",3\r\n`;
    const whole = `id,text,n\r\n${line.repeat(2_000)}total,"until 2026, UTC",6000\r\n`;
    expect(await failureOf(whole)).to.equal("none");
    expect(await failureOf(`${whole}total,x,1\r\n`)).to.equal("none");
    const said = "The file broke off on its way, and was not saved. Try again, or ask for fewer days.";
    for (const part of [
      "",
      "id,text,n\r\n",
      whole.slice(0, whole.indexOf("total,")),
      whole.slice(0, whole.lastIndexOf("total,")),
      whole.slice(0, -1),
      whole.slice(0, -10),
      `${whole}1,`,
    ])
      expect(await failureOf(part), part.slice(-20)).to.equal(said);
  });

  it("have nothing that a spreadsheet would carry out", () => {
    const columns = [{ title: "name", csv: (name: string) => name }];
    const written = (name: string) => toCsv(columns, [name]).split("\r\n")[1];
    for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1"]) expect(written(name)).to.equal(`'${name}`);
    expect(written('=a,"b"')).to.equal(`"'=a,""b"""`);
    expect(written("a-b")).to.equal("a-b");
  });
});
