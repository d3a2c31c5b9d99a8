/** The portal's server, as a process. It holds no key and no session. */
import { fileURLToPath } from "node:url";

import { readDeployment } from "#service/deployments.ts";
import { processEnvironment } from "#service/environment.ts";
import { listen } from "#service/listen.ts";
import { fail, stopOnSignal } from "#service/process.ts";
import { readConfig } from "./environment.ts";
import { createServer } from "./server.ts";

const BUILT = fileURLToPath(new URL("dist", import.meta.url));

function start(): void {
  const env = readConfig(processEnvironment());
  const { chainId, network, contracts } = readDeployment(env.DEPLOYMENT);
  const app = createServer(
    {
      apiUrl: env.API_URL,
      rpcUrl: env.PUBLIC_RPC_URL,
      explorerUrl: env.EXPLORER_URL ?? null,
      chainId,
      network,
      programs: contracts.PartnerPrograms.address,
      lens: contracts.PartnerProgramsLens.address,
      funding: contracts.Funding.address,
      fromBlock: contracts.PartnerPrograms.block,
      attesters: env.ATTESTERS.map(({ address }) => address),
      attesterNames: Object.fromEntries(
        env.ATTESTERS.flatMap(({ address, name }) => (name === null ? [] : [[address, name]])),
      ),
      tokens: env.TOKENS,
      attesterUrls: env.ATTESTER_URLS,
      safeOrigins: env.SAFE_APP_ORIGINS,
      operator: env.OPERATOR === undefined ? null : { address: env.OPERATOR, feeBps: env.OPERATOR_FEE_BPS },
      passkeyFactory: env.ACCOUNT_FACTORY ?? null,
      local: env.LOCAL === "true",
    },
    BUILT,
  );
  const server = listen(app, env);
  stopOnSignal(async () => {
    server.close();
  });
}

try {
  start();
} catch (error) {
  fail(error);
}
