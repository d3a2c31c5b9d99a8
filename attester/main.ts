import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { Wallet } from "ethers";
import { pino } from "pino";
import { readDeployment } from "../protocol/deployments.ts";
import { openDatabase } from "../server/database.ts";
import { fail, stopOnSignal } from "../server/process.ts";
import { connectPrograms } from "../server/programs.ts";
import { createAttester } from "./app.ts";
import { readConfig } from "./config.ts";

const MIGRATIONS = fileURLToPath(new URL("migrations", import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.LOG_LEVEL });
  const chain = await connectPrograms(config.RPC_URL, readDeployment(config.DEPLOYMENT));
  const database = await openDatabase({ url: config.DATABASE_URL, dataDir: config.DATA_DIR }, MIGRATIONS);
  const wallet = new Wallet(config.ATTESTER_PRIVATE_KEY);

  const app = createAttester({ database, chain, wallet, token: config.ATTESTER_TOKEN, log });
  const server = serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT });
  server.on("error", fail);
  log.info({ url: `http://${config.HOST}:${config.PORT}`, attester: wallet.address }, "attester is up");

  stopOnSignal(async () => {
    server.close();
    await database.close();
    chain.close();
    log.info("attester has stopped");
  });
}

main().catch(fail);
