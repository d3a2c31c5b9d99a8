/** Works on items in groups: what arrives while others are being worked on shares the next transaction or query. */

const MAX_WAITING = 10_000;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gathers items that arrive while others are being worked on, and works on them together: under load one transaction carries
 * many of them, and an item alone does not wait. Items of a lane are worked on in the order in which they came.
 */
export function createGroupQueue<Item, Result>(options: {
  /** The size of a group. */
  readonly max: number;
  /** Items that share a key are never in one group. */
  keysOf(item: Item): readonly string[];
  work(lane: string, items: readonly Item[]): Promise<(Result | Error)[]>;
  /** What an item is refused with when so many of its lane wait already. */
  whenFull(waiting: number): Error;
  /** How many of a lane may wait. */
  readonly maxWaiting?: number;
}): (lane: string, item: Item) => Promise<Result> {
  const { maxWaiting = MAX_WAITING } = options;
  const lanes = new Map<string, Waiting<Item, Result>[]>();

  function nextGroup(waiting: Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    const seen = new Set<string>();
    let size = 0;
    for (const { item } of waiting.slice(0, options.max)) {
      const keys = options.keysOf(item);
      if (keys.some((key) => seen.has(key))) break;
      for (const key of keys) seen.add(key);
      size++;
    }
    return waiting.splice(0, size);
  }

  async function workOn(lane: string, group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const items = group.map(({ item }) => item);
      const results = await options.work(lane, items);
      for (const [i, { resolve, reject }] of group.entries()) {
        const result = results[i] as Result | Error;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (error) {
      // Nothing of the group was done. What one item is to blame for should not befall its neighbours.
      if (group.length > 1) for (const one of group) await workOn(lane, [one]);
      else group[0]?.reject(error as Error);
    }
  }

  async function run(lane: string, waiting: Waiting<Item, Result>[]): Promise<void> {
    // What arrives in the same turn of the event loop comes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await workOn(lane, nextGroup(waiting));
    lanes.delete(lane);
  }

  return (lane, item) =>
    new Promise((resolve, reject) => {
      const waiting = lanes.get(lane);
      if (waiting !== undefined && waiting.length >= maxWaiting) {
        reject(options.whenFull(waiting.length));
        return;
      }
      if (waiting !== undefined) {
        waiting.push({ item, resolve, reject });
        return;
      }
      const started = [{ item, resolve, reject }];
      lanes.set(lane, started);
      void run(lane, started);
    });
}
