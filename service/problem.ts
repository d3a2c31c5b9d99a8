/** Problems as RFC 9457 has them, for every HTTP server of ours. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error as RFC 9457 has it: what happened, and in `detail` with which value and what to do. */
export const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .openapi("Problem");

const TITLES: Partial<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  414: "Address too long",
  415: "Unsupported media type",
  429: "Too many requests",
  500: "Internal error",
  503: "Not ready",
};

/** Ends a request with a problem. */
export class Problem extends HTTPException {
  constructor(status: ContentfulStatusCode, detail: string) {
    super(status, { message: detail });
  }
}

export function problemResponse(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  return c.json({ type: "about:blank", title: TITLES[status] ?? "Error", status, detail }, status, {
    ...headers,
    "content-type": "application/problem+json",
  });
}

/** The documentation of the problems that a route answers with. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: TITLES[status] ?? "Error", content: { "application/problem+json": { schema: problemSchema } } },
    ]),
  );
}
