/**
 * Writes the types of the relayer's HTTP API from its own document (/v1/openapi.json): sdk/types.ts, what the server SDK sends
 * and gets, and portal/app/api/schema.d.ts, all of it. `--check` compares with the committed files instead.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createApp } from "#relayer/http/app.ts";
import type { Services } from "#relayer/http/context.ts";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** The schemas that the SDK has a use for. */
const OF_THE_SDK = [
  "ConversionReport",
  "Conversion",
  "BindingRequest",
  "Binding",
  "Refund",
  "WaitingRefund",
  "Import",
  "Batch",
  "Lead",
  "LeadDecision",
  "Problem",
];

interface Operation {
  responses?: Record<string, unknown>;
}

interface Document {
  readonly openapi: string;
  readonly info: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function apiDocument(): Promise<Document> {
  // The document needs nothing that is behind the routes.
  const services = {
    config: { PUBLIC_URL: "http://relayer.example" },
    log: pino({ level: "silent" }),
  } as unknown as Services;
  const response = await createApp(services).request("/v1/openapi.json");
  return (await response.json()) as Document;
}

/** The schemas of these names, and nothing else. They may name each other, and no more. */
function schemasAlone(document: Document, names: readonly string[]): unknown {
  const { openapi, info, components } = document;
  const missing = names.filter((name) => components.schemas?.[name] === undefined);
  if (missing.length > 0) throw new Error(`The document has no schema ${missing.join(", ")}.`);
  const schemas = Object.fromEntries(names.map((name) => [name, components.schemas?.[name]]));
  return { openapi, info, paths: {}, components: { schemas } };
}

/** Every refusal has the same shape, so it is named once an operation: two thirds of the file would say nothing else. */
function withOneProblem(document: Document): unknown {
  const problem = {
    description: "What is wrong (RFC 9457)",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  const paths = structuredClone(document.paths);
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    if (operation.responses === undefined) continue;
    const answers = Object.entries(operation.responses).filter(([status]) => status < "400");
    operation.responses = { ...Object.fromEntries(answers), default: { $ref: "#/components/responses/Problem" } };
  }
  return { ...document, paths, components: { ...document.components, responses: { Problem: problem } } };
}

/** openapi-typescript is a dependency of the SDK: it needs the TypeScript of there. */
function typesOf(document: unknown, header: string, file: string, more: readonly string[] = []): string {
  const cli = join(
    dirname(createRequire(join(ROOT, "sdk/package.json")).resolve("openapi-typescript/package.json")),
    "bin/cli.js",
  );
  // A field with a default may be left out of what is sent.
  const options = ["--default-non-nullable=false", "--root-types", "--root-types-no-schema-prefix", ...more];
  const run = (command: readonly string[], input: string) =>
    execFileSync(process.execPath, command, { cwd: ROOT, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
  const types = run([cli, ...options], JSON.stringify(document)).replace(/^\/\*\*.*?\*\/\n/s, "");
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  return run([biome, "format", `--stdin-file-path=${file}`], `${header}\n${types}`);
}

const HEADER = "Written by scripts/api-types.ts from the relayer's /v1/openapi.json: not edited, but run again.";

/** The text of each generated file, by the relayer's document as it is now. */
export async function apiTypes(): Promise<Record<string, string>> {
  const document = await apiDocument();
  const sdk = `/** What the server SDK sends and gets. ${HEADER} */`;
  const portal = `/** The relayer's HTTP API. ${HEADER} */`;
  return {
    "sdk/types.ts": typesOf(schemasAlone(document, OF_THE_SDK), sdk, "sdk/types.ts", ["--immutable"]),
    // The types of openapi-fetch, which the portal asks with, take a read-only array for an object.
    "portal/app/api/schema.d.ts": typesOf(withOneProblem(document), portal, "portal/app/api/schema.d.ts"),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await apiTypes())) {
    const file = join(ROOT, name);
    if (!process.argv.includes("--check")) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${name} is not what the relayer's document says. Run: npm run api-types`);
      process.exitCode = 1;
    }
  }
}
