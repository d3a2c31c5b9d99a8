/** The tile that says how long a budget lasts. */
import { durationText } from "../text/dates.ts";
import { Tile } from "./numbers.tsx";

/** How long a budget lasts: what `useRunway` says. */
export function Lasts({ seconds }: { seconds: number | null | undefined }) {
  const remark = seconds === null ? "known once a day has been paid" : "at the pace of the last 30 days";
  return (
    <Tile name="Lasts" loading={seconds === undefined} remark={remark}>
      {seconds === null ? "–" : seconds !== undefined && durationText(seconds, "rough")}
    </Tile>
  );
}
