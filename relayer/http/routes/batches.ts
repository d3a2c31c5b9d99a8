/** The public data of batches: with the chain, enough to check every conversion and every line. Nothing of a customer is in it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { LINE_BYTES } from "@partner-programs/protocol/line";
import { FAULT_REASONS } from "@partner-programs/protocol/reasons";
import type { PackedLeaf } from "@partner-programs/protocol/trees";
import { Problem, problems } from "#service/problem.ts";
import { streamOf } from "#service/stream.ts";
import { readAttestation, readLeaves } from "../../store/batches.ts";
import { type BatchView, readBatchView } from "../../store/batchViews.ts";
import { LINE_STATES, type LineRow, readLine, readLineRows, readSignedLines } from "../../store/lines.ts";
import type { RouteServices, Services } from "../context.ts";
import { noteBroken } from "../observe.ts";
import { amount, bytes32, json } from "../schemas.ts";
import { attestation, lineProof, reasonOfFault, toAttestationBody } from "../settlement.ts";

const line = z.object({
  attested: bytes32.openapi({ description: "As it was signed." }),
  current: bytes32.openapi({ description: "As reversals left it." }),
  state: z.enum(LINE_STATES),
  fault: z.enum(FAULT_REASONS.slice(1) as [string, ...string[]]).nullable(),
});

const leaf = z.object({ number: z.string(), key: bytes32, salt: bytes32, entries: z.array(bytes32) });

const batch = z
  .object({
    digest: bytes32,
    ...attestation.shape,
    total: amount.openapi({ description: "What all lines are worth: commissions and fees." }),
    currentRoot: bytes32.openapi({ description: "Of the tree as reversals left it." }),
    currentTotal: amount,
    state: z.string(),
    releaseAt: z.int().nullable(),
    /** Why it is not further yet, if something is in the way: the contract's error, or who refused what. */
    problem: z.string().nullable(),
    linesKnown: z.boolean().openapi({
      description:
        "Whether the lines are known here. If not, `lines` is empty: somebody else attested the batch, and its attesters were not reached yet.",
    }),
    lines: z.array(line),
    leaves: z.array(leaf).openapi({ description: "Its conversions, as far as they were reported here." }),
  })
  .openapi("Batch");

const proof = z
  .object({ attestation, proof: lineProof, commission: amount, state: z.enum(LINE_STATES) })
  .openapi("BatchLine", { description: "A line of a batch as it stands: what `pull` of the contract takes." });

const batchParameter = z.object({ digest: bytes32 });

const showBatch = createRoute({
  method: "get",
  path: "/v1/batches/{digest}",
  summary: "A batch with its lines and leaves",
  request: { params: batchParameter },
  responses: { 200: json(batch, "The batch, its lines and its leaves."), ...problems(404) },
});

const listLines = createRoute({
  method: "get",
  path: "/v1/batches/{digest}/lines",
  summary: "The lines of a batch, as they were signed",
  description:
    "Words of 32 bytes in the order of the tree. Whoever reads them checks them against `linesRoot`; attesters serve the same.",
  request: { params: batchParameter },
  responses: {
    200: {
      description: "All lines.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...problems(404),
  },
});

const proveLine = createRoute({
  method: "get",
  path: "/v1/batches/{digest}/lines/{index}",
  summary: "A line of a batch, with its way to the root",
  request: { params: batchParameter.extend({ index: z.string().regex(/^\d{1,10}$/) }) },
  responses: { 200: json(proof, "The line and its proof."), ...problems(404) },
});

function toHead(digest: string, { attestation, currentTotal, ...shown }: BatchView) {
  return {
    digest,
    ...toAttestationBody(attestation),
    currentTotal: String(currentTotal),
    ...shown,
  } satisfies Omit<z.input<typeof batch>, "lines" | "leaves">;
}

const toLine = ({ attested, line: current, state, fault }: LineRow) => ({
  attested,
  current,
  state,
  fault: reasonOfFault(fault),
});

const toLeaf = ({ number, key, salt, entries }: PackedLeaf) => ({ number: String(number), key, salt, entries });

/** JSON of a batch, piece by piece: it can have hundreds of thousands of lines. */
async function* writeBatch({ database }: Pick<Services, "database">, digest: string, row: BatchView) {
  const head = JSON.stringify(toHead(digest, row));
  yield `${head.slice(0, -1)},"lines":[`;
  yield* writeItems(row.linesKnown ? readLineRows(database, digest) : noPages(), toLine);
  yield '],"leaves":[';
  yield* writeItems(readLeaves(database, digest), toLeaf);
  yield "]}";
}

async function* noPages(): AsyncGenerator<never[]> {}

async function* writeItems<Row>(pages: AsyncIterable<readonly Row[]>, toItem: (row: Row) => unknown) {
  let first = true;
  for await (const page of pages) {
    const text = page.map((row) => JSON.stringify(toItem(row))).join(",");
    yield first ? text : `,${text}`;
    first = false;
  }
}

async function* writeLines(pages: AsyncIterable<readonly string[]>) {
  for await (const page of pages) yield Buffer.from(page.map((packed) => packed.slice(2)).join(""), "hex");
}

export function batchRoutes(services: RouteServices) {
  const { database, trees, log } = services;
  const app = new OpenAPIHono();
  const unknown = (digest: string) => new Problem(404, `There is no batch ${digest}.`);
  const withoutLines = (digest: string) =>
    new Problem(
      404,
      `The lines of batch ${digest} are not known here: somebody else attested it. Ask its attesters, or again later.`,
    );

  app.openapi(showBatch, async (c) => {
    const { digest } = c.req.valid("param");
    const row = await readBatchView(database, digest);
    if (row === undefined) throw unknown(digest);
    c.header("content-type", "application/json");
    return c.body(streamOf(writeBatch(services, digest, row), noteBroken(c, log))) as never;
  });

  app.openapi(listLines, async (c) => {
    const { digest } = c.req.valid("param");
    const row = await readBatchView(database, digest);
    if (row === undefined) throw unknown(digest);
    if (!row.linesKnown) throw withoutLines(digest);
    c.header("content-type", "application/octet-stream");
    c.header("content-length", String(LINE_BYTES * row.attestation.lineCount));
    return c.body(streamOf(writeLines(readSignedLines(database, digest)), noteBroken(c, log))) as never;
  });

  app.openapi(proveLine, async (c) => {
    const { digest, index } = c.req.valid("param");
    const signed = await readAttestation(database, digest);
    if (signed === undefined) throw unknown(digest);
    const tree = await trees.read(digest);
    if (tree === undefined) throw withoutLines(digest);
    if (Number(index) >= tree.count) throw new Problem(404, `Batch ${digest} has ${tree.count} lines, from 0 on.`);
    const row = await readLine(database, digest, Number(index));
    if (row === undefined) throw unknown(digest);
    return c.json(
      {
        attestation: toAttestationBody(signed),
        proof: tree.proof(Number(index)),
        commission: String(row.commission),
        state: row.state,
      },
      200,
    );
  });
  return app;
}
