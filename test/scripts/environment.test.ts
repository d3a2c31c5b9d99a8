import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { getAddress } from "ethers";
import type { z } from "zod";
import { environment as attester } from "#attester/config.ts";
import { environment as portal, readConfig as readPortalConfig } from "#portal/environment.ts";
import { environment as relayer } from "#relayer/config.ts";
import { writeDeploymentFile } from "#test/support/deploymentFile.ts";

const TEXT = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");

/** The variables of a part of the file, with the values that are written there, and the defaults that its comments name. */
function part(title: string): Map<string, string> {
  const text = TEXT.split(/^# --- /m).find((one) => one.startsWith(title));
  if (text === undefined) throw new Error(`.env.example has no part "${title}".`);
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^([A-Z_]+)=(.*?)(?:\s+#.*)?$/gm)) found.set(name, value);
  for (const [, name = "", value = ""] of text.matchAll(/([A-Z_]+) \(default ([^)]+)\)/g)) found.set(name, value);
  // The heading names those that stand in another part as well.
  for (const name of text.split("\n")[0]?.match(/\b[A-Z][A-Z_]+\b/g) ?? []) if (!found.has(name)) found.set(name, "");
  return found;
}

describe(".env.example", () => {
  const both = part("both");
  const given: Record<string, { schema: z.ZodObject; parts: Map<string, string> }> = {
    relayer: { schema: relayer, parts: new Map([...both, ...part("the relayer")]) },
    attester: { schema: attester, parts: new Map([...both, ...part("the attester")]) },
    portal: {
      schema: portal,
      parts: new Map([...[...both].filter(([name]) => name === "HOST"), ...part("the portal")]),
    },
  };

  for (const [who, { schema, parts }] of Object.entries(given))
    it(`has every variable of the ${who}, no other, and its defaults`, () => {
      const taken = Object.keys(schema.shape);
      const named = [...parts.keys()].filter((name) => !name.startsWith("SOURCE_"));
      expect(named.sort()).to.deep.equal(taken.sort());
      for (const [name, type] of Object.entries(schema.shape) as [string, z.ZodType][]) {
        const value = parts.get(name) ?? "";
        const unset = type.safeParse(undefined);
        // What has no default, or none that could be written down, stands there empty or as what it looks like.
        if (unset.success && value !== "") expect(type.parse(value), name).to.deep.equal(unset.data);
        else if (unset.success) expect([undefined, []], name).to.deep.include(unset.data);
        else expect(value, name).to.satisfy((text: string) => text === "" || /…|\//.test(text));
      }
    });

  it("is good for the portal with what can be left out left empty", () => {
    const folder = mkdtempSync(join(tmpdir(), "partner-programs-environment-"));
    const DEPLOYMENT = writeDeploymentFile(folder);
    const needed = { API_URL: "https://a.example", PUBLIC_RPC_URL: "https://rpc.example", DEPLOYMENT };
    expect(readPortalConfig({ ...needed, EXPLORER_URL: "", OPERATOR: "", ATTESTERS: "" })).to.include({
      LOCAL: "false",
    });
    expect(() => readPortalConfig({ ...needed, OPERATOR: "0x1" })).to.throw("OPERATOR");
    const account = getAddress(`0x${"ab".repeat(20)}`);
    const given = readPortalConfig({ ...needed, ATTESTERS: `${account.toLowerCase()}  Acme Audits, ${account}` });
    expect(given.ATTESTERS).to.deep.equal([
      { address: account, name: "Acme Audits" },
      { address: account, name: null },
    ]);
    expect(() => readPortalConfig({ ...needed, ATTESTERS: "Acme Audits" })).to.throw("part 1 must be an address");
    rmSync(folder, { recursive: true });
  });
});
