/** What costs something is not done more often than anybody needs it. */

/** Does `work` at most once in so many milliseconds, however often it is asked for. What failed is no answer: it is done again. */
export function atMostEvery<T>(milliseconds: number, work: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly result: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at >= milliseconds) {
      const result = work();
      const mine = { at: now, result };
      last = mine;
      result.catch(() => {
        if (last === mine) last = undefined;
      });
    }
    return last.result;
  };
}
