/**
 * Runs a contract's compiled code on terms instead of numbers, along every way that it can take. Addresses in memory and lengths
 * have to be known: where they are not, or where there is an instruction that it does not know, it throws, and nothing is proved.
 */
import * as t from "./terms.ts";

/** What a call comes to under conditions, each of which is zero or is not. */
export interface Way {
  readonly conditions: ReadonlyMap<t.Term, boolean>;
  readonly reverted: boolean;
  readonly returned: readonly t.Byte[];
}

interface State {
  pc: number;
  stack: t.Term[];
  memory: Map<number, t.Byte>;
  conditions: Map<t.Term, boolean>;
}

const MAX_STEPS = 2_000_000;

export function run(code: Uint8Array, calldata: readonly t.Byte[]): Way[] {
  const ways: Way[] = [];
  const open: State[] = [{ pc: 0, stack: [], memory: new Map(), conditions: new Map() }];
  let steps = 0;
  for (let state = open.pop(); state !== undefined; state = open.pop())
    for (;;) {
      if (++steps > MAX_STEPS) throw new Error(`The code takes more than ${MAX_STEPS} steps.`);
      const way = step(code, calldata, state, open);
      if (way === undefined) continue;
      ways.push(way);
      break;
    }
  return ways;
}

const BINARY: Readonly<Record<number, (a: t.Term, b: t.Term) => t.Term>> = {
  1: t.add,
  2: t.mul,
  3: t.sub,
  4: t.div,
  16: t.lt,
  17: (a, b) => t.lt(b, a),
  20: t.eq,
  22: t.and,
  23: t.or,
  24: t.xor,
  27: t.shl,
  28: t.shr,
};

/** What an instruction works on. */
class Frame {
  readonly state: State;
  readonly calldata: readonly t.Byte[];

  constructor(state: State, calldata: readonly t.Byte[]) {
    this.state = state;
    this.calldata = calldata;
  }

  pop(): t.Term {
    const term = this.state.stack.pop();
    if (term === undefined) throw new Error(`The stack is empty at ${this.state.pc - 1}.`);
    return term;
  }

  push(term: t.Term): void {
    this.state.stack.push(term);
  }

  /** An address or a length; one that is too large for anything is 2^32 - 1. */
  number(): number {
    const { value, op } = this.pop();
    if (value === undefined) throw new Error(`An address or a length is not known at ${this.state.pc - 1}: ${op}.`);
    return Number(value > 0xffffffffn ? 0xffffffffn : value);
  }

  read(from: number, size: number): t.Byte[] {
    return Array.from({ length: size }, (_, i) => this.state.memory.get(from + i) ?? 0);
  }

  write(to: number, bytes: readonly t.Byte[]): void {
    for (const [i, byte] of bytes.entries()) this.state.memory.set(to + i, byte);
  }
}

const bigEndian = (bytes: readonly t.Byte[]) => t.wordOf(bytes.toReversed());

function step(code: Uint8Array, calldata: readonly t.Byte[], state: State, open: State[]): Way | undefined {
  const { stack } = state;
  const op = code[state.pc++] ?? 0;
  const frame = new Frame(state, calldata);
  const binary = BINARY[op];
  if (binary !== undefined) {
    const first = frame.pop();
    frame.push(binary(first, frame.pop()));
  } else if (op >= 0x5f && op <= 0x7f) {
    const size = op - 0x5f;
    frame.push(t.constant(BigInt(`0x0${Buffer.from(code.subarray(state.pc, state.pc + size)).toString("hex")}`)));
    state.pc += size;
  } else if (op >= 0x80 && op <= 0x8f) {
    frame.push(stack.at(-(op - 0x7f)) ?? frame.pop());
  } else if (op >= 0x90 && op <= 0x9f) {
    const other = stack.length - 1 - (op - 0x8f);
    const [a, b] = [stack[stack.length - 1], stack[other]];
    if (a === undefined || b === undefined) throw new Error(`The stack is too short at ${state.pc - 1}.`);
    stack[stack.length - 1] = b;
    stack[other] = a;
  } else if (op === 0x57) branch(frame, open);
  else if (op === 0x00) return { conditions: state.conditions, reverted: false, returned: [] };
  else if (op === 0xf3 || op === 0xfd) {
    const from = frame.number();
    return { conditions: state.conditions, reverted: op === 0xfd, returned: frame.read(from, frame.number()) };
  } else if (!compute(op, frame) && !move(op, frame))
    throw new Error(`Instruction 0x${op.toString(16)} at ${state.pc - 1} is not one that is known here.`);
  return undefined;
}

/** A jump on a condition that is not known goes both ways. */
function branch(frame: Frame, open: State[]): void {
  const { state } = frame;
  const to = frame.number();
  const condition = frame.pop();
  const decided = condition.value === undefined ? state.conditions.get(condition) : condition.value !== 0n;
  if (decided === undefined) {
    open.push({
      pc: state.pc,
      stack: [...state.stack],
      memory: new Map(state.memory),
      conditions: new Map(state.conditions).set(condition, false),
    });
    state.conditions.set(condition, true);
  }
  if (decided !== false) state.pc = to;
}

function compute(op: number, frame: Frame): boolean {
  if (op === 0x15) frame.push(t.isZero(frame.pop()));
  else if (op === 0x19) frame.push(t.not(frame.pop()));
  else if (op === 0x12 || op === 0x13) {
    const [a, b] = [frame.pop(), frame.pop()];
    frame.push(op === 0x12 ? signedLess(a, b) : signedLess(b, a));
  } else if (op === 0x1e) {
    const { value } = frame.pop();
    if (value === undefined) throw new Error("Leading zeros of what is not known.");
    frame.push(t.constant(value === 0n ? 256n : 256n - BigInt(value.toString(2).length)));
  } else if (op === 0x20) {
    const from = frame.number();
    frame.push(t.hash(frame.read(from, frame.number())));
  } else if (op === 0x34) frame.push(t.ZERO);
  else if (op === 0x50) frame.pop();
  else return op === 0x5b;
  return true;
}

/** Below 2^255 it is the comparison without signs. */
function signedLess(a: t.Term, b: t.Term): t.Term {
  if (a.value !== undefined && b.value !== undefined)
    return t.constant(BigInt.asIntN(256, a.value) < BigInt.asIntN(256, b.value) ? 1n : 0n);
  if (a.max >= 1n << 255n || b.max >= 1n << 255n) throw new Error("A signed comparison of what may be negative.");
  return t.lt(a, b);
}

/** Moves bytes between calldata, memory and the stack, or the counter. */
function move(op: number, frame: Frame): boolean {
  const { calldata } = frame;
  const given = (from: number, size: number) => Array.from({ length: size }, (_, i) => calldata[from + i] ?? 0);
  if (op === 0x35) frame.push(bigEndian(given(frame.number(), 32)));
  else if (op === 0x36) frame.push(t.constant(BigInt(calldata.length)));
  else if (op === 0x37 || op === 0x5e) {
    const [to, from, size] = [frame.number(), frame.number(), frame.number()];
    frame.write(to, op === 0x37 ? given(from, size) : frame.read(from, size));
  } else if (op === 0x51) frame.push(bigEndian(frame.read(frame.number(), 32)));
  else if (op === 0x52) {
    const to = frame.number();
    frame.write(to, t.bytesOf(frame.pop()).toReversed());
  } else if (op === 0x56) frame.state.pc = frame.number();
  else return false;
  return true;
}
