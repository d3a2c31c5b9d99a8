/** What a script tag runs: `window.PartnerPrograms`, captured at once as the tag's data attributes say. */
import { capture, configure, decorateHosts, fields } from "./browser.ts";

export * from "./browser.ts";

const data: DOMStringMap = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
const { touch = "", keepSeconds, cookie, relayer, campaignId, hosts, forms, manual } = data;

/** What is not understood is left out, and said. */
function understood<T>(name: string, value: T | undefined, said = data[name]): T | undefined {
  if (value === undefined && said) console.warn(`partner-programs: ${name}="${said}" is not understood.`);
  return value;
}

const choice = (text: string) => text.trim().toLowerCase();
const seconds = Number(keepSeconds);
const shared = cookie === undefined ? undefined : choice(cookie);
configure({
  touch: understood(
    "touch",
    (["first", "last"] as const).find((one) => one === choice(touch)),
  ),
  keepSeconds: understood("keepSeconds", seconds > 0 ? seconds : undefined),
  cookie: understood(
    "cookie",
    shared === "" || shared === "true" || (shared?.match(/^[^\s/:;]+\.[^\s/:;]+$/) ? shared : undefined),
  ),
  relayer,
  campaignId,
});
if (hosts !== undefined) decorateHosts(hosts.split(/[\s,]+/));
if (forms !== undefined) fields(forms || "form");
if (manual === undefined) {
  capture();
  // A page that changes its address without loading: by the Navigation API where there is one, and by steps in the history.
  const again = () => void capture();
  (window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", again);
  addEventListener("popstate", again);
}
