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

/** What is known of 256 lines: of each its place in `STATES`, a fault of its kind, and by which event it was settled. */
interface Word {
  readonly states: Uint8Array;
  readonly kindFaults: Uint8Array;
  readonly settledBy: Uint32Array;
}

export class Batch {
  readonly digest: string;
  readonly body: Body;
  /** From then on its lines can be settled, in Unix seconds. */
  readonly releaseAt: number;
  /** Of the lines that something is known of, 256 side by side: a batch can say that it has four billion. */
  readonly #words = new Map<number, Word>();
  /** Undefined: nobody gave them, or all are settled. */
  #lines: Uint8Array | undefined;
  #tree: SumTree | undefined;
  /** Lines that are not settled. */
  #unsettled: number;
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
    return this.#words.get(index >>> 8)?.settledBy[index & 255] ?? 0;
  }

  /** Why the line's partner, of the kinds it then had, is not paid under its offer; 0: it is. */
  kindFault(index: number): number {
    return this.#words.get(index >>> 8)?.kindFaults[index & 255] ?? 0;
  }

  setKindFault(index: number, fault: number): void {
    if (fault !== 0) this.#word(index).kindFaults[index & 255] = fault;
  }

  #word(index: number): Word {
    const word = this.#words.get(index >>> 8) ?? {
      states: new Uint8Array(256),
      kindFaults: new Uint8Array(256),
      settledBy: new Uint32Array(256),
    };
    this.#words.set(index >>> 8, word);
    return word;
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
    return STATES[this.#words.get(index >>> 8)?.states[index & 255] ?? 0] as LineState;
  }

  /** @param by the event that does so @returns whether the line was not settled before */
  settle(index: number, state: LineState, by: number): boolean {
    const before = this.state(index);
    const word = this.#word(index);
    word.states[index & 255] = STATES.indexOf(state);
    word.settledBy[index & 255] = by;
    const first = before === "held" || before === "due";
    if (first && state !== "due" && --this.#unsettled === 0) this.#lines = undefined;
    return first;
  }

  /** The marks of lines 256 x word to 256 x word + 255, as the contract has them. */
  marks(word: number): bigint {
    let marks = 0n;
    for (const [i, state] of this.#words.get(word)?.states.entries() ?? []) if (state !== 0) marks |= 1n << BigInt(i);
    return marks;
  }

  /** Which 256 lines are to be looked at: all, or of a batch whose lines nobody gives those that something was done with. */
  *words(): Generator<number> {
    if (this.signedHash === undefined) yield* this.#words.keys();
    else for (let word = 0; word < this.body.lineCount / 256; word++) yield word;
  }

  /** The places of the lines in a state. */
  *in(state: LineState): Generator<number> {
    for (const word of this.words())
      for (let index = 256 * word; index < Math.min(256 * (word + 1), this.body.lineCount); index++)
        if (this.state(index) === state) yield index;
  }
}
