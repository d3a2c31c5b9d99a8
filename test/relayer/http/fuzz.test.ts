import { createHash } from "node:crypto";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import fc from "fast-check";
import { SiweMessage } from "siwe";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { hashSecret } from "#relayer/secrets.ts";
import { announceMoves } from "#relayer/store/conversions.ts";
import { SEED, sayInputs, secondsOf, tryFor } from "../../support/fuzz.ts";

const SECONDS = secondsOf(3, 5);
/** What a request may leave behind whoever makes it: it signs nobody in, and says when a key was last used. */
const BOOKKEEPING = ["sign_in_nonces", "sessions"];

// biome-ignore lint/suspicious/noExplicitAny: a part of an OpenAPI document, or whatever somebody may send
type Part = any;

const JSON_TYPE = "application/json";
/** A file of reports, one a line. */
const LINES_TYPE = "application/x-ndjson";
const REPORT = { $ref: "#/components/schemas/ConversionReport" };

/**
 * Whoever is signed in may join a campaign or apply to it, see whether it is paid there, links, codes, leads, targets and bonuses of
 * its own, and a report of what it did itself.
 */
const OPEN_TO_ALL =
  /\/(partnerships|links|codes|reports|leads)$|^GET .*\/(targets|bonuses)$|^GET \/v1\/me\/|^POST .*\/applications$/;

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Part[];
  readonly body: Part | undefined;
  readonly type: string;
  readonly needsCredential: boolean;
}

interface Sent {
  readonly operation: Operation;
  readonly path: string;
  /** Whether all that the path names is there. */
  readonly known: boolean;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

// ---------------------------------------------------------------------------------------------- what strangers send

const hostileText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\uffff",
    "\u202e",
    "..",
    "../../etc/passwd",
    "..%2f..%2f",
    "%00",
    "%ff",
    "%",
    "'; DROP TABLE conversions; --",
    '{"$gt":""}',
    "null",
    "undefined",
    "NaN",
    "Infinity",
    "-1",
    "0",
    "1.5",
    "1e400",
    "9".repeat(18),
    "9".repeat(19),
    "9".repeat(40),
    "0x",
    `0x${"f".repeat(64)}`,
    `0x${"F".repeat(64)}`,
    `0x${"0".repeat(40)}`,
    "1970-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999+14:00",
    "2025-02-30T00:00:00Z",
    "__proto__",
    "constructor",
    "https://169.254.169.254/",
    "http://[::1]:0/",
    "javascript:alert(1)",
    "x".repeat(3_000),
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 300 }),
);

/** Numbers as they stand in JSON: some of them are none in JavaScript. */
const hostileNumber = fc.constantFrom(
  "0",
  "-0",
  "-1",
  "1.5",
  "1e-400",
  "1e400",
  "-1e400",
  "9007199254740993",
  "18446744073709551616",
  "9".repeat(400),
  "2147483648",
);

class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber.map((text) => new RawJson(text)),
  fc.constantFrom(
    null,
    true,
    [],
    {},
    [[]],
    new RawJson(`${"[".repeat(40)}${"]".repeat(40)}`),
    new RawJson(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`),
    new RawJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    new RawJson('{"a":1,"a":2}'),
    new RawJson('"\\ud800"'),
    new RawJson('"\\u0000"'),
    Array(5_000).fill(0),
  ),
  fc.jsonValue({ maxDepth: 4 }),
);

/** JSON.stringify, with RawJson written as it is. */
function write(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`)
      .join(",")}}`;
  return JSON.stringify(value) ?? "null";
}

const MOMENTS = [
  "2026-01-01T00:00:00Z",
  "1970-01-01T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "2026-01-01T00:00:00-23:59",
  "9999-12-31T23:59:59.999999999+14:00",
  "9999-12-31T23:59:59-14:00",
];

/** Values that a schema allows. */
function allowed(schema: Part, schemas: Part): fc.Arbitrary<unknown> {
  if (schema?.$ref !== undefined) return allowed(schemas[schema.$ref.split("/").at(-1)], schemas);
  if (schema?.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema?.const !== undefined) return fc.constant(schema.const);
  const options = schema?.anyOf ?? schema?.oneOf;
  if (options !== undefined) return fc.oneof(...options.map((one: Part) => allowed(one, schemas)));
  const type = Array.isArray(schema?.type) ? schema.type[0] : schema?.type;
  switch (type) {
    case "string": {
      const { minLength = 0, maxLength = 30, pattern, format } = schema;
      if (format === "uri") return fc.constantFrom("https://shop.example/hook", "https://brand.example/");
      // As good as any that fits, and further in: an address with a right checksum, a number of not too many decimals.
      if (/\{40\}/.test(pattern)) return fc.constantFrom(`0x${"1".repeat(40)}`, `0x${"0".repeat(40)}`);
      if (pattern?.includes("(\\.\\d")) return fc.constantFrom("0", "1", "49.90", "0.000001", "9".repeat(30));
      if (format === "date") return fc.constantFrom("2026-01-01", "0000-01-01", "0001-01-01", "9999-12-31");
      if (format === "date-time") return fc.constantFrom(...MOMENTS);
      if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length < 2_000);
      return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 30) });
    }
    case "integer":
    case "number": {
      const low = schema.minimum ?? 0;
      return fc.integer({ min: Math.max(low, -(2 ** 31)), max: Math.min(schema.maximum ?? 2 ** 31 - 1, 2 ** 31 - 1) });
    }
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(allowed(schema.items, schemas), {
        minLength: schema.minItems ?? 0,
        maxLength: (schema.minItems ?? 0) + 2,
      });
    case "object": {
      const fields = Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, allowed(inner, schemas)]),
      );
      return fc.record(fields, { requiredKeys: (schema.required ?? []).filter((name: string) => name in fields) });
    }
    default:
      return fc.jsonValue();
  }
}

/** The value with something within it changed: replaced, left out, or added. */
function changed(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value === "string")
    return fc.oneof(
      hostileValue,
      fc.constantFrom("\0", "\ud800", " ", "x".repeat(300)).map((more) => value + more),
    );
  if (typeof value !== "object" || value === null || value instanceof RawJson) return hostileValue;
  const names = Object.keys(value);
  const rebuild = (name: string, inner: unknown) =>
    Array.isArray(value) ? value.map((old, i) => (String(i) === name ? inner : old)) : { ...value, [name]: inner };
  const within = names.map((name) => changed((value as Part)[name]).map((inner) => rebuild(name, inner)));
  return fc.oneof(
    hostileValue,
    fc
      .tuple(hostileText, hostileValue)
      .map(([name, inner]) => (Array.isArray(value) ? [...value, inner] : { ...value, [name]: inner })),
    ...within,
    ...within,
    ...(names.length === 0 || Array.isArray(value)
      ? []
      : [
          fc
            .constantFrom(...names)
            .map((name) => Object.fromEntries(Object.entries(value).filter(([one]) => one !== name))),
        ]),
  );
}

const encodings = fc.oneof(
  { weight: 25, arbitrary: fc.constant({ type: "application/json", encode: (text: string) => Buffer.from(text) }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      { type: "application/json; charset=utf-16", encode: (text: string) => Buffer.from(text, "utf16le") },
      { type: "application/json", encode: (text: string) => Buffer.from(text, "utf16le") },
      { type: "application/json", encode: (text: string) => Buffer.from(text, "latin1") },
      {
        type: "application/json",
        encode: (text: string) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
      },
      {
        type: "application/json",
        encode: (text: string) => Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0x80])]),
      },
      {
        type: "application/json",
        encode: (text: string) => Buffer.from(text).subarray(0, Math.floor(text.length / 2)),
      },
      { type: "application/json", encode: (text: string) => Buffer.from(`${text}${text}`) },
      { type: "application/json", encode: () => Buffer.alloc(0) },
      { type: "application/json", encode: (text: string) => Buffer.from(text.padEnd(300_000)) },
      { type: "text/plain", encode: (text: string) => Buffer.from(text) },
      { type: "application/x-www-form-urlencoded", encode: (text: string) => Buffer.from(`a=${text}`) },
      { type: "multipart/form-data; boundary=x", encode: (text: string) => Buffer.from(text) },
      { type: "application/vnd.api+json", encode: (text: string) => Buffer.from(text) },
      { type: "", encode: (text: string) => Buffer.from(text) },
    ),
  },
);

/** Mostly `good`: what is wrong in everything is found out by the first check. */
const likely = <T>(good: T, ...wrong: T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });

const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
});
const strangeHeaders: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { "idempotency-key": "x".repeat(201) },
      { "idempotency-key": "" },
      { "x-forwarded-for": "127.0.0.1, ::1, unknown, 999.1.1.1" },
      { forwarded: "for=127.0.0.1" },
      { "x-http-method-override": "DELETE" },
      { "x-request-id": "../../x" },
      { "content-encoding": "gzip" },
      { "content-length": "-1" },
      { "content-length": "999999999999" },
      { "transfer-encoding": "chunked, chunked" },
      { range: "bytes=0-18446744073709551615" },
      { accept: "application/xml;q=9" },
      { host: "127.0.0.1:1" },
      { origin: "null" },
      { cookie: "session=us_admin" },
    ),
  },
  fc
    .tuple(fc.constantFrom("idempotency-key", "x-request-id", "user-agent", "accept", "if-none-match"), headerText)
    .map(([name, text]) => ({ [name]: text })),
);

/** Not all that can be written can be sent: an address has no spaces or half surrogates. `/`, `.` and `%` go as they are. */
const encode = (text: string) => encodeURIComponent(text.toWellFormed()).replaceAll("%2F", "/").replaceAll("%25", "%");

// ----------------------------------------------------------------------------------------------------------- the test

describe(`the fuzzer (FUZZ_SEED=${SEED})`, function () {
  this.timeout(OPENING + SECONDS * 4_000);
  let desk: RelayerWithCampaign;
  let operations: Operation[];
  let schemas: Part;
  /** Of what is there: the campaign, its key, conversion and webhook. */
  let ids: readonly string[];
  /** Headers that are good for nothing. */
  let bad: readonly (string | undefined)[];
  /** The brand's, which are good for everything here. */
  let good: readonly string[];
  /** Of others, who are good for their own affairs. */
  let foreign: readonly string[];

  before(async () => {
    desk = await openRelayerWithCampaign({ GASLESS_CLAIMS: "any" });
    const session = await desk.signIn(desk.brand);
    const keys = `/v1/campaigns/${desk.campaignId}/keys`;
    const { id: keyId, secret } = await desk.addKey(desk.campaignId, session, ["read", "report", "admin"]);
    const json = { url: "https://shop.example/" };
    const webhooks = `/v1/campaigns/${desk.campaignId}/webhooks`;
    const webhook = (await desk.call("POST", webhooks, { token: secret, json })).body.id;
    const conversion = await desk.report(secret, "order-1");
    const lines = {
      token: secret,
      headers: { "content-type": LINES_TYPE },
      body: '{"event":"signup","orderId":"order-2"}',
    };
    expect((await desk.call("POST", "/v1/imports", lines)).status).to.equal(201);
    await announceMoves(desk.database);
    const [delivery] = (await desk.call("GET", `/v1/webhooks/${webhook}/deliveries`, { token: secret })).body.items;
    await desk.database.query("UPDATE webhook_deliveries SET state = 'dead'");
    const [link] = await desk.database.query<{ code: string }>("SELECT code FROM links ORDER BY id LIMIT 1");
    ids = [link?.code ?? "", desk.campaignId, keyId, conversion, webhook, delivery.id];
    good = [secret, session];

    const expired = await desk.signIn(desk.brand);
    await desk.database.query("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE token_hash = $1", [
      hashSecret(expired),
    ]);
    const revoked = await desk.addKey(desk.campaignId, session);
    await desk.call("DELETE", `${keys}/${revoked.id}`, { token: session });
    const rotated = await desk.addKey(desk.campaignId, session);
    await desk.call("POST", `${keys}/${rotated.id}/rotations`, { token: session, json: { graceSeconds: 0 } });
    const wrong = [
      expired,
      revoked.secret,
      rotated.secret,
      `${secret}x`,
      secret.slice(0, -1),
      secret.replace("sk_", "us_"),
    ];
    bad = [
      undefined,
      ...wrong.map((token) => `Bearer ${token}`),
      `Basic ${secret}`,
      `bearer: ${secret}`,
      `Bearer  ${secret}`,
      `Bearer ${secret} ${secret}`,
      `Bearer ${"x".repeat(5_000)}`,
      "Bearer",
      "Bearer sk_",
      "Bearer us_\u00ff",
    ];

    const stranger = Wallet.createRandom();
    const strangers = await desk.signIn(stranger);
    const other = await desk.addKey(await desk.addCampaign(stranger.address, "Another"), strangers, [
      "read",
      "report",
      "admin",
    ]);
    foreign = [strangers, other.secret];

    // What is made from here on has other ids than what the brand has: those below name nothing of a stranger's.
    const counted = await desk.database.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES'",
    );
    for (const { name } of counted)
      await desk.database.query(`ALTER TABLE "${name}" ALTER COLUMN id RESTART WITH 1000000`);

    const document = (await desk.call("GET", "/v1/openapi.json")).body;
    schemas = document.components.schemas;
    operations = Object.entries<Part>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Part>(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        parameters: operation.parameters ?? [],
        body: operation.requestBody?.content[JSON_TYPE]?.schema ?? (operation.requestBody && REPORT),
        type: operation.requestBody?.content[JSON_TYPE] === undefined ? LINES_TYPE : JSON_TYPE,
        needsCredential: operation.security.length > 0,
      })),
    );
  });
  let inputs = 0;
  after(() => {
    sayInputs("routes", inputs);
    return desk.close();
  });

  /** All that is in the database, less the bookkeeping. */
  async function digest(): Promise<string> {
    const tables = await desk.database.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1",
    );
    const hash = createHash("sha256");
    for (const { name } of tables) {
      if (BOOKKEEPING.includes(name)) continue;
      const [row] = await desk.database.query<{ content: string }>(
        `SELECT coalesce(string_agg(line, ',' ORDER BY line), '') AS content FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS line FROM "${name}" t) lines`,
      );
      hash.update(name).update(row?.content ?? "");
    }
    return hash.digest("hex");
  }

  /** Requests to one route: nearly what it takes, or far from it. */
  function requests(operation: Operation): fc.Arbitrary<Sent> {
    const { path, parameters, body } = operation;
    const known = fc.constantFrom(...ids);
    const queries = parameters.filter((one) => one.in === "query");
    const query =
      queries.length === 0
        ? fc.tuple(hostileText, hostileText)
        : fc.constantFrom(...queries).chain(({ name, schema }) => {
            const likely = allowed(schema, schemas).map(String);
            return fc.tuple(fc.constant<string>(name), fc.oneof(likely, likely, hostileText));
          });
    const parts = path.split(/[{}]/);
    const values = parts.map((name, i) => {
      if (i % 2 === 0) return fc.constant({ text: name, known: true });
      // Mostly the campaign that is there: further in there is more to find.
      const likely = name === "campaignId" ? fc.constant(desk.campaignId) : known;
      return fc.oneof(
        { weight: 4, arbitrary: likely.map((text) => ({ text, known: true })) },
        { weight: 1, arbitrary: hostileText.map((text) => ({ text: encode(text), known: false })) },
      );
    });
    return fc
      .record({
        values: fc.tuple(...values),
        query: fc.array(query, { maxLength: 2 }),
        given:
          body === undefined
            ? fc.option(hostileValue)
            : allowed(body, schemas).chain((one) => fc.oneof(fc.constant(one), changed(one))),
        encoding: encodings,
        headers: strangeHeaders,
      })
      .map(({ values, query, given, encoding, headers }) => {
        const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
        const sendsBody = given !== null && operation.method !== "GET";
        return {
          operation,
          path: `/${values
            .map(({ text }) => text)
            .join("")
            .replace(/^\/+/, "")}${search === "" ? "" : `?${search}`}`,
          known: values.length > 1 && values.every((value) => value.known),
          headers: {
            ...headers,
            ...(sendsBody && encoding.type !== ""
              ? { "content-type": encoding.type.replace(JSON_TYPE, operation.type) }
              : {}),
          },
          body: sendsBody ? new Uint8Array(encoding.encode(write(given))) : undefined,
        };
      });
  }

  const anyRequest = () => fc.constantFrom(...operations).chain(requests);

  async function send({ operation, path, headers, body }: Sent, authorization: string | undefined): Promise<number> {
    // There is no worker here, and that is no reason for /readyz to say no.
    await desk.pulse.beat();
    const reply = await desk.call(operation.method, path, {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body: new Blob([body]) }),
    });
    expect(reply.status, JSON.stringify(reply.body).slice(0, 300)).to.be.below(500);
    if (reply.status >= 400) {
      expect(reply.headers.get("content-type")).to.equal("application/problem+json");
      expect(reply.body.status).to.equal(reply.status);
    }
    return reply.status;
  }

  async function play<T>(property: fc.IAsyncProperty<T>): Promise<void> {
    inputs += await tryFor(SECONDS, property);
  }

  it("gets nowhere without a good credential, whatever it sends, and sends it twice", async () => {
    const was = await digest();
    await play(
      fc.asyncProperty(anyRequest(), fc.nat(), async (sent, which) => {
        const authorization = bad[which % bad.length];
        for (let time = 0; time < 2; time++) {
          const status = await send(sent, authorization);
          if (sent.operation.needsCredential && sent.known) expect(status, `with ${authorization}`).to.be.at.least(400);
        }
      }),
    );
    expect(await digest()).to.equal(was);
  });

  it("breaks nothing with good credentials either, gets nowhere with another's, and what is refused changes nothing", async () => {
    let was = await digest();
    const refused: string[] = [];
    const nothingChanged = async () => {
      expect(await digest(), `one of these changed something: ${refused.join(", ")}`).to.equal(was);
      refused.length = 0;
    };
    const whoever = fc.oneof(
      fc.constantFrom("good", "foreign").chain((whose) => fc.nat(1).map((which) => ({ whose, which }))),
    );
    await play(
      fc.asyncProperty(anyRequest(), whoever, async (sent, { whose, which }) => {
        const { method, path } = sent.operation;
        // What is there and the credentials are to last.
        if (whose === "good" && (method === "DELETE" || /keys.*rotations/.test(path))) return;
        if (path === "/v1/auth/sessions") return;
        const reads = method === "GET";
        if (!reads && refused.length > 0) await nothingChanged();
        const authorization = `Bearer ${(whose === "good" ? good : foreign)[which]}`;
        const status = await send(sent, authorization);
        if (
          whose === "foreign" &&
          sent.operation.needsCredential &&
          sent.known &&
          !OPEN_TO_ALL.test(`${method} ${path}`)
        )
          expect(status, "with another's credential").to.be.at.least(400);
        // An import is written down also when its file turns out to be none.
        if (reads || (status >= 400 && path !== "/v1/imports")) refused.push(`${method} ${sent.path} ${status}`);
        else was = await digest();
      }),
    );
    await nothingChanged();
    expect(({} as Part).polluted).to.equal(undefined);
  });

  it("signs nobody in with a message that is old, early, another's, for another place, changed or used", async () => {
    const wallet = new Wallet(id("somebody"));
    const fields = fc.record(
      {
        domain: likely("relayer.example", "relayer.example.evil.example", "localhost", "127.0.0.1:80"),
        chainId: likely(31337, 1, 0),
        address: likely(wallet.address, desk.brand.address),
        expirationTime: likely("9999-12-31T23:59:59Z", "2020-01-01T00:00:00Z"),
        notBefore: likely("2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        nonce: likely(undefined, "unknown0", "x".repeat(500)),
        uri: fc.constantFrom("http://relayer.example", "javascript:alert(1)"),
        version: fc.constant("1"),
      },
      { requiredKeys: ["domain", "chainId", "address", "uri", "version"] },
    );
    const damage = likely<(signature: string) => string>(
      (signature) => signature,
      (signature) => signature.slice(0, -4),
      (signature) => `${signature.slice(0, -2)}${signature.endsWith("1b") ? "1c" : "1b"}`,
      (signature) => `0x${"0".repeat(signature.length - 2)}`,
      (signature) => signature.toUpperCase(),
      () => "0x",
      () => "not a signature",
      () => `0x${"f".repeat(1_900)}`,
    );
    const change = likely<(message: string) => string>(
      (message) => message,
      (message) => `${message} `,
      (message) => message.replace("URI:", "URI: x"),
      (message) => message.replaceAll("\n", "\r\n"),
      (message) => message.slice(0, 50),
      (message) => message.toLowerCase(),
      () => "",
    );
    await play(
      fc.asyncProperty(fields, damage, change, async (given, harm, alter) => {
        const { nonce } = (await desk.call("POST", "/v1/auth/nonces")).body;
        const message = new SiweMessage({ ...given, nonce: given.nonce ?? nonce }).prepareMessage();
        const json = { message: alter(message), signature: harm(await wallet.signMessage(message)) };
        const good =
          json.message === message &&
          json.signature === (await wallet.signMessage(message)) &&
          given.domain === "relayer.example" &&
          given.chainId === 31337 &&
          given.address === wallet.address &&
          given.nonce === undefined &&
          !given.expirationTime?.startsWith("2020") &&
          !given.notBefore?.startsWith("9999");
        const first = await desk.call("POST", "/v1/auth/sessions", { json });
        expect(first.status, JSON.stringify(json)).to.be.oneOf(good ? [201] : [400, 401]);
        const again = await desk.call("POST", "/v1/auth/sessions", { json });
        expect(again.status, JSON.stringify(json)).to.be.oneOf([400, 401]);
      }),
    );
  });
});
