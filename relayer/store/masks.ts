/** Masks of 64 kinds in PostgreSQL's bigint, whose highest bit is its sign. */

export const toColumn = (mask: bigint): bigint => BigInt.asIntN(64, mask);
export const fromColumn = (column: bigint): bigint => BigInt.asUintN(64, column);
