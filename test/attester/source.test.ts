import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "chai";
import { createCsvSource, parseOrders } from "#attester/source/csv.ts";
import { createOrdersSource } from "#attester/source/orders.ts";
import type { SourceAnswer, SourceOrder } from "#attester/source/source.ts";
import { ATTESTER_MIGRATIONS, newDatabase } from "#harness/database.ts";
import type { Database } from "#service/database.ts";

const sale = (orderId: string) => ({ event: "sale", orderId });
const kind = (found: SourceAnswer | undefined) => Object.keys(found ?? {})[0];

describe("a source of orders at a URL", () => {
  let server: Server;
  let base: string;
  let answer: (request: IncomingMessage) => {
    status?: number;
    body?: unknown;
    text?: string;
    delay?: number;
    after?: Promise<void>;
  };
  let seen: IncomingMessage[] = [];
  let most = 0;
  let open = 0;

  before(async () => {
    server = createServer(async (request, response) => {
      seen.push(request);
      most = Math.max(most, ++open);
      const { status = 200, body, text, delay = 5, after } = answer(request);
      await after;
      await new Promise((resolve) => setTimeout(resolve, delay));
      open--;
      response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end(text ?? JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    [seen, most] = [[], 0];
  });

  const source = (path: string, more: object = {}) =>
    createOrdersSource({ url: `${base}${path}`, timeoutMilliseconds: 60_000, concurrency: 3, ...more });
  const order = (orderId: string, more: object = {}) => ({
    orderId,
    volume: "49.90",
    createdAt: "2030-01-01T00:00:00Z",
    ...more,
  });

  it("says what was sold and what its customer had bought, where it knows", async () => {
    const said = {
      attributes: { plan: "annual", quantity: "3", gift: "FALSE" },
      customer: { sale: { conversions: 2 } },
    };
    answer = () => ({ body: order("1", said) });
    const [found] = await source("/orders/{orderId}").find([sale("1")]);
    expect((found as { order: object }).order).to.deep.include({
      attributes: { plan: "annual", quantity: 3, gift: false },
      customer: { sale: { conversions: 2 } },
    });
  });

  it("may have fields of its own by these names: they say nothing, and the order counts", async () => {
    const said = async (more: object) => {
      answer = () => ({ body: order("1", more) });
      const [found] = await source("/orders/{orderId}").find([sale("1")]);
      if (!("order" in (found as object))) return found;
      const { attributes, customer } = (found as { order: SourceOrder }).order;
      return [attributes, customer];
    };
    expect(await said({ attributes: "red", customer: "cus_1" })).to.deep.equal([undefined, undefined]);
    expect(await said({ attributes: [1.5, null], customer: null })).to.deep.equal([undefined, undefined]);
    expect(await said({ attributes: { note: null, weight: 1.5, plan: "annual" }, customer: { id: 7 } })).to.deep.equal([
      { plan: "annual" },
      undefined,
    ]);
    // Half of it would read as a customer who had bought nothing of the other event.
    const odd = { signup: { conversions: 1 }, sale: { conversions: "2" } };
    expect(await said({ customer: odd })).to.deep.equal([undefined, undefined]);
  });

  it("is asked for each order by its id, with the token, and not more at once than it can bear", async () => {
    let three = () => {};
    const after = new Promise<void>((resolve) => {
      three = resolve;
    });
    answer = ({ url = "" }) => {
      if (open === 3) three();
      const id = decodeURIComponent(url.split("/").at(-1) ?? "");
      return id === "none"
        ? { status: 404, after }
        : { body: order(id, { refunded: { back: true, part: "12.50" }[id] ?? false, more: "fields" }), after };
    };
    const asked = ["a/b?c#d", "none", "back", "part", "2", "3", "4", "2"].map(sale);
    const found = await source("/orders/{orderId}", { token: "let me in" }).find(asked);
    expect(found.map(kind)).to.deep.equal(["order", "missing", ...Array(6).fill("order")]);
    expect(found[0]).to.deep.equal({
      order: { orderId: "a/b?c#d", event: undefined, volume: "49.90", createdAt: 1_893_456_000, refunded: false },
    });
    expect(found[2]).to.deep.include({ order: { ...(found[2] as { order: object }).order, refunded: true } });
    expect(found[3]).to.deep.include({ order: { ...(found[3] as { order: object }).order, refunded: "12.50" } });
    expect(seen).to.have.length(7);
    expect(seen[0]?.url).to.equal("/orders/a%2Fb%3Fc%23d");
    expect(new Set(seen.map(({ headers }) => headers.authorization))).to.deep.equal(new Set(["Bearer let me in"]));
    expect(most).to.equal(3);
  });

  it("is asked for many orders at once where its URL names no order", async () => {
    answer = ({ url = "" }) => {
      const ids = (new URL(url, base).searchParams.get("ids") ?? "").split(",");
      return { body: ids.filter((id) => id !== "7").map((id) => order(id, { event: "sale" })) };
    };
    const asked = Array.from({ length: 250 }, (_, i) => sale(String(i)));
    const found = await source("/orders?shop=1").find(asked);
    expect(found.map(kind).filter((one) => one === "missing")).to.have.length(1);
    expect(kind(found[7])).to.equal("missing");
    expect(seen).to.have.length(3);
  });

  it("remembers for a while what it found, and asks again for what it did not", async () => {
    answer = ({ url = "" }) => (url.endsWith("none") ? { status: 404 } : { body: order("1") });
    const one = source("/orders/{orderId}");
    await one.find([sale("1"), sale("none")]);
    await one.find([sale("1"), sale("none")]);
    expect(seen.map(({ url }) => url)).to.deep.equal(["/orders/1", "/orders/none", "/orders/none"]);
  });

  it("cannot say now when it fails, is slow, redirects, or sends something else", async () => {
    const failures: [ReturnType<typeof answer>, string][] = [
      [{ status: 500 }, "answered 500"],
      [{ status: 401 }, "answered 401"],
      [{ status: 302 }, "cannot be reached"],
      [{ body: order("1"), delay: 5_000 }, "did not answer in time"],
      [{ text: "<html>" }, "did not send JSON"],
      [{ body: { orderId: "1" } }, "sent no order"],
      [{ body: { ...order("1"), refunded: 2.5 } }, "as text such as"],
      [{ body: order("2") }, "sent another order"],
      [{ text: `"${"x".repeat(2 ** 20)}"` }, "more than 1048576 bytes"],
    ];
    for (const [given, reason] of failures) {
      answer = () => given;
      const timeoutMilliseconds = given.delay === undefined ? 60_000 : 100;
      const options = { token: "secret", timeoutMilliseconds };
      const [found] = await source("/orders/{orderId}", options).find([sale("1")]);
      expect(found).to.have.property("unavailable");
      expect(JSON.stringify(found)).to.contain(reason).and.not.contain("secret");
    }
  });

  it("is left alone for the rest of a batch when it is down", async () => {
    answer = () => ({ status: 503 });
    const found = await source("/orders/{orderId}").find(Array.from({ length: 500 }, (_, i) => sale(String(i))));
    expect(new Set(found.map(kind))).to.deep.equal(new Set(["unavailable"]));
    expect(seen.length).to.be.lessThan(10);
  });

  it("is never led to another path by an order's id", async () => {
    answer = () => ({ body: order("..") });
    const found = await source("/shops/7/orders/{orderId}").find([sale(".."), sale(".")]);
    expect(found.map(kind)).to.deep.equal(["missing", "missing"]);
    expect(seen).to.deep.equal([]);
  });

  it("has no order whose id has half a character, and finds the others of its batch", async () => {
    answer = ({ url = "" }) => ({ body: url.includes("?") ? [order("1")] : order("1") });
    for (const path of ["/orders/{orderId}", "/orders"]) {
      const found = await source(path).find([sale("\ud800"), sale("1"), { event: "\udfff", orderId: "1" }]);
      expect(found.map(kind)).to.deep.equal(["missing", "order", "missing"]);
    }
  });
});

describe("a source of orders in a CSV file", function () {
  this.timeout(240_000);
  let folder: string;
  let file: string;
  let database: Database;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-csv-"));
    file = join(folder, "orders.csv");
    database = await newDatabase({ folder: join(folder, "database") }, ATTESTER_MIGRATIONS);
  });
  after(async () => {
    await database?.close();
    rmSync(folder, { recursive: true });
  });

  const parse = async (...chunks: string[]) => {
    const orders = [];
    for await (const [, order] of parseOrders(Readable.from(chunks) as AsyncIterable<string>)) orders.push(order);
    return orders;
  };
  const failure = (text: string) =>
    parse(text).then(
      () => "",
      (error: Error) => error.message,
    );

  it("is read however it is cut into pieces and whatever is quoted", async () => {
    const text =
      '\uFEFForderId,note,event,volume,createdAt,refunded\r\n"a ""1"", x","two\nlines",sale,49.90,2030-01-01T00:00:00+01:00,true\n\nb,,,10,1893456000,\n';
    const expected = [
      { orderId: 'a "1", x', event: "sale", volume: "49.90", createdAt: 1_893_452_400, refunded: true },
      { orderId: "b", event: undefined, volume: "10", createdAt: 1_893_456_000, refunded: false },
    ];
    for (let cut = 1; cut < text.length; cut++) {
      const orders = await parse(text.slice(0, cut), text.slice(cut));
      expect(orders.map((one) => ({ event: undefined, ...one }))).to.deep.equal(expected);
    }
    expect(await parse("orderId,volume,createdAt")).to.deep.equal([]);
    expect(await parse("orderId,volume,createdAt\na,1,5")).to.have.length(1);
  });

  it("may have semicolons and decimal commas, and lines that end with CR", async () => {
    const [order] = await parse("orderId;volume;createdAt;refunded\ra,1;49,90;5;12,50\r;;;\r");
    expect(order).to.include({ orderId: "a,1", volume: "49.90", refunded: "12.50" });
  });

  it("names the line that is wrong", async () => {
    const head = "orderId,volume,createdAt\na,1,5\n";
    expect(await failure("orderId,createdAt\n")).to.contain("no column volume");
    expect(await failure("orderId,volume,createdAt,volume\n")).to.contain("names the column volume twice");
    expect(await failure(`${head}b,1\n`)).to.contain("line 3 has 2 fields");
    expect(await failure(`${head}b,12 EUR,5\n`)).to.contain("line 3: ✖ must be a decimal number");
    expect(await failure("orderId,volume,createdAt,refunded\na,1,5,partly\n")).to.contain("at refunded");
    expect(await failure(`${head}"b,1,5\n`)).to.contain("opens a quote");
    expect(await failure(`${head}"b"b,1,5\n`)).to.contain("line 3 goes on after a closing quote");
    expect(await failure(`${head}${"b".repeat(1_001)},1,5\n`)).to.contain("more than 1000 characters");
  });

  it("has columns for what was sold and for what its customer had bought, and may leave a field empty", async () => {
    const told = join(folder, "told.csv");
    const head = "orderId,volume,createdAt,attribute:plan,attribute:quantity,customerOrders,customerFirstAt";
    writeFileSync(told, `${head}\n1,10,5,annual,3,2,7\n2,10,5,,,0,\n3,10,5,,,,\n`);
    const found = await createCsvSource(database, told).find(["1", "2", "3"].map(sale));
    const said = found.map((one) => "order" in one && [one.order.attributes, one.order.customer]);
    expect(said).to.deep.equal([
      [{ plan: "annual", quantity: 3 }, { sale: { conversions: 2, firstAt: 7 } }],
      [undefined, { sale: { conversions: 0 } }],
      [undefined, undefined],
    ]);
    writeFileSync(told, "orderId,volume,createdAt,customer,attributes\n1,10,5,anna@example.com,red\n");
    const [own] = await createCsvSource(database, told).find([sale("1")]);
    expect(own).to.have.property("order").that.includes({ volume: "10", attributes: undefined, customer: undefined });
    writeFileSync(told, `${head}\n1,10,5,annual,3,two,\n`);
    const [wrong] = await createCsvSource(database, told).find([sale("1")]);
    expect(wrong).to.have.property("unavailable").that.contains("line 2: ").and.contains("customer.conversions");
  });

  it("is read again when it has changed, and says so when it cannot be", async () => {
    const source = createCsvSource(database, file);
    expect((await source.find([sale("1")])).map(kind)).to.deep.equal(["unavailable"]);
    writeFileSync(file, "orderId,event,volume,createdAt,refunded\n1,sale,10,5,2.5\n1,signup,0,5,true\n2,,20,6,\n");
    const found = await source.find([sale("1"), { event: "signup", orderId: "1" }, sale("2"), sale("3")]);
    expect(found.map((one) => ("order" in one ? one.order.volume : kind(one)))).to.deep.equal([
      "10",
      "0",
      "20",
      "missing",
    ]);
    expect(found.map((one) => "order" in one && one.order.refunded)).to.deep.equal(["2.5", true, false, false]);
    writeFileSync(file, Buffer.from("\uFEFForderId\tevent\tvolume\tcreatedAt\r\n1\tsale\t12\t5\r\n", "utf16le"));
    expect((await source.find([sale("1")])).map((one) => "order" in one && one.order.volume)).to.deep.equal(["12"]);
    writeFileSync(file, Buffer.from("orderId,volume,createdAt\n\xe9,11,5\n", "latin1"));
    expect((await source.find([sale("1")])).map(kind)).to.deep.equal(["unavailable"]);
    writeFileSync(file, "orderId,event,volume,createdAt\n1,sale,11,5\n3,sale,1,5\n");
    // Another instance over the same database: two requests, or a restart.
    const both = await Promise.all(
      [source, createCsvSource(database, file)].map((one) => one.find([sale("1"), sale("2")])),
    );
    for (const [first, second] of both) {
      expect(first).to.have.nested.property("order.volume", "11");
      expect(kind(second)).to.equal("missing");
    }
    // Half a file is no file: what it said before is not used either.
    for (const [text, reason] of [
      ["orderId,event,volume,createdAt\n1,sale,12,5\n1,sale,13,5\n", "stands in it twice"],
      ["orderId,event,volume,createdAt\n1,sale,12", "line 2 has 3 fields"],
    ] as const) {
      writeFileSync(file, text);
      expect(JSON.stringify(await source.find([sale("1")]))).to.contain(reason);
    }
  });

  it("holds 50,000 orders without holding them in memory", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `order ${i},sale,10.5,1893456000,false`);
    writeFileSync(file, `orderId,event,volume,createdAt,refunded\n${rows.join("\n")}\n`);
    const found = await createCsvSource(database, file).find([sale("order 49999"), sale("order 50000")]);
    expect(found.map(kind)).to.deep.equal(["order", "missing"]);
  });
});
