/**
 * Writes docs/relayer/inputs.md: for each field of each route that takes input what is accepted, how it is understood and what is
 * refused, by asking the schemas that validate the requests. `--check` compares with the committed page instead.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "@hono/zod-openapi";
import { pino } from "pino";
import { createApp } from "#relayer/http/app.ts";
import type { Services } from "#relayer/http/context.ts";
import { COLUMNS, IMPORTS_PATH } from "#relayer/http/routes/imports.ts";
import { type Field, type JsonSchema, probe } from "./inputs/probe.ts";

const PAGE = resolve(fileURLToPath(new URL("../docs/relayer/inputs.md", import.meta.url)));

const HEAD = `# What the relayer takes in

<!-- Written by scripts/inputs-page.ts, which asks the schemas of the requests: not edited, but run again (npm run inputs-page). -->

For every field of every route: what is accepted, how it is understood, and what is refused. What is refused is a 400, a problem whose
\`detail\` says what the last column says, with the field's name before it; other statuses stand below each table, and
[what they mean](api.md#what-is-answered) is the same everywhere. Which spellings are one value is told in
[Reporting conversions](conversions.md#how-values-are-written).

| of any request | is refused with |
|---|---|
| a body that is not JSON, not UTF-8, nested deeper than 32, or has NUL or half a surrogate pair in a text | 400 |
| a body with another \`Content-Type\` than \`application/json\` in UTF-8 | 415 |
| a body of more than 256 KiB, an address of more than 4,096 characters | 413, 414 |
| a field in a body that is not in its table | 400, with the field's name |
| a name in the query of a GET that is not in its table, or one twice | 400, with the name and those that there are |
| \`Authorization\` that is missing, unknown or of the other kind; one that may not do this | 401; 403 |
`;

/** What a body alone cannot be asked for: what depends on what is there. */
const NOTES: Readonly<Record<string, string>> = {
  "POST /v1/conversions":
    "400 as well: a `volume` with more decimals than the token has, or beyond what it can count to; `attributes` that the campaign's description does not have for the event, or of another type; a report without a customer where the event counts by customer. 409: the order, or the `Idempotency-Key`, was accepted before with another body. 503: too many wait.",
  "POST /v1/bindings":
    "Either `referralToken` or `code`, and not both (400). 409: the customer cannot be bound, and `detail` begins with the [reason](conversions.md#reasons).",
  "POST /v1/conversions/{id}/refunds":
    "`volume` or `all`, and not both; a `volume` needs `refundId` or `Idempotency-Key` (400). 409: more than is left (`detail` says what is), more decimals than the token has, another body under the same `refundId`, or the hold is over.",
  "POST /v1/refunds":
    "As of a conversion by its id. 409 as well: the order has several events, or is not known yet and the campaign has several, and none is said; an `event` that the campaign does not have. 201: the order is not known yet, and the refund waits for it.",
};

/** What has a schema of its own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "POST /v1/descriptions":
    "A campaign's description, as [description.schema.json](../../protocol/description.schema.json) has it and [The description](conversions.md#the-description) tells. It is kept byte for byte, as its hash is on the chain.",
};

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly schema: JsonSchema & { $ref?: string } }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema & { $ref?: string } }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

type Described = JsonSchema & { readonly $ref?: string; readonly properties?: Readonly<Record<string, JsonSchema>> };

/** The page's text, by the relayer as it is now. */
export async function inputsPage(): Promise<string> {
  // Neither the routes' schemas nor the document need what is behind the routes.
  const services = {
    config: { PUBLIC_URL: "http://relayer.example" },
    log: pino({ level: "silent" }),
  } as unknown as Services;
  const app = createApp(services);
  const document = (await (await app.request("/v1/openapi.json")).json()) as Document;
  const resolved = (schema: Described | undefined): Described =>
    schema?.$ref === undefined
      ? (schema ?? {})
      : (document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] as Described);

  const sections = app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, request } = definition.route;
    const operation = document.paths[path]?.[method];
    if (operation === undefined) throw new Error(`The document has no ${method} ${path}.`);
    const title = `${method.toUpperCase()} ${path}`;
    if (title in ELSEWHERE) return [section(title, ELSEWHERE[title] as string, operation)];
    const fields: (readonly [place: string, field: Field])[] = [];
    for (const [place, schemas] of [
      ["path", request?.params],
      ["query", request?.query],
      ["header", request?.headers],
    ] as const)
      for (const [name, schema] of Object.entries(shapeOf(schemas))) {
        const described = operation.parameters?.find((one) => one.name === name)?.schema;
        fields.push([place, probe(name, schema, resolved(described), "query")]);
      }
    const media = request?.body?.content["application/json"];
    const body = media !== undefined && "schema" in media ? media.schema : undefined;
    const described = resolved(operation.requestBody?.content["application/json"]?.schema);
    for (const [name, schema] of Object.entries(shapeOf(body)))
      fields.push(["body", probe(name, schema, resolved(described.properties?.[name]), "body")]);
    if (path === IMPORTS_PATH && method === "post") return [section(title, importTable(), operation)];
    return fields.length === 0 ? [] : [section(title, table(fields), operation)];
  });
  return `${HEAD}\n${sections.join("\n\n")}\n`;
}

const shapeOf = (schema: unknown): Readonly<Record<string, z.ZodType>> =>
  schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};

function section(title: string, text: string, { responses }: Operation): string {
  const statuses = Object.keys(responses).filter(
    (status) => /^4/.test(status) && !["400", "413", "414", "415"].includes(status),
  );
  const note = NOTES[title];
  return [`## ${title}`, text, ...(note === undefined ? [] : [note]), `Otherwise: ${statuses.join(", ")}.`].join(
    "\n\n",
  );
}

const cell = (text: string) => text.replace(/\|/g, "\\|").replace(/\n/g, " ");

function table(fields: readonly (readonly [place: string, field: Field])[]): string {
  return [
    "| field | in | accepted | not said | understood | refused |",
    "|---|---|---|---|---|---|",
    ...fields.map(
      ([place, { name, accepted, leftOut, understood, refused }]) =>
        `| \`${name}\` | ${place} | ${[accepted, leftOut, understood, refused].map(cell).join(" | ")} |`,
    ),
  ].join("\n");
}

function importTable(): string {
  const { required, decimals, ids } = COLUMNS;
  const names = (columns: readonly string[]) => columns.map((name) => `\`${name}\``).join(", ");
  return [
    "A file, by its `Content-Type`: `application/x-ndjson`, one object of [POST /v1/conversions](#post-v1conversions) a line; or `text/csv`, whose columns are its fields. Each row is",
    "understood and refused as there, and what is refused is that row (`invalid`, with its problem in the results), not the file. [Files](conversions.md#files) says how lines,",
    "separators, numbers and encodings are read.",
    "",
    "| of a CSV file | is |",
    "|---|---|",
    `| columns that have to be there | ${names(required)}; without one, or with one twice: 400 |`,
    `| numbers, with a decimal comma where semicolons separate | ${names(decimals)} |`,
    `| ids, refused as a spreadsheet shortens them (\`1.23E+15\`) | ${names(ids)} |`,
    "| an empty field | not said |",
    "| a row with more or fewer fields than the first line | `invalid` |",
  ].join("\n");
}

if (import.meta.main) {
  const text = await inputsPage();
  if (!process.argv.includes("--check")) writeFileSync(PAGE, text);
  else if (readFileSync(PAGE, "utf8") !== text) {
    console.error("docs/relayer/inputs.md is not what the schemas say. Run: npm run inputs-page");
    process.exitCode = 1;
  }
}
