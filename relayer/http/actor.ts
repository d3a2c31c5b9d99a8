/** Who acts for a brand: its wallet, a member of its team, or a server by an API key. Whether it may is decided here, by the table of rights. */
import type { Context } from "hono";
import { Problem } from "#service/problem.ts";
import { type Capacity, isEnough, type Role } from "../domain/team.ts";
import { insertAct, type Note } from "../store/acts.ts";
import type { Scope } from "../store/apiKeys.ts";
import { readRole, readStanding } from "../store/team.ts";
import { comesWithKey, requireApiKey, requireSession } from "./auth.ts";
import type { Services } from "./context.ts";
import { requireKnown } from "./requireCampaign.ts";
import { rightOf } from "./rights.ts";

export interface Actor {
  readonly brand: string;
  /** Its wallet, or `key` and the id of its API key. */
  readonly by: string;
  readonly note: Note;
}

interface Standing {
  readonly brand: string;
  readonly wallet: string;
  /** null: none. */
  readonly role: Role | "brand" | null;
  /** Whether it is a partner of the campaign: who earns by it decides nothing in it. */
  readonly earns: boolean;
}

/** The campaign's brand or whoever of its team may do this, signed in. `stranger`: what everybody else is told. @throws Problem 401, 403, 404 */
export async function requireBrand(
  c: Context,
  services: Services,
  campaignId: string,
  stranger?: Problem,
): Promise<Actor> {
  return requireEnough(c, await standingIn(c, services, campaignId), campaignId, stranger);
}

/** As `requireBrand`, for what is not about one campaign. `of`: which member it is about; about itself each member may. */
export async function requireTeam(c: Context, services: Services, brand: string, of?: string): Promise<Actor> {
  const wallet = await requireSession(c, services);
  const role = wallet === brand ? "brand" : ((await readRole(services.database, brand, wallet)) ?? null);
  if (role !== null && wallet === of) return actorOf(c, { brand, wallet }, role, null);
  return requireEnough(c, { brand, wallet, role, earns: false }, null, undefined);
}

/** Who is signed in, and, if it may do this for the campaign's brand, as whom it acts; otherwise it asks for itself. @throws Problem 401, 404 */
export async function brandOrWallet(
  c: Context,
  services: Services,
  campaignId: string,
): Promise<{ readonly wallet: string; readonly actor: Actor | undefined }> {
  const standing = await standingIn(c, services, campaignId);
  const { wallet, role } = standing;
  const may = role !== null && isEnough(role, neededBy(c)) && !isPartial(c, standing);
  return { wallet, actor: may ? actorOf(c, standing, role, campaignId) : undefined };
}

/** The brand of the campaign, whoever of its team may do this, or a key of the campaign with the scope. @throws Problem */
export async function requireBrandOrKey(
  c: Context,
  services: Services,
  scope: Scope,
  campaignId: string,
  stranger?: Problem,
): Promise<Actor> {
  if (!comesWithKey(c)) return requireBrand(c, services, campaignId, stranger);
  const key = await requireApiKey(c, services, scope);
  if (key.campaignId !== campaignId)
    throw stranger ?? new Problem(403, `The key is of another campaign than ${campaignId}.`);
  return keyActor(c, key);
}

/** What acts for the campaign of a key. */
export function keyActor(
  c: Context,
  key: { readonly apiKeyId: bigint; readonly campaignId: string; readonly brand: string },
): Actor {
  const by = `key ${key.apiKeyId}`;
  return { brand: key.brand, by, note: noteOf(c, { brand: key.brand, campaignId: key.campaignId, by, role: "key" }) };
}

/** The brand of the campaign, a manager of its team, or a key with the scope `admin`. @throws Problem */
export const requireManager = (c: Context, services: Services, campaignId: string, stranger?: Problem) =>
  requireBrandOrKey(c, services, "admin", campaignId, stranger);

async function standingIn(c: Context, services: Services, campaignId: string): Promise<Standing> {
  const wallet = await requireSession(c, services);
  const { brand, role, earns } = requireKnown(campaignId, await readStanding(services.database, campaignId, wallet));
  return { brand, wallet, role: wallet === brand ? "brand" : role, earns };
}

/** A route that the table does not know is its brand's wallet's alone. */
const neededBy = (c: Context): Role => rightOf(c)?.role ?? "owner";

/** Whether somebody would decide where it earns. It may look on. */
const isPartial = (c: Context, { earns }: Pick<Standing, "earns">) => earns && rightOf(c)?.act !== undefined;

function requireEnough(
  c: Context,
  standing: Standing,
  campaignId: string | null,
  stranger: Problem | undefined,
): Actor {
  const { brand, wallet, role } = standing;
  if (role === null)
    throw stranger ?? new Problem(403, `Only the brand ${brand} and its team may do this; ${wallet} is signed in.`);
  const needed = neededBy(c);
  if (!isEnough(role, needed))
    throw new Problem(
      403,
      `${wallet} is a ${role} in the team of ${brand}, and this takes ${needed === "owner" ? "an owner" : `a ${needed}`}. Ask one of its owners.`,
    );
  if (isPartial(c, standing))
    throw new Problem(
      403,
      `${wallet} is a partner of campaign ${campaignId}: who earns by a campaign decides nothing in it. Ask another of the team.`,
    );
  return actorOf(c, standing, role, campaignId);
}

const actorOf = (
  c: Context,
  { brand, wallet }: Pick<Standing, "brand" | "wallet">,
  role: Role | "brand",
  campaignId: string | null,
): Actor => ({ brand, by: wallet, note: noteOf(c, { brand, campaignId, by: wallet, role }) });

interface NotedAs {
  readonly brand: string;
  readonly campaignId: string | null;
  readonly by: string;
  readonly role: Capacity;
}

function noteOf(c: Context, { brand, campaignId, by, role }: NotedAs): Note {
  return async (sql, facts = {}) => {
    const act = rightOf(c)?.act;
    if (act === undefined) throw new Error(`${c.req.method} ${c.req.path} has no act in the table of rights.`);
    if (!(await insertAct(sql, { brand, campaignId, actor: by, role, act, facts })))
      throw new Problem(403, `${by} has lost its role in the team of ${brand}, or ${brand} the campaign, just now.`);
  };
}
