/** Connects a source to a campaign: sets its secret, says which events to choose, and waits until the first one is seen. */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const HELP = `RELAYER_API_KEY=sk_… npm run connect -- stripe --relayer <url> --campaign <id> [--test]

Connects Stripe to a campaign. The key needs the scope admin. The endpoint's signing secret is read from STRIPE_WEBHOOK_SECRET, or
else asked for; a restricted key, which only thin events need, from STRIPE_RESTRICTED_KEY.

  --relayer <url>    where the relayer is
  --campaign <id>    the campaign's id
  --test             counts payments of Stripe's test mode, and no real ones
  --minutes <n>      waits so long for the first event, 10 without it
  --help             this text`;

const POLL_MILLISECONDS = 1_000;

/** What the command line needs from outside, so that a test can give it. */
export interface Surroundings {
  readonly say: (line: string) => void;
  readonly ask: (question: string) => Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  readonly fetch: typeof fetch;
}

interface SourceEvent {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly note: string | null;
}

/** @throws Error that names what is wrong and the remedy */
export async function run(args: readonly string[], { say, ask, env, fetch }: Surroundings): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { relayer: text, campaign: text, minutes: text, test: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return say(HELP);
  const { relayer, campaign, test = false, minutes = "10" } = values;
  if (positionals.join() !== "stripe") throw new Error(`Say what to connect: stripe, not "${positionals.join(" ")}".`);
  if (!relayer || !URL.canParse(relayer)) throw new Error(`--relayer is a URL, not "${relayer ?? ""}".`);
  if (!campaign) throw new Error("Say which --campaign, by its id.");
  if (!/^\d{1,4}$/.test(minutes)) throw new Error(`--minutes is a whole number, not "${minutes}".`);
  const key = env.RELAYER_API_KEY;
  if (!key) throw new Error("Set RELAYER_API_KEY to a key of the campaign with the scope admin.");

  const path = `/v1/campaigns/${campaign}/sources/stripe`;
  async function call<T>(method: string, more = "", json?: unknown): Promise<T> {
    const response = await fetch(new URL(path + more, relayer), {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }).catch((error: Error) => {
      throw new Error(`Nothing answers at --relayer ${relayer}: ${((error.cause ?? error) as Error).message}.`);
    });
    const body = (await response.json().catch(() => undefined)) as (T & { detail?: string }) | undefined;
    if (response.ok && body !== undefined) return body;
    throw new Error(
      body?.detail ?? `What is at --relayer ${relayer} answers ${response.status}, and not as a relayer.`,
    );
  }

  say(`In Stripe, make a webhook endpoint with this URL: ${new URL(`/v1/sources/${campaign}/stripe`, relayer)}`);
  const secret = env.STRIPE_WEBHOOK_SECRET || (await ask("Its signing secret (whsec_…): "));
  const given = { webhookSecrets: [secret], testMode: test };
  const readingKey = env.STRIPE_RESTRICTED_KEY;
  const source = await call<{ readonly events: readonly string[]; readonly mapping: unknown; readonly url: string }>(
    "PUT",
    "",
    readingKey ? { ...given, restrictedKey: readingKey } : given,
  );
  say(`Choose these events: ${source.events.join(", ")}`);
  if (source.mapping === null)
    say("The campaign's description does not say yet what of Stripe counts: publish one with `sources.stripe`.");
  // What came before this is no sign that it works now.
  const known = new Set((await call<{ items: SourceEvent[] }>("GET", "/events")).items.map(({ id }) => id));
  say("Waiting for an event. Buy something, or send one from Stripe's Workbench or CLI.");
  const until = Date.now() + Number(minutes) * 60_000;
  while (Date.now() < until) {
    const { items } = await call<{ items: SourceEvent[] }>("GET", "/events");
    const seen = items.find(({ id, state }) => !known.has(id) && state !== "waiting");
    if (seen !== undefined)
      return say(`Seen: ${seen.type}, ${seen.state}${seen.note ? `: ${seen.note}` : "."} Stripe is connected.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  throw new Error(
    `No event was seen within ${minutes} minutes. Look in Stripe what became of them: 400 is another secret, 404 another campaign.`,
  );
}

async function askInTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: question });
  terminal.prompt();
  for await (const line of terminal) return line.trim();
  throw new Error("Nothing was answered. Set STRIPE_WEBHOOK_SECRET where nobody is at the terminal.");
}

if (import.meta.main)
  run(process.argv.slice(2), { say: console.log, ask: askInTerminal, env: process.env, fetch }).catch(
    (error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    },
  );
