import { fromBaseUnits } from "@partner-programs/protocol/amount";
import { readDescription } from "@partner-programs/protocol/description";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { type ContractEvent, type ContractSource, readContractEvents } from "../chain/contractEvents.ts";
import { crashPoint } from "../crashPoint.ts";
import { InvalidReport } from "../intake/errors.ts";
import type { Intake } from "../intake.ts";

/** How many events are judged at once. */
const WIDTH = 100;

interface Watched {
  readonly campaignId: string;
  readonly event: string;
  readonly source: ContractSource;
  readonly tokenDecimals: number;
}

/**
 * Takes in the events of contracts that campaigns' descriptions name, each as a conversion whose order is its place on the
 * chain and whose customer is the wallet that it names. Only final blocks are read, from where the last reading ended; what
 * happened before this relayer first saw the description is not.
 * @returns how many events were read.
 */
export async function watchContracts(database: Database, chain: ProgramsChain, intake: Intake): Promise<number> {
  const [cursor] = await database.query<{ final_block: bigint }>(
    "SELECT final_block FROM chain_cursor WHERE block >= final_block",
  );
  if (cursor === undefined) return 0;
  let read = 0;
  for (const watched of await findWatched(database)) {
    read += await takeIn(database, chain, intake, watched, Number(cursor.final_block));
  }
  return read;
}

async function findWatched(database: Database): Promise<Watched[]> {
  const rows = await database.query<{ id: string; body: string; token_decimals: number }>(
    `SELECT campaigns.id, body, token_decimals FROM campaigns JOIN descriptions_in_force ON campaign_id = campaigns.id
     WHERE body LIKE '%"contract"%'`,
  );
  return rows.flatMap(({ id, body, token_decimals }) => {
    const { description } = readDescription(body);
    if (description === undefined) return [];
    return description.events.flatMap(({ name, contract }) =>
      contract === undefined ? [] : [{ campaignId: id, event: name, source: contract, tokenDecimals: token_decimals }],
    );
  });
}

async function takeIn(
  database: Database,
  chain: ProgramsChain,
  intake: Intake,
  watched: Watched,
  final: number,
): Promise<number> {
  const { campaignId, event } = watched;
  const source = JSON.stringify(watched.source);
  const [known] = await database.query<{ block: bigint }>(
    "SELECT block FROM watched_contracts WHERE campaign_id = $1 AND event = $2 AND source = $3",
    [campaignId, event, source],
  );
  const remember = (block: number) =>
    database.query(
      `INSERT INTO watched_contracts (campaign_id, event, source, block) VALUES ($1, $2, $3, $4)
       ON CONFLICT (campaign_id, event) DO UPDATE SET source = $3, block = $4`,
      [campaignId, event, source, block],
    );
  if (known === undefined) {
    await remember(final);
    return 0;
  }
  let read = 0;
  for await (const piece of readContractEvents(chain.provider, watched.source, Number(known.block) + 1, final)) {
    for (let i = 0; i < piece.events.length; i += WIDTH) {
      await Promise.all(piece.events.slice(i, i + WIDTH).map((one) => accept(intake, watched, one)));
    }
    crashPoint("watched");
    await remember(piece.to);
    read += piece.events.length;
  }
  return read;
}

/** Once: its order is the event's place on the chain, whatever is read twice. */
async function accept(intake: Intake, watched: Watched, { transaction, index, ...one }: ContractEvent): Promise<void> {
  const report = {
    event: watched.event,
    orderId: `${transaction}:${index}`,
    volume: fromBaseUnits(one.volume, watched.tokenDecimals),
    referralToken: undefined,
    customerId: undefined,
    customerWallet: one.customer,
    occurredAt: undefined,
  };
  try {
    await intake.accept(watched.campaignId, report, { apiKeyId: 0n, idempotencyKey: undefined }, Date.now());
  } catch (error) {
    // One that can be no conversion of this campaign is none; it does not hold up the others.
    if (!(error instanceof InvalidReport)) throw error;
  }
}
