import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "../../../server/problem.ts";
import type { Services } from "../context.ts";

/** The invite links. */
export function inviteRoutes({ invites }: Services) {
  const app = new OpenAPIHono();
  app.openapi(
    createRoute({
      method: "get",
      path: "/i/{code}",
      request: { params: z.object({ code: z.string().regex(/^[0-9a-z]{4,32}$/) }) },
      responses: {
        302: { description: "To the campaign's destination, with a referral token as `_ushrt`." },
        ...problems(404),
      },
    }),
    async (c) => {
      const { code } = c.req.valid("param");
      const destination = await invites.follow(code, Date.now());
      if (destination === undefined) throw new Problem(404, `There is no invite ${code}.`);
      c.header("cache-control", "no-store");
      c.header("referrer-policy", "no-referrer");
      return c.redirect(destination, 302);
    },
  );
  return app;
}
