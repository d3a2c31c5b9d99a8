/** Has a campaign's rejected conversions judged again, once what they were rejected for is gone: the budget funded, the event described. */
import { parseArgs } from "node:util";
import { type Conversion, createServerClient, RelayerError } from "@partner-programs/sdk/server";

const HELP = `RELAYER_API_KEY=sk_… npm run judge-again -- --relayer <url> [--reason <code>] [--event <name>] [--order <id>] [--from <time>] [--to <time>]

Asks the relayer to judge the campaign's rejected conversions again, the oldest first, and says what became of each. What
is judged as before stays as it is. The key needs the scopes read and report.

  --relayer <url>    where the relayer is
  --reason <code>    only what was rejected for this: budget_exhausted, no_referral, unknown_event …
  --event <name>     only of this event
  --order <id>       only this order
  --from, --to       only what was received then or later, and before (ISO 8601)
  --dry-run          lists them, and judges nothing
  --help             this text`;

/** What the command line needs from outside, so that a test can give it. */
export interface Surroundings {
  readonly say: (line: string) => void;
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
}

/** @throws Error that names what is wrong and the remedy */
export async function run(args: readonly string[], { say, key, fetch }: Surroundings): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      relayer: text,
      reason: text,
      event: text,
      order: text,
      from: text,
      to: text,
      "dry-run": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(HELP);
  if (values.relayer === undefined) throw new Error("Give --relayer, the relayer's URL.");
  if (key === undefined) throw new Error("Set RELAYER_API_KEY to a key of the campaign, sk_….");
  const shop = createServerClient({ url: values.relayer, secretKey: key, fetch });
  const { reason, event, order: orderId, from, to } = values;
  const asked = Object.entries({ reason, event, orderId, from, to }).filter(([, value]) => value !== undefined);
  const rejected: Conversion[] = [];
  for await (const one of shop.conversions({ state: "rejected", ...Object.fromEntries(asked) })) rejected.push(one);

  let accepted = 0;
  // In the order in which they came: what is left of a budget is for those who were first.
  for (const one of rejected.reverse()) {
    const order = `${one.event} ${one.orderId} (conversion ${one.id})`;
    if (values["dry-run"]) say(`${order}: rejected as ${one.reason}`);
    else {
      const [state, line] = await judge(() => shop.judgeAgain(one.id), one);
      if (state !== "rejected") accepted++;
      say(`${order}: ${line}`);
    }
  }
  if (values["dry-run"]) say(`${rejected.length} are rejected. Nothing was judged.`);
  else say(`${rejected.length} judged again, ${accepted} of them accepted.`);
}

async function judge(
  again: () => Promise<Conversion>,
  before: Conversion,
): Promise<readonly [state: Conversion["state"], line: string]> {
  try {
    const { state, reason } = await again();
    const why = reason === null ? "" : ` (${reason})`;
    return [state, reason === before.reason ? `still ${state}${why}` : `${state}${why}, was ${before.reason}`];
  } catch (error) {
    if (!(error instanceof RelayerError) || error.status !== 409) throw error;
    return ["rejected", error.message];
  }
}

if (import.meta.main)
  await run(process.argv.slice(2), { say: console.log, key: process.env.RELAYER_API_KEY, fetch }).catch(
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
