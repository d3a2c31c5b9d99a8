/** The relayer: reads its configuration, wires its parts, and runs until it is told to stop. */
import { fileURLToPath } from "node:url";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { pino } from "pino";
import { openFeeds } from "#service/chain/feeds.ts";
import { sayNetwork } from "#service/chain/networks.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import { leadReceiptsBy } from "#service/chain/receipts.ts";
import { openDatabase } from "#service/database.ts";
import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { listen } from "#service/listen.ts";
import { fail, stopOnSignal } from "#service/process.ts";
import { createRates } from "#service/rates.ts";
import { connectAttesters } from "./attesters/client.ts";
import { createLineSource } from "./attesters/lines.ts";
import { type Keys, NOTE_SECONDS, openKeys } from "./chain/keys.ts";
import { createSender, type SenderOptions } from "./chain/sender.ts";
import { type Config, readConfig } from "./config.ts";
import { referralSecretsOf } from "./domain/referralSecrets.ts";
import { createFailures } from "./failures.ts";
import { createPulse } from "./health.ts";
import { createApp } from "./http/app.ts";
import { invitesFirst } from "./http/invitesFirst.ts";
import { createIntake } from "./intake.ts";
import { createInvites } from "./invites.ts";
import { openPost } from "./mail/post.ts";
import { createMetrics } from "./metrics.ts";
import { openRateFiles } from "./rates/files.ts";
import { noteReceiptSigner } from "./store/receiptSigners.ts";
import { forgetSourceEvents } from "./store/sourceEvents.ts";
import { createTrees } from "./trees.ts";
import { createCaller, createDeliverer } from "./webhooks/deliverer.ts";
import { createAnnounce } from "./worker/announce.ts";
import { carry } from "./worker/carry.ts";
import { chainJobs } from "./worker/chainJobs.ts";
import { createCompare } from "./worker/compare.ts";
import { every } from "./worker/every.ts";
import { expire } from "./worker/expire.ts";
import { fetchLines } from "./worker/fetchLines.ts";
import { createLapse } from "./worker/lapse.ts";
import { mail } from "./worker/mail.ts";
import { createNotice } from "./worker/notice.ts";
import { number } from "./worker/number.ts";
import { createPace } from "./worker/pace.ts";
import { createPush } from "./worker/push.ts";
import { createJudgeWithoutRate } from "./worker/rates.ts";
import { createReconcile } from "./worker/reconcile.ts";
import { release } from "./worker/release.ts";
import { createReread } from "./worker/reread.ts";
import { reverse } from "./worker/reverse.ts";
import { createReward } from "./worker/reward.ts";
import { type Job, startWorker } from "./worker/rounds.ts";
import { sign } from "./worker/sign.ts";
import { applySources } from "./worker/sources.ts";
import { submit } from "./worker/submit.ts";
import { watch } from "./worker/watch.ts";

/** Decimals of a gwei in wei. */
const GWEI = 9;
/** What the chain does not know is broadcast again after so long: a node may have forgotten it. */
const AGAIN_SECONDS = 15;
const MIGRATIONS = fileURLToPath(new URL("store/migrations", import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(processEnvironment());
  const log = pino({ level: config.LOG_LEVEL });
  const metrics = createMetrics();
  const pace = createPace(config.CHAIN_IDLE_SECONDS * 1000);
  const chain = await connectPrograms(config.RPC_URL, readDeployment(config.DEPLOYMENT), {
    headsUrl: config.RPC_HEADS_URL,
    onLog: pace.hurry,
    agree: config.RPC_AGREE,
    countCall: metrics.countRpcCall,
  });
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR }, MIGRATIONS);
  const { signer, ...otherKeys } = await openKeys(config, { provider: chain.provider, database, log });
  const failures = createFailures(log, metrics.countJobFailure);
  const sender = createSender(
    database,
    chain,
    signer,
    senderOptions(config, pace.hurry, metrics.countWithheld, otherKeys),
    failures,
  );
  const attesters = connectAttesters(config.ATTESTER_URLS, config.ATTESTER_TOKEN.current, log);
  const fileOf = openRateFiles(database, { allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE });
  const rates = createRates({ feeds: openFeeds(chain.provider), fileOf });
  // Receipts and invoices are written by it.
  const findRate: typeof rates = (...of) => chain.agreed(() => rates(...of));
  const [signReceipts, signLead] = [signer.receiptSigner(chain.domain), leadReceiptsBy(signer, chain.domain)];
  const intake = createIntake(database, signReceipts, signLead, config, findRate);
  const invites = createInvites(database, referralSecretsOf(config).current, log);

  const trees = createTrees(database);

  const pulse = createPulse();
  const senders = [createDeliverer, createCaller].map((create) => create({ database, config, failures, log }));

  const app = createApp({
    database,
    chain,
    intake,
    findRate,
    invites,
    config,
    relayerAddress: sender.address,
    log,
    pulse,
    metrics,
    attesters,
    trees,
  });
  const server = listen(app, config, invitesFirst(invites));
  const reconcile = createReconcile({ database, chain, attesters, failures, config, log });
  const { isReconciled } = reconcile;
  const given = { database, chain, attesters, sender, failures, intake, trees, isReconciled };
  const lineSource = createLineSource(config.ATTESTER_URLS, log);
  const jobs: Job[] = [
    ...chainJobs(pace, database, chain, sender, config.CONFIRMATIONS),
    { name: "compare", run: createCompare(given) },
    { name: "reread", run: createReread(given) },
    { name: "flush clicks", everywhere: true, run: () => invites.flushClicks() },
    { name: "watch", run: () => watch(given) },
    { name: "expire", run: () => expire(given) },
    { name: "number", run: () => number(given, config, Date.now()) },
    { name: "submit", run: () => submit(given, Date.now()) },
    { name: "release", run: () => release(given, Date.now()) },
    { name: "reward", run: createReward(given) },
    { name: "carry", run: () => carry(given) },
    { name: "push", run: createPush(given, config) },
    { name: "announce", run: createAnnounce(database) },
    { name: "deliver", everywhere: true, run: () => Promise.all(senders.map((one) => one.deliver())) },
    { name: "lapse", run: createLapse(given) },
    { name: "forget source events", run: () => forgetSourceEvents(database) },
    { name: "note key", everywhere: true, run: every(NOTE_SECONDS, () => noteReceiptSigner(database, signer.address)) },
    { name: "beat", everywhere: true, run: () => pulse.beat() },
  ];
  // In rounds of their own: an attester that takes its time must not keep others' commissions from being released.
  const jobsToReconcile: Job[] = [{ name: "reconcile", run: () => reconcile.run() }];
  const jobsWithAttesters: Job[] = [
    { name: "sign", run: () => sign(given, Date.now()) },
    { name: "reverse", run: () => reverse(given) },
    { name: "fetch lines", run: () => fetchLines({ ...given, fetchLines: lineSource }) },
  ];
  // And so must a mail server that takes its time.
  const { SMTP_URL, MAIL_FROM } = config;
  const post = SMTP_URL === undefined || MAIL_FROM === undefined ? undefined : openPost({ SMTP_URL, MAIL_FROM });
  const jobsWithMail: Job[] =
    post === undefined
      ? []
      : [
          { name: "notice", run: createNotice(database) },
          { name: "mail", run: () => mail({ database, failures, post, config }) },
        ];
  // And what a source's events only name is read there.
  const jobsWithSources: Job[] = [{ name: "sources", run: () => applySources({ database, intake, failures, config }) }];
  // And so must whoever has exchange rates.
  const jobsWithRates: Job[] = [{ name: "rates", run: createJudgeWithoutRate(given) }];
  const workers = [jobs, jobsToReconcile, jobsWithAttesters, jobsWithMail, jobsWithSources, jobsWithRates].map((some) =>
    startWorker(some, () => database.lead(), config.POLL_MILLISECONDS, failures),
  );
  for (const worker of workers) worker.done.catch(fail);
  sayNetwork(chain.chainId, log);
  log.info(
    { url: `http://${config.HOST}:${config.PORT}`, programs: chain.address, chainId: chain.chainId },
    "relayer is up",
  );

  stopOnSignal(async () => {
    server.close();
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(senders.map((one) => one.stop()));
    post?.close();
    await invites.flushClicks();
    await database.close();
    chain.close();
    log.info("relayer has stopped");
  });
}

const senderOptions = (
  config: Config,
  onSent: () => void,
  onDaySpent: (kind: string) => void,
  keys: Omit<Keys, "signer">,
): SenderOptions => ({
  bumpAfterSeconds: config.BUMP_SECONDS,
  maxFeePerGas: toBaseUnitsDown(config.MAX_FEE_GWEI, GWEI),
  gasADay: config.GAS_COINS_A_DAY,
  onDaySpent,
  againAfterSeconds: AGAIN_SECONDS,
  ...keys,
  onSent,
});

main().catch(fail);
