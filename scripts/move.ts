/** Moves a program here from another platform: its partners, their codes and customers, and the commissions that are still owed. */
import { renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { csvLine } from "#relayer/http/exports/csv.ts";
import { carry, type Invited, type Outcome } from "./move/carry.ts";
import { type Read, readCommissions, readCustomers, readPartners } from "./move/exports.ts";
import { PLATFORMS } from "./move/platforms.ts";
import { openRelayer } from "./relayer.ts";

const HELP = `RELAYER_API_KEY=sk_… npm run move -- <platform> --relayer <url> --campaign <id> --partners <file> [--customers <file>]
  [--commissions <file> --commission-event <name> --currency <code>] [--kinds 0] [--portal <url> --apply]

Moves a program here from rewardful, firstpromoter, partnerstack, tolt or dub. A file is what the platform exported (.csv), or what its API
answered (.json). Without --apply it says what would become of what, and changes nothing. Run it again whenever partners have joined: their
codes, customers and commissions come then, each once. The key needs the scopes read, report and admin.

  --partners <file>         partners, with their links and codes
  --customers <file>        customers and whose they are
  --commissions <file>      commissions; those that are open there are paid here by the event that --commission-event names, a unit of the
                            campaign's token for each of the --currency. In a .csv they are whole units (12.50), in a .json the smallest (1250)
  --kinds <list>            what partners are invited as, 0 without it: 0 affiliate, 1 referral, 2 reseller, 3 customer, 4 recruiter
  --portal <url>            where partners come in: --apply writes their links there into --out, to be sent by you
  --out <file>              invitations.csv without it
  --apply                   does it
  --help                    this text`;

const SHOWN = 20;
/** All that is asked can be asked twice, and a run of thousands meets a busy relayer. */
const TRIES = 6;

/** What the command line needs from outside, so that a test can give it. */
export interface Surroundings {
  readonly say: (line: string) => void;
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
}

/** @throws Error that names what is wrong and the remedy */
export async function run(args: readonly string[], { say, key, fetch }: Surroundings): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      relayer: text,
      campaign: text,
      partners: text,
      customers: text,
      commissions: text,
      "commission-event": text,
      currency: text,
      kinds: text,
      portal: text,
      out: text,
      apply: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(HELP);
  const from = positionals.join(" ");
  const platform = Object.hasOwn(PLATFORMS, from) ? PLATFORMS[from] : undefined;
  if (platform === undefined)
    throw new Error(`Say from where: ${Object.keys(PLATFORMS).join(", ")}, not ${JSON.stringify(from)}.`);
  const { relayer: url, campaign: campaignId, portal, apply = false, out = "invitations.csv" } = values;
  if (!url || !URL.canParse(url)) throw new Error(`--relayer is a URL, not ${JSON.stringify(url ?? "")}.`);
  if (!campaignId) throw new Error("Say which --campaign, by its id.");
  if (!values.partners) throw new Error("Give --partners: whose the customers and commissions are is known by them.");
  if (!key) throw new Error("Set RELAYER_API_KEY to a key of the campaign with the scopes read, report and admin.");
  if (apply && (portal === undefined || !URL.canParse(portal)))
    throw new Error(`--apply needs --portal, the URL where partners come in, not ${JSON.stringify(portal ?? "")}.`);
  const kinds = (values.kinds ?? "0").split(",").map(Number);
  if (!kinds.every((kind) => Number.isInteger(kind) && kind >= 0 && kind < 64))
    throw new Error(`--kinds are numbers of 0 to 63, such as 0,2, not ${JSON.stringify(values.kinds)}.`);
  const { "commission-event": event, currency } = values;
  if ((event === undefined) !== (currency === undefined))
    throw new Error("--commission-event and --currency go together: what a unit of the token is worth there.");

  const partners = await readPartners(platform, values.partners);
  const customers = values.customers === undefined ? undefined : await readCustomers(platform, values.customers);
  const commissions =
    values.commissions === undefined ? undefined : await readCommissions(platform, values.commissions);
  sayMapping("partners", partners, say);
  if (customers !== undefined) sayMapping("customers", customers, say);
  if (commissions !== undefined) sayMapping("commissions", commissions, say);

  const moved = {
    partners: partners.items,
    customers: customers?.items ?? [],
    commissions: commissions?.items ?? [],
  };
  const outcome = await carry(
    openRelayer(url, key, fetch, TRIES),
    moved,
    {
      campaignId,
      from,
      kinds,
      commissions:
        event === undefined || currency === undefined ? undefined : { event, currency: currency.toLowerCase() },
      apply,
    },
    say,
  );
  sayOutcome(outcome, apply, say);
  if (portal === undefined || !apply) return say("Nothing was changed. --apply does it.");
  writeInvitations(out, outcome.open, (code) => `${new URL(`/campaigns/${campaignId}`, portal)}?invitation=${code}`);
  say(`${outcome.open.length} invitations are in ${out}: send each partner its own, it is for whoever has it.`);
  say(
    `Links with ?${platform.parameter}=… go on counting where your page reports what stands there as \`code\`: see docs/migrate.md.`,
  );
}

function sayMapping(
  subject: string,
  { file, items, mapped, unread, broken }: Read<unknown>,
  say: (line: string) => void,
) {
  say(`${items.length} ${subject} in ${file}`);
  for (const [field, places] of mapped)
    say(`  ${field.padEnd(9)} ← ${places.join(", ") || "nothing: it is not there"}`);
  if (unread.length > 0) say(`  not read: ${unread.join(", ")}`);
  sayList(broken, say);
}

function sayOutcome(
  { stages, codes, customers, commissions, stay }: Outcome,
  apply: boolean,
  say: (line: string) => void,
) {
  const [verb, invited] = apply ? ["", "were"] : ["would be ", "would be"];
  say(
    `Partners: ${stages.joined} have joined, ${stages.waiting} wait for your approval, ${stages.invited} were invited before, ` +
      `${stages.new} ${invited} invited, ${stages.left} do not work there any more and do not come.`,
  );
  const counts = { codes, customers, commissions };
  for (const [what, { done, here, later }] of Object.entries(counts))
    say(`${what}: ${done} ${verb}carried over, ${here} are here, ${later} come once their partners have joined.`);
  sayList(stay, say);
}

function sayList(lines: readonly string[], say: (line: string) => void): void {
  for (const line of lines.slice(0, SHOWN)) say(`  ${line}`);
  if (lines.length > SHOWN) say(`  and ${lines.length - SHOWN} more.`);
}

/** All that nobody has used yet. A run that is killed leaves the file of the run before. */
function writeInvitations(file: string, open: readonly Invited[], linkOf: (code: string) => string): void {
  const lines = open.map(({ partner, code }) => csvLine([partner.name, partner.email, linkOf(code)]));
  writeFileSync(`${file}.new`, [csvLine(["name", "email", "link"]), ...lines].join(""), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

if (import.meta.main)
  run(process.argv.slice(2), { say: console.log, key: process.env.RELAYER_API_KEY, fetch }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
