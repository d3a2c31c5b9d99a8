/** Files of reports, and what became of each row. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { streamOf } from "#service/stream.ts";
import { isEncoding } from "#service/text.ts";
import { runImport } from "../../intake/imports.ts";
import { readCsv, readNdjson, readText } from "../../intake/rows.ts";
import { type ImportedRow, type ImportRow, insertImport, readImportedRows, readImports } from "../../store/imports.ts";
import { requireApiKey, SERVER } from "../auth.ts";
import type { Services } from "../context.ts";
import { report, toReport } from "../conversion.ts";
import { describeIssues } from "../describeIssues.ts";
import { noteBroken } from "../observe.ts";
import { json } from "../schemas.ts";

/** Imports have a body of their own size, read as it arrives. */
export const IMPORTS_PATH = "/v1/imports";
const MAX_BYTES = 100 * 1024 * 1024;
const ROWS_AT_ONCE = 1_000;
const NDJSON = "application/x-ndjson";
export const COLUMNS = {
  required: ["event", "orderId"],
  decimals: ["volume"],
  ids: ["orderId", "customerId"],
  grouped: { prefix: "attribute:", field: "attributes" },
};
/** How rows are read out of a body, by its media type. */
const READERS = { [NDJSON]: readNdjson, "text/csv": (text: AsyncIterable<string>) => readCsv(text, COLUMNS) };

const count = z.int();
const importSchema = z
  .object({
    id: z.string(),
    state: z.enum(["running", "done", "failed", "interrupted"]),
    problem: z.string().nullable(),
    rows: count,
    accepted: count,
    rejected: count,
    known: count.openapi({ description: "Taken in before, by an earlier import or a single report." }),
    conflicting: count.openapi({ description: "The order was reported before with another content." }),
    invalid: count,
    createdAt: z.string(),
    progressedAt: z.string(),
  })
  .openapi("Import");

function toImport(row: ImportRow): z.output<typeof importSchema> {
  const [accepted, rejected, known, conflicting, invalid] = [
    row.accepted,
    row.rejected,
    row.known,
    row.conflicting,
    row.invalid,
  ].map(Number) as [number, number, number, number, number];
  return {
    id: String(row.id),
    state: row.state,
    problem: row.problem,
    rows: accepted + rejected + known + conflicting + invalid,
    accepted,
    rejected,
    known,
    conflicting,
    invalid,
    createdAt: row.created_at.toISOString(),
    progressedAt: row.progressed_at.toISOString(),
  };
}

function toResult(row: ImportedRow): string {
  return `${JSON.stringify({
    row: Number(row.row),
    outcome: row.outcome,
    event: row.event,
    orderId: row.order_id,
    conversionId: row.conversion_id === null ? null : String(row.conversion_id),
    state: row.state,
    reason: row.reason,
    problem: row.problem,
  })}\n`;
}

function parse(value: unknown) {
  const parsed = report.safeParse(value);
  return parsed.success ? toReport(parsed.data) : { problem: describeIssues(parsed.error) };
}

export function importRoutes(services: Services) {
  const { database, intake, log } = services;
  const app = new OpenAPIHono();
  const running = new Set<string>();
  const parameter = z.object({ id: z.string().regex(/^\d{1,18}$/) });

  async function find(campaignId: string, id: string): Promise<ImportRow> {
    const [row] = await readImports(database, campaignId, id);
    if (row === undefined) throw new Problem(404, `You have no import ${id}.`);
    return row;
  }

  async function* writeResults(id: bigint) {
    for (let after = 0n; ; ) {
      const rows = await readImportedRows(database, id, after, ROWS_AT_ONCE);
      yield rows.map(toResult).join("");
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)?.row ?? after;
    }
  }

  app.openapi(
    createRoute({
      method: "post",
      path: IMPORTS_PATH,
      security: SERVER,
      description: `Reports as POST /v1/conversions takes them, judged in their order: one JSON object a line, or CSV whose first line names the fields (attribute:plan is the attribute plan), separated by commas, semicolons or tabs. In UTF-8, UTF-16 or the charset that the Content-Type names. At most ${MAX_BYTES} bytes.`,
      request: {
        body: { required: true, content: { [NDJSON]: { schema: z.string() }, "text/csv": { schema: z.string() } } },
      },
      responses: {
        201: json(
          importSchema,
          "The file was read to its end; the results say what became of each row. `failed` if no row of it is a report.",
        ),
        ...problems(400, 401, 409, 415),
      },
    }),
    async (c) => {
      const { apiKeyId, campaignId } = await requireApiKey(c, services, "report");
      const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
      const read = type === NDJSON || type === "text/csv" ? READERS[type] : undefined;
      if (read === undefined)
        throw new Problem(415, `Send the file as ${NDJSON} or text/csv; it came as ${type ?? "nothing"}.`);
      const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(c.req.header("content-type") ?? "")?.[1];
      if (charset !== undefined && !isEncoding(charset))
        throw new Problem(415, `No encoding is called ${charset}. Send the file in UTF-8, UTF-16 or Windows-1252.`);
      if (c.req.raw.body === null) throw new Problem(400, "The file is empty.");
      if (running.has(campaignId))
        throw new Problem(409, "Another import of this campaign is running. Send this file when it is done.");
      running.add(campaignId);
      try {
        const id = await insertImport(database, campaignId);
        const rows = read(readText(c.req.raw.body as ReadableStream<Uint8Array>, MAX_BYTES, charset));
        await runImport(database, id, rows, parse, (one) =>
          intake.accept(campaignId, one, { apiKeyId, idempotencyKey: undefined }, Date.now()),
        );
        return c.json(toImport(await find(campaignId, String(id))), 201);
      } finally {
        running.delete(campaignId);
      }
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: IMPORTS_PATH,
      security: SERVER,
      responses: { 200: json(z.array(importSchema), "The campaign's last 100 imports."), ...problems(401) },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "read");
      return c.json((await readImports(database, campaignId)).map(toImport), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: `${IMPORTS_PATH}/{id}`,
      security: SERVER,
      request: { params: parameter },
      responses: { 200: json(importSchema, "The import and how far it is."), ...problems(401, 404) },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "read");
      return c.json(toImport(await find(campaignId, c.req.valid("param").id)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: `${IMPORTS_PATH}/{id}/results`,
      security: SERVER,
      request: { params: parameter },
      responses: {
        200: { description: "What became of each row, one JSON object a line." },
        ...problems(401, 404),
      },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "read");
      const { id } = await find(campaignId, c.req.valid("param").id);
      c.header("content-type", NDJSON);
      return c.body(streamOf(writeResults(id), noteBroken(c, log)));
    },
  );
  return app;
}
