/** Where an audit takes public data from: files, relayers' and attesters' APIs. */
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { linesPath } from "@partner-programs/protocol/attesterApi";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { judgedHistory, saidAttributes } from "@partner-programs/protocol/conditions";
import { z } from "zod";
import { get, reasonOf } from "#service/get.ts";
import type { GivenDescription, GivenLines } from "./audit.ts";
import { readJsonItems } from "./jsonItems.ts";
import { type GivenBatch, NotGiven, type PublicBatch } from "./publicBatch.ts";
import type { HeldReceipt } from "./receipts.ts";

/** A description, or a page of a relayer's; whoever serves it must not fill the memory of who checks it. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A batch is read as it arrives; more than this nobody waits for. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

/** Somebody, or a folder, that public data is taken from. */
export interface Source {
  readonly name: string;
  /** Whether it answers of now; a file is of when it was saved. */
  readonly live: boolean;
  /** Of any length up to `length` and one byte; undefined: it has none. */
  lines(digest: string, length: number): Promise<Uint8Array | undefined>;
  batch(digest: string): Promise<PublicBatch | undefined>;
  /** The bytes, as they are served. */
  description(hash: string): Promise<Uint8Array | undefined>;
  /** What is said at a path of the API, as JSON; undefined: nothing is there. @throws Error if it is none, or nobody answers */
  page(path: string): Promise<unknown>;
}

/** Where the public data of a campaign comes from. Of each kind everybody is asked who may have it. */
export interface PublicData {
  /** Relayers, and files that were saved of one. */
  readonly sources: readonly Source[];
  lines(digest: string, length: number): AsyncGenerator<GivenLines>;
  batches(digest: string): AsyncGenerator<GivenBatch>;
  descriptions(hash: string): AsyncGenerator<GivenDescription>;
  /** The text of a signed file of rates; undefined: nobody has it. */
  rateFile(digest: string): Promise<string | undefined>;
}

/** Saved files: `<folder>/<digest>.json` and `<digest>.lines`, and `<folder>/descriptions/<hash>.json` byte by byte. */
function dataInFolder(folder: string): Source {
  const open = (name: string) => {
    const file = join(folder, name);
    return existsSync(file) ? createReadStream(file) : undefined;
  };
  return {
    name: folder,
    live: false,
    async lines(digest, length) {
      const file = open(`${digest}.lines`);
      return file && readAtMost(file, length + 1);
    },
    async batch(digest) {
      const file = open(`${digest}.json`);
      return file && readJsonItems(file);
    },
    async description(hash) {
      const file = open(join("descriptions", `${hash}.json`));
      return file && readAtMost(file, MAX_BYTES);
    },
    page: async () => undefined,
  };
}

/** A relayer's public API, or an attester's: of that the lines. */
function dataOfServer(name: string): Source {
  const url = name.replace(/\/+$/, "");
  // Whoever did not answer, however patiently it was asked, is asked once from then on, until it does.
  let answered = true;
  const open = async (target: string): Promise<AsyncIterable<Uint8Array> | undefined> => {
    const patiently = answered;
    answered = false;
    const found = await openOnce(target, patiently);
    answered = true;
    return found;
  };
  const take = <T>(target: string, read: (body: AsyncIterable<Uint8Array>) => Promise<T>) =>
    takeWhole(target, open, read);
  return {
    name,
    live: true,
    lines: (digest, length) => take(url + linesPath(digest), (body) => readAtMost(body, length + 1)),
    async batch(digest) {
      const target = `${url}/v1/batches/${digest}`;
      const body = await open(target);
      return body && readJsonItems(bounded(body, target));
    },
    description: (hash) => take(`${url}/v1/descriptions/${hash}`, (body) => readAtMost(body, MAX_BYTES)),
    async page(path) {
      const bytes = await take(url + path, (body) => readAtMost(body, MAX_BYTES));
      if (bytes === undefined) return undefined;
      try {
        return JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        throw new NotGiven(`What ${url + path} says is no JSON.`);
      }
    },
  };
}

export function publicData(given: {
  readonly folder: string | undefined;
  readonly relayers: readonly string[];
  readonly attesters: readonly string[];
}): PublicData {
  const sources = [
    ...(given.folder === undefined ? [] : [dataInFolder(given.folder)]),
    ...given.relayers.map(dataOfServer),
  ];
  const all = [...sources, ...given.attesters.map(dataOfServer)];
  return {
    sources,
    lines: (digest, length) =>
      eachOf(all, async ({ name, ...source }) => {
        const lines = await source.lines(digest, length);
        return lines && { source: name, lines };
      }),
    batches: (digest) =>
      eachOf(sources, async ({ name, ...source }) => {
        const data = await source.batch(digest);
        return data && { source: name, data };
      }),
    async rateFile(digest) {
      for (const source of sources) {
        const found = await source.page(`/v1/rate-files/${digest}`).catch(() => undefined);
        if (found !== undefined) return JSON.stringify(found);
      }
      return undefined;
    },
    descriptions: (hash) =>
      eachOf(sources, async ({ name, ...source }) => {
        const bytes = await source.description(hash);
        return bytes && { source: name, bytes };
      }),
  };
}

/** What those give that have it, one after the other. @throws what the last throws that does not answer, if nobody has it */
async function* eachOf<T>(
  sources: readonly Source[],
  ask: (source: Source) => Promise<T | undefined>,
): AsyncGenerator<T> {
  let [any, failure]: [boolean, unknown] = [false, undefined];
  for (const source of sources) {
    const found = await ask(source).catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    if (found === undefined) continue;
    any = true;
    yield found;
  }
  if (!any && failure !== undefined) throw failure;
}

/** All of a resource, as `read` takes it; a connection that breaks while it is read is another try. */
async function takeWhole<T>(
  url: string,
  open: (url: string) => Promise<AsyncIterable<Uint8Array> | undefined>,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt++) {
    const body = await open(url);
    try {
      return body && (await read(body));
    } catch (error) {
      if (error instanceof NotGiven || attempt === MAX_READS)
        throw error instanceof NotGiven ? error : new NotGiven(`${url} breaks off: ${reasonOf(error)}. Try again.`);
    }
  }
}

const MAX_READS = 3;

/** A resource; undefined if it is not there. */
async function openOnce(url: string, patiently: boolean): Promise<AsyncIterable<Uint8Array> | undefined> {
  const answer = await get(url, {}, patiently ? undefined : []).catch((error: Error) => {
    throw new NotGiven(`${error.message}. Try again.`);
  });
  if (answer.ok) return answer.body ?? none();
  await answer.body?.cancel();
  if (answer.status === 404) return undefined;
  throw new NotGiven(`${url} does not answer: ${answer.status}. Try again.`);
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function* bounded(pieces: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<Uint8Array> {
  const reader = pieces[Symbol.asyncIterator]();
  try {
    for (let size = 0; ; ) {
      const piece = await reader.next().catch((error: unknown) => {
        throw new NotGiven(`${url} breaks off: ${reasonOf(error)}. Try again.`);
      });
      if (piece.done === true) return;
      size += piece.value.length;
      if (size > MAX_BATCH_BYTES) throw new Error(`${url} sends more than ${MAX_BATCH_BYTES} bytes.`);
      yield piece.value;
    }
  } finally {
    await reader.return?.();
  }
}

/** All of it, or its beginning if it is longer than `most`. */
async function readAtMost(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    chunks.push(piece.subarray(0, most - size));
    size += piece.length;
    if (size >= most) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const receipt = z.object({
  conversionKey: bytes32,
  salt: bytes32,
  receivedAt: z.int(),
  attestBy: z.int(),
  entries: z.array(bytes32),
  signature: z.string(),
});
const whole = z.string().regex(/^[1-9]\d{0,89}$/);
const sale = z.object({
  currency: z.string(),
  volume: z.string().regex(/^\d{1,60}(\.\d{1,18})?$/),
  rate: z
    .object({
      numerator: whole,
      denominator: whole,
      observedAt: z.int(),
      sources: z
        .array(
          z.union([
            z.object({ feed: z.string(), round: z.string().regex(/^\d{1,25}$/) }),
            z.object({ file: bytes32, day: z.string() }),
          ]),
        )
        .max(2),
    })
    .nullable(),
  nonce: bytes32.nullable(),
});
/** A conversion as the API gives it to its brand and its partner, or a receipt alone. */
const holding = z.union([
  z.object({
    campaignId: bytes32,
    state: z.string(),
    receipt: receipt.nullable(),
    // What was saved before there were conditions has neither.
    event: z.string().default(""),
    attributes: saidAttributes.default({}),
    history: judgedHistory.nullable().default(null),
    sale: sale.nullable().default(null),
    occurredAt: z
      .string()
      .nullish()
      .transform((at) => (at == null ? undefined : Math.floor(Date.parse(at) / 1000))),
  }),
  receipt
    .extend({ campaignId: bytes32 })
    .transform(({ campaignId, ...receipt }) => ({ campaignId, state: "", receipt, event: undefined })),
]);

/** The receipts of a file, of one campaign: a JSON array of conversions or of receipts. @throws Error that says which one is malformed */
export async function readReceipts(file: string, campaignId: string): Promise<HeldReceipt[]> {
  const parsed = z.array(holding).safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} does not hold receipts: ${z.prettifyError(parsed.error)}`);
  return parsed.data.flatMap(({ state, receipt, ...rest }) => {
    if (receipt === null || rest.campaignId !== campaignId) return [];
    const shown = rest.event === undefined ? undefined : { ...rest };
    return [{ ...receipt, campaignId, takenBack: state === "reversed", shown }];
  });
}
