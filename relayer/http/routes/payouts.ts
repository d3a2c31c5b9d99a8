/** Credits that this relayer pushes to where a wallet is paid: from which amount on, whether at all, and what was pushed. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { DECIMAL, fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { Problem, problems } from "#service/problem.ts";
import { type PushRow, readPushes, readPushSettings, writePushSettings } from "../../store/pushes.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, body, bytes32, json } from "../schemas.ts";

const MAX_TOKENS = 50;
const MAX_SHOWN = 50;

const minimums = z.array(
  z.object({
    token: address,
    minimum: z
      .string()
      .regex(DECIMAL, "must be a decimal number such as 49.90")
      .openapi({ description: "Whole tokens: the least credit that is pushed." }),
  }),
);

const push = z
  .object({
    id: z.string(),
    tokens: z.array(address),
    state: z.enum(["accepted", "sent", "paid", "failed"]).openapi({
      description:
        "`accepted`: written down. `sent`: on its way. `paid`: in a block. `failed`: given up, for `problem`.",
    }),
    transaction: bytes32.nullable(),
    problem: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi("Push");

const settings = z
  .object({
    carried: z.object({ tokens: minimums.nullable() }).nullable().openapi({
      description: "null: this relayer pushes nothing. `tokens`: what it pushes, from so much on; null: all.",
    }),
    wanted: z.boolean(),
    minimums: minimums.openapi({
      description: "The wallet's own: where one is lower than the relayer's, that counts.",
    }),
    pushes: z.array(push).openapi({ description: `The last ${MAX_SHOWN}, newest first.` }),
  })
  .openapi("PushSettings");

const choice = z
  .strictObject({
    wanted: z.boolean().default(true),
    minimums: minimums
      .max(MAX_TOKENS)
      .refine((all) => new Set(all.map(({ token }) => token)).size === all.length, "names a token twice")
      .default([]),
  })
  .openapi("PushChoice");

const route = { tags: ["Payouts"], path: "/v1/me/payouts", security: [{ session: [] }] };

const showPayouts = createRoute({
  ...route,
  method: "get",
  summary: "What is pushed to the signed-in wallet",
  responses: { 200: json(settings, "Its settings, and what was pushed."), ...problems(401) },
});

const choosePayouts = createRoute({
  ...route,
  method: "put",
  summary: "Choose what is pushed",
  description:
    "Costs no gas, and binds this relayer alone: anybody may push unless the wallet says no on the chain (`setPayOutOptOut`). Where to is on the chain as well (`setPayout`).",
  request: { body: body(choice) },
  responses: { 200: json(settings, "Its settings."), ...problems(401) },
});

const REVERTED = "The transaction was mined, and the contract paid nothing: somebody was faster.";

const toPush = ({ id, tokens, state, hash, problem, created_at }: PushRow): z.input<typeof push> => ({
  id: String(id),
  tokens: [...tokens],
  state:
    state === "mined"
      ? "paid"
      : state === "sent"
        ? "sent"
        : state === "reverted" || problem !== null
          ? "failed"
          : "accepted",
  transaction: hash,
  problem: state === "reverted" ? REVERTED : state === null ? problem : null,
  createdAt: created_at.toISOString(),
});

export function payoutRoutes(services: Services) {
  const { database, chain, config } = services;
  const app = new OpenAPIHono();
  const pushing = config.PUSH_PAYOUTS ?? "off";
  const carried =
    pushing === "off"
      ? null
      : {
          tokens: pushing === "any" ? null : [...pushing].map(([token, { minimum }]) => ({ token, minimum })),
        };

  async function read(wallet: string): Promise<z.output<typeof settings>> {
    const { wanted, minimums: own } = await readPushSettings(database, wallet);
    const shown = await Promise.all(
      own.map(async ({ token, minimum }) => ({
        token,
        minimum: fromBaseUnits(minimum, (await chain.token(token)).decimals),
      })),
    );
    const pushes = await readPushes(database, wallet, MAX_SHOWN);
    return { carried, wanted, minimums: shown, pushes: pushes.map(toPush) as z.output<typeof push>[] };
  }

  app.openapi(showPayouts, async (c) => c.json(await read(await requireSession(c, services)), 200));

  app.openapi(choosePayouts, async (c) => {
    const wallet = await requireSession(c, services);
    const { wanted, minimums: given } = c.req.valid("json");
    const strange = given.find(({ token }) => pushing !== "any" && (pushing === "off" || !pushing.has(token)));
    if (strange !== undefined)
      throw new Problem(
        400,
        pushing === "off" || pushing === "any"
          ? "This relayer pushes nothing: leave `minimums` out."
          : `This relayer pushes no ${strange.token}, but ${[...pushing.keys()].join(", ")}.`,
      );
    const own = await Promise.all(
      given.map(async ({ token, minimum }) => ({
        token,
        minimum: toBaseUnitsDown(minimum, (await chain.token(token)).decimals),
      })),
    );
    const beyond = own.find(({ minimum }) => minimum >= 2n ** 128n);
    if (beyond !== undefined) throw new Problem(400, `\`minimum\` of ${beyond.token} is more than there can be of it.`);
    await writePushSettings(database, wallet, { wanted, minimums: own });
    return c.json(await read(wallet), 200);
  });
  return app;
}
