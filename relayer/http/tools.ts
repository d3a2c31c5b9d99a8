/** Routes of the API as tools for somebody's agent (Model Context Protocol): what each takes is what the API's document says. */
import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import type { describe } from "./openapi.ts";

type Document = ReturnType<typeof describe>;
// biome-ignore lint/suspicious/noExplicitAny: a part of an OpenAPI document, as it is about to be written down
type Part = any;

/** By name: which route a tool is. Few, for each is read by the agent before it does anything: what it is asked for most. */
const ROUTES: Readonly<Record<string, readonly [method: "get" | "post", path: string]>> = {
  find_campaigns: ["get", "/v1/discover"],
  read_campaign: ["get", "/v1/campaigns/{campaignId}"],
  list_partnerships: ["get", "/v1/me/partnerships"],
  list_earnings: ["get", "/v1/me/earnings"],
  read_statement: ["get", "/v1/me/statement.csv"],
  get_referral_token: ["post", "/v1/campaigns/{campaignId}/links/{code}/tokens"],
  list_conversions: ["get", "/v1/conversions"],
  read_conversion: ["get", "/v1/conversions/{id}"],
  report_conversion: ["post", "/v1/conversions"],
  refund_order: ["post", "/v1/refunds"],
};

/** What credentials begin with, and as what the document knows them. */
const SCHEMES = { us_: "session", pk_: "partnerKey", sk_: "apiKey" } as const;

interface RouteTool {
  readonly tool: Tool;
  readonly path: string;
  readonly method: "get" | "post";
  /** Where each of its inputs goes. */
  readonly places: ReadonlyMap<string, "path" | "query" | "body">;
  /** Credentials that are good for it; none: everybody may. */
  readonly schemes: readonly string[];
}

/** All tools by name. @throws Error if the document lacks a route, or a route has one name for two inputs */
export function toolsOf(document: Document): ReadonlyMap<string, RouteTool> {
  return new Map(
    Object.entries(ROUTES).map(([name, [method, path]]) => {
      const paths: Part = document.paths ?? {};
      const operation: Part = paths[path]?.[method];
      if (operation === undefined) throw new Error(`The API has no ${method.toUpperCase()} ${path} for ${name}.`);
      const places = new Map<string, "path" | "query" | "body">();
      const properties: Record<string, Part> = {};
      const required: string[] = [];
      const add = (input: string, place: "path" | "query" | "body", schema: Part, isRequired: boolean) => {
        if (places.has(input)) throw new Error(`${name} has two inputs ${input}.`);
        places.set(input, place);
        properties[input] = schema;
        if (isRequired) required.push(input);
      };
      for (const { in: place, name: input, schema, required: isRequired, description } of operation.parameters ?? [])
        if (place !== "header")
          add(input, place, description === undefined ? schema : { description, ...schema }, isRequired === true);
      const body = resolve(document, operation.requestBody?.content["application/json"].schema);
      for (const [input, schema] of Object.entries(body?.properties ?? {}))
        add(input, "body", schema, body.required?.includes(input) === true);
      const inputSchema = withDefinitions(document, { type: "object", properties, required });
      const description = [operation.summary, operation.description, operation.responses["200"]?.description];
      return [
        name,
        {
          tool: {
            name,
            description: [...new Set(description.filter(Boolean))].join("\n"),
            inputSchema,
            annotations: {
              readOnlyHint: method === "get",
              // What is reported or taken back twice is once: both are known by their order.
              idempotentHint: name !== "get_referral_token",
              destructiveHint: name === "refund_order",
              openWorldHint: false,
            },
          },
          path,
          method,
          places,
          schemes: (operation.security as Record<string, unknown>[]).flatMap((scheme) => Object.keys(scheme)),
        },
      ];
    }),
  );
}

/** The tools that a credential is good for; without one, those that everybody may use. */
export function toolsFor(tools: ReadonlyMap<string, RouteTool>, authorization: string | undefined): Tool[] {
  const secret = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const scheme = Object.entries(SCHEMES).find(([prefix]) => secret.startsWith(prefix))?.[1];
  return [...tools.values()]
    .filter(({ schemes }) => schemes.length === 0 || (scheme !== undefined && schemes.includes(scheme)))
    .map(({ tool }) => tool);
}

/** The request that a call of a tool is. Inputs that it does not have go to the route as well, which says that they are wrong. */
export function requestOf(
  { path, method, places }: RouteTool,
  inputs: Readonly<Record<string, unknown>>,
  origin: string,
  headers: Headers,
): Request {
  let filled = path;
  const query = new URLSearchParams();
  const body: Record<string, unknown> = {};
  for (const [input, value] of Object.entries(inputs)) {
    const place = places.get(input) ?? (method === "get" ? "query" : "body");
    if (place === "body") body[input] = value;
    else if (place === "path") filled = filled.replace(`{${input}}`, encodeURIComponent(String(value)));
    else if (value !== null) query.append(input, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  const url = new URL(filled.replace(/[{}]/g, encodeURIComponent), origin);
  url.search = query.toString();
  if (method === "get") return new Request(url, { headers });
  headers.set("content-type", "application/json");
  return new Request(url, { method: method.toUpperCase(), headers, body: JSON.stringify(body) });
}

/** More than this no agent reads. */
const MAX_ANSWER_BYTES = 1_000_000;

/** What an agent is told of an answer: a problem's own words where it is one. */
export async function resultOf(response: Response): Promise<CallToolResult> {
  const refused = (text: string): CallToolResult => ({ isError: true, content: [{ type: "text", text }] });
  const text = await readAnswer(response);
  if (text === undefined)
    return refused(`The answer is longer than ${MAX_ANSWER_BYTES} bytes. Ask for less: fewer days, a smaller limit.`);
  return response.ok ? { content: [{ type: "text", text }] } : refused(`${response.status}: ${problemIn(text)}`);
}

/** undefined: it is too long. What is written as it is read is not read on. */
async function readAnswer({ body }: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Left early, it is cancelled.
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function problemIn(text: string): string {
  try {
    return JSON.parse(text).detail ?? text;
  } catch {
    return text;
  }
}

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

function resolve({ components }: Document, schema: Part): Part {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? "")?.[1];
  const schemas: Part = components?.schemas ?? {};
  return name === undefined ? schema : schemas[name];
}

/** A schema that stands by itself: what it refers to of the document comes with it. */
function withDefinitions({ components }: Document, schema: object): Tool["inputSchema"] {
  const found = new Map<string, Part>();
  const schemas: Part = components?.schemas ?? {};
  const collect = (part: unknown) => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (found.has(name)) continue;
      found.set(name, schemas[name]);
      collect(found.get(name));
    }
  };
  collect(schema);
  const whole = found.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(found) };
  return JSON.parse(JSON.stringify(whole).replace(REFERENCE, '"#/$defs/$1"'));
}
