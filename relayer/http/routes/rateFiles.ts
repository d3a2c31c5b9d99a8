/** The signed files of daily rates by which sales were converted, as they came. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readRateFileText } from "../../store/rateFiles.ts";
import type { Services } from "../context.ts";
import { bytes32 } from "../schemas.ts";

const showRateFile = createRoute({
  method: "get",
  path: "/v1/rate-files/{digest}",
  description: "By the digest that a conversion's rate names. Who signed it, and that it is that file, its text shows.",
  request: { params: z.object({ digest: bytes32 }) },
  responses: { 200: { description: "The file as it came." }, ...problems(404) },
});

export function rateFileRoutes({ database }: Pick<Services, "database">) {
  const app = new OpenAPIHono();
  app.openapi(showRateFile, async (c) => {
    const { digest } = c.req.valid("param");
    const text = await readRateFileText(database, digest);
    if (text === undefined) throw new Problem(404, `There is no file of rates ${digest}.`);
    return c.body(text, 200, {
      "content-type": "application/json",
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
  return app;
}
