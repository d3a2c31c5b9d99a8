/** Secrets of the configuration that can be replaced while everything runs: one of now, and those before it until their ends. */
import { z } from "zod";

export interface Rotating {
  /** What is used, and always good. */
  readonly current: string;
  readonly retired: readonly RetiredSecret[];
}

export interface RetiredSecret {
  readonly secret: string;
  /** When it was replaced, or is going to be: milliseconds since 1970. */
  readonly until: number;
}

const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/;

/** Reads `new,old@2026-12-01T12:00:00Z,…`. @throws Error that names no secret */
export function readRotating(text: string, minCharacters: number): Rotating {
  const [current = "", ...before] = text.split(",").map((part) => part.trim());
  if (current.length < minCharacters)
    throw new Error(`${before.length === 0 ? "" : "the first secret "}must have ${minCharacters} characters or more`);
  const retired = before.map((part, i) => {
    // The last one: a secret may have one of its own.
    const at = part.lastIndexOf("@");
    const [secret, time] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    const until = UTC.test(time) ? Date.parse(time) : Number.NaN;
    if (at < 0 || Number.isNaN(until))
      throw new Error(`secret ${i + 2} must end with @ and when it was replaced, as in @2026-12-01T12:00:00Z`);
    if (secret.length < minCharacters)
      throw new Error(`secret ${i + 2} must have ${minCharacters} characters or more before its @`);
    return { secret, until };
  });
  return { current, retired };
}

/** A variable that holds such secrets. */
export const rotating = (minCharacters: number) =>
  z.string().transform((text, context): Rotating => {
    try {
      return readRotating(text, minCharacters);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  });
