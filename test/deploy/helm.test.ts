import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parse, parseAllDocuments } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { faultsOf, portOf, type Room, readDeploy, roomOf } from "../support/deployed.ts";

const values = parse(readDeploy("helm/values.yaml")) as Record<string, unknown>;
const chart = parse(readDeploy("helm/Chart.yaml")) as Record<string, string>;
const given = { Values: values, Release: { Name: "partner-programs" }, Chart: chart };

/** What Helm makes of a template that only puts values in, plain, quoted or as JSON. @throws Error for anything else */
function render(template: string): string {
  return template.replace(/\{\{-?(.*?)-?\}\}/g, (_, expression: string) => {
    const [, path, filter] = /^ \.([\w.]+)(?: \| (quote|toJson))? $/.exec(expression) ?? [];
    if (path === undefined) throw new Error(`{{${expression}}} does more than put a value in.`);
    const value = path
      .split(".")
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], given);
    if (value === undefined) throw new Error(`values.yaml has no ${path}.`);
    return filter === undefined ? String(value) : JSON.stringify(filter === "quote" ? String(value) : value);
  });
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
// biome-ignore lint/suspicious/noExplicitAny: manifests, of many kinds
type Manifest = any;

const FOLDER = fileURLToPath(new URL("../../deploy/helm/templates/", import.meta.url));
const manifests: Manifest[] = globSync("*.yaml", { cwd: FOLDER }).flatMap((name) =>
  parseAllDocuments(render(readDeploy(`helm/templates/${name}`))).map((document) => {
    if (document.errors.length > 0) throw new Error(`${name}: ${document.errors.join("; ")}`);
    return document.toJS();
  }),
);
const ofKind = (kind: string): Manifest[] => manifests.filter((one) => one.kind === kind);
const containerOf = (deployment: Manifest) => deployment.spec.template.spec.containers[0];
const roomsOf = (room: Room) => ofKind("Deployment").filter((one) => roomOf(containerOf(one).args[0]) === room);

/** What the Secrets of values.yaml's first lines hold. */
const SECRETS: Record<string, string> = {
  DATABASE_URL: "postgres://user:password@db.example.com/name",
  RPC_URL: "https://rpc.example.com,https://rpc.example.org",
  RELAYER_SECRET: "f".repeat(64),
  REFERRAL_SECRETS: `${"e".repeat(64)},${"f".repeat(64)}@2026-12-01T12:00:00Z`,
  ATTESTER_TOKEN: "f".repeat(64),
  METRICS_TOKEN: "f".repeat(64),
};

describe("the Helm chart", () => {
  it("is of this version, and runs every process of the image", () => {
    expect(chart.appVersion).to.equal(packageJson.version);
    expect((values.image as { tag: string }).tag).to.equal(packageJson.version);
    expect(ofKind("Deployment")).to.have.length(3);
    for (const room of ["relayer", "attester", "portal"] as const) expect(roomsOf(room), room).to.have.length(1);
  });

  it("gives each process what it takes and needs", () => {
    for (const deployment of ofKind("Deployment")) {
      const { args, env } = containerOf(deployment) as { args: string[]; env: Variable[] };
      const entries = env.map(({ name, value, valueFrom }) => {
        if (valueFrom === undefined) return [name, value ?? ""];
        expect(valueFrom.secretKeyRef.key).to.equal(name);
        return [name, SECRETS[name] ?? ""];
      });
      expect(faultsOf(roomOf(args[0]), Object.fromEntries(entries)), args[0]).to.deep.equal([]);
      // What values.yaml says of a Secret is what is taken from it.
      const secret = env.filter(({ valueFrom }) => valueFrom !== undefined).map(({ name }) => name);
      const [, said = ""] =
        new RegExp(`\\n${args[0]?.split("/")[0]}:[\\s\\S]*?# A Secret with ([\\s\\S]*?)\\.\\n`).exec(
          readDeploy("helm/values.yaml"),
        ) ?? [];
      expect([...said.matchAll(/[A-Z_]{5,}/g)].map(([name]) => name).sort()).to.deep.equal(secret.sort());
    }
  });

  it("has every file that a variable names mounted there", () => {
    for (const deployment of ofKind("Deployment")) {
      const { env, volumeMounts } = containerOf(deployment);
      const files = env.map(({ value = "" }: Variable) => value).filter((value: string) => value.startsWith("/"));
      const { volumes } = deployment.spec.template.spec;
      expect(volumes.map((one: Manifest) => one.name).sort()).to.deep.equal(
        volumeMounts.map((one: Manifest) => one.name).sort(),
      );
      for (const file of files)
        expect(
          volumeMounts.some(({ mountPath }: { mountPath: string }) => file.startsWith(`${mountPath}/`)),
          file,
        ).to.equal(true);
      for (const { readOnly } of volumeMounts) expect(readOnly).to.equal(true);
    }
  });

  it("probes each where it answers, and leads to it", () => {
    for (const deployment of ofKind("Deployment")) {
      const container = containerOf(deployment);
      const room = roomOf(container.args[0]);
      expect(container.ports).to.deep.equal([{ name: "http", containerPort: portOf(room) }]);
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
        expect(container[probe].httpGet, probe).to.deep.equal({ path: "/healthz", port: "http" });
      const service = ofKind("Service").find(({ metadata }) => metadata.name === deployment.metadata.name);
      expect(service?.spec.ports).to.deep.equal([{ name: "http", port: portOf(room), targetPort: "http" }]);
      expect(service?.spec.selector).to.deep.equal(deployment.spec.template.metadata.labels);
    }
    const served = ofKind("Ingress").flatMap(({ spec }) => spec.rules[0].http.paths[0].backend.service.name);
    expect(served).to.deep.equal(["partner-programs-relayer", "partner-programs-portal"]);
    const { attesterUrls } = values.relayer as { attesterUrls: string };
    expect(attesterUrls).to.equal(`http://partner-programs-attester:${portOf("attester")}`);
  });

  it("never has one attester's key in two processes, and lets nothing write or be root", () => {
    const [attester] = roomsOf("attester");
    expect([attester?.spec.replicas, attester?.spec.strategy]).to.deep.equal([1, { type: "Recreate" }]);
    for (const deployment of ofKind("Deployment")) {
      const pod = deployment.spec.template.spec;
      expect(pod.securityContext).to.include({ runAsNonRoot: true, runAsUser: 1000 });
      expect([pod.automountServiceAccountToken, pod.enableServiceLinks]).to.deep.equal([false, false]);
      expect(containerOf(deployment).securityContext).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(containerOf(deployment).resources.limits).to.have.property("memory");
    }
  });
});
