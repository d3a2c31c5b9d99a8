/**
 * Watches contracts that campaigns' descriptions name: each of their events is a conversion, whose order is its place on the chain,
 * whose customer is the wallet that it names, and whose partner is whom it names, or a code behind the transaction's data, or who brought
 * the wallet.
 */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import { readDescription } from "@partner-programs/protocol/description";
import { type ContractEvent, type ContractSource, readContractEvents } from "#service/chain/contractEvents.ts";
import { crashPoint } from "../crashPoint.ts";
import { InvalidReport } from "../intake/errors.ts";
import type { Intake } from "../intake.ts";
import { readFinalBlock } from "../store/cursor.ts";
import { readFirstLinkCodes } from "../store/links.ts";
import { readDescriptionsWithContracts, readWatchedBlock, writeWatchedBlock } from "../store/watchedContracts.ts";
import type { Work } from "./work.ts";

/** How many events are judged at once. */
const WIDTH = 100;

interface WatchedContract {
  readonly campaignId: string;
  readonly event: string;
  readonly source: ContractSource;
  readonly tokenDecimals: number;
}

type WatchWork = Pick<Work, "database" | "chain" | "failures"> & { readonly intake: Intake };

/**
 * Only final blocks are read, from where the last reading ended; what happened before this relayer first saw the description is
 * not.
 * @returns how many events were read
 */
export async function watch(work: WatchWork): Promise<number> {
  const final = await readFinalBlock(work.database);
  if (final === undefined) return 0;
  let read = 0;
  await work.failures.eachItem(
    "watch",
    await findWatched(work),
    ({ campaignId, event, source }) => ({ campaignId, event, contract: source.address }),
    async (watched) => {
      read += await watchContract(work, watched, final);
    },
  );
  return read;
}

async function findWatched({ database }: WatchWork): Promise<WatchedContract[]> {
  const rows = await readDescriptionsWithContracts(database);
  return rows.flatMap(({ id, body, token_decimals }) => {
    const { description } = readDescription(body);
    if (description === undefined) return [];
    return description.events.flatMap(({ name, contract }) =>
      contract === undefined ? [] : [{ campaignId: id, event: name, source: contract, tokenDecimals: token_decimals }],
    );
  });
}

async function watchContract(
  { database, chain, intake }: WatchWork,
  watched: WatchedContract,
  final: number,
): Promise<number> {
  const { campaignId, event } = watched;
  const source = JSON.stringify(watched.source);
  const known = await readWatchedBlock(database, campaignId, event, source);
  if (known === undefined) {
    await writeWatchedBlock(database, campaignId, event, source, final);
    return 0;
  }
  let read = 0;
  for await (const piece of readContractEvents(chain, watched.source, known + 1, final)) {
    for (let i = 0; i < piece.events.length; i += WIDTH)
      await reportAll({ database, intake }, watched, piece.events.slice(i, i + WIDTH));
    crashPoint("watched");
    await writeWatchedBlock(database, campaignId, event, source, piece.to);
    read += piece.events.length;
  }
  return read;
}

async function reportAll(
  { database, intake }: Pick<WatchWork, "database" | "intake">,
  watched: WatchedContract,
  events: readonly ContractEvent[],
): Promise<void> {
  const named = [...new Set(events.flatMap(({ partner }) => partner ?? []))];
  const codes = named.length === 0 ? undefined : await readFirstLinkCodes(database, watched.campaignId, named);
  await Promise.all(
    events.map((one) =>
      // Whom the event names and nobody knows here brought nobody: it is no code of anybody's.
      report(intake, watched, one, one.partner === undefined ? one.code : (codes?.get(one.partner) ?? one.partner)),
    ),
  );
}

/** Once: its order is the event's place on the chain, whatever is read twice. */
async function report(
  intake: Intake,
  watched: WatchedContract,
  { transaction, index, ...one }: ContractEvent,
  code: string | undefined,
): Promise<void> {
  const conversion = {
    event: watched.event,
    orderId: `${transaction}:${index}`,
    volume: fromBaseUnits(one.volume, watched.tokenDecimals),
    referralToken: undefined,
    code,
    customerId: undefined,
    customerWallet: one.customer,
    occurredAt: undefined,
  };
  try {
    await intake.accept(watched.campaignId, conversion, { apiKeyId: 0n, idempotencyKey: undefined }, Date.now());
  } catch (error) {
    // One that can be no conversion of this campaign is none; it does not hold up the others.
    if (!(error instanceof InvalidReport)) throw error;
  }
}
