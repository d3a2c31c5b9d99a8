/** Makes the pictures of docs/images from a running local stack (`npm start`), in a Chromium: CHROMIUM, PORTAL_URL. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startChromium } from "./chromium.ts";

const PORTAL = process.env.PORTAL_URL ?? "http://127.0.0.1:8788";
const picture = (name: string) => fileURLToPath(new URL(`../docs/images/${name}.png`, import.meta.url));

async function be(page: Page, wallet: string): Promise<void> {
  await page.goto(`${PORTAL}/local`);
  await page.getByRole("button", { name: `Be ${wallet}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/local");
}

async function take(page: Page, name: string): Promise<void> {
  await page.locator("[aria-busy=true], .mantine-Skeleton-root").first().waitFor({ state: "detached" });
  // What appears does so gently.
  await page.waitForTimeout(600);
  await page.screenshot({ path: picture(name) });
  console.log(picture(name));
}

const browser = await startChromium();
try {
  const context = await browser.newContext({
    viewport: { width: 1240, height: 860 },
    deviceScaleFactor: 1.5,
    locale: "en-GB",
    colorScheme: "light",
  });
  const page = await context.newPage();

  await page.goto(PORTAL);
  await page.getByRole("link", { name: "Ledgerly referrals" }).click();
  await page.getByText("It adds up, to the last unit").waitFor();
  await take(page, "campaign");

  await be(page, "Gus");
  await page.getByRole("button", { name: "Claim all" }).or(page.getByText("Nothing to claim yet")).waitFor();
  await take(page, "partner");

  await be(page, "Streamly");
  await page.getByRole("link", { name: "Streamly affiliates" }).click();
  await page.getByLabel("Compare by").selectOption({ label: "By partner" });
  await page.getByLabel("Time", { exact: true }).selectOption({ label: "7 days" });
  await page
    .getByRole("img", { name: / by day, from / })
    .first()
    .waitFor();
  await take(page, "brand");

  // Room for the whole dialog, its buttons included.
  await page.setViewportSize({ width: 1240, height: 960 });
  await page.goto(`${PORTAL}/brand/new`);
  await page.getByRole("button", { name: "Start with this: Sign-ups for a consumer service" }).click();
  await page.getByLabel("Token", { exact: true }).selectOption({ label: "DUSD" });
  await page.getByText("Pays affiliates").waitFor();
  for (let i = 0; i < 2; i++) await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Streamly, spring");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("First budget, DUSD").fill("2500");
  await page.getByRole("button", { name: "Create and fund" }).click();
  await page.getByRole("button", { name: "Sign and send" }).waitFor();
  await take(page, "create");
} finally {
  await browser.close();
}
