/** A process's configuration: its environment, its .env, and what is wrong with them. */
import { config } from "dotenv";
import type { z } from "zod";

/**
 * Reads a process's configuration from its environment. `who` is the process, as its operator calls it.
 * @throws Error that lists every wrong or missing variable
 */
export function readEnvironment<T extends z.ZodType>(who: string, schema: T, env: NodeJS.ProcessEnv): z.output<T> {
  // `NAME=` without a value is how .env.example shows what can be left out.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  // Names and rules only: a value may be a secret.
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new Error(`The ${who}'s configuration is not complete (see .env.example):\n${problems.join("\n")}`);
}

/**
 * The process's environment, with what its `.env` adds to it: the one place where that file is read. ENV_FILE names another
 * file; empty: none, as for processes that somebody else starts with all they need.
 */
export function processEnvironment(): NodeJS.ProcessEnv {
  const path = process.env.ENV_FILE ?? ".env";
  if (path !== "") config({ path, quiet: true });
  return process.env;
}
