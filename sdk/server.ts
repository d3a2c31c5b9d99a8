/** A brand's server: reports conversions, binds customers, refunds; and keeps the invite that a visitor arrives with. */
import { RelayerError } from "./relayerError.ts";
import type {
  Binding,
  BindingRequest,
  Conversion,
  ConversionReport,
  Import,
  Lead,
  LeadDecision,
  Problem,
  WaitingRefund,
} from "./types.ts";

export { checkoutReferral } from "./checkout.ts";
export { captureReferral, expressReferral, forgetReferral, type ReferralOptions, referralToken } from "./cookie.ts";
export type { HeadersLike } from "./headers.ts";
export type * from "./news.ts";
export { PARAMETER } from "./referral.ts";
export { RelayerError } from "./relayerError.ts";
export type {
  Binding,
  BindingRequest,
  Conversion,
  ConversionReport,
  Import,
  Lead,
  LeadDecision,
  Problem,
  Refund,
  WaitingRefund,
} from "./types.ts";
export {
  type ConversionMessage,
  isOfConversion,
  type NewsMessage,
  verifyPostback,
  verifyWebhook,
  WebhookError,
  type WebhookMessage,
} from "./webhook.ts";

export interface ServerClientOptions {
  /** Where the relayer is; it may be under a path. */
  readonly url: string;
  /** The campaign's secret key, `sk_…`. It never leaves the server. */
  readonly secretKey: string;
  /** How often a request is sent at most, the first time included. */
  readonly tries?: number;
  /** How long an answer may take. Imports take as long as they take. */
  readonly timeoutMilliseconds?: number;
  /** In place of the runtime's own. */
  readonly fetch?: typeof fetch;
}

/** A part of a conversion that is given back. The same `refundId` again takes back nothing more. */
export interface PartialRefund {
  /** A decimal number of whole tokens. */
  readonly volume: string;
  readonly refundId: string;
}

/** Which order is refunded. */
export interface RefundedOrder {
  readonly orderId: string;
  /** Needed where the campaign has several events: the one that is refunded. */
  readonly event?: string;
}

export interface ConversionFilter {
  readonly state?: Conversion["state"];
  /** Why it is in that state: `budget_exhausted`. */
  readonly reason?: string;
  readonly orderId?: string;
  readonly event?: string;
  readonly customerId?: string;
  /** A link's code or alias. */
  readonly link?: string;
  /** An address. */
  readonly partner?: string;
  /** ISO 8601: received then or later. */
  readonly from?: string;
  /** ISO 8601: received before. */
  readonly to?: string;
}

export interface LeadFilter {
  readonly state?: Lead["state"];
  /** An address. */
  readonly partner?: string;
  /** ISO 8601: registered, or moved, then or later. */
  readonly since?: string;
}

/** Reports, or a file of them as `POST /v1/imports` takes it (one JSON object a line). */
export type ImportSource = Iterable<ConversionReport> | AsyncIterable<ConversionReport> | string | Blob;

/** All of them throw `RelayerError` when the relayer says no, or nothing. */
export interface ServerClient {
  /** Binds a customer to the partner that brought it: at sign-up. From then on `customerId` alone is enough in a report. */
  bindCustomer(binding: BindingRequest): Promise<Binding>;
  /** Reports a conversion. Reporting the same order again is safe, and answers with the same conversion. */
  reportConversion(report: ConversionReport): Promise<Conversion>;
  /** Takes a conversion back, whole or in part, as long as its hold is not over. */
  refund(conversionId: string, part?: PartialRefund): Promise<Conversion>;
  /**
   * `refund` for who keeps no ids of conversions: by the brand's own id of the order. Of an order that is not known yet the answer is
   * the refund that waits for it.
   */
  refundOrder(order: RefundedOrder, part?: PartialRefund): Promise<Conversion | WaitingRefund>;
  /** Withdraws a refund that waits for its order (`id` of what `refundOrder` answered), as long as it waits. */
  withdrawRefund(id: string): Promise<WaitingRefund>;
  /** Has a rejected conversion judged again: what stood against it may be gone. */
  judgeAgain(conversionId: string): Promise<Conversion>;
  conversion(conversionId: string): Promise<Conversion>;
  /** The campaign's conversions, the newest first, asked for page by page as they are read. */
  conversions(filter?: ConversionFilter): AsyncGenerator<Conversion, void, undefined>;
  /** The leads that partners registered in the key's campaign, the newest first, asked for page by page as they are read. */
  leads(campaignId: string, filter?: LeadFilter): AsyncGenerator<Lead, void, undefined>;
  /** Qualifies, rejects, wins or loses a lead. Named as a customer, what it buys counts as its partner's from then on. */
  decideLead(lead: Pick<Lead, "campaignId" | "id">, decision: LeadDecision): Promise<Lead>;
  /** Reports many at once. Importing the same again is safe: after a break, send all of it again. */
  import(reports: ImportSource): Promise<Import>;
  /** Usher's name for `reportConversion`. */
  convert(report: ConversionReport): Promise<Conversion>;
}

const TRIES = 6;
const TIMEOUT_MILLISECONDS = 10_000;
const FIRST_PAUSE_MILLISECONDS = 250;
const MAX_PAUSE_MILLISECONDS = 30_000;
const PAGE = "200";
const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";

interface Sending {
  readonly type?: string;
  readonly body?: BodyInit;
  /** Whether the body can be sent again. */
  readonly once?: boolean;
  readonly patient?: boolean;
}

/**
 * The brand's server side. A request that got no answer, or one that says "later", is sent again with the same idempotency key
 * after a growing pause, so that a lost answer never makes a second conversion.
 */
export function createServerClient(options: ServerClientOptions): ServerClient {
  const { url, secretKey, tries = TRIES, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = options;
  if (!/^https?:\/\//.test(url)) throw new TypeError(`\`url\` is where the relayer is, with https://; it is "${url}".`);
  const base = url.replace(/[?#].*$/s, "").replace(/\/+$/, "");
  if (!secretKey?.startsWith("sk_"))
    throw new TypeError("`secretKey` begins with sk_. The brand makes one: POST /v1/campaigns/{campaignId}/keys.");

  async function request<T>(method: string, path: string, sending: Sending = {}): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${secretKey}` };
    if (sending.type !== undefined) headers["content-type"] = sending.type;
    if (path === "/v1/conversions" && method === "POST") headers["idempotency-key"] = crypto.randomUUID();
    for (let attempt = 1; ; attempt++) {
      try {
        return await send<T>(method, path, headers, sending);
      } catch (error) {
        if (!(error instanceof RelayerError) || !error.temporary || sending.once || attempt >= tries) throw error;
        const pause = pauseAfter(attempt, error.retryAfter);
        if (pause === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async function send<T>(method: string, path: string, headers: Record<string, string>, sending: Sending): Promise<T> {
    const init: RequestInit & { duplex?: "half" } = { method, headers, redirect: "manual" };
    if (sending.body !== undefined) init.body = sending.body;
    if (sending.once) init.duplex = "half";
    if (!sending.patient) init.signal = AbortSignal.timeout(timeoutMilliseconds);
    let response: Response;
    let text: string;
    try {
      response = await (options.fetch ?? fetch)(new URL(base + path), init);
      text = await response.text();
    } catch (cause) {
      throw new RelayerError(0, `${method} ${path}: the relayer at ${url} gave no answer.`, { cause });
    }
    // The key is for the relayer, and not for wherever it is sent on to. Some runtimes hide the status of a redirect.
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      const to = response.headers.get("location") ?? "another address";
      throw new RelayerError(response.status || 302, `${method} ${path}: ${url} redirects to ${to}.`);
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer as T;
    const problem = answer as Problem | undefined;
    const detail = problem?.detail ?? `${method} ${path}: ${response.status} ${response.statusText}, not by a relayer.`;
    const seconds = retryAfter(response.headers.get("retry-after"));
    throw new RelayerError(response.status, detail, { problem, retryAfter: seconds });
  }

  const post = <T>(path: string, body?: unknown): Promise<T> =>
    request("POST", path, body === undefined ? {} : { type: JSON_TYPE, body: JSON.stringify(body) });
  const reportConversion = (report: ConversionReport) => post<Conversion>("/v1/conversions", report);
  const leadsOf = (campaignId: string) => `/v1/campaigns/${encodeURIComponent(campaignId)}/leads`;
  const pathOf = (conversionId: string) => `/v1/conversions/${encodeURIComponent(conversionId)}`;

  /** A list, page by page as it is read. */
  async function* pages<T>(
    path: string,
    filter: ConversionFilter | LeadFilter = {},
  ): AsyncGenerator<T, void, undefined> {
    const said = Object.entries(filter).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams([...said, ["limit", PAGE]]);
    for (let next: string | null = ""; next !== null; ) {
      if (next !== "") query.set("cursor", next);
      const page: { items: T[]; next: string | null } = await request("GET", `${path}?${query}`);
      yield* page.items;
      next = page.next;
    }
  }

  return {
    bindCustomer: (binding) => post("/v1/bindings", binding),
    reportConversion,
    convert: reportConversion,
    refund: (conversionId, part) => post(`${pathOf(conversionId)}/refunds`, part),
    refundOrder: (order, part) => post("/v1/refunds", { ...order, ...part }),
    withdrawRefund: (id) => request("DELETE", `/v1/waiting-refunds/${encodeURIComponent(id)}`),
    judgeAgain: (conversionId) => post(`${pathOf(conversionId)}/judgements`),
    conversion: (conversionId) => request("GET", pathOf(conversionId)),

    conversions: (filter) => pages("/v1/conversions", filter),
    leads: (campaignId, filter) => pages(leadsOf(campaignId), filter),
    decideLead: ({ campaignId, id }, decision) =>
      post(`${leadsOf(campaignId)}/${encodeURIComponent(id)}/decisions`, decision),

    import(reports) {
      const sending = { type: NDJSON_TYPE, patient: true };
      if (typeof reports === "string" || reports instanceof Blob)
        return request("POST", "/v1/imports", { ...sending, body: reports });
      let broken: { readonly error: unknown } | undefined;
      const body = toStream(reports, (error) => {
        broken = { error };
      });
      return request<Import>("POST", "/v1/imports", { ...sending, body, once: true }).catch((error) => {
        throw broken === undefined ? error : broken.error;
      });
    },
  };
}

/** Milliseconds: as long as the relayer asks for, or twice as long each time, less up to a half by chance. */
function pauseAfter(attempt: number, retryAfterSeconds: number | undefined): number | undefined {
  const longest = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1), MAX_PAUSE_MILLISECONDS);
  const own = longest * (0.5 + Math.random() / 2);
  const wanted = (retryAfterSeconds ?? 0) * 1000;
  return wanted > MAX_PAUSE_MILLISECONDS ? undefined : Math.max(own, wanted);
}

/** In seconds; the header has them, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some proxy's page, not the relayer's.
    return undefined;
  }
}

/** One JSON object a line, made as they are sent; `onError` hears why there are no more. */
function toStream(
  reports: Iterable<ConversionReport> | AsyncIterable<ConversionReport>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const lines = (async function* () {
    for await (const report of reports) yield new TextEncoder().encode(`${JSON.stringify(report)}\n`);
  })();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        onError(error);
        controller.error(error);
      }
    },
    cancel: async () => void (await lines.return()),
  });
}
