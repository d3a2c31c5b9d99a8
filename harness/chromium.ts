/** Where a Chromium is on this machine, and how it is started, for tests and pictures. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const NO_CHROMIUM = "No Chromium was found: install one, or name it in CHROMIUM.";

/** A Chromium on this machine: where CHROMIUM says, or where one usually is. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));
}

/** Why tests in a browser are left out here; undefined: they are not. In CI they have to be run. */
export const noChromium =
  findChromium() === undefined && process.env.CI === undefined ? `NOT TESTED IN A BROWSER: ${NO_CHROMIUM}` : undefined;

/** Starts it. @throws Error if there is none */
export async function startChromium(...args: readonly string[]): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...args] });
}

/** Host rules for a browser in which every name under .example ends at one port of this machine. */
export const exampleHostsAt = (port: number) => `--host-resolver-rules=MAP *.example 127.0.0.1:${port}`;
