/** Where an audit takes public data from: files, relayers' and attesters' APIs. */
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { linesPath } from "@partner-programs/protocol/attesterApi";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { unpackLine } from "@partner-programs/protocol/line";
import { z } from "zod";
import type { GivenLines } from "./audit.ts";
import { readJsonItems } from "./jsonItems.ts";
import type { PublicBatch } from "./publicBatch.ts";
import type { HeldReceipt } from "./receipts.ts";

const MAX_TRIES = 4;
/** A description, or what a relayer says of itself; whoever serves it must not fill the memory of who checks it. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A batch is read as it arrives; more than this nobody waits for. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

/** Where the public data of a campaign comes from. */
export interface PublicData {
  /** What each that has them gives as the lines of a batch, one after the other; no more bytes than `length` and one are read. */
  lines(digest: string, length: number): AsyncGenerator<GivenLines>;
  /** The batch; undefined if nobody has it. */
  batch(digest: string): Promise<PublicBatch | undefined>;
  /** The bytes, as they are served. */
  description(hash: string): Promise<Uint8Array | undefined>;
  /** The relayer's address, as it says itself. */
  relayer(): Promise<string | undefined>;
}

/** Saved files: `<folder>/<digest>.json` and `<digest>.lines`, and `<folder>/descriptions/<hash>.json` byte by byte. */
function dataInFolder(folder: string): PublicData {
  const open = (name: string) => {
    const file = join(folder, name);
    return existsSync(file) ? createReadStream(file) : undefined;
  };
  return {
    async *lines(digest, length) {
      const name = `${digest}.lines`;
      const file = open(name);
      if (file !== undefined) yield { source: join(folder, name), lines: await readAtMost(file, length + 1) };
    },
    async batch(digest) {
      const file = open(`${digest}.json`);
      return file && readJsonItems(file);
    },
    async description(hash) {
      const file = open(join("descriptions", `${hash}.json`));
      return file && readAtMost(file, MAX_BYTES);
    },
    relayer: async () => undefined,
  };
}

/** A relayer's public API, or an attester's: of that the lines. */
function dataOfServer(url: string): PublicData {
  const get = async (path: string) => {
    const target = new URL(path, url);
    const body = await open(target);
    return body && bounded(body, target);
  };
  return {
    async *lines(digest, length) {
      // One that does not answer does not keep the others from being asked.
      const body = await open(new URL(linesPath(digest), url)).catch(() => undefined);
      const lines = body && (await readAtMost(body, length + 1).catch(() => undefined));
      if (lines !== undefined) yield { source: url, lines };
    },
    async batch(digest) {
      const body = await get(`/v1/batches/${digest}`);
      return body && readJsonItems(body);
    },
    async description(hash) {
      const body = await get(`/v1/descriptions/${hash}`);
      return body && readAtMost(body, MAX_BYTES);
    },
    async relayer() {
      const body = await get("/v1/status");
      if (body === undefined) return undefined;
      const text = new TextDecoder().decode(await readAtMost(body, MAX_BYTES));
      return z.object({ relayer: z.string() }).parse(JSON.parse(text)).relayer;
    },
  };
}

/** All of them: each is asked in its turn for what those before it do not have. */
export function publicData(given: {
  readonly folder: string | undefined;
  readonly relayers: readonly string[];
  readonly attesters: readonly string[];
}): PublicData {
  const whole = [
    ...(given.folder === undefined ? [] : [dataInFolder(given.folder)]),
    ...given.relayers.map(dataOfServer),
  ];
  const all = [...whole, ...given.attesters.map(dataOfServer)];
  const first = async <T>(ask: (data: PublicData) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const data of whole) {
      const found = await ask(data);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    async *lines(digest, length) {
      for (const data of all) yield* data.lines(digest, length);
    },
    batch: (digest) => first((data) => data.batch(digest)),
    description: (hash) => first((data) => data.description(hash)),
    relayer: () => first((data) => data.relayer()),
  };
}

/** A resource; undefined if it is not there. A server that is only busy is asked again. */
async function open(url: URL): Promise<AsyncIterable<Uint8Array> | undefined> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) }).catch((error: Error) => error);
    if (!(answer instanceof Error)) {
      if (answer.ok) return answer.body ?? none();
      await answer.body?.cancel();
      if (answer.status === 404) return undefined;
    }
    if (attempt === MAX_TRIES)
      throw new Error(
        `${url} does not answer: ${answer instanceof Error ? answer.message : answer.status}. Try again.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function* bounded(pieces: AsyncIterable<Uint8Array>, url: URL): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MAX_BATCH_BYTES) throw new Error(`${url} sends more than ${MAX_BATCH_BYTES} bytes.`);
    yield piece;
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
  entries: z.array(bytes32.transform(unpackLine)),
  signature: z.string(),
});
/** A conversion as the API gives it to its brand and its partner, or a receipt alone. */
const holding = z.union([
  z.object({ campaignId: bytes32, state: z.string(), receipt: receipt.nullable() }),
  receipt
    .extend({ campaignId: bytes32 })
    .transform(({ campaignId, ...receipt }) => ({ campaignId, state: "", receipt })),
]);

/** The receipts of a file, of one campaign: a JSON array of conversions or of receipts. @throws Error that says which one is malformed */
export async function readReceipts(file: string, campaignId: string): Promise<HeldReceipt[]> {
  const parsed = z.array(holding).safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} does not hold receipts: ${z.prettifyError(parsed.error)}`);
  return parsed.data.flatMap(({ state, receipt, ...rest }) => {
    if (receipt === null || rest.campaignId !== campaignId) return [];
    return [{ ...receipt, campaignId, takenBack: state === "reversed" }];
  });
}
