/** Where the links of mails lead: each is a page with one button, as mail scanners follow links, and press nothing. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { html } from "hono/html";
import { Problem, problems } from "#service/problem.ts";
import { type Act, pageAt, readActLink } from "../../mail/links.ts";
import { mailKey } from "../../secrets.ts";
import { confirmMailAddress, deleteMailAddress, readMailAddress, refuseQuestions } from "../../store/mailAddresses.ts";
import type { Services } from "../context.ts";
import { isBrowser } from "../isBrowser.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

const BUTTONS: Readonly<Record<Act, readonly [title: string, button: string]>> = {
  confirm: ["Notices to this address", "Yes, send them"],
  unsubscribe: ["No more mail to this address", "Delete the address"],
};

interface Page {
  readonly title: string;
  readonly text: string;
  /** What the button says; undefined: there is none. */
  readonly button?: string;
}

const page = ({ title, text, button }: Page, home: string) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem; color-scheme: light dark } button { font: inherit; padding: .5rem 1rem }</style>
</head>
<body>
<h1>${title}</h1>
<p style="overflow-wrap:anywhere">${text}</p>
${button === undefined ? html`<p><a href="${home}">To the pages</a></p>` : html`<form method="post"><button>${button}</button></form>`}
</body>
</html>`;

const BROKEN: Page = {
  title: "This link is not whole",
  text: "A part of it is missing or wrong. Open it from the mail again.",
};

export function mailPageRoutes({ database, config }: Pick<Services, "database" | "config">) {
  const app = new OpenAPIHono();
  for (const act of ["confirm", "unsubscribe"] as const)
    for (const method of ["get", "post"] as const)
      app.openAPIRegistry.registerPath({
        method,
        path: `/mail/${act}/{token}`,
        summary: method === "get" ? `The page of a mail's link to ${act}` : `What its button does: ${act}`,
        description:
          method === "post" && act === "unsubscribe" ? "One click in a mail program does the same (RFC 8058)." : "",
        request: { params: z.object({ token: z.string().max(200) }) },
        responses: { 200: { description: "A page." }, ...problems(404) },
      });

  const home = pageAt(config, "/");
  const answer = (c: Context, shown: Page, status: 200 | 404 = 200) => {
    c.header("content-security-policy", POLICY);
    c.header("cache-control", "no-store");
    c.header("referrer-policy", "no-referrer");
    c.header("x-robots-tag", "noindex");
    return c.html(page(shown, home), status);
  };

  /** A page for who looks at it, and a problem for a mail program. */
  function broken(c: Context) {
    if (!isBrowser(c)) throw new Problem(404, `${BROKEN.title}. ${BROKEN.text}`);
    return answer(c, BROKEN, 404);
  }

  /** The wallet's address, if it is still the one that the link is of. */
  async function currentOf({ wallet, key }: { readonly wallet: string; readonly key: string }) {
    const row = await readMailAddress(database, wallet);
    return row !== undefined && mailKey(config.RELAYER_SECRET, row.address) === key ? row : undefined;
  }

  for (const act of ["confirm", "unsubscribe"] as const) {
    app.get(`/mail/${act}/:token`, async (c) => {
      const link = readActLink(config.RELAYER_SECRET, act, c.req.param("token"));
      if (link === undefined) return broken(c);
      const [title, button] = BUTTONS[act];
      return answer(c, { title, text: `For the wallet ${link.wallet}.`, button });
    });
  }

  app.post("/mail/confirm/:token", async (c) => {
    const link = readActLink(config.RELAYER_SECRET, "confirm", c.req.param("token"));
    if (link === undefined) return broken(c);
    if ((await currentOf(link)) === undefined)
      return answer(c, {
        title: "Too late",
        text: "The address was not confirmed in time, or another was given since. Give it again on the page of your notices.",
      });
    await confirmMailAddress(database, link.wallet);
    return answer(c, { title: "Confirmed", text: `Notices for the wallet ${link.wallet} are sent to this address.` });
  });

  app.post("/mail/unsubscribe/:token", async (c) => {
    const link = readActLink(config.RELAYER_SECRET, "unsubscribe", c.req.param("token"));
    if (link === undefined) return broken(c);
    const current = await currentOf(link);
    if (current !== undefined) {
      if (current.confirmed_at === null) await refuseQuestions(database, link.key);
      await deleteMailAddress(database, link.wallet);
    }
    return answer(c, {
      title: "Deleted",
      text: `The address is deleted, and nothing more is sent there for the wallet ${link.wallet}.`,
    });
  });
  return app;
}
