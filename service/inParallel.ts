/**
 * Does `work` for each of `items`, for at most `most` of them at once. One that fails does not keep the others from being done.
 * @throws what failed, when all are done
 */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const failures: unknown[] = [];
  const lanes = Array.from({ length: Math.min(most, items.length) }, async () => {
    // All take from the same iterator.
    for (const item of left) await work(item).catch((error: unknown) => failures.push(error));
  });
  await Promise.all(lanes);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
}
