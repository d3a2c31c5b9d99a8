/** Work that is done in some rounds, not in each. */

/** Does `work` when so many seconds have passed since it was done last. One that fails is not done: the next round tries again. */
export function every(seconds: number, work: () => Promise<unknown>): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = performance.now();
    if (now < next) return;
    await work();
    next = now + seconds * 1000;
  };
}
