/** Events of the contract as their logs have them. The contract takes any bytes as text, and a stranger may send any. */
import {
  AbiCoder,
  type EventFragment,
  getAddress,
  type Interface,
  type Log,
  type LogDescription,
  type ParamType,
  Result,
  toUtf8String,
  Utf8ErrorFuncs,
} from "ethers";

type LogWords = Pick<Log, "topics" | "data">;

/** The event that a log is, with its arguments by their names; undefined: none of the contract's. */
export function readLog(
  contract: Interface,
  log: LogWords,
): { readonly name: string; readonly args: Result } | undefined {
  const reader = readersOf(contract).get(log.topics[0] ?? "");
  if (reader !== undefined) return { name: reader.name, args: reader.read(log) ?? readSlowly(contract, log) };
  return undefined;
}

/** Reads the logs of one event; undefined: they are not as they always are, and are read with all of the decoder's care. */
interface EventReader {
  readonly name: string;
  read(log: LogWords): Result | undefined;
}

/** Made once: to find an event by its topic and to read its types takes longer than to read a log. */
const readers = new WeakMap<Interface, ReadonlyMap<string, EventReader>>();

function readersOf(contract: Interface): ReadonlyMap<string, EventReader> {
  const known = readers.get(contract);
  if (known !== undefined) return known;
  const made = new Map<string, EventReader>();
  contract.forEachEvent((fragment) => {
    if (!fragment.anonymous) made.set(fragment.topicHash, createReader(fragment));
  });
  readers.set(contract, made);
  return made;
}

function createReader({ name, inputs }: EventFragment): EventReader {
  const names = inputs.map((input) => input.name);
  const indexed = inputs.filter((input) => input.indexed === true);
  const plain = inputs.filter((input) => input.indexed !== true);
  const types = plain.map((input) => (input.baseType === "string" ? "bytes" : input));
  const words = plain.every(isOfWords) ? plain.reduce((sum, input) => sum + countWords(input), 0) : undefined;
  const readable = indexed.every(isOfWords);

  function readData(data: string): readonly unknown[] | undefined {
    if (words === undefined) {
      const decoded = AbiCoder.defaultAbiCoder().decode(types, data);
      return plain.map((input, i) => (input.baseType === "string" ? toText(decoded[i]) : decoded[i]));
    }
    if (data.length !== 2 + words * WORD) return undefined;
    const at = { word: 0 };
    const next = () => data.slice(2 + at.word * WORD, 2 + ++at.word * WORD);
    return plain.map((input) => readWords(input, next));
  }

  return {
    name,
    read({ topics, data }) {
      if (!readable || topics.length !== indexed.length + 1) return undefined;
      const values = readData(data);
      if (values === undefined) return undefined;
      let [topic, value] = [1, 0];
      const all = inputs.map((input) =>
        input.indexed === true ? readWords(input, () => (topics[topic++] as string).slice(2)) : values[value++],
      );
      return all.includes(UNREADABLE) ? undefined : Result.fromItems(all, names);
    },
  };
}

/** Hexadecimal digits of a word of 32 bytes. */
const WORD = 64;
const ADDRESS_FROM = 24;
const UNREADABLE = Symbol("unreadable");

/** Whether a value is as many words wherever it stands. */
function isOfWords({ baseType, components }: ParamType): boolean {
  if (baseType === "tuple") return components?.every(isOfWords) ?? false;
  return baseType === "address" || baseType === "bool" || baseType === "bytes32" || baseType.startsWith("uint");
}

const countWords = ({ components }: ParamType): number =>
  components === null ? 1 : components.reduce((sum, one) => sum + countWords(one), 0);

function readWords({ baseType, components }: ParamType, next: () => string): unknown {
  if (components !== null) {
    const values = components.map((one) => readWords(one, next));
    if (values.includes(UNREADABLE)) return UNREADABLE;
    return Result.fromItems(
      values,
      components.map(({ name }) => name),
    );
  }
  const word = next();
  if (baseType === "bytes32") return `0x${word.toLowerCase()}`;
  const value = BigInt(`0x${word}`);
  if (baseType === "bool") return value !== 0n;
  if (baseType === "address") return value >> 160n === 0n ? checksummed(word.slice(ADDRESS_FROM)) : UNREADABLE;
  return value < 1n << BigInt(baseType.slice("uint".length)) ? value : UNREADABLE;
}

/** A checksum is a hash; partners and brands come again and again. */
const checksums = new Map<string, string>();
const MAX_CHECKSUMS = 20_000;

function checksummed(digits: string): string {
  const known = checksums.get(digits);
  if (known !== undefined) return known;
  const address = getAddress(`0x${digits}`);
  if (checksums.size >= MAX_CHECKSUMS) checksums.clear();
  checksums.set(digits, address);
  return address;
}

function readSlowly(contract: Interface, log: LogWords): Result {
  const parsed = contract.parseLog(log);
  if (parsed === null) throw new Error(`A log with topic ${log.topics[0]} is not of the contract.`);
  return readArguments(parsed, log);
}

/** What of text is not UTF-8 is replaced, where ethers would throw when it is looked at. */
function readArguments({ fragment, args }: LogDescription, log: Pick<Log, "data">): Result {
  const raw = (input: ParamType) => (input.baseType === "string" ? "bytes" : input);
  const texts = fragment.inputs.filter(({ baseType }) => baseType === "string");
  if (texts.length === 0) return args;
  const plain = fragment.inputs.filter(({ indexed }) => indexed !== true);
  const decoded = AbiCoder.defaultAbiCoder().decode(plain.map(raw), log.data);
  const values = fragment.inputs.map((input, i) => {
    if (input.indexed === true) return args[i];
    const value = decoded[plain.indexOf(input)];
    return input.baseType === "string" ? toText(value) : value;
  });
  return Result.fromItems(
    values,
    fragment.inputs.map(({ name }) => name),
  );
}

const toText = (bytes: string) => toUtf8String(bytes, Utf8ErrorFuncs.replace);
