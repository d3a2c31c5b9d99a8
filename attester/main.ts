/** The attester's process: everything is put together here. */
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { openFeeds } from "#service/chain/feeds.ts";
import { sayNetwork } from "#service/chain/networks.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import { openSigner, signerPlace } from "#service/chain/signer.ts";
import { openDatabase } from "#service/database.ts";
import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { listen } from "#service/listen.ts";
import { fail, stopOnSignal } from "#service/process.ts";
import { createRates } from "#service/rates.ts";
import { createAttester } from "./app.ts";
import { findFinality } from "./chain/finality.ts";
import { readConfig } from "./config.ts";
import { openRules } from "./rules.ts";
import { openSources } from "./source/open.ts";
import { openRateFiles } from "./source/rateFiles.ts";

const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(processEnvironment());
  const log = pino({ level: config.LOG_LEVEL });
  const rules = openRules(config.ATTESTER_RULES, process.env);
  // Wrong rules end the process at its start; later they only stop the signing.
  await rules();
  const chain = await connectPrograms(config.RPC_URL, readDeployment(config.DEPLOYMENT), { agree: config.RPC_AGREE });
  const { finality, byTag } = await findFinality(chain, config.CONFIRMATIONS);
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR }, MIGRATIONS);
  const wallet = await openSigner(signerPlace("ATTESTER", config));

  const reviewer = {
    database,
    chain,
    finality,
    rules,
    sourceOf: openSources(database, process.env, { chain, finality }),
    findRate: createRates({ feeds: openFeeds(chain.provider), fileOf: openRateFiles() }),
    attester: wallet.address,
    maxDeadlineSeconds: config.MAX_DEADLINE_SECONDS,
    now: () => Math.floor(Date.now() / 1000),
  };
  const app = createAttester({
    reviewer,
    signer: wallet,
    token: config.ATTESTER_TOKEN,
    metricsToken: config.METRICS_TOKEN,
    log,
  });
  const server = listen(app, config);
  if (config.ATTESTER_RULES === undefined)
    log.warn("there are no ATTESTER_RULES: it derives every batch again, and asks nobody whether its orders exist");
  if (!byTag)
    log.warn(
      { confirmations: config.CONFIRMATIONS },
      "the node has no finalized block; CONFIRMATIONS says what is final",
    );
  sayNetwork(chain.chainId, log);
  log.info({ url: `http://${config.HOST}:${config.PORT}`, attester: wallet.address }, "attester is up");

  // Rules are read again when they have changed; the signal says at once whether they can be used.
  process.on("SIGHUP", () => {
    rules().then(
      ({ campaigns }) => log.info({ campaigns: Object.keys(campaigns) }, "rules read"),
      (error: Error) => log.error(error.message),
    );
  });
  stopOnSignal(async () => {
    server.close();
    await database.close();
    chain.close();
    log.info("attester has stopped");
  });
}

main().catch(fail);
