/** A relayer's routes, asked from the command line with a brand's key. */

const PAGE = 100;

/** The relayer understood, and says no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Relayer {
  /** @throws Refused with what the relayer says */
  call<T>(method: string, path: string, json?: unknown): Promise<T>;
  /** What is at a path; undefined if nothing is. */
  find<T>(path: string): Promise<T | undefined>;
  /** All items of a list, page by page. */
  list<T>(path: string): AsyncGenerator<T>;
}

/** `tries`: how often it is asked where it is busy; whatever is asked so has to be good twice. */
export function openRelayer(url: string, key: string, fetch: typeof globalThis.fetch, tries = 1): Relayer {
  async function call<T>(method: string, path: string, json?: unknown): Promise<T> {
    for (let asked = 1; ; asked++) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }).catch((error: Error) => {
        throw new Error(`Nothing answers at --relayer ${url}: ${((error.cause ?? error) as Error).message}.`);
      });
      const body = (await response.json().catch(() => undefined)) as (T & { readonly detail?: string }) | undefined;
      if (response.ok && body !== undefined) return body;
      if ((response.status === 429 || response.status === 503) && asked < tries) {
        const seconds = Number(response.headers.get("retry-after") ?? 1);
        await new Promise((resolve) => setTimeout(resolve, 1_000 * Math.min(60, Math.max(1, seconds || 1))));
        continue;
      }
      if (body?.detail !== undefined) throw new Refused(response.status, body.detail);
      throw new Error(`What is at --relayer ${url} answers ${response.status}, and not as a relayer.`);
    }
  }
  return {
    call,
    find: (path) =>
      call<never>("GET", path).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return undefined;
        throw error;
      }),
    async *list<T>(path: string) {
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
        const page: { items: readonly T[]; next: string | null } = await call("GET", `${path}?${query}`);
        yield* page.items;
        cursor = page.next;
      } while (cursor !== null);
    },
  };
}
