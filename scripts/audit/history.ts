/** A campaign's events from the chain, kept in a state file so that the next audit goes on from there. */
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type Provider, zeroPadValue } from "ethers";
import { readLogs } from "#service/chain/logs.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { HistoryEvent } from "./replay.ts";
import { readTimes } from "./times.ts";

interface RawLog {
  readonly topics: readonly string[];
  readonly data: string;
  /** Of its block, in Unix seconds. */
  readonly time: number;
}

/** The logs of some blocks, as they stand in a state file. */
interface Piece {
  readonly to: number;
  /** Hash of block `to`: what was read is of this chain as long as it is. */
  readonly hash: string;
  readonly logs: readonly RawLog[];
}

/** What identifies a history: a state file of another one is not used. */
export interface Subject {
  readonly chainId: number;
  readonly programs: string;
  readonly campaignId: string;
  /** The campaign's: claims in it are of its history, too. */
  readonly token: string;
}

/**
 * The events of a campaign from block `from` to `to`, piece by piece, each with the last block that it covers: its own, and of owners
 * of credit their claims in its token and what they revoked. With a state file, what it has is not asked for again, and what is
 * read is added to it; after a reorganisation it is begun anew.
 */
export async function* readHistory(
  provider: Provider,
  programs: PartnerPrograms,
  subject: Subject,
  { from, to, stateFile }: { readonly from: number; readonly to: number; readonly stateFile: string | undefined },
): AsyncGenerator<{ to: number; events: HistoryEvent[] }> {
  const decode = (logs: readonly RawLog[]) =>
    logs.flatMap((log): HistoryEvent[] => {
      const parsed = programs.interface.parseLog(log);
      return parsed === null ? [] : [{ name: parsed.name, args: parsed.args, time: log.time }];
    });
  let next = from;
  if (stateFile !== undefined) {
    for (const piece of await load(provider, stateFile, subject, to)) {
      next = piece.to + 1;
      yield { to: piece.to, events: decode(piece.logs) };
    }
  }
  const topic = (name: string) => programs.interface.getEvent(name as "Claimed").topicHash;
  const address = subject.programs;
  // Every event of a campaign has its id as the first indexed argument.
  const own = { address, topics: [null, subject.campaignId] };
  const owners = [[topic("Claimed"), null, zeroPadValue(subject.token, 32)], [topic("OrdersRevoked")]];
  for await (const { from: first, to: last, logs: ofCampaign } of readLogs(provider, own, next, to)) {
    const found = [...ofCampaign];
    for (const topics of owners)
      for await (const { logs } of readLogs(provider, { address, topics }, first, last)) found.push(...logs);
    found.sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    const times = await readTimes(provider, found);
    const logs = found.map(({ topics, data, blockNumber }) => ({
      topics: [...topics],
      data,
      time: times.get(blockNumber) as number,
    }));
    if (stateFile !== undefined) {
      const block = await provider.getBlock(last);
      const piece: Piece = {
        to: last,
        hash: block?.hash ?? "",
        logs,
      };
      appendFileSync(stateFile, `${JSON.stringify(piece)}\n`);
    }
    yield { to: last, events: decode(logs) };
  }
}

/** The pieces of a state file that are whole and of the chain as it is. */
async function load(provider: Provider, file: string, subject: Subject, to: number): Promise<Piece[]> {
  const head = JSON.stringify({ version: 3, ...subject });
  const begin = () => {
    writeFileSync(file, `${head}\n`);
    return [];
  };
  if (!existsSync(file)) return begin();
  const text = readFileSync(file, "utf8");
  if (!text.startsWith(`${head}\n`))
    throw new Error(`${file} is not the state of an audit of this campaign. Name another file with --state.`);
  // An audit that was killed while it wrote leaves half a line.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length !== text.length) truncateSync(file, Buffer.byteLength(whole));
  const pieces = whole
    .split("\n")
    .slice(1, -1)
    .map((line) => JSON.parse(line) as Piece);
  const last = pieces.at(-1);
  if (last === undefined) return [];
  const block = last.to > to ? null : await provider.getBlock(last.to);
  return block?.hash === last.hash ? pieces : begin();
}
