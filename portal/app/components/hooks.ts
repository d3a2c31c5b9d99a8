/** Hooks that any page may need: its title, and the time. */
import { useEffect, useState } from "react";

/** The page's title, for tabs, bookmarks and screen readers. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Partner Programs`;
  }, [title]);
}

/** The time in Unix seconds, again and again: what counts down has to be drawn again. */
export function useNow(everySeconds = 1): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return now;
}
