import { existsSync } from "node:fs";
import { expect } from "chai";
import { faultsOf, ROOMS, type Room, readDeploy, roomOf } from "../support/deployed.ts";

type Unit = Map<string, string[]>;

/** Every setting of a unit with its values; sections do not matter to these. */
function readUnit(text: string): Unit {
  const unit: Unit = new Map();
  for (const line of text.split("\n")) {
    if (/^(#.*|\[\w+\]|)$/.test(line)) continue;
    const [, name = "", value = ""] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`Not a setting: ${line}`);
    unit.set(name, [...(unit.get(name) ?? []), value]);
  }
  return unit;
}

const HARDENED = {
  DynamicUser: "yes",
  NoNewPrivileges: "yes",
  CapabilityBoundingSet: "",
  ProtectSystem: "strict",
  ProtectHome: "yes",
  PrivateTmp: "yes",
  PrivateDevices: "yes",
  ProtectKernelTunables: "yes",
  ProtectKernelModules: "yes",
  ProtectControlGroups: "yes",
  RestrictNamespaces: "yes",
  RestrictSUIDSGID: "yes",
  RestrictAddressFamilies: "AF_INET AF_INET6 AF_UNIX",
  SystemCallArchitectures: "native",
  UMask: "0077",
};

for (const room of Object.keys(ROOMS) as Room[])
  describe(`deploy/systemd/partner-programs-${room}.service`, () => {
    const unit = readUnit(readDeploy(`systemd/partner-programs-${room}.service`));
    const one = (name: string) => unit.get(name)?.[0];

    it("starts its process, and has it ended in peace", () => {
      const [node, script] = one("ExecStart")?.split(" ") ?? [];
      expect([node, roomOf(script)]).to.deep.equal(["/usr/bin/node", room]);
      expect(existsSync(new URL(`../../${script}`, import.meta.url))).to.equal(true);
      expect([one("Restart"), one("WantedBy")]).to.deep.equal(["always", "multi-user.target"]);
      expect(one("EnvironmentFile")).to.equal(`/etc/partner-programs/${room}.env`);
    });

    it("gives it variables that it takes, and its key as a credential", () => {
      const given = Object.fromEntries(
        (unit.get("Environment") ?? []).flatMap((line) =>
          line.split(" ").map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
        ),
      );
      // What its EnvironmentFile has to add is for its operator to know; what stands here has to be right.
      expect(faultsOf(room, given).filter((fault) => !fault.endsWith("is missing"))).to.deep.equal([]);
      const credentials = (unit.get("LoadCredential") ?? []).map((line) => `%d/${line.split(":")[0]}`);
      expect(Object.values(given).filter((value) => String(value).startsWith("%d/"))).to.deep.equal(credentials);
      expect(credentials).to.have.length(room === "portal" ? 0 : 2);
    });

    it("can do little beside", () => {
      for (const [name, value] of Object.entries(HARDENED)) expect(one(name), name).to.equal(value);
      expect(unit.get("SystemCallFilter")).to.deep.equal(["@system-service", "~@privileged @resources"]);
      // V8 makes code while it runs.
      expect(one("MemoryDenyWriteExecute")).to.equal(undefined);
    });
  });
