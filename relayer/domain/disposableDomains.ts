/** E-mail providers of throw-away addresses. */
import { disposableEmailBlocklistSet } from "disposable-email-domains-js";

const DOMAINS = disposableEmailBlocklistSet();

/** Whether a lower-case domain, or one that it lies in, gives throw-away addresses. A final full stop changes nothing. */
export function isDisposable(domain: string): boolean {
  const labels = domain.replace(/\.$/, "").split(".");
  return labels.some((_, i) => DOMAINS.has(labels.slice(i).join(".")));
}
