/** Where a conversion is, drawn again when its hold ends: of hundreds in a table none has to be drawn by the second. */
import { useEffect, useState } from "react";
import { sayState } from "../text/words.ts";
import { State } from "./State.tsx";

/** Timers count no further. */
const FURTHEST_MS = 2 ** 31 - 1;

export function ConversionState({
  of,
  viewer = "brand",
}: {
  of: Parameters<typeof sayState>[0];
  viewer?: "brand" | "partner";
}) {
  const [, drawAgain] = useState(0);
  const { releaseAt } = of;
  useEffect(() => {
    const left = releaseAt === null ? -1 : releaseAt * 1000 - Date.now();
    if (left < 0) return;
    const timer = setTimeout(() => drawAgain((times) => times + 1), Math.min(left, FURTHEST_MS));
    return () => clearTimeout(timer);
  }, [releaseAt]);
  return <State said={sayState(of, Date.now() / 1000, viewer)} />;
}
