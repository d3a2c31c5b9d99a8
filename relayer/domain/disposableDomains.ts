/** E-mail providers of throw-away addresses. */
import { disposableEmailBlocklistSet } from "disposable-email-domains-js";

const DOMAINS = disposableEmailBlocklistSet();

/** Whether a lower-case domain, or one that it lies in, gives throw-away addresses. */
export function isDisposable(domain: string): boolean {
  const labels = domain.split(".");
  return labels.some((_, i) => DOMAINS.has(labels.slice(i).join(".")));
}
