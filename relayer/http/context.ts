import type { Logger } from "pino";
import type { Database } from "../../server/database.ts";
import type { ProgramsChain } from "../../server/programs.ts";
import type { Config } from "../config.ts";
import type { Intake } from "../intake.ts";
import type { Invites } from "../invites.ts";

/** What the routes work with. */
export interface Services {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly intake: Intake;
  readonly invites: Invites;
  readonly config: Pick<Config, "PUBLIC_URL" | "RELAYER_SECRET">;
  readonly relayerAddress: string;
  readonly log: Logger;
}
