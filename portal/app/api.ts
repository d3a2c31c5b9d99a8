/** The relayer's HTTP API, typed. Amounts are base units as decimal strings, as they travel. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { Conversion } from "@partner-programs/sdk/types";
import { config } from "./config.ts";
import type { Carried } from "./transact.tsx";

/** The relayer said no: the status, and the problem's own words (RFC 9457). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export interface Campaign {
  readonly id: string;
  readonly brand: string;
  readonly token: string;
  readonly tokenSymbol: string;
  readonly tokenDecimals: number;
  readonly holdSeconds: number;
  readonly noticeSeconds: number;
  readonly feeBps: number;
  readonly operator: string;
  readonly funded: string;
  readonly available: string;
  readonly reserved: string;
  readonly released: string;
  readonly fees: string;
  readonly withdrawn: string;
  readonly promised: string;
  readonly credits: string;
  readonly paid: string;
  readonly nextConversion: string;
  readonly description: CampaignDescription | null;
}

export interface Performance {
  readonly campaignId: string;
  readonly partner: string;
  readonly code: string;
  readonly link: string;
  readonly clicks: number;
  readonly conversions: number;
  readonly rejected: number;
  readonly accepted: string;
  readonly pending: string;
  readonly released: string;
  readonly claimed: string;
  readonly notice: string | null;
  readonly noticeText: string | null;
}

export interface Link {
  readonly code: string;
  readonly alias: string | null;
  readonly partner: string;
  readonly url: string;
  readonly label: string;
  readonly path: string | null;
  readonly leadsTo: string | null;
  readonly archived: boolean;
  readonly createdAt: string;
  readonly clicks: number;
  readonly bots: number;
  readonly conversions: number;
  readonly rejected: number;
  readonly commission: string;
}

export type { Conversion };
export type ConversionState = Conversion["state"];

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Batch {
  readonly digest: string;
  readonly campaignId: string;
  readonly conversionsRoot: string;
  readonly state: string;
  readonly lines: readonly { readonly attested: string; readonly current: string }[];
  readonly leaves: readonly {
    readonly number: string;
    readonly key: string;
    readonly salt: string;
    readonly entries: readonly string[];
  }[];
}

/** Numbers of one day, of one group. */
export interface ReportRow {
  readonly day: string;
  readonly group: string;
  readonly clicks: number;
  readonly conversions: number;
  readonly rejected: number;
  readonly reversed: number;
  readonly volume: string;
  readonly commission: string;
  readonly fees: string;
  readonly reversedCommission: string;
}

export type ReportBy = "campaign" | "partner" | "offer" | "kind" | "event";

export interface Health {
  readonly conversions: number;
  readonly attested: string;
  readonly reversed: string;
  readonly secondsToAttest: number | null;
  readonly secondsToRelease: number | null;
  readonly waiting: number;
  readonly oldestWaiting: string | null;
}

/** What a partner earned by one conversion. */
export interface Earning {
  readonly conversionId: string;
  readonly campaignId: string;
  readonly event: string;
  readonly receivedAt: string;
  readonly state: ConversionState;
  readonly paid: "no" | "claimable" | "claimed";
  readonly reasonText: string | null;
  readonly volume: string;
  readonly earned: string;
  readonly attestBy: number | null;
  readonly releaseAt: number | null;
  readonly recruited: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly last4: string | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly previousUntil: string | null;
  readonly revokedAt: string | null;
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly disabledBy: string | null;
  readonly createdAt: string;
}

export interface Delivery {
  readonly id: string;
  readonly conversionId: string;
  readonly type: string;
  readonly state: "pending" | "delivered" | "dead";
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: string;
}

/** Who has reached what the description promises a better group for. */
export interface Proposal {
  readonly promotions: readonly {
    readonly partner: string;
    readonly kind: number;
    readonly kindName: string;
    readonly days: number;
    readonly conversions: number;
  }[];
  readonly calls: readonly { readonly partners: readonly string[]; readonly mask: number }[];
}

export interface Status {
  readonly chainId: number;
  readonly programs: string;
  readonly relayer: string;
  readonly indexedBlock: number | null;
  /** Claims whose gas the relayer pays: of these tokens, from so many whole tokens on; of all, where `tokens` is null. */
  readonly gaslessClaims: {
    readonly tokens: readonly { readonly token: string; readonly minimum: string }[] | null;
  } | null;
}

/** An order to pay a credit out, as its owner signs it. */
export interface SignedClaim {
  readonly owner: string;
  readonly receiver: string;
  readonly tokens: readonly string[];
  readonly nonce: string;
  readonly deadline: number;
  readonly signature: string;
}

type Query = Readonly<Record<string, string | number | undefined>>;

async function send(
  method: string,
  path: string,
  given: { token?: string; body?: unknown; query?: Query; accept?: string },
) {
  const url = new URL(path, config().apiUrl);
  for (const [name, value] of Object.entries(given.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    method,
    headers: {
      ...(given.token === undefined ? {} : { authorization: `Bearer ${given.token}` }),
      ...(given.body === undefined ? {} : { "content-type": "application/json" }),
      ...(given.accept === undefined ? {} : { accept: given.accept }),
    },
    ...(given.body === undefined
      ? {}
      : { body: typeof given.body === "string" ? given.body : JSON.stringify(given.body) }),
  }).catch(() => {
    throw new ApiError(0, `The relayer at ${url.origin} does not answer. Check your connection; nothing was changed.`);
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new ApiError(response.status, problem.detail ?? `The relayer answers ${response.status} to ${method} ${path}.`);
}

async function call<T>(
  method: string,
  path: string,
  given: { token?: string; body?: unknown; query?: Query } = {},
): Promise<T> {
  const response = await send(method, path, given);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A description as it was published may leave out what has a default: here it is whole. */
function complete(campaign: Campaign): Campaign {
  const { description } = campaign;
  if (description === null) return campaign;
  const whole: CampaignDescription = {
    ...description,
    allowedOrigins: description.allowedOrigins ?? [],
    objectives: description.objectives ?? [],
    expectations: description.expectations ?? {},
    resources: description.resources ?? [],
    promotions: description.promotions ?? [],
    fraud: description.fraud ?? { velocityPerHour: null },
  };
  return { ...campaign, description: whole };
}

/** With a session's token where one is needed. */
export const api = {
  status: () => call<Status>("GET", "/v1/status"),
  nonce: () => call<{ nonce: string; domain: string; chainId: number }>("POST", "/v1/auth/nonces"),
  signIn: (message: string, signature: string) =>
    call<{ token: string; address: string; expiresAt: string }>("POST", "/v1/auth/sessions", {
      body: { message, signature },
    }),

  signOut: (token: string) => call<void>("DELETE", "/v1/auth/sessions", { token }),

  campaigns: async () => (await call<Campaign[]>("GET", "/v1/campaigns")).map(complete),
  campaign: async (id: string) => complete(await call<Campaign>("GET", `/v1/campaigns/${id}`)),
  publishDescription: (token: string, text: string) =>
    call<{ hash: string; uri: string }>("POST", "/v1/descriptions", { token, body: text }),
  description: async (hash: string) => (await send("GET", `/v1/descriptions/${hash}`, {})).text(),
  health: (id: string) => call<Health>("GET", `/v1/campaigns/${id}/health`),

  join: (token: string, id: string, recruiter?: string) =>
    call<Performance>("POST", `/v1/campaigns/${id}/partnerships`, {
      token,
      body: recruiter === undefined ? {} : { recruiter },
    }),
  partners: (token: string, id: string) => call<Performance[]>("GET", `/v1/campaigns/${id}/partnerships`, { token }),
  partnerships: (token: string) => call<Performance[]>("GET", "/v1/me/partnerships", { token }),

  links: (token: string, id: string) => call<Link[]>("GET", `/v1/campaigns/${id}/links`, { token }),
  createLink: (token: string, id: string, body: { label: string; path: string | null; alias: string | null }) =>
    call<Link>("POST", `/v1/campaigns/${id}/links`, { token, body }),
  changeLink: (
    token: string,
    id: string,
    code: string,
    body: { label?: string; path?: string | null; archived?: boolean },
  ) => call<Link>("PATCH", `/v1/campaigns/${id}/links/${code}`, { token, body }),

  conversions: (token: string, query: Query) => call<Page<Conversion>>("GET", "/v1/conversions", { token, query }),
  conversion: (token: string, id: string) => call<Conversion>("GET", `/v1/conversions/${id}`, { token }),
  reviews: (token: string, id: string, cursor?: string) =>
    call<Page<Conversion>>("GET", `/v1/campaigns/${id}/reviews`, { token, query: { cursor } }),
  review: (token: string, conversionId: string, decision: "release" | "confirm") =>
    call<Conversion>("POST", `/v1/conversions/${conversionId}/reviews`, { token, body: { decision } }),
  batch: (digest: string) => call<Batch>("GET", `/v1/batches/${digest}`),

  report: (token: string, id: string, query: { by: ReportBy; per?: "day" | "all"; from: string; to: string }) =>
    call<ReportRow[]>("GET", `/v1/campaigns/${id}/reports`, { token, query }),
  earnings: (token: string, query: { campaignId?: string; cursor?: string; limit?: number }) =>
    call<Page<Earning>>("GET", "/v1/me/earnings", { token, query }),
  statement: async (token: string, query: { from?: string; to?: string }) =>
    (await send("GET", "/v1/me/statement.csv", { token, query })).blob(),

  claimWithoutGas: (order: SignedClaim) => call<Carried>("POST", "/v1/claims", { body: order }),
  claim: (id: string) => call<Carried>("GET", `/v1/claims/${id}`),

  keys: (token: string, id: string) => call<Page<ApiKey>>("GET", `/v1/campaigns/${id}/keys`, { token }),
  createKey: (token: string, id: string, label: string) =>
    call<ApiKey & { secret: string }>("POST", `/v1/campaigns/${id}/keys`, { token, body: { label } }),
  rotateKey: (token: string, id: string, key: string) =>
    call<ApiKey & { secret: string }>("POST", `/v1/campaigns/${id}/keys/${key}/rotations`, {
      token,
      body: { graceSeconds: 86_400 },
    }),
  revokeKey: (token: string, id: string, key: string) =>
    call<ApiKey>("DELETE", `/v1/campaigns/${id}/keys/${key}`, { token }),

  webhooks: (token: string, id: string) => call<Page<Webhook>>("GET", `/v1/campaigns/${id}/webhooks`, { token }),
  createWebhook: (token: string, id: string, url: string) =>
    call<Webhook & { secret: string }>("POST", `/v1/campaigns/${id}/webhooks`, { token, body: { url } }),
  changeWebhook: (token: string, webhook: string, enabled: boolean) =>
    call<Webhook>("PATCH", `/v1/webhooks/${webhook}`, { token, body: { enabled } }),
  deleteWebhook: (token: string, webhook: string) => call<void>("DELETE", `/v1/webhooks/${webhook}`, { token }),
  deliveries: (token: string, webhook: string) =>
    call<Page<Delivery>>("GET", `/v1/webhooks/${webhook}/deliveries`, { token, query: { limit: 20 } }),
  redeliver: (token: string, delivery: string) =>
    call<Delivery>("POST", `/v1/webhooks/deliveries/${delivery}/redeliveries`, { token }),

  promotions: (token: string, id: string) => call<Proposal>("GET", `/v1/campaigns/${id}/promotions`, { token }),

  /** As the brand's server does, with a secret key; the demo shop of the local stack alone calls it from a page. */
  reportConversion: (secretKey: string, body: Readonly<Record<string, string>>) =>
    call<Conversion>("POST", "/v1/conversions", { token: secretKey, body }),
};
