/** What a report says of what was sold: its attributes in one spelling, and each as its type in the campaign's description has it. */
import { type Attributes, type AttributeType, sameText } from "@partner-programs/protocol/conditions";

/** As they were reported, each as a text, in the order of their names. */
export type GivenAttributes = Readonly<Record<string, string>>;

/** What two reports that say the same have in common, in whatever capitals they say it. */
export const sameAttributes = (given: GivenAttributes): GivenAttributes =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, sameText(value)]));

/**
 * Reads attributes by their types. Where the event has none described they decide nothing, and stay as they are; where it has, an unknown
 * name may be a slip of the pen for a known one, and is a problem: silently another offer would pay.
 */
export function readAttributes(
  types: Readonly<Record<string, AttributeType>>,
  given: GivenAttributes,
): { readonly attributes: Attributes } | { readonly problem: string } {
  const names = Object.keys(types);
  if (names.length === 0) return { attributes: given };
  const attributes: Record<string, Attributes[string]> = {};
  for (const [name, value] of Object.entries(given)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined)
      return {
        problem: `attributes.${name} is not described; the campaign describes ${names.join(", ")}. Correct it, or leave it out.`,
      };
    const read = readAs(type, value);
    if (read === undefined)
      return {
        problem: `attributes.${name} is ${JSON.stringify(value)}, which is not ${describeType(type)}. Correct it, or leave it out.`,
      };
    attributes[name] = read;
  }
  return { attributes };
}

const BOOLEANS = new Map([
  ["true", true],
  ["false", false],
]);

function readAs(type: AttributeType, value: string): Attributes[string] | undefined {
  if (type.type === "boolean") return BOOLEANS.get(value.toLowerCase());
  if (type.type === "integer") return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : undefined;
  return type.oneOf === undefined ? value : type.oneOf.find((one) => sameText(one) === sameText(value));
}

function describeType(type: AttributeType): string {
  if (type.type === "boolean") return "true or false";
  if (type.type === "integer") return "a whole number such as 12";
  return `one of ${type.oneOf?.join(", ")}`;
}
