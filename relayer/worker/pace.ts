/**
 * When the chain is asked for its newest block: about as often as it has one while something happens, and ever more seldom while nothing
 * does, because each question costs money. A round of the worker comes more often; it only asks when this says so.
 */

/** What was found the last time. */
export interface Seen {
  /** The newest block. `time`: Unix seconds. */
  readonly head: { readonly number: number; readonly hash: string; readonly time: number };
  /** Whether an event was found, or one was taken back. */
  readonly changed: boolean;
  /** Whether there is more to be read at once. */
  readonly more: boolean;
}

export interface Pace {
  due(): boolean;
  note(seen: Seen): void;
  /** Something is on its way to the chain: it is asked as often as it has blocks again. */
  hurry(): void;
  /** Nothing was found out: the chain, or the database, does not answer. */
  fail(): void;
  /** Counts newest blocks that were another than before: what depends on blocks alone waits for the next. */
  readonly blocks: number;
}

/** No chain has blocks more seldom that is worth being asked so; a shorter time than the shortest is a burst. */
const SLOWEST_BLOCK_MILLISECONDS = 30_000;
const FASTEST_BLOCK_MILLISECONDS = 250;

/** While nothing is known of a chain. */
const FIRST_BLOCK_MILLISECONDS = 2_000;

/** `idleMilliseconds`: the longest pause; 0: it is asked every time. `now`: milliseconds by any clock. */
export function createPace(idleMilliseconds: number, now: () => number = () => performance.now()): Pace {
  let blockMilliseconds = FIRST_BLOCK_MILLISECONDS;
  let pause = 0;
  let last: Seen["head"] | undefined;
  let next = now();
  let blocks = 0;
  return {
    due: () => idleMilliseconds === 0 || now() >= next,
    note({ head, changed, more }) {
      if (last !== undefined && head.number > last.number) {
        const measured = ((head.time - last.time) * 1000) / (head.number - last.number);
        blockMilliseconds = Math.min(SLOWEST_BLOCK_MILLISECONDS, Math.max(FASTEST_BLOCK_MILLISECONDS, measured));
      }
      if (idleMilliseconds === 0 || head.hash !== last?.hash) blocks++;
      last = head;
      // The first time is soon: a relayer that starts has most to do.
      pause = changed || pause === 0 ? blockMilliseconds : pause * 2;
      pause = Math.min(pause, Math.max(idleMilliseconds, blockMilliseconds));
      next = more ? now() : now() + pause;
    },
    fail() {
      next = now() + blockMilliseconds;
    },
    hurry() {
      pause = 0;
      next = Math.min(next, now() + blockMilliseconds);
    },
    get blocks() {
      return blocks;
    },
  };
}
