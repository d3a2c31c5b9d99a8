/**
 * Words of the EVM as terms: numbers, unknowns with a bound, and what is computed of them. Equal terms are one object, so what is
 * the same for all values of the unknowns is `===`. A term is made simple where that is certain: constants are computed, bytes are
 * moved and not shifted, sums and products are exact where their bounds say that they cannot wrap. What is not certain stays as it
 * is, and then proves nothing.
 */
export interface Term {
  readonly id: number;
  readonly op: string;
  readonly args: readonly Term[];
  /** The most that it can be. */
  readonly max: bigint;
  readonly value?: bigint;
  /** Of a word that is put together from bytes of others, the lowest first. */
  readonly bytes?: readonly Byte[];
}

/** A byte of a word: known, or byte `index` (the lowest is 0) of a term. */
export type Byte = number | { readonly of: Term; readonly index: number };

export const WORD = 1n << 256n;
const known = new Map<string, Term>();

function make(key: string, fields: Omit<Term, "id">): Term {
  const found = known.get(key);
  if (found !== undefined) return found;
  const term = { id: known.size, ...fields };
  known.set(key, term);
  return term;
}

const operation = (op: string, args: readonly Term[], max: bigint) =>
  make(`${op}(${args.map(({ id }) => id).join()})`, { op, args, max });

export function constant(value: bigint): Term {
  const word = BigInt.asUintN(256, value);
  return make(`#${word}`, { op: "constant", args: [], max: word, value: word });
}

/** A number that can be anything up to `max`. */
export const unknown = (name: string, max: bigint) => make(`?${name}:${max}`, { op: name, args: [], max });

export const ZERO = constant(0n);
export const ONE = constant(1n);

const sizeOf = (max: bigint) => Math.ceil(max.toString(2).length / 8);
export const sameByte = (a: Byte, b: Byte) =>
  typeof a === "number" || typeof b === "number" ? a === b : a.of === b.of && a.index === b.index;

/** Its 32 bytes, the lowest first. */
export function bytesOf(term: Term): readonly Byte[] {
  if (term.bytes !== undefined) return term.bytes;
  const { value } = term;
  const size = term.max === 0n ? 0 : sizeOf(term.max);
  return Array.from({ length: 32 }, (_, index) => {
    if (value !== undefined) return Number((value >> BigInt(8 * index)) & 0xffn);
    return index < size ? { of: term, index } : 0;
  });
}

function mostOf({ of, index }: Exclude<Byte, number>): bigint {
  const above = of.max >> BigInt(8 * index);
  return above < 255n ? above : 255n;
}

/** The word of 32 bytes, the lowest first. */
export function wordOf(bytes: readonly Byte[]): Term {
  if (bytes.every((byte) => typeof byte === "number"))
    return constant(bytes.reduceRight<bigint>((value, byte) => (value << 8n) | BigInt(byte as number), 0n));
  const first = bytes[0];
  if (
    first !== undefined &&
    typeof first !== "number" &&
    bytesOf(first.of).every((byte, i) => sameByte(byte, bytes[i] ?? -1))
  )
    return first.of;
  const top = bytes.findLastIndex((byte) => byte !== 0);
  const highest = bytes[top];
  const most = highest === undefined ? 0n : typeof highest === "number" ? BigInt(highest) : mostOf(highest);
  const max = ((most + 1n) << BigInt(8 * top)) - 1n;
  return make(`[${bytes.map((byte) => (typeof byte === "number" ? byte : `${byte.of.id}.${byte.index}`)).join()}]`, {
    op: "bytes",
    args: [],
    max,
    bytes,
  });
}

/** Both have no byte in common: then and only then a sum, an or and a xor of them are the same bytes. */
function beside(a: Term, b: Term): Term | undefined {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  if (!left.every((byte, i) => byte === 0 || right[i] === 0)) return undefined;
  return wordOf(left.map((byte, i) => (byte === 0 ? (right[i] ?? 0) : byte)));
}

const sorted = (op: string, terms: readonly Term[]) =>
  terms.flatMap((term) => (term.op === op ? term.args : [term])).toSorted((a, b) => a.id - b.id);

export function add(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value + b.value);
  if (a === ZERO) return b;
  if (b === ZERO) return a;
  const together = beside(a, b);
  if (together !== undefined) return together;
  const max = a.max + b.max;
  return max < WORD ? operation("+", sorted("+", [a, b]), max) : operation("wrapping +", [a, b], WORD - 1n);
}

export function sub(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value - b.value);
  if (b === ZERO) return a;
  if (a === b) return ZERO;
  return operation("wrapping -", [a, b], WORD - 1n);
}

export function mul(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value * b.value);
  if (a === ZERO || b === ZERO) return ZERO;
  if (a === ONE) return b;
  if (b === ONE) return a;
  const max = a.max * b.max;
  return max < WORD ? operation("*", sorted("*", [a, b]), max) : operation("wrapping *", [a, b], WORD - 1n);
}

export function div(a: Term, b: Term): Term {
  if (b.value === undefined) return operation("/", [a, b], a.max);
  if (b.value === 0n) return ZERO;
  if (a.value !== undefined) return constant(a.value / b.value);
  return operation("/", [a, b], a.max / b.value);
}

export function shl(by: Term, a: Term): Term {
  if (by.value === undefined) return operation("<<", [by, a], WORD - 1n);
  if (by.value >= 256n) return ZERO;
  if (a.value !== undefined) return constant(a.value << by.value);
  if (by.value % 8n !== 0n) return operation("<<", [by, a], WORD - 1n);
  const bytes = Number(by.value / 8n);
  return wordOf([...Array<Byte>(bytes).fill(0), ...bytesOf(a).slice(0, 32 - bytes)]);
}

export function shr(by: Term, a: Term): Term {
  if (by.value === undefined) return operation(">>", [by, a], a.max);
  if (by.value >= 256n) return ZERO;
  if (a.value !== undefined) return constant(a.value >> by.value);
  if (by.value % 8n !== 0n) return operation(">>", [by, a], a.max >> by.value);
  const bytes = Number(by.value / 8n);
  return wordOf([...bytesOf(a).slice(bytes), ...Array<Byte>(bytes).fill(0)]);
}

export function and(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value & b.value);
  if (a === ZERO || b === ZERO) return ZERO;
  if (b.value === undefined && a.value !== undefined) return and(b, a);
  const mask = bytesOf(b);
  if (b.value !== undefined && mask.every((byte) => byte === 0 || byte === 255))
    return wordOf(bytesOf(a).map((byte, i) => (mask[i] === 0 ? 0 : byte)));
  // A mask of all bits that it can have.
  if (b.value !== undefined && (b.value & (b.value + 1n)) === 0n && a.max <= b.value) return a;
  return a === b ? a : operation("&", sorted("&", [a, b]), a.max < b.max ? a.max : b.max);
}

const allBits = (max: bigint) => (1n << BigInt(max.toString(2).length)) - 1n;

export function or(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value | b.value);
  if (a === ZERO || a === b) return b;
  return beside(a, b) ?? operation("|", sorted("|", [a, b]), allBits(a.max > b.max ? a.max : b.max));
}

export function xor(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return constant(a.value ^ b.value);
  if (a === b) return ZERO;
  return beside(a, b) ?? operation("^", sorted("^", [a, b]), allBits(a.max > b.max ? a.max : b.max));
}

export const not = (a: Term) => (a.value !== undefined ? constant(~a.value) : operation("~", [a], WORD - 1n));

export function isZero(a: Term): Term {
  if (a.value !== undefined) return a.value === 0n ? ONE : ZERO;
  // Twice is whether it is not zero: of what is 0 or 1 that is itself.
  if (a.bytes !== undefined) {
    // Where its bytes stand does not matter.
    const bytes = a.bytes.filter((byte) => byte !== 0);
    if (bytes.some((byte) => typeof byte === "number")) return ZERO;
    return operation("=0", [wordOf([...bytes, ...Array<Byte>(32 - bytes.length).fill(0)])], 1n);
  }
  if (a.op === "=0" && a.args[0] !== undefined && a.args[0].max === 1n) return a.args[0];
  return operation("=0", [a], 1n);
}

export function lt(a: Term, b: Term): Term {
  if (a.value !== undefined && b.value !== undefined) return a.value < b.value ? ONE : ZERO;
  if (b === ZERO || a === b) return ZERO;
  if (b.value !== undefined && a.max < b.value) return ONE;
  if (a.value !== undefined && b.max <= a.value) return ZERO;
  return operation("<", [a, b], 1n);
}

export function eq(a: Term, b: Term): Term {
  if (a === b) return ONE;
  if (a.value !== undefined && b.value !== undefined) return ZERO;
  if (a === ZERO) return isZero(b);
  if (b === ZERO) return isZero(a);
  if ((a.value ?? 0n) > b.max || (b.value ?? 0n) > a.max) return ZERO;
  return operation("==", sorted("==", [a, b]), 1n);
}

/** keccak256 of bytes in the order of memory: a function of which nothing is known but that it is one. */
export function hash(bytes: readonly Byte[]): Term {
  const name = bytes.map((byte) => (typeof byte === "number" ? byte : `${byte.of.id}.${byte.index}`)).join();
  return make(`keccak256(${name})`, { op: "keccak256", args: [], max: WORD - 1n });
}

const REBUILT: Readonly<Record<string, (a: Term, b: Term) => Term>> = {
  "+": add,
  "*": mul,
  "&": and,
  "|": or,
  "^": xor,
};
const PAIRS: Readonly<Record<string, (a: Term, b: Term) => Term>> = {
  "/": div,
  "<<": shl,
  ">>": shr,
  "<": lt,
  "==": eq,
  "wrapping -": sub,
};

/** The term where some of its parts have the given values. */
export function given(term: Term, values: ReadonlyMap<Term, bigint>): Term {
  const value = values.get(term);
  if (value !== undefined) return constant(value);
  if (term.bytes !== undefined) {
    const parts = term.bytes.map((byte) => {
      if (typeof byte === "number") return byte;
      return bytesOf(given(byte.of, values))[byte.index] ?? 0;
    });
    return wordOf(parts);
  }
  const [first, ...rest] = term.args.map((argument) => given(argument, values));
  if (first === undefined) return term;
  const many = REBUILT[term.op];
  if (many !== undefined) return rest.reduce(many, first);
  const pair = PAIRS[term.op];
  const second = rest[0];
  if (pair !== undefined && second !== undefined) return pair(first, second);
  if (term.op === "=0") return isZero(first);
  if (term.op === "~") return not(first);
  return operation(term.op, [first, ...rest], term.max);
}
