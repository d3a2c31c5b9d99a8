/** Descriptions of campaigns: stored under the hash of their bytes, and their schema. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { descriptionHash, descriptionJsonSchema } from "@partner-programs/protocol/description";
import { Problem, problems } from "#service/problem.ts";
import { readDescriptionText, storeDescription } from "../../store/descriptions.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { description } from "../description.ts";
import { body, bytes32, json } from "../schemas.ts";

/** Stored by one address within 24 hours: whoever has a wallet can sign in, and what is stored stays. */
const MAX_BYTES_A_DAY = 512 * 1024;
const RETRY_SECONDS = 3_600;

const uploadDescription = createRoute({
  method: "post",
  path: "/v1/descriptions",
  tags: ["Campaigns"],
  security: [{ session: [] }],
  summary: "Store a description",
  request: { body: body(description) },
  responses: {
    201: json(
      z.object({ hash: bytes32, uri: z.url() }),
      "Stored under the hash of its bytes: what `createCampaign` takes.",
    ),
    ...problems(400, 401, 429),
  },
});

const showSchema = createRoute({
  method: "get",
  path: "/v1/schemas/description",
  responses: { 200: json(z.record(z.string(), z.unknown()), "The JSON Schema of a description.") },
});

const showDescription = createRoute({
  method: "get",
  path: "/v1/descriptions/{hash}",
  request: { params: z.object({ hash: bytes32 }) },
  responses: { 200: { description: "The bytes as published." }, ...problems(404) },
});

export function descriptionRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  app.openapi(uploadDescription, async (c) => {
    const storedBy = await requireSession(c, services);
    const text = await c.req.text();
    const hash = descriptionHash(text);
    if ((await storeDescription(database, { hash, text, storedBy }, MAX_BYTES_A_DAY)) === "too much") {
      c.header("retry-after", String(RETRY_SECONDS));
      throw new Problem(
        429,
        `An address stores at most ${MAX_BYTES_A_DAY} bytes of descriptions in 24 hours. Try again later.`,
      );
    }
    return c.json({ hash, uri: new URL(`/v1/descriptions/${hash}`, config.PUBLIC_URL).href }, 201);
  });

  app.openapi(showSchema, (c) => c.json(descriptionJsonSchema(), 200));

  app.openapi(showDescription, async (c) => {
    const { hash } = c.req.valid("param");
    const text = await readDescriptionText(database, hash);
    if (text === undefined) throw new Problem(404, `There is no description ${hash}.`);
    return c.body(text, 200, {
      "content-type": "application/json",
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
  return app;
}
