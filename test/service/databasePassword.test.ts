import { readFileSync } from "node:fs";
import { expect } from "chai";
import pg from "pg";
import { type Postgres, startPostgres } from "#harness/postgres.ts";

const PAGE = readFileSync(new URL("../../docs/operations/rotation.md", import.meta.url), "utf8");

describe("a database's password, replaced as docs/operations/rotation.md says", function () {
  this.timeout(120_000);
  let postgres: Postgres;
  const open: pg.Client[] = [];
  before(async () => {
    postgres = await startPostgres();
  });
  after(async () => {
    await Promise.all(open.map((client) => client.end()));
    await postgres?.stop();
  });

  async function connect(user: string, password: string): Promise<pg.Client> {
    const url = new URL(postgres.url);
    [url.username, url.password] = [user, password];
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    open.push(client);
    return client;
  }
  const ownerOf = async (client: pg.Client, table: string) =>
    (await client.query("SELECT tableowner FROM pg_tables WHERE tablename = $1", [table])).rows[0]?.tableowner;

  it("leaves open connections, lets the new one in before, and the old one in no more", async () => {
    const commands = [...PAGE.matchAll(/-c "([^"]+)"/g)].map(([, sql = ""]) => sql.replace("…", "the new one"));
    expect(commands).to.have.length(3);
    const admin = await connect("postgres", "postgres");
    await admin.query("CREATE ROLE relayer LOGIN PASSWORD 'the old one'");
    await admin.query("GRANT CREATE ON SCHEMA public TO relayer");
    const before = await connect("relayer", "the old one");
    await before.query("CREATE TABLE made_before (id int)");
    const [create, setRole, end] = commands as [string, string, string];
    await admin.query(create);
    await admin.query(setRole);
    const next = await connect("relayer_2", "the new one");
    await next.query("INSERT INTO made_before VALUES (1)");
    await next.query("ALTER TABLE made_before ADD COLUMN more int");
    await next.query("CREATE TABLE made_after (id int)");
    expect(await ownerOf(next, "made_after")).to.equal("relayer");
    await admin.query(end);
    expect((await before.query("SELECT count(*)::int AS n FROM made_before")).rows).to.deep.equal([{ n: 1 }]);
    const refused = await connect("relayer", "the old one").catch((error: Error & { code?: string }) => error);
    expect((refused as { code?: string }).code).to.equal("28P01");
    expect(await connect("relayer_2", "the new one")).to.be.instanceOf(pg.Client);
  });
});
