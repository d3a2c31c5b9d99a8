/** A process's configuration: its environment, its .env, and all that is wrong with them at once. */
import { config } from "dotenv";
import { z } from "zod";

export const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgres:// or postgresql://");

/** What is known of a configuration while it is checked: variables that are wrong are not in it. */
export type Known<T extends z.ZodObject> = Partial<z.output<T>>;

/** Looks at what no variable shows by itself. @returns a sentence for each fault: the variable, its value, the remedy */
export type Check<T extends z.ZodObject> = (known: Known<T>, env: NodeJS.ProcessEnv) => string[];

/** Values that are never repeated. Node providers put their keys into URLs, databases their passwords. */
const SECRET = /(KEY|SECRETS?|TOKEN|PASSWORD|DATABASE_URL|SIGNER_URL|SMTP_URL)$|^(?!PUBLIC_).*RPC_URLS?$/;
/** A key that was put into another variable by mistake is a secret there as well. */
const LIKE_A_KEY = /[0-9a-f]{64}/i;
const MAX_SHOWN_CHARACTERS = 100;

/**
 * Reads a process's configuration from its environment. `who` is the process, as its operator calls it.
 * @throws Error that lists every variable that is wrong or missing, with its value unless that is a secret, and what it must be
 */
export function readEnvironment<T extends z.ZodObject>(
  who: string,
  schema: T,
  env: NodeJS.ProcessEnv,
  checks: readonly Check<T>[] = [],
): z.output<T> {
  const known: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, type] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    // `NAME=` without a value is how .env.example shows what can be left out.
    const given = env[name] === "" ? undefined : env[name];
    const parsed = type.safeParse(given);
    if (parsed.success) known[name] = parsed.data;
    else faults.push(describeFault(name, given, type, parsed.error, secretsOf(env)));
  }
  for (const check of checks) faults.push(...check(known as Known<T>, env));
  if (faults.length === 0) return known as z.output<T>;
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  throw new Error(
    `The ${who}'s configuration has ${count}; .env.example explains each variable:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
  );
}

/** A check of `name` by whatever opens it: what `open` throws is the fault. A variable that is not set, or wrong already, is not opened. */
export function opens<T extends z.ZodObject, Name extends keyof z.output<T> & string>(
  name: Name,
  open: (value: NonNullable<z.output<T>[Name]>, env: NodeJS.ProcessEnv) => unknown,
): Check<T> {
  return (known, env) => {
    const value = known[name];
    if (value === undefined || value === null) return [];
    try {
      open(value as NonNullable<z.output<T>[Name]>, env);
      return [];
    } catch (error) {
      return [`${name} is ${JSON.stringify(value)}: ${(error as Error).message.replaceAll("\n", " ")}`];
    }
  };
}

function describeFault(
  name: string,
  given: string | undefined,
  type: z.ZodType,
  error: z.ZodError,
  secrets: readonly string[],
): string {
  if (given === undefined) return `${name} is not set. Set it to ${type.description ?? rulesOf(error)}.`;
  return `${name} ${show(name, given, secrets)}: ${rulesOf(error)}.`;
}

const isSecret = (name: string) => SECRET.test(name);
const secretsOf = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).flatMap(([name, value]) => (isSecret(name) && value ? [value] : []));

function show(name: string, value: string, secrets: readonly string[]): string {
  if (isSecret(name) || LIKE_A_KEY.test(value) || secrets.some((secret) => value.includes(secret)))
    return `(${value.length} characters, not shown)`;
  // Whoever names a user and a password in a URL has them in the URL alone.
  const plain = value.replace(/\/\/[^/@\s]*@/g, "//…@");
  return `is ${JSON.stringify(plain.length > MAX_SHOWN_CHARACTERS ? `${plain.slice(0, MAX_SHOWN_CHARACTERS)}…` : plain)}`;
}

const rulesOf = (error: z.ZodError): string =>
  error.issues
    .map((issue) => {
      const [part] = issue.path;
      return typeof part === "number" ? `part ${part + 1} ${ruleOf(issue)}` : ruleOf(issue);
    })
    .join(", and ");

/** What zod asks for, as one says it to a person. */
function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "string"
        ? `must have ${issue.minimum} characters or more`
        : `must be ${issue.minimum} or more`;
    case "too_big":
      return issue.origin === "string"
        ? `must have ${issue.maximum} characters or fewer`
        : `must be ${issue.maximum} or less`;
    case "invalid_type":
      return `must be ${issue.expected === "int" ? "a whole number" : `a ${issue.expected}`}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "invalid_format":
      return issue.format === "url" ? "must be a URL that begins with http:// or https://" : issue.message;
    default:
      return issue.message.replace(/\.$/, "");
  }
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
