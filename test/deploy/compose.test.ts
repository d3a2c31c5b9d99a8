import { existsSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import { faultsOf, portOf, type Room, readDeploy, roomOf } from "../support/deployed.ts";

interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
  readonly configs?: { source: string; target: string }[];
  readonly secrets?: (string | { source: string; target: string })[];
  readonly volumes?: string[];
  readonly networks: string[];
  readonly depends_on?: string[] | Record<string, unknown>;
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
}
interface Compose {
  readonly services: Record<string, Service>;
  readonly configs: Record<string, { file: string }>;
  readonly secrets: Record<string, { file: string }>;
  readonly volumes: Record<string, null>;
}

const TEXT = readDeploy("compose.yaml");
const FOLDER = new URL("../../deploy/", import.meta.url);

/** What `docker compose` asks for, and what somebody might have filled in. */
const asked = new Set([...TEXT.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name));
const VALUES = Object.fromEntries([...asked].map((name) => [name, sample(name)]));

function sample(name: string): string {
  if (/RPC_URL|EXPLORER_URL|ATTESTER_URLS/.test(name))
    return `https://${name.toLowerCase().replaceAll("_", "-")}.example.com`;
  if (/HOST/.test(name)) return `${name.toLowerCase().replaceAll("_", "-")}.example.com`;
  if (name === "IMAGE") return "registry.example.com/partner-programs:0.1.0";
  if (name === "PUSH_PAYOUTS") return `0x${"1".repeat(40)}:20:0.0004`;
  if (name === "SMTP_URL") return "smtps://mail.example.com";
  if (name === "MAIL_FROM") return "Partner Programs <notices@example.com>";
  if (name === "RPC_AGREE") return "1";
  if (name === "GAS_COINS_A_DAY" || name === "MAX_FEE_GWEI") return "0.5";
  if (["ATTESTERS", "RELAYER_LOST_ACCOUNTS", "TOKENS"].includes(name)) return `0x${"1".repeat(40)}`;
  if (name === "SAFE_APP_ORIGINS") return "https://app.safe.global";
  return "f".repeat(64);
}

/** Compose puts values in when the file is read: they are text, whatever they look like. */
const interpolate = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name) => VALUES[name] ?? "")
    : Array.isArray(value)
      ? value.map(interpolate)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one)]))
        : value;
const compose = interpolate(parse(TEXT, { merge: true })) as Compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, { command }]) => command !== undefined);

describe("deploy/compose.yaml", () => {
  it("runs two relayers, three attesters and a portal, each with what it takes and needs", () => {
    const rooms = ours.map(([, { command }]) => roomOf(command?.[0]));
    const count = (room: Room) => rooms.filter((one) => one === room).length;
    expect([count("relayer"), count("attester"), count("portal")]).to.deep.equal([2, 3, 1]);
    for (const [name, { command, environment = {} }] of ours)
      expect(faultsOf(roomOf(command?.[0]), environment), name).to.deep.equal([]);
    expect(faultsOf("relayer", { ...compose.services["relayer-1"]?.environment, BATCH_SECOND: "5" })).to.deep.equal([
      "relayer: BATCH_SECOND is not a variable of its",
    ]);
  });

  it("has every file that a variable names mounted there", () => {
    for (const [name, { environment = {}, configs = [], secrets = [] }] of ours) {
      const targets = [
        ...configs.map(({ target }) => target),
        ...secrets.map((one) => `/run/secrets/${typeof one === "string" ? one : one.target}`),
      ];
      const named = Object.values(environment).filter((value) => value.startsWith("/run/"));
      expect(targets.sort(), name).to.deep.equal(named.sort());
      for (const { source } of configs) expect(compose.configs, name).to.have.property(source);
      for (const one of secrets)
        expect(compose.secrets, name).to.have.property(typeof one === "string" ? one : one.source);
    }
  });

  it("gives each attester a key, a database and a node of its own", () => {
    const attesters = ours
      .filter(([, { command }]) => command?.[0] === "attester/main.ts")
      .map(([, service]) => service);
    for (const own of [
      attesters.map(({ environment }) => environment?.DATABASE_URL),
      attesters.map(({ environment }) => environment?.RPC_URL),
      attesters.map(({ secrets }) => JSON.stringify(secrets)),
    ])
      expect(new Set(own).size).to.equal(3);
    expect(compose.services["relayer-1"]?.environment).to.deep.equal(compose.services["relayer-2"]?.environment);
  });

  it("lets nothing write, be root, or be reached from outside but the proxy", () => {
    for (const [name, service] of ours) {
      expect(service, name).to.include({ read_only: true, user: "1000:1000" });
      expect(service.cap_drop, name).to.deep.equal(["ALL"]);
      expect(service.security_opt, name).to.deep.equal(["no-new-privileges:true"]);
    }
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).to.deep.equal(["proxy"]);
    for (const [name, { image }] of services) expect(image, name).not.to.match(/:latest$|^[^:]+$/);
    expect(TEXT).not.to.match(/(PASSWORD|SECRET|TOKEN): *["']?[A-Za-z0-9]/);
  });

  it("asks for what compose.env.example lists, and reaches services that there are", () => {
    const listed = [...readDeploy("compose.env.example").matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(listed.sort()).to.deep.equal([...asked].sort());
    for (const [name, { environment = {}, depends_on = [], volumes = [] }] of services) {
      const hosts = Object.values(environment).flatMap((value) => [
        ...value.matchAll(/(?:\/\/|@)([a-z][\w-]*):(\d+)/g),
      ]);
      for (const [, host = "", port] of hosts) {
        expect(compose.services, `${name}: ${host}`).to.have.property(host);
        const room = compose.services[host]?.command?.[0];
        expect(Number(port), `${name}: ${host}`).to.equal(room === undefined ? 5432 : portOf(roomOf(room)));
      }
      for (const other of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on))
        expect(compose.services, name).to.have.property(other);
      for (const [source = ""] of volumes.map((volume) => volume.split(":")))
        if (source.startsWith(".")) expect(existsSync(new URL(source, FOLDER)), source).to.equal(true);
        else expect(compose.volumes, name).to.have.property(source);
    }
  });

  it("makes the databases and roles that the processes name", () => {
    const sql = readDeploy("postgres/10-databases.sql");
    const made = (pattern: RegExp) => [...sql.matchAll(pattern)].map(([, name]) => name).sort();
    const named = ours.flatMap(([, { environment }]) => {
      const url = environment?.DATABASE_URL;
      return url === undefined ? [] : [new URL(url).pathname.slice(1)];
    });
    const expected = [...new Set(named)].sort();
    expect(made(/CREATE DATABASE (\w+) OWNER \1;/g)).to.deep.equal(expected);
    expect(made(/CREATE ROLE (\w+) LOGIN PASSWORD :'\1';/g)).to.deep.equal(expected);
    expect(made(/REVOKE CONNECT ON DATABASE (\w+) FROM PUBLIC;/g)).to.deep.equal(expected);
    const given = Object.keys(compose.services.postgres?.environment ?? {});
    for (const variable of made(/\\getenv \w+ (\w+)/g)) expect(given).to.include(variable);
  });
});

describe("deploy/caddy/Caddyfile", () => {
  const caddy = readDeploy("caddy/Caddyfile");

  it("leads to services that there are, at their ports", () => {
    const targets = [...caddy.matchAll(/^\s*reverse_proxy (.*?)( \{)?$/gm)].flatMap(([, list = ""]) => list.split(" "));
    expect(targets.sort()).to.deep.equal(
      ours.map(([name, { command }]) => `${name}:${portOf(roomOf(command?.[0]))}`).sort(),
    );
    const hosts = [...caddy.matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name);
    expect(hosts.sort()).to.deep.equal(Object.keys(compose.services.proxy?.environment ?? {}).sort());
  });

  it("keeps inside what is for the operator, by paths that there are", async () => {
    const inside = /^\s*@inside path (.*)$/m.exec(caddy)?.[1]?.split(" ");
    expect(inside).to.deep.equal(["/metrics", "/readyz"]);
    const { systemRoutes } = await import("#relayer/http/routes/system.ts");
    const routes = systemRoutes({ config: {} } as never, {} as never, () => ({}) as never).routes.map(
      ({ path }) => path,
    );
    expect(routes).to.include.members([...(inside ?? []), /health_uri (\S+)/.exec(caddy)?.[1]]);
  });
});
