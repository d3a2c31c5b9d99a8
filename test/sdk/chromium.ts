import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  process.env.CHROMIUM_PATH ?? "",
];
const found = PLACES.findLast((path) => existsSync(path));

/** Why the tests in a browser are not run here; undefined: they are. In CI they have to be. */
export const noChromium =
  found === undefined && !process.env.CI
    ? `NOT TESTED IN A BROWSER: there is no Chromium at ${PLACES.filter(Boolean).join(", ")}. Set CHROMIUM_PATH.`
    : undefined;

/** A real browser, in which every host name ends at one port of this machine. */
export async function startChromium(port: number): Promise<Browser> {
  if (found === undefined) throw new Error("There is no Chromium. Install one, or set CHROMIUM_PATH.");
  return chromium.launch({
    executablePath: found,
    args: ["--no-sandbox", `--host-resolver-rules=MAP *.example 127.0.0.1:${port}`],
  });
}
