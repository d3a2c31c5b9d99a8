/** What a script tag runs: `window.PartnerPrograms`, captured at once as the tag's data attributes say. */
import { capture, configure, decorateHosts, fields } from "./browser.ts";

export * from "./browser.ts";

const data: DOMStringMap = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
const { relayer, campaignId, hosts, forms, manual } = data;

/** What is not understood is left out, and said. */
function value(name: string, pattern: RegExp): string | undefined {
  const text = data[name]?.trim().toLowerCase();
  if (text === undefined || pattern.test(text)) return text;
  console.warn(`partner-programs: ${name}="${text}" is not understood.`);
  return undefined;
}

configure({
  touch: value("touch", /^(first|last)$/) as "first" | "last" | undefined,
  keepSeconds: Number(value("keepSeconds", /^\d*[1-9]\d*$/)) || undefined,
  cookie: value("cookie", /^(true|[^\s/:;]+\.[^\s/:;]+)?$/) || data.cookie === "",
  relayer,
  campaignId,
});
if (hosts !== undefined) decorateHosts(hosts.split(/[\s,]+/));
if (forms !== undefined) fields(forms || "form");
if (manual === undefined) {
  capture();
  // A page that changes its address without loading: by the Navigation API where there is one, and by steps in the history.
  const again = () => void capture();
  addEventListener("popstate", again);
  (window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", again);
}
