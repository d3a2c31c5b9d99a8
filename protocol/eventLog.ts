/** Events of the contract as their logs have them. The contract takes any bytes as text, and a stranger may send any. */
import {
  AbiCoder,
  type Interface,
  type Log,
  type LogDescription,
  type ParamType,
  Result,
  toUtf8String,
  Utf8ErrorFuncs,
} from "ethers";

/** The event that a log is, with its arguments by their names; undefined: none of the contract's. */
export function readLog(contract: Interface, log: Pick<Log, "topics" | "data">) {
  const parsed = contract.parseLog(log);
  return parsed === null ? undefined : { name: parsed.name, args: readArguments(parsed, log) };
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
    return input.baseType === "string" ? toUtf8String(value, Utf8ErrorFuncs.replace) : value;
  });
  return Result.fromItems(
    values,
    fragment.inputs.map(({ name }) => name),
  );
}
