/** What readers of shops' orders share: the form of a field, and the error where one is another. */
import { z } from "zod";
import { CODE_NAME, TOKEN, TOKEN_NAME } from "../referral.ts";
import { UnreadableObject } from "../sale.ts";

const MAX_CODES = 20;

/** @throws UnreadableObject */
export function parse<T extends z.ZodType>(schema: T, object: unknown, shop: string): z.output<T> {
  const { data, error } = schema.safeParse(object);
  if (error === undefined) return data as z.output<T>;
  // Paths alone: what stands there may be somebody's.
  const wrong = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new UnreadableObject(`The order is not as ${shop} documents it: ${wrong.slice(0, 500)}`);
}

export const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);

/** Notes on an order, by their names. */
export function readNotes(notes: readonly { readonly name: string; readonly value: unknown }[]) {
  const noteOf = (wanted: string) => {
    const value = notes.find(({ name }) => name === wanted)?.value;
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  };
  const token = noteOf(TOKEN_NAME);
  return { token: token !== undefined && TOKEN.test(token) ? token : undefined, said: noteOf(CODE_NAME), noteOf };
}

export const readDiscounts = (codes: readonly { readonly code?: string | undefined }[]): string[] =>
  codes.flatMap(({ code }) => code ?? []).slice(0, MAX_CODES);
