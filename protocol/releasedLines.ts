/** Which lines of a batch are settled: a bit for each, in words of 256, as `Released` and the Lens give them. */

export function isReleased(words: readonly bigint[], index: number): boolean {
  return (((words[index >> 8] ?? 0n) >> BigInt(index & 255)) & 1n) === 1n;
}

/** The places, below `lineCount`, of the lines that are marked. */
export function releasedIndices(words: readonly bigint[], lineCount: number): number[] {
  return Array.from({ length: lineCount }, (_, index) => index).filter((index) => isReleased(words, index));
}
