import { readFileSync } from "node:fs";
import { expect } from "chai";
import packageJson from "../../package.json" with { type: "json" };

interface Locked {
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

describe("npm ci", () => {
  it("runs the scripts of no package that nobody looked at, where this is developed", () => {
    const { packages } = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
      packages: Record<string, Locked>;
    };
    const ours = ({ os = ["linux"], cpu = ["x64"] }: Locked) =>
      os.some((one) => ["linux", "darwin"].includes(one)) && cpu.some((one) => ["x64", "arm64"].includes(one));
    const running = Object.entries(packages)
      .filter(([path, locked]) => path !== "" && locked.hasInstallScript === true && ours(locked))
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(Object.keys(packageJson.allowScripts)).to.deep.equal([...new Set(running)].sort());
  });
});
