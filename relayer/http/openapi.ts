/** The API's document: what the routes do not say themselves, and which methods a path answers to. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";

type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
type Described = NonNullable<NonNullable<Document["paths"]>[string]["get"]>;
type Operation = Described & { responses: NonNullable<Described["responses"]> };

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** By the beginning of the path, the longest first; what is left is about the process itself. A route may have tags of its own. */
const TAGS: readonly (readonly [prefix: string, tag: string])[] = [
  ["/v1/auth", "Sign-in"],
  ["/v1/conversions", "Conversions"],
  ["/v1/refunds", "Conversions"],
  ["/v1/waiting-refunds", "Conversions"],
  ["/v1/campaigns/{campaignId}/reviews", "Conversions"],
  ["/v1/bindings", "Bindings"],
  ["/v1/binding-moves", "Bindings"],
  ["/v1/customer-merges", "Bindings"],
  ["/v1/wallet-bindings", "Bindings"],
  ["/v1/imports", "Imports"],
  ["/v1/batches", "Batches"],
  ["/v1/attestations", "Batches"],
  ["/v1/webhooks", "Webhooks"],
  ["/mail/", "Notices"],
  ["/v1/me", "Partnerships"],
  ["/v1/campaigns/{campaignId}/partnerships", "Partnerships"],
  ["/v1/campaigns/{campaignId}/promotions", "Partnerships"],
  ["/v1/campaigns/{campaignId}/targets", "Partnerships"],
  ["/v1/campaigns/{campaignId}/bonuses", "Partnerships"],
  ["/v1/campaigns/{campaignId}/links", "Invites"],
  ["/i/", "Invites"],
  ["/v1/campaigns/{campaignId}/reports", "Reports"],
  ["/v1/campaigns", "Campaigns"],
  ["/v1/descriptions", "Campaigns"],
  ["/v1/rate-files", "Campaigns"],
  ["/v1/schemas", "Campaigns"],
];

const ABOUT = `What carries an invite link's click to an on-chain payout.

A brand's server sends an API key, a signed-in wallet a session token, both as \`Authorization: Bearer …\`. Amounts are decimal
strings of base units. Errors are problems (RFC 9457): \`detail\` says what is wrong and what to do.`;

/**
 * The document of every route. What is the same for all is added here: tags, which credentials are good, and the problems that
 * any request may be answered with.
 */
export function describe(app: OpenAPIHono, url: string): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Partner Programs relayer",
      version: "1",
      description: ABOUT,
      license: { name: "MIT" },
    },
    servers: [{ url: new URL("/", url).href.replace(/\/$/, "") }],
    security: [],
  });
  const tags = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (operation === undefined) continue;
      complete(path, operation as Operation, method);
      for (const tag of operation.tags ?? []) tags.add(tag);
    }
  }
  return {
    ...document,
    tags: [...tags].sort().map((name) => ({ name })),
    components: {
      ...document.components,
      securitySchemes: {
        session: { type: "http", scheme: "bearer", description: "A session token `us_…`, of a signed-in wallet." },
        partnerKey: { type: "http", scheme: "bearer", description: "A key `pk_…`, of a partner's wallet." },
        apiKey: { type: "http", scheme: "bearer", description: "A secret key `sk_…`, of a campaign's brand." },
        attesters: {
          type: "http",
          scheme: "bearer",
          description: "The `ATTESTER_TOKEN` of the relayer's configuration, which its attesters have as well.",
        },
      },
    },
  };
}

function complete(path: string, operation: Operation, method: string): void {
  operation.tags ??= [TAGS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "System"];
  operation.operationId ??= `${method}${path.replace(/[^a-z0-9]+(.)?/gi, (_, first: string | undefined) => (first ?? "").toUpperCase())}`;
  operation.summary ??= firstResponse(operation);
  operation.security ??= operation.responses["401"] === undefined ? [] : [{ session: [] }, { apiKey: [] }];
  // Every list and every reading refuses what its query does not know.
  const reads = method === "get" && path.startsWith("/v1/");
  const takesInput = reads || operation.parameters !== undefined || operation.requestBody !== undefined;
  const general = problems(
    ...(takesInput ? [400] : []),
    ...(operation.requestBody === undefined ? [] : [413, 415]),
    ...(path.startsWith("/v1/") ? [429] : []),
    500,
    503,
  );
  // By reference, as the routes' own are: the schema stands once in the document.
  for (const [status, { description }] of Object.entries(general)) {
    operation.responses[status] ??= {
      description,
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    };
  }
}

function firstResponse({ responses }: Operation): string {
  const first = Object.entries(responses).find(([status]) => status < "400")?.[1] as
    | { description?: string }
    | undefined;
  return first?.description ?? "";
}

/** The methods that some route at `path` answers to. */
export function methodsAt(document: Document, path: string): string[] {
  const found = Object.entries(document.paths ?? {}).flatMap(([pattern, methods]) => {
    const parts = pattern.split(/\{[^}]+\}/).map(literally);
    return new RegExp(`^${parts.join("[^/]+")}$`).test(path)
      ? METHODS.filter((method) => methods[method] !== undefined)
      : [];
  });
  return [...new Set(found)].map((method) => method.toUpperCase());
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
