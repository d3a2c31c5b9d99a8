/** Where the keyboard and a screen reader go on when the page changes: at the new page's heading. */
import { useEffect, useRef } from "react";

/** How long a page may take to have its heading: longer, and its reader has gone on already. */
const MAX_WAIT_MS = 10_000;

/** What belongs to one page: the tabs of a campaign are addresses of their own, and no new page. */
const pageOf = (path: string) => path.replace(/^(\/brand\/0x[0-9a-f]+)\/\w+$/, "$1");

export function useFocusOnHeading(path: string): void {
  const page = pageOf(path);
  const before = useRef(page);
  useEffect(() => {
    // The first page is read from its beginning.
    if (before.current === page) return;
    before.current = page;
    const main = document.getElementById("content");
    if (main === null) return;
    const focused = document.activeElement;
    const focus = () => {
      const heading = main.querySelector<HTMLElement>("h1");
      if (heading === null) return false;
      // Whoever went on meanwhile is left where it is.
      if (document.activeElement === focused || document.activeElement === document.body) {
        heading.tabIndex = -1;
        heading.style.outline = "none";
        heading.focus({ preventScroll: true });
        if (location.hash === "") window.scrollTo(0, 0);
      }
      return true;
    };
    if (focus()) return;
    const watch = new MutationObserver(() => {
      if (focus()) watch.disconnect();
    });
    watch.observe(main, { childList: true, subtree: true });
    const late = setTimeout(() => watch.disconnect(), MAX_WAIT_MS);
    return () => {
      clearTimeout(late);
      watch.disconnect();
    };
  }, [page]);
}
