import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { type Row, readCsv, readNdjson, readText } from "#relayer/intake/rows.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size);
}

const COLUMNS = { required: ["orderId"], decimals: ["volume"], ids: ["orderId", "customerId"] };

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size);
}

async function csvRows(file: string | Uint8Array, size = 3, charset?: string): Promise<Row[]> {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const rows: Row[] = [];
  for await (const row of readCsv(readText(cut(bytes, size), 1_000_000, charset), COLUMNS)) rows.push(row);
  return rows;
}

async function rowsOf(text: string, size = 7, most = 1_000_000): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readNdjson(readText(inPieces(text, size), most))) rows.push(row);
  return rows;
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("It did not fail.");
    },
    (error: Error) => error.message,
  );

describe("reading a file of rows", () => {
  it("does not depend on how the file is cut into pieces, or on how its lines end", async () => {
    const text = '{"a":"é€😀"}\r\n\n{"b":1}\nnonsense\n"end"';
    for (const [size, file] of [1, 2, 3, 5, 1_000].flatMap(
      (n) =>
        [
          [n, text],
          [n, text.replace(/\r?\n/g, "\r")],
        ] as const,
    ))
      expect(await rowsOf(file, size)).to.deep.equal([
        { row: 1, value: { a: "é€😀" } },
        { row: 3, value: { b: 1 } },
        { row: 4, problem: "is not JSON." },
        { row: 5, value: "end" },
      ]);
    expect(await rowsOf("")).to.deep.equal([]);
  });

  it("reads CSV as spreadsheets write it, however it is cut into pieces", async () => {
    const text =
      '\uFEFForderId, event,volume,customerId\r\n"a, ""b""",sale,49.90,c1\r\n\r\n"two\r\nlines",sale,,\r\nshort,sale\r\nlast,sale,1,é€';
    for (const size of [1, 2, 3, 5, 1_000]) {
      expect(await csvRows(text, size)).to.deep.equal([
        { row: 2, value: { orderId: 'a, "b"', event: "sale", volume: "49.90", customerId: "c1" } },
        { row: 5, value: { orderId: "two\r\nlines", event: "sale" } },
        { row: 6, problem: "has 2 fields, the first line has 4." },
        { row: 7, value: { orderId: "last", event: "sale", volume: "1", customerId: "é€" } },
      ]);
    }
    expect(await failure(csvRows('orderId,b\n"open,1\n'))).to.contain("line 3 opens a quote that nothing closes");
    expect(await failure(csvRows("a,b,a\n1,2,3\n"))).to.contain("names a column twice");
    expect(await failure(csvRows("sale,1001,5\n"))).to.contain("no column orderId; it names sale, 1001, 5.");
  });

  it("reads the same whatever ends its lines and whatever separates its fields", async () => {
    const [quoted, last] = ["two\nlines", "3"];
    const expected = [
      { row: 2, value: { orderId: "1", volume: "49.90" } },
      { row: 4, value: { orderId: quoted, volume: "5" } },
      { row: 6, value: { orderId: last, volume: "1" } },
    ];
    const file = `orderId,volume\n1,49.90\n"${quoted}",5\n,\n${last},1`;
    for (const end of ["\n", "\r", "\r\n"])
      for (const separator of [",", ";", "\t", "|"])
        for (const size of [1, 2, 5, 1_000]) {
          const told = file.replaceAll(",", separator).replaceAll("\n", end);
          const rows = await csvRows(told, size);
          expect(rows).to.deep.equal(
            JSON.parse(JSON.stringify(expected).replace("two\\nlines", JSON.stringify(`two${end}lines`).slice(1, -1))),
          );
          const named = await csvRows(`\uFEFFsep=${separator}${end}${told}`, size);
          expect(named).to.deep.equal(rows.map((one) => ({ ...one, row: one.row + 1 })));
        }
    // What the first line says it is, whatever there is more of in the columns' names.
    expect(await csvRows("sep=;\norderId;a,b,c\n1;2\n")).to.deep.equal([
      { row: 3, value: { orderId: "1", "a,b,c": "2" } },
    ]);
    expect(await csvRows('"a,b,c";orderId\n2;1\n')).to.deep.equal([{ row: 2, value: { "a,b,c": "2", orderId: "1" } }]);
    expect(await failure(csvRows("sep=x\norderId\n"))).to.contain('says that "x" separates');
  });

  it("takes a decimal comma where semicolons separate, and nowhere else", async () => {
    const volumes = async (csv: string) =>
      (await csvRows(csv)).map((row) => "value" in row && (row.value as { volume: string }).volume);
    expect(await volumes("orderId;volume\n1,5;49,90\n2;1.234,56\n3;1.5\n4;1,2,3\n")).to.deep.equal([
      "49.90",
      "1.234,56",
      "1.5",
      "1,2,3",
    ]);
    expect((await csvRows("orderId;volume\n1,5;49,90\n"))[0]).to.deep.equal({
      row: 2,
      value: { orderId: "1,5", volume: "49.90" },
    });
    expect(await volumes('orderId,volume\n1,"1,234"\n')).to.deep.equal(["1,234"]);
    expect(await volumes("orderId\tvolume\n1\t1,234\n")).to.deep.equal(["1,234"]);
  });

  it("refuses an id that a spreadsheet shortened, and no other that looks a little like it", async () => {
    const rows = await csvRows(
      "orderId;customerId;volume\n1.23E+15;c;1\n1,23E+15;c;1\n1;2E+20;1\n5E10;c;1\nE+15;c;1\n1;c;1E+15\n0e+0;c;1\n0E+12;c;1\n1E+5;c;1\n",
    );
    expect(rows.map((row) => "problem" in row && row.problem.replace(/:.*/, ""))).to.deep.equal([
      "has 1.23E+15 as its orderId",
      "has 1,23E+15 as its orderId",
      "has 2E+20 as its customerId",
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("recognises UTF-16, and reads another encoding where it is named", async () => {
    const csv = "orderId\tcustomerId\r\n1\té€\r\n";
    const expected = [{ row: 2, value: { orderId: "1", customerId: "é€" } }];
    const little = Buffer.from(csv, "utf16le");
    const big = Buffer.from(little).swap16();
    const marked = (...mark: number[]) => Buffer.from(mark);
    const western = Buffer.from([...csv].map((c) => (c === "€" ? 0x80 : (c.codePointAt(0) as number))));
    for (const size of [1, 2, 3, 1_000]) {
      for (const file of [
        Buffer.concat([marked(0xff, 0xfe), little]),
        Buffer.concat([marked(0xfe, 0xff), big]),
        little,
        big,
      ])
        expect(await csvRows(file, size)).to.deep.equal(expected);
      expect(await csvRows(western, size, "windows-1252")).to.deep.equal(expected);
      // Its mark says more than the name that a client gives to every file.
      expect(await csvRows(`\uFEFF${csv}`, size, "windows-1252")).to.deep.equal(expected);
      expect(await failure(csvRows(western, size)))
        .to.contain("not UTF-8")
        .and.to.contain("Windows-1252");
      expect(await failure(csvRows(Buffer.concat([marked(0xff, 0xfe, 0, 0), little]), size))).to.contain("UTF-32");
      expect(await failure(csvRows(little.subarray(1), size))).to.match(/UTF-16|no column orderId/);
    }
    expect(await csvRows("")).to.deep.equal([]);
  });

  it("stops at what it cannot hold or read", async () => {
    expect(await failure(rowsOf("1\n2\n3\n", 2, 5))).to.contain("at most 5 bytes");
    expect(await failure(rowsOf(`"${"x".repeat(70_000)}"`, 1_000))).to.contain("65536 characters");
    const broken = readText(
      (async function* () {
        yield new Uint8Array([0x22, 0xff, 0x22]);
      })(),
      100,
    );
    const read = async () => {
      for await (const _ of broken);
    };
    expect(await failure(read())).to.contain("not UTF-8");
  });
});

describe("imports", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  async function send(
    key: string,
    body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
    type = "application/x-ndjson",
  ) {
    const response = await market.app.request("/v1/imports", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": type },
      body,
      duplex: "half",
    } as RequestInit);
    return { status: response.status, body: await response.json() };
  }

  async function results(key: string, id: string) {
    const response = await market.app.request(`/v1/imports/${id}/results`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.headers.get("content-type")).to.equal("application/x-ndjson");
    const text = await response.text();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  const lines = (reports: unknown[]) => reports.map((report) => `${JSON.stringify(report)}\n`).join("");

  it("takes every row in, in its order, and says what became of each", async () => {
    const campaign = await market.openCampaign({ events: [{ name: "sale", title: "", perCustomer: 1 }] });
    const ada = await campaign.join();
    const referralToken = ada.click();
    await campaign.report({ orderId: "earlier", volume: "5", customerId: "e", referralToken });
    const sale = (orderId: string, customerId: string, volume = "5") => ({
      event: "sale",
      orderId,
      customerId,
      volume,
      referralToken,
    });
    const file = `${lines([sale("1", "c"), sale("2", "c"), sale("1", "c"), sale("1", "d"), sale("earlier", "e")])}oops\n${lines([sale("3", "f", "1e3"), sale("4", "g", "1.0000001"), sale("5", "h")])}`;
    const taken = await send(campaign.key, file);
    expect(taken.status).to.equal(201);
    expect(taken.body).to.include({
      state: "done",
      rows: 9,
      accepted: 2,
      rejected: 1,
      known: 2,
      conflicting: 1,
      invalid: 3,
      problem: null,
    });
    const rows = await results(campaign.key, taken.body.id);
    expect(rows.map(({ row, outcome, reason }) => [row, outcome, reason])).to.deep.equal([
      [1, "accepted", null],
      [2, "rejected", "customer_limit"],
      [3, "known", null],
      [4, "conflicting", null],
      [5, "known", null],
      [6, "invalid", null],
      [7, "invalid", null],
      [8, "invalid", null],
      [9, "accepted", null],
    ]);
    expect(rows[2].conversionId).to.equal(rows[0].conversionId);
    expect(rows[3].problem).to.contain("with another body");
    expect(rows[6].problem).to.contain("decimal number");
    expect(rows[7].problem).to.contain("7 decimals");

    const again = await send(campaign.key, file);
    expect(again.body).to.include({ accepted: 0, rejected: 0, known: 5, conflicting: 1, invalid: 3 });
    const list = await market.call("GET", "/v1/imports", { token: campaign.key });
    expect(list.body.map(({ id }: { id: string }) => id)).to.deep.equal([again.body.id, taken.body.id]);
  });

  it("takes CSV as well, and tells of columns that a report does not have", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const file = `event,orderId,volume,customerId,referralToken\nsale,1,5,c,${ada.click()}\nsale,2,"5",c,\nsale,3,,d,\n`;
    const taken = await send(campaign.key, file, "text/csv; charset=utf-8");
    expect(taken.body).to.include({ state: "done", rows: 3, accepted: 2, rejected: 1 });
    const rows = await results(campaign.key, taken.body.id);
    expect(rows.map(({ row, outcome, reason }) => [row, outcome, reason])).to.deep.equal([
      [2, "accepted", null],
      [3, "accepted", null],
      [4, "rejected", "no_referral"],
    ]);
    // The same orders as JSON are the same reports.
    const json = lines([{ event: "sale", orderId: "2", volume: "5", customerId: "c" }]);
    expect((await send(campaign.key, json)).body).to.include({ known: 1 });
    const other = await send(campaign.key, "event,order\nsale,9\n", "text/csv");
    expect(other.status).to.equal(400);
    expect(other.body.detail).to.contain("no column orderId; it names event, order");
    const more = await send(campaign.key, "event,orderId,price\nsale,9,1\nsale,10,1\n", "text/csv");
    expect(more.body).to.include({ state: "failed", rows: 2, invalid: 2 });
    expect(more.body.problem).to.contain("No row of it is a report. Row 2: ").and.to.contain("price");
    expect((await results(campaign.key, more.body.id))[1].problem).to.contain("price");
    const some = await send(campaign.key, "event,orderId,volume\nsale,9,x\nsale,9,1\n", "text/csv");
    expect(some.body).to.include({ state: "done", rejected: 1, invalid: 1, problem: null });
    const western = await send(
      campaign.key,
      new Uint8Array([...Buffer.from("event;orderId\rsale;"), 0xe9]),
      'text/csv; charset="ISO-8859-1"',
    );
    expect(western.body).to.include({ state: "done", rows: 1, rejected: 1 });
    expect((await results(campaign.key, western.body.id))[0].orderId).to.equal("é");
    const unknown = await send(campaign.key, "event,orderId\n", "text/csv; charset=ebcdic");
    expect(unknown.status).to.equal(415);
    expect(unknown.body.detail).to.contain("No encoding is called ebcdic");
    const broken = await send(campaign.key, 'event,orderId\nsale,"9', "text/csv");
    expect(broken.status).to.equal(400);
    expect(broken.body.detail).to.contain("opens a quote");
    const [failed] = (await market.call("GET", "/v1/imports", { token: campaign.key })).body;
    expect(failed).to.include({ state: "failed", problem: broken.body.detail });
  });

  it("takes a file much larger than any other body, while its progress can be asked for", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const referralToken = ada.click();
    const many = Array.from({ length: 2_500 }, (_, i) => ({
      event: "sale",
      orderId: `bulk-${i}`,
      volume: "5",
      customerId: `customer ${i} ${"x".repeat(120)}`,
      referralToken,
    }));
    const text = lines(many);
    expect(text.length).to.be.greaterThan(256 * 1024);
    let halfWay: number | undefined;
    const half = text.lastIndexOf("\n", text.length / 2) + 1;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (halfWay === undefined) {
          halfWay = 0;
          controller.enqueue(encoder.encode(text.slice(0, half)));
          return;
        }
        // The second half comes when the first is being taken in.
        while (halfWay === 0) {
          const [running] = (await market.call("GET", "/v1/imports", { token: campaign.key })).body;
          halfWay = running.rows;
          expect(running.state).to.equal("running");
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        controller.enqueue(encoder.encode(text.slice(half)));
        controller.close();
      },
    });
    const taken = await send(campaign.key, body);
    expect(taken.body).to.include({ state: "done", rows: 2_500, accepted: 2_500 });
    expect(halfWay).to.be.within(1, 2_499);
    expect(await results(campaign.key, taken.body.id)).to.have.length(2_500);
    const one = await market.call("GET", `/v1/imports/${taken.body.id}`, { token: campaign.key });
    expect(one.body.rows).to.equal(2_500);
  });

  it("goes on when a file that broke off is sent again", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const referralToken = ada.click();
    const reports = Array.from({ length: 600 }, (_, i) => ({
      event: "sale",
      orderId: `o${i}`,
      volume: "5",
      referralToken,
    }));
    const text = lines(reports);
    let sent = false;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new Error("the connection is gone"));
        else controller.enqueue(new TextEncoder().encode(text.slice(0, text.length * 0.75)));
        sent = true;
      },
    });
    expect((await send(campaign.key, broken)).status).to.equal(500);
    const [failed] = (await market.call("GET", "/v1/imports", { token: campaign.key })).body;
    expect(failed).to.include({ state: "failed", problem: "It was broken off. Send the file again." });
    expect(failed.accepted).to.be.within(1, 599);
    const again = await send(campaign.key, text);
    expect(again.body).to.include({ state: "done", rows: 600, known: failed.accepted });
    expect(again.body.accepted).to.equal(600 - failed.accepted);
  });

  it("says that an import which nobody carries on is interrupted", async () => {
    const campaign = await market.openCampaign({});
    await send(campaign.key, "\n");
    await market.database.query(
      "UPDATE imports SET state = 'running', progressed_at = now() - interval '3 minutes' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    const [seen] = (await market.call("GET", "/v1/imports", { token: campaign.key })).body;
    expect(seen.state).to.equal("interrupted");
  });

  it("runs one import of a campaign at a time, and shows it to nobody else", async () => {
    const [campaign, other] = [await market.openCampaign({}), await market.openCampaign({})];
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await gate;
        controller.close();
      },
    });
    const first = send(campaign.key, body);
    let second = await send(campaign.key, "\n");
    for (let tries = 0; second.status === 201 && tries < 20; tries++) second = await send(campaign.key, "\n");
    expect(second.status).to.equal(409);
    expect((await send(other.key, "\n")).status).to.equal(201);
    go();
    const { body: done } = await first;
    expect(done.state).to.equal("done");
    expect((await market.call("GET", `/v1/imports/${done.id}`, { token: other.key })).status).to.equal(404);
    expect((await market.call("GET", `/v1/imports/${done.id}/results`, { token: other.key })).status).to.equal(404);
    expect((await send("sk_none", "\n")).status).to.equal(401);
    const wrong = await send(campaign.key, "a,b", "application/pdf");
    expect(wrong.status).to.equal(415);
    expect(wrong.body.detail).to.contain("application/pdf");
  });

  it("leaves the limit of every other body as it is", async () => {
    const campaign = await market.openCampaign({});
    const { status } = await campaign.report({ customerId: "x".repeat(300_000) });
    expect(status).to.equal(413);
  });
});
