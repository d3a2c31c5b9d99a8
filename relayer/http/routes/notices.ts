/** What a wallet is told by mail, and where to: given by itself, confirmed by whoever reads the mail there. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { NOTICE_KIND_NAMES, NOTICE_KINDS } from "../../domain/noticeKinds.ts";
import { mailKey } from "../../secrets.ts";
import { deleteMailAddress, muteKinds, putMailAddress, readMailAddress } from "../../store/mailAddresses.ts";
import { CONFIRM_HOURS, REFUSAL_DAYS } from "../../worker/mail.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { body, json } from "../schemas.ts";

/** Within a day. A question goes to somebody who may not have asked for it. */
const MAX_QUESTIONS = { perAddress: 3, perWallet: 5 };
/** As the envelope of a mail takes it (RFC 5321). */
const MAX_ADDRESS_CHARACTERS = 254;

const kinds = z.array(z.enum(NOTICE_KIND_NAMES)).max(NOTICE_KIND_NAMES.length);

const settings = z
  .object({
    available: z.boolean().openapi({ description: "Whether this relayer sends mail." }),
    email: z.string().nullable().openapi({ description: "Where to, with most of it hidden. null: nowhere." }),
    confirmed: z
      .boolean()
      .openapi({ description: "Whoever reads the mail there said yes; before, nothing else is sent." }),
    refused: z.string().nullable().openapi({
      description: "What the mail server said when it refused the address for good: give it again, or another.",
    }),
    muted: kinds.openapi({ description: "The kinds that are not wanted." }),
    kinds: z.array(z.object({ kind: z.enum(NOTICE_KIND_NAMES), text: z.string() })),
  })
  .openapi("NoticeSettings");

const route = { tags: ["Notices"], security: [{ session: [] }] };

const showSettings = createRoute({
  ...route,
  method: "get",
  path: "/v1/me/notices",
  summary: "What the signed-in wallet is told, and where to",
  responses: { 200: json(settings, "Its settings."), ...problems(401) },
});

const changeSettings = createRoute({
  ...route,
  method: "patch",
  path: "/v1/me/notices",
  summary: "Choose what is told",
  request: { body: body(z.strictObject({ muted: kinds }).openapi("NoticeChoice")) },
  responses: { 200: json(settings, "Its settings."), ...problems(401, 404) },
});

const giveAddress = createRoute({
  ...route,
  method: "put",
  path: "/v1/me/email",
  summary: "Say where notices go",
  description: `A question is sent there, with a link that is good for ${CONFIRM_HOURS} hours; nothing else before it is answered. The address before is deleted at once.`,
  request: {
    body: body(z.strictObject({ email: z.email().max(MAX_ADDRESS_CHARACTERS) }).openapi("NoticeAddress")),
  },
  responses: {
    202: json(settings, "The question is on its way; or the address was confirmed before."),
    ...problems(401, 403, 409, 429),
  },
});

const deleteAddress = createRoute({
  ...route,
  method: "delete",
  path: "/v1/me/email",
  summary: "Delete the address",
  responses: { 204: { description: "It is deleted, with all that was noted for it." }, ...problems(401) },
});

/** `a…@example.com`: enough to know it again. */
const hidden = (address: string) => `${address.slice(0, 1)}…${address.slice(address.lastIndexOf("@"))}`;

export function noticeRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();
  const available = config.SMTP_URL !== undefined;

  async function read(wallet: string): Promise<z.output<typeof settings>> {
    const row = await readMailAddress(database, wallet);
    return {
      available,
      email: row === undefined ? null : hidden(row.address),
      confirmed: row !== undefined && row.confirmed_at !== null,
      refused: row?.refused ?? null,
      muted: (row?.muted ?? []).filter((kind): kind is (typeof NOTICE_KIND_NAMES)[number] => kind in NOTICE_KINDS),
      kinds: NOTICE_KIND_NAMES.map((kind) => ({ kind, text: NOTICE_KINDS[kind] })),
    };
  }

  app.openapi(showSettings, async (c) => c.json(await read(await requireSession(c, services)), 200));

  app.openapi(changeSettings, async (c) => {
    const wallet = await requireSession(c, services);
    const muted = [...new Set(c.req.valid("json").muted)];
    if (!(await muteKinds(database, wallet, muted)))
      throw new Problem(404, `${wallet} has given no address. Give one first: PUT /v1/me/email.`);
    return c.json(await read(wallet), 200);
  });

  app.openapi(giveAddress, async (c) => {
    const wallet = await requireSession(c, services);
    if (!available)
      throw new Problem(
        403,
        "This relayer sends no mail: its operator has set no SMTP_URL. Use webhooks or the pages.",
      );
    const { email } = c.req.valid("json");
    const addressHash = mailKey(config.RELAYER_SECRET, email);
    const given = { wallet, address: email, addressHash };
    const outcome = await putMailAddress(database, given, { ...MAX_QUESTIONS, refusalDays: REFUSAL_DAYS });
    if (outcome === "too often")
      throw new Problem(
        429,
        `An address is asked at most ${MAX_QUESTIONS.perAddress} times within a day, and for one wallet ${MAX_QUESTIONS.perWallet}. Look for the mail that was sent, or come again tomorrow.`,
      );
    if (outcome === "refused before")
      throw new Problem(
        409,
        `Whoever reads the mail at this address said that they did not ask for it. Give another, or come again in ${REFUSAL_DAYS} days.`,
      );
    return c.json(await read(wallet), 202);
  });

  app.openapi(deleteAddress, async (c) => {
    await deleteMailAddress(database, await requireSession(c, services));
    return c.body(null, 204);
  });
  return app;
}
