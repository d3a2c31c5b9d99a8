import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ATTESTER_MIGRATIONS, newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { freePorts } from "#harness/ports.ts";
import { openRelayer } from "#harness/relayer.ts";
import { backUp } from "#scripts/backup.ts";
import { restore } from "#scripts/restore.ts";
import { openDatabase } from "#service/database.ts";

/** A relayer's conversions, by order. */
const ORDERS = "SELECT order_id, state, commission, receipt FROM conversions ORDER BY id";

/** A PostgreSQL with its client programs, of one version, where a machine has one. */
const bin = globSync("/usr/lib/postgresql/*/bin")
  .sort()
  .reverse()
  .find((folder) => ["initdb", "postgres", "pg_dump", "pg_restore"].every((name) => existsSync(join(folder, name))));

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "nothing",
    (error: Error) => error.message,
  );

describe("a backup and its restore", function () {
  this.timeout(240_000);
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-backup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A relayer's database with three accepted conversions, and what stands in it of them. */
  async function fill(where: { folder?: string; url?: string }): Promise<unknown[]> {
    const relayer = await openRelayer(where);
    try {
      const campaign = await relayer.openCampaign({});
      const partner = await campaign.join();
      for (const volume of ["100", "200.50", "0.01"])
        expect((await campaign.report({ volume, referralToken: partner.click() })).body.state).to.equal("accepted");
      return await relayer.database.query(ORDERS);
    } finally {
      await relayer.close();
    }
  }

  describe("of an embedded database", () => {
    let made: string;
    /** A small one's, made once. */
    before(async () => {
      made = mkdtempSync(join(tmpdir(), "partner-programs-backup-"));
      await (await newDatabase({ folder: join(made, "data") }, ATTESTER_MIGRATIONS)).close();
      expect((await backUp({ folder: join(made, "data") }, join(made, "a"))).owner).to.equal("attester");
    });
    after(() => rmSync(made, { recursive: true, force: true }));
    beforeEach(() => {
      for (const name of ["a", "a.json"]) cpSync(join(made, name), at(name));
    });

    it("bring back all that was there, and a relayer goes on with it", async () => {
      const before = await fill({ folder: at("data") });
      const { owner, schema, rows } = await backUp({ folder: at("data") }, at("relayer.backup"));
      expect([owner, rows.conversions]).to.deep.equal(["relayer", 3]);
      const kept = JSON.parse(readFileSync(at("relayer.backup.json"), "utf8"));
      expect(kept).to.deep.include({ version: 1, format: "embedded", owner, schema, rows });
      await restore({ folder: at("restored") }, at("relayer.backup"));
      const again = await newDatabase({ folder: at("restored") }, RELAYER_MIGRATIONS);
      expect(await again.query(ORDERS)).to.deep.equal(before);
      // Its sums are compared with its rows.
      await again.close();

      const database = await openDatabase({ dataDir: at("data") }, RELAYER_MIGRATIONS);
      await database.query("UPDATE conversion_states SET conversions = 9");
      await database.close();
      expect(await messageOf(backUp({ folder: at("data") }, at("wrong")))).to.contain("is of conversion_states");
      expect(existsSync(at("wrong"))).to.equal(false);
    });

    it("never replaces a backup, and never restores over anything", async () => {
      const data = join(made, "data");
      expect(await messageOf(backUp({ folder: data }, at("a")))).to.contain("is there already");
      expect(await messageOf(backUp({ folder: at("none") }, at("b")))).to.equal(`There is no folder ${at("none")}.`);
      expect(await messageOf(restore({ folder: data }, at("a")))).to.contain("is not empty");
      expect(await messageOf(restore({ url: "postgres://127.0.0.1/x" }, at("a")))).to.contain(
        "is of an embedded database",
      );
    });

    it("takes no backup that is damaged, or of which nobody says what it is", async () => {
      appendFileSync(at("a"), "x");
      expect(await messageOf(restore({ folder: at("restored") }, at("a")))).to.contain("it is damaged, or another");
      rmSync(at("a.json"));
      expect(await messageOf(restore({ folder: at("restored") }, at("a")))).to.contain(`There is no ${at("a.json")}`);
      expect(existsSync(at("restored"))).to.equal(false);
    });

    it("says what was restored otherwise than it was backed up", async () => {
      const kept = JSON.parse(readFileSync(at("a.json"), "utf8"));
      writeFileSync(at("a.json"), JSON.stringify({ ...kept, schema: 2, rows: { ...kept.rows, brought: 7 } }));
      expect(await messageOf(restore({ folder: at("restored") }, at("a")))).to.equal(
        `What was restored is not what was backed up: its schema was 2 and is ${kept.schema}; brought had 7 rows and has 0. Do not start on it.`,
      );
    });
  });

  describe("of a PostgreSQL", () => {
    let stop: (() => Promise<void>) | undefined;
    let url: (database: string) => string;
    const path = process.env.PATH;

    before(async function () {
      if (bin === undefined) return this.skip();
      process.env.PATH = `${bin}:${path}`;
      ({ stop, url } = await startPostgres(bin));
    });
    after(async () => {
      process.env.PATH = path;
      await stop?.();
    });

    it("bring back all that was there into a new one, and never into one that is in use or not empty", async () => {
      const before = await fill({ url: url("relayer") });
      await backUp({ url: url("relayer") }, at("relayer.dump"));
      expect(await messageOf(restore({ url: url("relayer") }, at("relayer.dump")))).to.contain("has tables");
      const used = await openDatabase({ url: url("used"), dataDir: "" }, ATTESTER_MIGRATIONS);
      expect(await messageOf(restore({ url: url("used") }, at("relayer.dump")))).to.match(/\d others are connected/);
      await used.close();
      expect(await messageOf(restore({ folder: at("x") }, at("relayer.dump")))).to.contain("is of a PostgreSQL");

      const { rows } = await restore({ url: url("restored") }, at("relayer.dump"));
      expect(rows.conversions).to.equal(3);
      const again = await newDatabase({ url: url("restored"), folder: "" }, RELAYER_MIGRATIONS);
      expect(await again.query(ORDERS)).to.deep.equal(before);
      await again.close();
    });

    it("leaves no half of it: a dump that cannot be read to its end restores nothing", async () => {
      await fill({ url: url("second") });
      await backUp({ url: url("second") }, at("whole"));
      const whole = readFileSync(at("whole"));
      writeFileSync(at("whole"), whole.subarray(0, whole.length - 2_000));
      const kept = JSON.parse(readFileSync(at("whole.json"), "utf8"));
      const sha256 = createHash("sha256")
        .update(readFileSync(at("whole")))
        .digest("hex");
      writeFileSync(at("whole.json"), JSON.stringify({ ...kept, sha256 }));
      expect(await messageOf(restore({ url: url("half") }, at("whole")))).to.contain("pg_restore failed");
      writeFileSync(at("whole"), whole);
      writeFileSync(at("whole.json"), JSON.stringify(kept));
      await restore({ url: url("half") }, at("whole"));
    });
  });
});

/** PostgreSQL does not run as root; where the machine has it, it has its user. */
async function startPostgres(programs: string) {
  const data = mkdtempSync(join(tmpdir(), "partner-programs-postgres-"));
  const [port = 0] = await freePorts(1);
  const user = userInfo().uid === 0 ? postgresUser() : undefined;
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  const run = (name: string, args: string[]) =>
    spawn(join(programs, name), args, { ...user, cwd: data, stdio: ["ignore", "ignore", "pipe"] });
  const done = (child: ReturnType<typeof run>) =>
    new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr?.on("data", (piece: Buffer) => {
        said += piece;
      });
      child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(said))));
    });
  await done(run("initdb", ["--pgdata=data", "--username=postgres", "--auth=trust", "--no-sync"]));
  const server = run("postgres", ["-D", "data", "-p", String(port), "-h", "127.0.0.1", "-k", data, "-F"]);
  await new Promise<void>((resolve) => {
    let said = "";
    server.stderr?.on("data", (piece: Buffer) => {
      said += piece;
      if (said.includes("ready to accept connections")) resolve();
    });
  });
  for (const name of ["relayer", "used", "restored", "second", "half"])
    await done(run("createdb", ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", name]));
  return {
    url: (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async stop() {
      const ended = new Promise((resolve) => server.on("close", resolve));
      server.kill("SIGINT");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function postgresUser() {
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  if (uid === undefined || gid === undefined) throw new Error("There is PostgreSQL here, and no user postgres.");
  return { uid: Number(uid), gid: Number(gid) };
}
