/** Where an audit takes public data from: files, or a relayer's API. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { unpackLine } from "@partner-programs/protocol/line";
import { z } from "zod";
import type { PublicBatch } from "./publicBatch.ts";
import type { HeldReceipt } from "./receipts.ts";

const MAX_TRIES = 4;
/** A batch of half a million conversions; whoever serves it must not fill the memory of who checks it. */
const MAX_BYTES = 256 * 1024 * 1024;

const publicBatch = z.object({
  lines: z.array(z.object({ attested: bytes32, current: bytes32 })).optional(),
  leaves: z.array(
    z.object({ number: z.string().regex(/^\d{1,19}$/), key: bytes32, salt: bytes32, entries: z.array(bytes32) }),
  ),
});

/** Where the public data of a campaign comes from. */
export interface PublicData {
  /** The batch; a text that says why it cannot be read; undefined if nobody has it. */
  batch(digest: string): Promise<PublicBatch | string | undefined>;
  /** The bytes, as they are served. */
  description(hash: string): Promise<Uint8Array | undefined>;
  /** The relayer's address, as it says itself. */
  relayer(): Promise<string | undefined>;
}

/** Saved files: `<folder>/<digest>.json`, and `<folder>/descriptions/<hash>.json` byte by byte. */
export function dataInFolder(folder: string): PublicData {
  const read = async (file: string) =>
    readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
  return {
    batch: async (digest) => parseBatch(await read(join(folder, `${digest}.json`))),
    description: (hash) => read(join(folder, "descriptions", `${hash}.json`)),
    relayer: async () => undefined,
  };
}

/** A relayer's public API. */
export function dataOfRelayer(url: string): PublicData {
  return {
    batch: async (digest) => parseBatch(await get(new URL(`/v1/batches/${digest}`, url))),
    description: (hash) => get(new URL(`/v1/descriptions/${hash}`, url)),
    async relayer() {
      const bytes = await get(new URL("/v1/status", url));
      return bytes && z.object({ relayer: z.string() }).parse(JSON.parse(bytes.toString())).relayer;
    },
  };
}

function parseBatch(bytes: Buffer | undefined): PublicBatch | string | undefined {
  if (bytes === undefined) return undefined;
  try {
    const parsed = publicBatch.safeParse(JSON.parse(bytes.toString()));
    return parsed.success ? parsed.data : z.prettifyError(parsed.error).replaceAll("\n", " ").slice(0, 300);
  } catch (error) {
    return (error as Error).message;
  }
}

/** A resource; undefined if it is not there. A server that is only busy is asked again. */
async function get(url: URL): Promise<Buffer | undefined> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((error: Error) => error);
    if (!(answer instanceof Error)) {
      if (answer.ok) return readBounded(url, answer);
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

async function readBounded(url: URL, response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`${url} sends more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
