/** What is missing is a remark where somebody sits in front of the machine, and a failure where nobody does. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { ciVariable } from "#harness/ci.ts";

const MOCHA = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
const NEEDS_BROWSER = fileURLToPath(new URL("../support/needsBrowser.ts", import.meta.url));
const NOWHERE = "/nowhere/chromium";

/** Runs a test that needs a browser where there is none. */
const run = (env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [MOCHA, NEEDS_BROWSER], {
    env: { PATH: process.env.PATH ?? "", CHROMIUM: NOWHERE, ...env },
  }).then(
    ({ stdout, stderr }) => ({ failed: false, said: stdout + stderr }),
    (error: { stdout: string; stderr: string }) => ({ failed: true, said: error.stdout + error.stderr }),
  );

describe("a test that needs a browser, without one", function () {
  this.timeout(120_000);

  it("is left out with a remark that names what is missing, where no service runs it", async () => {
    const { failed, said } = await run({});
    expect(said).to.contain("NOT TESTED: a page").and.to.contain(NOWHERE);
    expect(failed).to.equal(false);
  });

  for (const env of [{ CI: "1" }, { GITHUB_ACTIONS: "true" }, { TF_BUILD: "True" }] as Record<string, string>[])
    it(`fails, and names what is missing: ${JSON.stringify(env)}`, async () => {
      const { failed, said } = await run(env);
      expect(said).to.contain("1 failing").and.to.contain(NOWHERE);
      expect(failed).to.equal(true);
    });
});

describe("what says that nobody sits in front of the machine", () => {
  for (const [env, variable] of [
    [{}, undefined],
    [{ CI: "1" }, "CI"],
    [{ CI: "yes" }, "CI"],
    [{ CI: "true" }, "CI"],
    [{ CI: "woodpecker" }, "CI"],
    [{ CI: "" }, undefined],
    [{ CI: "false" }, undefined],
    [{ CI: " NO " }, undefined],
    [{ CI: "0", GITHUB_ACTIONS: "true" }, "GITHUB_ACTIONS"],
    [{ GITLAB_CI: "true" }, "GITLAB_CI"],
    [{ BUILDKITE: "true" }, "BUILDKITE"],
    [{ TF_BUILD: "True" }, "TF_BUILD"],
    [{ TEAMCITY_VERSION: "2026.1" }, "TEAMCITY_VERSION"],
    [{ BUILD_NUMBER: "1" }, "BUILD_NUMBER"],
    [{ JENKINS_URL: "https://jenkins.example" }, "JENKINS_URL"],
    [{ CIRCLECI: "true" }, "CIRCLECI"],
    [{ HOME: "/ci", CIRCLE: "true" }, undefined],
  ] as [Record<string, string>, string | undefined][])
    it(`${JSON.stringify(env)}: ${variable ?? "none"}`, () => {
      expect(ciVariable(env)).to.equal(variable);
    });
});
