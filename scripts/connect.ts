/** Connects a source to a campaign: sets its secret, says which events to choose, and waits until the first one is seen. */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openRelayer } from "./relayer.ts";

const HELP = `RELAYER_API_KEY=sk_… npm run connect -- <source> --relayer <url> --campaign <id> [--test]

Connects stripe, shopify, woocommerce or webhook (of any sender) to a campaign. The key needs the scope admin. What its webhooks are signed with is read from
STRIPE_WEBHOOK_SECRET, SHOPIFY_WEBHOOK_SECRET, WOOCOMMERCE_WEBHOOK_SECRET or SENDER_WEBHOOK_SECRET, or else asked for; a restricted key of Stripe's, which only
thin events need, from STRIPE_RESTRICTED_KEY.

  --relayer <url>    where the relayer is
  --campaign <id>    the campaign's id
  --test             counts payments of Stripe's test mode, or test orders of Shopify, and no real ones
  --minutes <n>      waits so long for the first event, 10 without it
  --help             this text`;

/** What is particular to a source: where its secret is from, and what its owner does there. */
interface Source {
  readonly title: string;
  readonly secretVariable: string;
  readonly secret: string;
  readonly make: string;
  readonly chooses: string;
  readonly first: string;
  readonly look: string;
}

const SOURCES: Readonly<Record<string, Source>> = {
  stripe: {
    title: "Stripe",
    secretVariable: "STRIPE_WEBHOOK_SECRET",
    secret: "Its signing secret (whsec_…): ",
    make: "In Stripe, make a webhook endpoint with this URL:",
    chooses: "Choose these events:",
    first: "Buy something, or send one from Stripe's Workbench or CLI.",
    look: "Look in Stripe what became of them: 400 is another secret, 404 another campaign.",
  },
  shopify: {
    title: "Shopify",
    secretVariable: "SHOPIFY_WEBHOOK_SECRET",
    secret: "What webhooks are signed with, below the list of webhooks there: ",
    make: "In Shopify, under Settings → Notifications → Webhooks, make webhooks in the format JSON with this URL:",
    chooses: "One for each of these events:",
    first: "Buy something, or send a test notification there.",
    look: "It answers 400 to another secret, 404 to another campaign; Shopify tries again for four hours.",
  },
  woocommerce: {
    title: "WooCommerce",
    secretVariable: "WOOCOMMERCE_WEBHOOK_SECRET",
    secret: "The secret that you give it, 16 characters or more: ",
    make: "In WordPress, under WooCommerce → Settings → Advanced → Webhooks, make an active webhook with this delivery URL:",
    chooses: "Its topic:",
    first: "Buy something, or save an order there.",
    look: "Look in WooCommerce → Status → Logs what became of them: 400 is another secret, 404 another campaign.",
  },
  webhook: {
    title: "The sender",
    secretVariable: "SENDER_WEBHOOK_SECRET",
    secret: "What its webhooks are signed with, 16 characters or more: ",
    make: "At the sender, have its webhooks sent as JSON to this URL:",
    chooses: "Those that the rules of the campaign's description are for, in `sources.webhook`.",
    first: "Have one sent.",
    look: "It answers 400 to another secret or signature, 404 to another campaign or a description that says nothing of webhooks.",
  },
};

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
  const name = positionals.join(" ");
  const source = Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined;
  if (source === undefined) throw new Error(`Say what to connect: ${Object.keys(SOURCES).join(", ")}, not "${name}".`);
  if (!relayer || !URL.canParse(relayer)) throw new Error(`--relayer is a URL, not "${relayer ?? ""}".`);
  if (!campaign) throw new Error("Say which --campaign, by its id.");
  if (!/^\d{1,4}$/.test(minutes)) throw new Error(`--minutes is a whole number, not "${minutes}".`);
  const key = env.RELAYER_API_KEY;
  if (!key) throw new Error("Set RELAYER_API_KEY to a key of the campaign with the scope admin.");

  const path = `/v1/campaigns/${campaign}/sources/${name}`;
  const asked = openRelayer(relayer, key, fetch);
  const call = <T>(method: string, more = "", json?: unknown) => asked.call<T>(method, path + more, json);

  say(`${source.make} ${new URL(`/v1/sources/${campaign}/${name}`, relayer)}`);
  const secret = env[source.secretVariable] || (await ask(source.secret));
  const given = { webhookSecrets: [secret], ...(name !== "webhook" && { testMode: test }) };
  const readingKey = name === "stripe" ? env.STRIPE_RESTRICTED_KEY : undefined;
  const connected = await call<{ readonly events?: string[]; readonly topics?: string[]; readonly mapping: unknown }>(
    "PUT",
    "",
    readingKey ? { ...given, restrictedKey: readingKey } : given,
  );
  say(`${source.chooses} ${(connected.events ?? connected.topics ?? []).join(", ")}`.trimEnd());
  if (connected.mapping === null)
    say(
      `The campaign's description does not say yet what of ${source.title} counts: publish one with \`sources.${name}\`.`,
    );
  // What came before this is no sign that it works now.
  const known = new Set((await call<{ items: SourceEvent[] }>("GET", "/events")).items.map(({ id }) => id));
  say(`Waiting for an event. ${source.first}`);
  const until = Date.now() + Number(minutes) * 60_000;
  while (Date.now() < until) {
    const { items } = await call<{ items: SourceEvent[] }>("GET", "/events");
    const seen = items.find(({ id, state }) => !known.has(id) && state !== "waiting");
    if (seen !== undefined)
      return say(
        `Seen: ${seen.type}, ${seen.state}${seen.note ? `: ${seen.note}` : "."} ${source.title} is connected.`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  throw new Error(`No event was seen within ${minutes} minutes. ${source.look}`);
}

async function askInTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: question });
  terminal.prompt();
  for await (const line of terminal) return line.trim();
  throw new Error(
    "Nothing was answered. Where nobody is at the terminal the secret is in a variable such as STRIPE_WEBHOOK_SECRET: see --help.",
  );
}

if (import.meta.main)
  run(process.argv.slice(2), { say: console.log, ask: askInTerminal, env: process.env, fetch }).catch(
    (error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    },
  );
