import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fundingAbi, partnerProgramsAbi, partnerProgramsLensAbi } from "@partner-programs/protocol/abi";
import { expect } from "chai";
import { Interface } from "ethers";
import { VERBS } from "#scripts/campaign/verbs.ts";

const FOLDER = new URL("../../docs/operations/", import.meta.url);
const pages = globSync("*.md", { cwd: fileURLToPath(FOLDER) })
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));
const abis = [partnerProgramsAbi, fundingAbi, partnerProgramsLensAbi].map((abi) => new Interface(abi));
const namesOf = (type: string) =>
  new Set(
    abis.flatMap((abi) => abi.fragments.flatMap((one) => (one.type === type && "name" in one ? [one.name] : []))),
  );

/** All matches of a pattern's first group, each with its page. */
const found = (pattern: RegExp, texts = pages) =>
  texts.flatMap(({ name, text }) => [...text.matchAll(pattern)].map(([, match = ""]) => ({ name, match })));
const section = (title: RegExp) =>
  pages.map(({ name, text }) => ({ name, text: text.split(/^(?=## )/m).find((part) => title.test(part)) ?? "" }));

describe("docs/operations", () => {
  it("has a page for everything that can be done", () => {
    const headings = new Set(found(/^# (.+)$/gm).flatMap(({ match }) => match.split(", ")));
    // What the Lens rehearses changes nothing.
    const functions = abis
      .slice(0, 2)
      .flatMap((abi) =>
        abi.fragments.filter((one) => "stateMutability" in one && /payable/.test(String(one.stateMutability))),
      );
    const names = functions.flatMap((one) => (one.type === "function" && "name" in one ? [String(one.name)] : []));
    expect(names).to.have.length.greaterThan(25);
    expect(names.filter((name) => !headings.has(name))).to.deep.equal([]);
  });

  it("names errors that there are", () => {
    const errors = namesOf("error");
    const cells = found(/^\| ([^|]+) \|/gm, section(/^## Errors/));
    const named = cells.flatMap(({ name, match }) =>
      [...match.matchAll(/`([A-Z]\w+)`/g)].map(([, one = ""]) => ({ name, one })),
    );
    expect(named).to.have.length.greaterThan(50);
    expect(named.filter(({ one }) => !errors.has(one))).to.deep.equal([]);
  });

  it("shows events as they are, argument by argument", () => {
    const events = new Map(
      abis.flatMap((abi) =>
        abi.fragments.flatMap((one) =>
          one.type === "event" && "name" in one ? [[one.name, one.inputs.map((input) => input.name).join(", ")]] : [],
        ),
      ) as [string, string][],
    );
    const shown = found(/`([A-Z]\w+\([^)`]+\))`/g, section(/^## Events?\n/));
    expect(shown).to.have.length.greaterThan(15);
    for (const { name, match } of shown) {
      const [, event = "", inputs] = /^(\w+)\((.*)\)$/s.exec(match) ?? [];
      expect(inputs?.replace(/\s+/g, " "), `${name}: ${event}`).to.equal(events.get(event));
    }
  });

  it("gives commands that can be typed", () => {
    for (const { name, match } of found(/cast (?:call|send) \$(?:PROGRAMS|LENS) "(\w+\([\w,[\]]*\))/g))
      expect(
        abis.some((abi) => abi.hasFunction(match)),
        `${name}: ${match}`,
      ).to.equal(true);
    for (const { name, match } of found(/npm run campaign -- ([\w-]+)/g))
      expect(Object.keys(VERBS), name).to.include(match);
  });

  it("links to pages that there are", () => {
    const links = found(/\]\(([^)#]+\.md)(?:#[^)]*)?\)/g);
    expect(links.filter(({ match }) => !existsSync(new URL(match, FOLDER)))).to.deep.equal([]);
  });

  it("names tests that there are", () => {
    for (const { name, text } of pages)
      for (const [, file = "", titles = ""] of text.matchAll(/`(test\/[\w/]+\.test\.ts)`,((?:\s+"[^"]+",?)+)/g)) {
        const source = readFileSync(new URL(`../../${file}`, FOLDER), "utf8");
        for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g))
          expect(source.includes(title.replace(/\s+/g, " ")), `${name}: ${title}`).to.equal(true);
      }
  });
});
