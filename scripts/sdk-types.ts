/**
 * Writes sdk/types.ts: what the server SDK sends and gets, from the schemas of the relayer's own document (/v1/openapi.json).
 * `--check` compares with the committed file instead, and fails on any difference.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pino } from "pino";
import { createApp } from "#relayer/http/app.ts";
import type { Services } from "#relayer/http/context.ts";

/** The schemas that the SDK has a use for. */
const NAMES = ["ConversionReport", "Conversion", "BindingRequest", "Binding", "Refund", "Import", "Problem"] as const;

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly $ref?: string;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  null: "null",
};

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if (schema.anyOf !== undefined) return unionOf(schema.anyOf.map((one) => typeOf(one, indent)));
  if (schema.enum !== undefined) return unionOf(schema.enum.map((one) => JSON.stringify(one)));
  return unionOf([schema.type ?? []].flat().map((type) => namedType(type, schema, indent)));
}

function namedType(type: string, schema: Schema, indent: string): string {
  if (type === "array") {
    const item = typeOf(schema.items ?? {}, indent);
    return item.includes(" | ") && !item.endsWith("}") ? `readonly (${item})[]` : `readonly ${item}[]`;
  }
  if (type === "object") return objectOf(schema, indent);
  const primitive = PRIMITIVES[type];
  if (primitive === undefined) throw new Error(`No TypeScript type is known for the schema type ${type}.`);
  return primitive;
}

function objectOf({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const comment = schema.description === undefined ? "" : `${inner}/** ${schema.description} */\n`;
    return `${comment}${inner}readonly ${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema, inner)};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

function unionOf(types: readonly string[]): string {
  if (types.length === 0) throw new Error("A schema says nothing of its type.");
  return [...new Set(types)].join(" | ");
}

/** The TypeScript of the SDK's types, by the relayer's document as it is now. */
export async function sdkTypes(): Promise<string> {
  // The document needs nothing that is behind the routes.
  const services = {
    config: { PUBLIC_URL: "http://relayer.example" },
    log: pino({ level: "silent" }),
  } as unknown as Services;
  const response = await createApp(services).request("/v1/openapi.json");
  const { components } = (await response.json()) as { components: { schemas: Record<string, Schema> } };
  const parts = NAMES.map((name) => {
    const schema = components.schemas[name];
    if (schema === undefined) throw new Error(`The document has no schema ${name}.`);
    return `export interface ${name} ${objectOf(schema, "")}\n`;
  });
  return `// Written by scripts/sdk-types.ts from the relayer's /v1/openapi.json. Do not edit: run it again.\n\n${parts.join("\n")}`;
}

export const SDK_TYPES = new URL("../sdk/types.ts", import.meta.url);

if (import.meta.main) {
  const text = await sdkTypes();
  if (!process.argv.includes("--check")) writeFileSync(SDK_TYPES, text);
  else if (readFileSync(SDK_TYPES, "utf8") !== text) {
    console.error("sdk/types.ts is not what the relayer's document says. Run: node scripts/sdk-types.ts");
    process.exitCode = 1;
  }
}
