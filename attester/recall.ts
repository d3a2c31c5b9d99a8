/**
 * `npm run recall -- --from URL …`: gives an attester back what it signed and forgot, from relayers or other attesters, each batch checked by
 * what the chain has of it. Configured as the attester is; one with an embedded database has to be stopped meanwhile.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isBytes32 } from "@partner-programs/protocol/bytes32";
import { connectPrograms } from "#service/chain/programs.ts";
import { openSigner, signerPlace } from "#service/chain/signer.ts";
import { openDatabase } from "#service/database.ts";
import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { fail } from "#service/process.ts";
import { findFinality } from "./chain/finality.ts";
import { readConfig } from "./config.ts";
import { recallAll } from "./recalled.ts";
import { openRules } from "./rules.ts";
import { readCampaignsSignedFor } from "./store/memory.ts";

const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

const USAGE = `npm run recall -- --from URL [--from URL …] [--campaign 0x… …] [--deadline-seconds N]

  --from              a relayer or another attester that has the batches and the same ATTESTER_TOKEN
  --campaign          of a campaign that this database knows nothing of; those that it signed for and those of its rules are looked at anyway
  --deadline-seconds  how far ahead the deadlines were that the relayer asked for (its DEADLINE_SECONDS); without it MAX_DEADLINE_SECONDS`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: "string", multiple: true, default: [] },
      campaign: { type: "string", multiple: true, default: [] },
      "deadline-seconds": { type: "string" },
    },
  });
  if (values.from.length === 0) throw new Error(`Say where from.\n\n${USAGE}`);
  const odd = values.campaign.find((campaignId) => !isBytes32(campaignId));
  if (odd !== undefined) throw new Error(`--campaign "${odd}" is no campaign's id: 0x and 64 hexadecimal digits.`);
  const config = readConfig(processEnvironment());
  const deadlineSeconds = Number(values["deadline-seconds"] ?? config.MAX_DEADLINE_SECONDS);
  if (!Number.isSafeInteger(deadlineSeconds) || deadlineSeconds < 0)
    throw new Error(`--deadline-seconds "${values["deadline-seconds"]}" is no number of seconds.`);

  const chain = await connectPrograms(config.RPC_URL, readDeployment(config.DEPLOYMENT), { agree: config.RPC_AGREE });
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR }, MIGRATIONS);
  try {
    const { finality } = await findFinality(chain, config.CONFIRMATIONS);
    const { address: attester } = await openSigner(signerPlace("ATTESTER", config));
    const { campaigns } = await openRules(config.ATTESTER_RULES, process.env)();
    const named = [...values.campaign, ...Object.keys(campaigns).filter(isBytes32)];
    const recalling = { database, chain, finality, attester, token: config.ATTESTER_TOKEN.current, deadlineSeconds };
    const all = new Set([...named, ...(await readCampaignsSignedFor(database))]);
    const failed = await recallAll(recalling, all, values.from, console.log);
    if (failed.length > 0)
      throw new Error(`Not all is given back; run it again once this is mended.\n\n${failed.join("\n")}`);
  } finally {
    await database.close();
    chain.close();
  }
}

main().catch(fail);
