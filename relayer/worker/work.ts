/** What every verb of the worker has at hand. */
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import type { Attesters } from "../attesters/client.ts";
import type { Sender } from "../chain/sender.ts";
import type { Failures } from "../failures.ts";

export interface Work {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly attesters: Attesters;
  readonly sender: Sender;
  readonly failures: Failures;
}

/** What whoever gives numbers, or asks for signatures, goes by. */
export interface Reconciled {
  /** Whether it is known what attesters signed for a campaign: before, it gets no numbers and asks for no signatures (`reconcile.ts`). */
  readonly isReconciled: (campaignId: string) => boolean;
}
