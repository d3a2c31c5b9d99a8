/** What a script tag runs: `window.PartnerPrograms`, captured at once as the tag's data attributes say. */
import { capture, decorateHosts, fields } from "./browser.ts";

export * from "./browser.ts";

const { touch, keepSeconds, cookie, relayer, campaignId, hosts, forms, manual } =
  (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
if (manual === undefined) {
  capture({
    touch: touch === "last" ? "last" : "first",
    keepSeconds: keepSeconds === undefined ? undefined : Number(keepSeconds),
    cookie: cookie === "" ? true : cookie,
    relayer,
    campaignId,
  });
  if (hosts !== undefined) decorateHosts(hosts.split(/[\s,]+/));
  if (forms !== undefined) fields(forms || "form");
}
