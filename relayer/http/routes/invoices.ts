/** Self-billing invoices: who is on them, that they may be written, and what was written. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { issueInvoice } from "../../intake/invoices.ts";
import {
  agree,
  deleteParty,
  endAgreement,
  readAgreements,
  readInvoice,
  readInvoices,
  readParty,
  writeParty,
} from "../../store/invoices.ts";
import { requireTeam } from "../actor.ts";
import { requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  agreement,
  buyerRequest,
  details,
  invoice,
  invoiceHead,
  invoiceRequest,
  sellerRequest,
  toHead,
  toInvoice,
} from "../invoice.ts";
import { address, body, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";

const route = { tags: ["Invoices"], security: WALLET };
const mine = { ...route, path: "/v1/me/invoice-details" } as const;
const brandParameter = z.object({ brand: address });
const brands = { ...route, path: "/v1/brands/{brand}/invoice-details" } as const;
const billing = { ...route, path: "/v1/me/self-billing/{brand}" } as const;
const list = page(invoiceHead).openapi("Invoices");

const showOwn = createRoute({
  ...mine,
  method: "get",
  summary: "Who one is on invoices, and whose one agreed to",
  responses: {
    200: json(
      z.object({ details: details.nullable(), agreed: z.array(agreement) }).openapi("OwnInvoicing"),
      "null: nothing was said.",
    ),
    ...problems(401),
  },
});

const putOwn = createRoute({
  ...mine,
  method: "put",
  summary: "Say who one is on invoices as a partner, and how one is taxed",
  description: "Brands that write one's invoices have it on them. Invoices that were written stay as they are.",
  request: { body: body(sellerRequest) },
  responses: { 200: json(details, "As it is kept."), ...problems(400, 401) },
});

const removeOwn = createRoute({
  ...mine,
  method: "delete",
  summary: "Delete who one is on invoices",
  description: "No invoice is written any more. Those that were stay: whoever wrote one has to keep it.",
  responses: { 204: { description: "It is gone." }, ...problems(401) },
});

const agreeTo = createRoute({
  ...billing,
  method: "put",
  summary: "Agree that a brand writes one's invoices",
  description:
    "By agreeing the partner accepts each invoice that the brand writes for what it paid, and writes none for that itself.",
  request: { params: brandParameter },
  responses: { 204: { description: "It may." }, ...problems(400, 401, 404) },
});

const end = createRoute({
  ...billing,
  method: "delete",
  summary: "End the agreement that a brand writes one's invoices",
  request: { params: brandParameter },
  responses: { 204: { description: "It may not any more. What it wrote stays written." }, ...problems(400, 401) },
});

const listOwn = createRoute({
  ...route,
  method: "get",
  path: "/v1/me/invoices",
  summary: "List one's invoices as a partner",
  request: { query: sortedPageQuery },
  responses: { 200: json(list, "Newest first unless `sort` says otherwise."), ...problems(400, 401) },
});

const show = createRoute({
  ...route,
  method: "get",
  path: "/v1/invoices/{id}",
  summary: "Read an invoice",
  request: { params: z.object({ id: rowId }) },
  responses: { 200: json(invoice, "As it was written, for its partner and its brand."), ...problems(400, 401, 404) },
});

const showBrands = createRoute({
  ...brands,
  method: "get",
  summary: "Who a brand is on invoices",
  request: { params: brandParameter },
  responses: { 200: json(details.nullable(), "null: it has not said."), ...problems(400, 401, 403) },
});

const putBrands = createRoute({
  ...brands,
  method: "put",
  summary: "Say who a brand is on invoices",
  request: { params: brandParameter, body: body(buyerRequest) },
  responses: { 200: json(details, "As it is kept."), ...problems(400, 401, 403) },
});

const issue = createRoute({
  ...route,
  method: "post",
  path: "/v1/brands/{brand}/invoices",
  summary: "Write a partner's invoice",
  description:
    "Of all that was paid to the partner by the end of a day, whose hold is over, and that is on no invoice yet. The partner has to have agreed. An invoice is never changed.",
  request: { params: brandParameter, body: body(invoiceRequest) },
  responses: { 201: json(invoice, "It is written."), ...problems(400, 401, 403, 409) },
});

const listBrands = createRoute({
  ...route,
  method: "get",
  path: "/v1/brands/{brand}/invoices",
  summary: "List the invoices that a brand wrote",
  request: { params: brandParameter, query: sortedPageQuery.extend({ partner: address.optional() }) },
  responses: { 200: json(list, "Newest first unless `sort` says otherwise."), ...problems(400, 401, 403) },
});

export function invoiceRoutes(services: Services) {
  const { database, findRate } = services;
  const app = new OpenAPIHono();

  app.openapi(showOwn, async (c) => {
    const wallet = await requireSession(c, services);
    const [own, agreed] = await Promise.all([readParty(database, wallet), readAgreements(database, wallet)]);
    const shown = agreed.map(({ brand, agreed_at }) => ({ brand, agreedAt: agreed_at.toISOString() }));
    return c.json({ details: own ?? null, agreed: shown } as never, 200);
  });

  app.openapi(putOwn, async (c) => {
    const wallet = await requireSession(c, services);
    const given = c.req.valid("json");
    await writeParty(database, wallet, given);
    return c.json(given as z.output<typeof details>, 200);
  });

  app.openapi(removeOwn, async (c) => {
    await deleteParty(database, await requireSession(c, services));
    return c.body(null, 204);
  });

  app.openapi(agreeTo, async (c) => {
    const { brand } = c.req.valid("param");
    const wallet = await requireSession(c, services);
    if (!(await agree(database, brand, wallet)))
      throw new Problem(404, `${wallet} is no partner in any campaign of ${brand}.`);
    return c.body(null, 204);
  });

  app.openapi(end, async (c) => {
    const { brand } = c.req.valid("param");
    await endAgreement(database, brand, await requireSession(c, services));
    return c.body(null, 204);
  });

  app.openapi(listOwn, async (c) => {
    const query = c.req.valid("query");
    const wallet = await requireSession(c, services);
    const place = placeIn(`invoices of ${wallet}`, query);
    const rows = await readInvoices(database, { partner: wallet }, place);
    return c.json(toPage(place.list, rows, query.limit, toHead) as z.output<typeof list>, 200);
  });

  app.openapi(show, async (c) => {
    const { id } = c.req.valid("param");
    const wallet = await requireSession(c, services);
    const unknown = new Problem(404, `There is no invoice ${id} of yours.`);
    const row = await readInvoice(database, BigInt(id));
    if (row === undefined) throw unknown;
    if (row.partner !== wallet)
      await requireTeam(c, services, row.brand).catch((error) => {
        throw error instanceof Problem ? unknown : error;
      });
    return c.json(toInvoice(row), 200);
  });

  app.openapi(showBrands, async (c) => {
    const { brand } = c.req.valid("param");
    await requireTeam(c, services, brand);
    return c.json(((await readParty(database, brand)) ?? null) as z.output<typeof details> | null, 200);
  });

  app.openapi(putBrands, async (c) => {
    const { brand } = c.req.valid("param");
    const { note } = await requireTeam(c, services, brand);
    // A wallet that is a partner elsewhere has its tax still.
    const given = c.req.valid("json");
    const kept = await database.transaction(async (sql) => {
      const written = { ...given, tax: (await readParty(sql, brand))?.tax ?? null };
      await writeParty(sql, brand, written);
      await note(sql, { name: given.name });
      return written;
    });
    return c.json(kept as z.output<typeof details>, 200);
  });

  app.openapi(issue, async (c) => {
    const { brand } = c.req.valid("param");
    const { by, note } = await requireTeam(c, services, brand);
    const asked = { brand, ...c.req.valid("json") };
    const row = await issueInvoice(database, findRate, asked, { wallet: by, note }, Date.now());
    return c.json(toInvoice(row), 201);
  });

  app.openapi(listBrands, async (c) => {
    const { brand } = c.req.valid("param");
    const { partner, ...query } = c.req.valid("query");
    await requireTeam(c, services, brand);
    const place = placeIn(`invoices by ${brand} ${partner ?? ""}`, query);
    const rows = await readInvoices(database, { brand, partner }, place);
    return c.json(toPage(place.list, rows, query.limit, toHead) as z.output<typeof list>, 200);
  });
  return app;
}
