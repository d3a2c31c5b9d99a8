import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  MAX_RATE_FILE_BYTES,
  RATE_FILE_DOMAIN,
  RATE_FILE_TYPES,
  rateFileMessage,
} from "@partner-programs/protocol/rateFile";
import type { FileRates } from "@partner-programs/protocol/rates";
import { expect } from "chai";
import { Wallet } from "ethers";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { fetchFile } from "#relayer/rates/fetchFile.ts";
import { openRateFiles } from "#relayer/rates/files.ts";
import { readRateFileText } from "#relayer/store/rateFiles.ts";
import type { Database } from "#service/database.ts";

const DAY = "2026-11-28";
const TABLE = { USD: "1.0823", JPY: "163.51" };

/** A file as its signer publishes it. */
async function signed(by: { signTypedData: Wallet["signTypedData"] }, changes: object = {}): Promise<string> {
  const file = { version: 1, day: DAY, observed: "2026-11-27", base: "EUR", rates: TABLE, ...changes };
  return JSON.stringify({
    ...file,
    signature: await by.signTypedData(RATE_FILE_DOMAIN, RATE_FILE_TYPES, rateFileMessage(file)),
  });
}

describe("a day's signed file of rates, as the relayer fetches it", function () {
  this.timeout(60_000);
  const [signer, other, nobody] = [Wallet.createRandom(), Wallet.createRandom(), Wallet.createRandom()];
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-rates-"));
  let database: Database;
  let server: Server;
  let base: string;
  /** What is at an address. */
  const published = new Map<string, RequestListener | string>();
  const asked: string[] = [];

  before(async () => {
    database = await newDatabase({ folder }, RELAYER_MIGRATIONS);
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const there = published.get(request.url ?? "");
      if (typeof there === "function") return there(request, response);
      response.writeHead(there === undefined ? 404 : 200).end(there);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    published.clear();
    asked.length = 0;
  });

  const rates = (name: string, more: Partial<FileRates> = {}): FileRates => ({
    kind: "file",
    url: `${base}/${name}/{day}.json`,
    signer: signer.address,
    maxAgeDays: 5,
    ...more,
  });
  const open = () => openRateFiles(database, { allowPrivate: true, timeoutMilliseconds: 300 });
  const problemOf = async (name: string, there: RequestListener | string) => {
    published.set(`/${name}/${DAY}.json`, there);
    return (await open()(rates(name, { signer: nobody.address }), DAY)).problem;
  };

  it("is fetched once, and kept as it was first: for whoever checks, and when it is not there any more", async () => {
    const text = await signed(signer);
    published.set(`/own/${DAY}.json`, text);
    const fileOf = open();
    const [one, again] = await Promise.all([fileOf(rates("own"), DAY), fileOf(rates("own"), DAY)]);
    if (one.problem !== undefined) throw new Error(one.problem);
    expect([again, await fileOf(rates("own"), DAY)]).to.deep.equal([one, one]);
    expect(asked).to.deep.equal([`/own/${DAY}.json`]);
    expect(await readRateFileText(database, one.digest)).to.equal(text);
    // Signed anew, or gone: by another process too it is what was converted by.
    published.set(`/own/${DAY}.json`, await signed(signer, { rates: { USD: "9.9" } }));
    expect(await open()(rates("own"), DAY)).to.deep.equal(one);
    expect(asked).to.have.length(1);
    // Whoever takes older rates alone finds no use for it: the day's file is asked for again.
    expect((await open()(rates("own", { maxAgeDays: 0 }), DAY)).problem).to.match(/has rates of 2026-11-27, 1 days/);
  });

  it("is its signer's: the same table of another one is another file, and takes nobody's place", async () => {
    published.set(`/theirs/${DAY}.json`, await signed(other));
    const theirs = await open()(rates("theirs", { signer: other.address }), DAY);
    published.set(`/mine/${DAY}.json`, await signed(signer));
    const mine = await open()(rates("mine"), DAY);
    if (theirs.problem !== undefined || mine.problem !== undefined) throw new Error("not there");
    expect(theirs.file.rates).to.deep.equal(mine.file.rates);
    expect(theirs.digest).not.to.equal(mine.digest);
    for (const { digest, file } of [theirs, mine])
      expect(JSON.parse((await readRateFileText(database, digest)) ?? "").signature).to.equal(file.signature);
  });

  it("is none where it is another's, another day's, too old, or no file at all, and nothing of it is kept", async () => {
    const third = Wallet.createRandom();
    const of = (name: string) => open()(rates(name, { signer: third.address }), DAY);
    const publish = async (name: string, text: string) => {
      published.set(`/${name}/${DAY}.json`, text);
      return (await of(name)).problem;
    };
    expect(await publish("a", await signed(other))).to.equal(`is signed by ${other.address}, not by ${third.address}`);
    const altered = JSON.stringify({ ...JSON.parse(await signed(third)), rates: { ...TABLE, USD: "2" } });
    expect(await publish("b", altered)).to.match(/is signed by 0x\w+, not by/);
    expect(await publish("c", await signed(third, { day: "2026-11-27" }))).to.equal(`is of 2026-11-27, not of ${DAY}`);
    expect(await publish("d", await signed(third, { observed: "2026-11-20" }))).to.match(/8 days before/);
    expect(await publish("e", await signed(third, { observed: "2026-11-29" }))).to.match(/which is after its day/);
    expect(await publish("f", "<html>")).to.equal("is not JSON");
    expect(await publish("g", await signed(third, { rates: { USD: "1.0823", EURO: "1" } }))).to.match(
      /no file of rates/,
    );
    const kept = await database.query("SELECT 1 FROM rate_files WHERE signer = $1", [third.address]);
    expect(kept).to.deep.equal([]);
  });

  it("is not taken from an address that sends elsewhere, too much, too slowly or half of it", async () => {
    const whole = await signed(nobody);
    published.set("/elsewhere", whole);
    expect(await problemOf("moved", (_, to) => to.writeHead(302, { location: "/elsewhere" }).end())).to.equal(
      "is not there: its address answered 302",
    );
    expect(asked).not.to.include("/elsewhere");
    expect(await problemOf("gone", (_, to) => to.writeHead(404).end(whole))).to.match(/answered 404/);
    // Without a word of its length, and without an end.
    const endless: RequestListener = (_, to) => {
      const more = () => to.destroyed || to.write("x".repeat(32 * 1024), () => setImmediate(more));
      more();
    };
    expect(await problemOf("large", endless)).to.equal(`has more than ${MAX_RATE_FILE_BYTES} bytes`);
    expect(await problemOf("silent", () => undefined)).to.equal("cannot be fetched (TIMEOUT)");
    const slow: RequestListener = (_, to) => {
      to.writeHead(200, { "content-type": "application/json" }).write(whole.slice(0, 10));
    };
    expect(await problemOf("slow", slow)).to.be.oneOf([
      "cannot be fetched (TIMEOUT)",
      "broke off while it was fetched",
    ]);
    const half: RequestListener = (_, to) => {
      to.writeHead(200, { "content-length": whole.length }).write(whole.slice(0, 10), () => to.destroy());
    };
    expect(await problemOf("half", half)).to.equal("broke off while it was fetched");
  });

  it("is asked for at public addresses over https alone, unless the relayer is told otherwise", async () => {
    for (const [address, problem] of [
      [`${base}/own/${DAY}.json`, "is not at an https address"],
      ["https://127.0.0.1/x", "cannot be fetched (PRIVATE_ADDRESS)"],
      ["https://[::1]/x", "cannot be fetched (PRIVATE_ADDRESS)"],
      ["https://localhost/x", "cannot be fetched (PRIVATE_ADDRESS)"],
      ["https://metadata.internal/x", "cannot be fetched (PRIVATE_ADDRESS)"],
    ] as const)
      expect((await fetchFile(address, { allowPrivate: false })).problem, address).to.equal(problem);
    expect(asked).to.deep.equal([]);
  });
});
