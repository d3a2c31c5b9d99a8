/** A batch while its campaign is replayed: its lines as they stand, 32 bytes each, and where each of them is. */
import { LINE_BYTES } from "@partner-programs/protocol/line";
import { hexlify } from "ethers";
import { SumTree } from "./sumTree.ts";

/** A line, read off its word. */
export interface BatchLine {
  readonly offerId: number;
  /** Lower case. */
  readonly partner: string;
  readonly count: number;
  readonly volumeUnits: bigint;
}

/** Where a line's commission is. `due`: it does not hold, and the event that says so is still to come. */
export const STATES = ["held", "credited", "paid", "refused", "due"] as const;
export type LineState = (typeof STATES)[number];

/** What the attesters signed. */
export interface Body {
  readonly firstConversion: bigint;
  readonly conversions: number;
  readonly periodFrom: number;
  readonly periodTo: number;
  readonly conversionsRoot: string;
  readonly linesRoot: string;
  readonly lineCount: number;
  readonly total: bigint;
}

export class Batch {
  readonly digest: string;
  readonly body: Body;
  /** Of each line: a place in `STATES`. */
  readonly #states: Uint8Array;
  /** Of each line: why its partner, of the kinds it then had, is not paid under its offer; 0: it is. */
  readonly kindFaults: Uint8Array;
  /** Undefined: nobody gave them, or all are settled. */
  #lines: Uint8Array | undefined;
  #tree: SumTree | undefined;
  /** Lines that are not settled. */
  #unsettled: number;
  /** What the lines since the last `Reversed` were lowered by. */
  lowered = 0n;

  constructor(digest: string, body: Body) {
    this.digest = digest;
    this.body = body;
    this.#states = new Uint8Array(body.lineCount);
    this.kindFaults = new Uint8Array(body.lineCount);
    this.#unsettled = body.lineCount;
  }

  get lines(): Uint8Array | undefined {
    return this.#lines;
  }

  /** Takes the lines, if they have the root and the sum that were signed. @returns whether they have */
  take(lines: Uint8Array, worthOf: (line: BatchLine) => bigint): boolean {
    if (lines.length !== LINE_BYTES * this.body.lineCount) return false;
    const tree = new SumTree(lines, (i) => worthOf(lineIn(lines, i)));
    if (tree.root !== this.body.linesRoot || tree.total !== this.body.total) return false;
    this.#lines = lines;
    return true;
  }

  line(index: number): BatchLine | undefined {
    if (this.#lines === undefined || index >= this.body.lineCount) return undefined;
    return lineIn(this.#lines, index);
  }

  /** Makes a line this one. */
  lower(index: number, packed: Uint8Array, worthOf: (line: BatchLine) => bigint): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    this.#tree ??= new SumTree(lines, (i) => worthOf(lineIn(lines, i)));
    lines.set(packed, index * LINE_BYTES);
    this.#tree.set(index, packed, worthOf(lineIn(lines, index)));
  }

  /** Root and sum of the tree as reversals left it; undefined if none did, or the lines are not known. */
  get tree(): Pick<SumTree, "root" | "total"> | undefined {
    return this.#tree;
  }

  state(index: number): LineState {
    return STATES[this.#states[index] ?? 0] as LineState;
  }

  /** @returns whether the line was not settled before */
  settle(index: number, state: LineState): boolean {
    const before = this.state(index);
    this.#states[index] = STATES.indexOf(state);
    const first = before === "held" || before === "due";
    if (first && state !== "due" && --this.#unsettled === 0) this.#lines = undefined;
    return first;
  }

  /** The marks of lines 256 x word to 256 x word + 255, as the contract has them. */
  marks(word: number): bigint {
    let marks = 0n;
    for (let i = 0; i < 256; i++) if ((this.#states[256 * word + i] ?? 0) !== 0) marks |= 1n << BigInt(i);
    return marks;
  }

  /** The places of the lines in a state. */
  *in(state: LineState): Generator<number> {
    const wanted = STATES.indexOf(state);
    for (const [i, one] of this.#states.entries()) if (one === wanted) yield i;
  }
}

export function lineIn(lines: Uint8Array, index: number): BatchLine {
  const word = lines.subarray(index * LINE_BYTES, (index + 1) * LINE_BYTES);
  const [a = 0, b = 0] = word;
  const count = ((word[22] ?? 0) << 16) | ((word[23] ?? 0) << 8) | (word[24] ?? 0);
  const volumeUnits = new DataView(word.buffer, word.byteOffset).getBigUint64(24) & 0xff_ffff_ffff_ffffn;
  return { offerId: (a << 8) | b, partner: hexlify(word.subarray(2, 22)), count, volumeUnits };
}
