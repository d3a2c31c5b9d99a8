/** The jobs that read the chain, at the chain's pace: events when there may be new blocks, transactions with each of those. */
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import type { Sender } from "../chain/sender.ts";
import { index } from "./index.ts";
import type { Pace } from "./pace.ts";
import type { Job } from "./rounds.ts";

/** Where no block comes, transactions are followed all the same after so long. */
const FOLLOW_MILLISECONDS = 15_000;

/** In their order: where the index went back, what was mined there is looked at again. */
export function chainJobs(
  pace: Pace,
  database: Database,
  chain: ProgramsChain,
  sender: Pick<Sender, "follow">,
  confirmations: number,
  now: () => number = () => performance.now(),
): Job[] {
  let followed = { blocks: -1, at: 0 };
  return [
    {
      name: "index",
      async run() {
        if (!pace.due()) return 0;
        try {
          return await index(database, chain, confirmations, { glance: true, seen: pace.note });
        } catch (error) {
          pace.fail();
          throw error;
        }
      },
    },
    {
      name: "follow",
      async run() {
        // Nothing is mined between two blocks; but what could not be broadcast may be what the next block waits for.
        const waited = now() - followed.at;
        if (followed.blocks === pace.blocks && waited < FOLLOW_MILLISECONDS) return;
        await sender.follow();
        followed = { blocks: pace.blocks, at: now() };
      },
    },
  ];
}
