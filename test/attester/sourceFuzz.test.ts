import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { parseOrders } from "#attester/source/csv.ts";
import { createOrdersSource } from "#attester/source/orders.ts";
import { decodeText } from "#service/text.ts";
import { SEED, sayInputs, secondsOf, tryFor } from "../support/fuzz.ts";

const SECONDS = secondsOf(2, 2);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** Orders of a file, or what is wrong with it: a sentence for whoever wrote the file. */
async function ordersOf(bytes: Uint8Array, size: number): Promise<unknown> {
  const orders: unknown[] = [];
  try {
    for await (const [, order] of parseOrders(decodeText(cut(bytes, size)))) orders.push(order);
  } catch (error) {
    expect((error as Error).message).to.match(/^(line \d+|its first line|The file is)/);
    return "refused";
  }
  return orders;
}

const word = fc.oneof(
  fc.constantFrom(
    ...'orderId|volume|createdAt|event|refunded|49.90|49,90|-1|1e5|2030-01-01T00:00:00Z|1893456000|99999999999999999999|true|false|__proto__|constructor|\0|"|é|😀|\ud800||'.split(
      "|",
    ),
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const line = fc.tuple(
  fc.array(word, { maxLength: 7 }),
  fc.constantFrom(",", ";", "\t"),
  fc.constantFrom("\n", "\r\n", "\r"),
);
const file = fc
  .tuple(fc.boolean(), fc.array(line, { maxLength: 10 }))
  .map(([headed, lines]) =>
    [
      headed ? "orderId,volume,createdAt,refunded,event\n" : "",
      ...lines.map(([words, separator, end]) => words.join(separator) + end),
    ].join(""),
  );

const order = fc.record(
  {
    orderId: fc.oneof(fc.constantFrom("1", "2", "a b", ""), fc.anything()),
    event: fc.oneof(fc.constantFrom("sale", "lead"), fc.anything()),
    volume: fc.oneof(fc.constantFrom("1", "49.90", "-1"), fc.anything()),
    createdAt: fc.oneof(fc.constantFrom("2030-01-01T00:00:00Z", 1_893_456_000), fc.anything()),
    refunded: fc.oneof(fc.constantFrom(true, false, "1.5"), fc.anything()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.array(order, { maxLength: 4 }).map(toText),
  order.map(toText),
  fc.jsonValue().map(toText),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "null", "[null]", `${"[".repeat(5_000)}`, '{"__proto__":{"orderId":"1"}}'),
);
const status = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(204, 302, 404, 410, 500) },
);

/** Not all that can be in memory can be JSON. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "null";
  } catch {
    return "null";
  }
}

describe(`sources of orders of strangers (FUZZ_SEED=${SEED})`, function () {
  this.timeout(120_000 + SECONDS * 4_000);
  let server: Server;
  let base: string;
  let answer = { status: 200, body: "" };
  let inputs = 0;

  before(async () => {
    server = createServer((_, response) => {
      response
        .writeHead(answer.status, { location: "/elsewhere" })
        .end(answer.status === 204 ? undefined : answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    sayInputs("sources", inputs);
  });

  it("are files that are read the same however they arrive, or refused with a sentence", async () => {
    const size = fc.integer({ min: 1, max: 50 });
    inputs += await tryFor(
      SECONDS,
      fc.asyncProperty(file, size, size, async (text, one, other) => {
        const bytes = new TextEncoder().encode(text);
        expect(await ordersOf(bytes, one)).to.deep.equal(await ordersOf(bytes, other));
      }),
    );
  });

  it("are URLs that are answered with an order, with none, or with why that cannot be said: never with another's", async () => {
    const asked = fc.array(
      fc.record({ event: fc.constantFrom("sale", "lead"), orderId: fc.constantFrom("1", "2", "a b", "..", "\ud800") }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    inputs += await tryFor(
      SECONDS,
      fc.asyncProperty(asked, fc.boolean(), status, body, async (orders, oneByOne, code, said) => {
        answer = { status: code, body: said };
        const url = `${base}${oneByOne ? "/{orderId}" : "/orders"}`;
        const found = await createOrdersSource({ url, timeoutMilliseconds: 60_000, concurrency: 2 }).find(orders);
        expect(found).to.have.lengthOf(orders.length);
        for (const [i, one] of found.entries()) {
          expect(Object.keys(one), JSON.stringify(one)).to.have.lengthOf(1);
          if ("order" in one) {
            expect(one.order.orderId).to.equal(orders[i]?.orderId);
            expect(one.order.volume).to.match(/^\d+(\.\d+)?$/);
            expect(Number.isInteger(one.order.createdAt)).to.equal(true);
          }
        }
      }),
    );
  });
});
