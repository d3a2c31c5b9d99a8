/** A batch while its campaign is replayed: its lines as they stand, 32 bytes each, and where each of them is. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexlify } from "ethers";
import { type BatchLine, lineIn, WORD } from "./packed.ts";
import { SumTree } from "./sumTree.ts";

/** Where a line's commission is. `due`: it does not hold, and the event that says so is still to come. */
export const STATES = ["held", "credited", "paid", "refused", "due"] as const;
export type LineState = (typeof STATES)[number];

/** What the attesters signed. */
export interface Body {
  readonly firstConversion: bigint;
  readonly conversions: number;
  readonly periodFrom: number;
  readonly periodTo: number;
  readonly deadline: number;
  readonly conversionsRoot: string;
  readonly linesRoot: string;
  readonly lineCount: number;
  readonly total: bigint;
}

/** Root and sum of a batch's tree. */
export interface TreeHead {
  readonly root: string;
  readonly total: bigint;
}

export class Batch {
  readonly digest: string;
  readonly body: Body;
  /** From then on its lines can be settled, in Unix seconds. */
  readonly releaseAt: number;
  /** Of each line: a place in `STATES`. */
  readonly #states: Uint8Array;
  /** Of each line: why its partner, of the kinds it then had, is not paid under its offer; 0: it is. */
  readonly kindFaults: Uint8Array;
  /** Undefined: nobody gave them, or all are settled. */
  #lines: Uint8Array | undefined;
  #tree: SumTree | undefined;
  /** Lines that are not settled. */
  #unsettled: number;
  /** Of each line that is settled: by which event of the history, counted from 1. */
  readonly #settledBy: Uint32Array;
  /** Of lines that reversals lowered: what each was made, the last one last. Packed. */
  readonly #versions = new Map<number, string[]>();
  /** Of lines that were refused: for what fault. */
  readonly faults = new Map<number, number>();
  /** Hash of the lines as they were signed, side by side; undefined: nobody gave them. */
  signedHash: string | undefined;
  /** What the lines since the last `Reversed` were lowered by. */
  lowered = 0n;
  /** The tree as it was signed, and as each `Reversed` says that it left it. */
  readonly heads: [TreeHead, ...TreeHead[]];

  constructor(digest: string, body: Body, releaseAt: number) {
    this.digest = digest;
    this.body = body;
    this.releaseAt = releaseAt;
    this.heads = [{ root: body.linesRoot, total: body.total }];
    this.#settledBy = new Uint32Array(body.lineCount);
    this.#states = new Uint8Array(body.lineCount);
    this.kindFaults = new Uint8Array(body.lineCount);
    this.#unsettled = body.lineCount;
  }

  get lines(): Uint8Array | undefined {
    return this.#lines;
  }

  /** Takes the lines, if they have the root and the sum that were signed. @returns whether they have */
  take(lines: Uint8Array, worthOf: (line: BatchLine) => bigint): boolean {
    if (lines.length !== WORD * this.body.lineCount) return false;
    const tree = new SumTree(lines, (i) => worthOf(lineIn(lines, i)));
    if (tree.root !== this.body.linesRoot || tree.total !== this.body.total) return false;
    this.signedHash = hexlify(keccak_256(lines));
    this.#lines = lines;
    return true;
  }

  /** The tree as it stands, by the last event that says so. */
  get head(): TreeHead {
    return this.heads.at(-1) as TreeHead;
  }

  /** What reversals made of a line, the last one last; empty: it stands as it was signed. */
  versions(index: number): readonly string[] {
    return this.#versions.get(index) ?? [];
  }

  /** By which event of the history the line was settled; 0: it is not. */
  settledBy(index: number): number {
    return this.#settledBy[index] ?? 0;
  }

  line(index: number): BatchLine | undefined {
    if (this.#lines === undefined || index >= this.body.lineCount) return undefined;
    return lineIn(this.#lines, index);
  }

  /** Makes a line this one. */
  lower(index: number, packed: Uint8Array, worthOf: (line: BatchLine) => bigint): void {
    this.#versions.set(index, [...this.versions(index), hexlify(packed)]);
    const lines = this.#lines;
    if (lines === undefined) return;
    this.#tree ??= new SumTree(lines, (i) => worthOf(lineIn(lines, i)));
    lines.set(packed, index * WORD);
    this.#tree.set(index, packed, worthOf(lineIn(lines, index)));
  }

  /** Root and sum of the tree as reversals left it; undefined if none did, or the lines are not known. */
  get tree(): Pick<SumTree, "root" | "total"> | undefined {
    return this.#tree;
  }

  state(index: number): LineState {
    return STATES[this.#states[index] ?? 0] as LineState;
  }

  /** @param by the event that does so @returns whether the line was not settled before */
  settle(index: number, state: LineState, by: number): boolean {
    const before = this.state(index);
    this.#states[index] = STATES.indexOf(state);
    this.#settledBy[index] = by;
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
