/** A test that needs a browser, for those that ask what becomes of it without one. */
import { describeInBrowser } from "#test/browser/browser.ts";

describeInBrowser("a page", (launch) => {
  it("is opened", async () => (await launch()).close());
});
