/** Whether a person looks at the answer. */
import type { Context } from "hono";

/** Whether a page is shown to somebody: by what it asks for, or by what today's browsers say of the request. */
export function isBrowser(c: Context): boolean {
  return (
    c.req.header("accept")?.toLowerCase().includes("text/html") === true ||
    c.req.header("sec-fetch-dest") === "document"
  );
}
