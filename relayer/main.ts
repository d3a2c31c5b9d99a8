import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { parseUnits } from "ethers";
import { pino } from "pino";
import { connectPrograms } from "#service/chain/programs.ts";
import { openSigner, signerPlace } from "#service/chain/signer.ts";
import { openDatabase } from "#service/database.ts";
import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { fail, stopOnSignal } from "#service/process.ts";
import { connectAttesters } from "./attesters/client.ts";
import { createSender } from "./chain/sender.ts";
import { readConfig } from "./config.ts";
import { createFailures } from "./failures.ts";
import { createPulse } from "./health.ts";
import { createApp } from "./http/app.ts";
import { createIntake } from "./intake.ts";
import { createInvites } from "./invites.ts";
import { createMetrics } from "./metrics.ts";
import { announceMoves } from "./store/conversions.ts";
import { forgetDeliveries } from "./store/deliveries.ts";
import { createDeliverer } from "./webhooks/deliverer.ts";
import { buildBatches, buryDeadBatches } from "./worker/batcher.ts";
import { carryClaims } from "./worker/claims.ts";
import { index } from "./worker/indexer.ts";
import { releaseBatches, reverseRefunds, signBatches, submitBatches } from "./worker/settlement.ts";
import { watchContracts } from "./worker/watcher.ts";
import { type Job, startWorker } from "./worker/worker.ts";

const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(processEnvironment());
  const log = pino({ level: config.LOG_LEVEL });
  const chain = await connectPrograms(config.RPC_URL, readDeployment(config.DEPLOYMENT));
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR }, MIGRATIONS);
  const signer = await openSigner(signerPlace("RELAYER", config), chain.provider);
  const sender = createSender(database, chain, signer, {
    bumpAfterSeconds: config.BUMP_SECONDS,
    maxFeePerGas: parseUnits(config.MAX_FEE_GWEI, "gwei"),
  });
  const attesters = connectAttesters(config.ATTESTER_URLS, config.ATTESTER_TOKEN, log);
  const intake = createIntake(database, signer.receiptSigner(chain.domain), config);
  const invites = createInvites(database, config.RELAYER_SECRET, log);

  const pulse = createPulse();
  const metrics = createMetrics();
  const failures = createFailures(log, metrics.countJobFailure);
  const deliverer = createDeliverer({ database, config, failures, log });

  const relayerAddress = sender.address;
  const app = createApp({ database, chain, intake, invites, config, relayerAddress, log, pulse, metrics, attesters });
  const server = serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT });
  server.on("error", fail);
  const settlement = { database, chain, attesters, sender };
  const work: Job[] = [
    { name: "follow transactions", run: () => sender.follow() },
    { name: "index", run: () => index(database, chain, config.CONFIRMATIONS) },
    { name: "flush clicks", everywhere: true, run: () => invites.flushClicks() },
    { name: "watch contracts", run: () => watchContracts(database, chain, intake) },
    { name: "bury dead batches", run: () => buryDeadBatches(database) },
    { name: "build batches", run: () => buildBatches(database, chain, config, Date.now()) },
    { name: "submit batches", run: () => submitBatches(settlement, Date.now()) },
    { name: "release batches", run: () => releaseBatches(settlement, Date.now()) },
    { name: "carry claims", run: () => carryClaims(settlement) },
    { name: "announce moves", run: () => announceMoves(database) },
    { name: "deliver webhooks", everywhere: true, run: () => deliverer.deliver() },
    { name: "forget deliveries", run: () => forgetDeliveries(database) },
    { name: "beat", everywhere: true, run: () => pulse.beat() },
  ];
  // In rounds of their own: an attester that takes its time must not keep others' commissions from being released.
  const workWithAttesters: Job[] = [
    { name: "sign batches", run: () => signBatches(settlement, Date.now()) },
    { name: "reverse refunds", run: () => reverseRefunds(settlement) },
  ];
  const workers = [work, workWithAttesters].map((jobs) =>
    startWorker(jobs, () => database.lead(), config.POLL_MILLISECONDS, log),
  );
  for (const worker of workers) worker.done.catch(fail);
  log.info(
    { url: `http://${config.HOST}:${config.PORT}`, programs: chain.address, chainId: chain.chainId },
    "relayer is up",
  );

  stopOnSignal(async () => {
    server.close();
    await Promise.all(workers.map((worker) => worker.stop()));
    await deliverer.stop();
    await invites.flushClicks();
    await database.close();
    chain.close();
    log.info("relayer has stopped");
  });
}

main().catch(fail);
