/** Where a Chromium is on this machine, and how it is started, for tests and pictures. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { ciVariable } from "./ci.ts";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const NO_CHROMIUM = "No Chromium was found: install one, or name it in CHROMIUM.";

/** The Chromium that CHROMIUM names, or one where one usually is. @throws Error where there is none */
function chromiumPath(): string {
  const named = process.env.CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM names ${named}, and nothing is there. Name a Chromium, or unset it.`);
  }
  const found = PLACES.find((path) => existsSync(path));
  if (found === undefined) throw new Error(NO_CHROMIUM);
  return found;
}

/** Why tests in a browser are left out here; undefined: they are not. In CI they have to be run, and fail without one. */
export const noChromium = whyWithout();

function whyWithout(): string | undefined {
  if (ciVariable(process.env) !== undefined) return undefined;
  try {
    chromiumPath();
    return undefined;
  } catch (error) {
    return `NOT TESTED IN A BROWSER: ${(error as Error).message}`;
  }
}

/** Starts it. @throws Error if there is none */
export const startChromium = async (...args: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox", "--disable-gpu", ...args] });

/** Host rules for a browser in which every name under .example ends at one port of this machine. */
export const exampleHostsAt = (port: number) => `--host-resolver-rules=MAP *.example 127.0.0.1:${port}`;
