/** Sends the relayer's transactions by an outbox, and follows each until it is final: also those of a key that was replaced since. */
import { isRevert, readRevert } from "@partner-programs/protocol/reverts";
import { formatEther, isError, keccak256, Transaction } from "ethers";
import { LRUCache } from "lru-cache";
import { atMostEvery } from "#service/atMostEvery.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { ProcessSigner } from "#service/chain/signer.ts";
import type { Database, Sql } from "#service/database.ts";
import { FinalError, RetryableError } from "#service/errors.ts";
import { crashPoint } from "../crashPoint.ts";
import { kindOf, roomFor, type SpendingKind } from "../domain/spending.ts";
import type { Failures } from "../failures.ts";
import {
  type Attempt,
  type FollowedRow,
  insertAttempt,
  insertTransaction,
  isUnderWay,
  lockNextNonce,
  type OutboxRow,
  readAttempts,
  readSpending,
  readUnderWay,
  setOutcome,
} from "../store/outbox.ts";
import { type Fees, raisedFees, readFees } from "./fees.ts";

/** A call that would revert now, with the contract's own words. Sending it would only burn gas. */
export class WouldRevert extends RetryableError {
  override readonly name = "WouldRevert";
  /** The contract's error; empty if it gave none. */
  readonly revert: string;
  constructor(revert: Revert) {
    super(revert.message);
    this.revert = revert.name;
  }
}

/** A call that would cost more gas now than its sender allows. */
export class TooMuchGas extends FinalError {
  override readonly name = "TooMuchGas";
}

/** A call for which nothing is left of what may be spent on gas within a day: it waits. */
export class DaySpent extends RetryableError {
  override readonly name = "DaySpent";
}

/** Sends the relayer's transactions by an outbox: written down and signed before they are broadcast. */
export interface Sender {
  readonly address: string;
  /**
   * Puts a call into the outbox, unless one of the same purpose is under way. `to`: another than the contract of campaigns.
   * @throws WouldRevert, TooMuchGas, DaySpent
   */
  send(purpose: string, data: string, maxGas?: bigint, to?: string): Promise<void>;
  /**
   * Brings what is under way on: notes what was mined, broadcasts again what the chain does not know, pays more for what waits
   * too long, and takes up again what a reorganisation threw out. Safe at any time, any number of times, by several at once.
   */
  follow(): Promise<void>;
}

export interface SenderOptions {
  /** A transaction that waits longer is sent again at a higher fee. */
  readonly bumpAfterSeconds: number;
  /** No transaction pays more, in wei a gas. */
  readonly maxFeePerGas: bigint;
  /** Wei: no more is spent within 24 hours, with what is under way at most, and less of what can wait (`domain/spending.ts`). */
  readonly gasADay?: bigint | undefined;
  /** Called with what is not sent, because its part of the day is spent. */
  readonly onDaySpent?: (kind: SpendingKind) => void;
  /** What was broadcast is not broadcast again before so long; without it, each time that it is followed. */
  readonly againAfterSeconds?: number;
  /** Called when something was broadcast. */
  readonly onSent?: () => void;
  /** A key that was replaced: what it sent is paid more for if it waits. Without it that is only broadcast again. */
  readonly retired?: TransactionSigner | undefined;
  /** Accounts whose keys are gone: what they sent and is not mined is given up, and can be sent anew by another. */
  readonly lost?: ReadonlySet<string>;
}

export type TransactionSigner = Pick<ProcessSigner, "signTransaction" | "address">;

/** So long what a gas costs is taken to be the same: what is sent together is asked for once. */
const FEES_MILLISECONDS = 5_000;

/** More wei than there are. */
const MUCH = 2n ** 200n;

/** More are never under way. */
const MAX_REMEMBERED = 10_000;

export function createSender(
  database: Database,
  chain: ProgramsChain,
  signer: TransactionSigner,
  options: SenderOptions,
  failures: Pick<Failures, "eachItem">,
): Sender {
  const { address } = signer;
  const { provider } = chain;
  const currentFees = atMostEvery(FEES_MILLISECONDS, () => readFees(provider, options.maxFeePerGas));
  const put = createBroadcast(chain, options);
  /** By account and nonce, in which block it was found mined. */
  const minedIn = new LRUCache<string, string>({ max: MAX_REMEMBERED });
  const keys = new Map([options.retired, signer].flatMap((key) => (key ? [[key.address, key]] : [])));

  const readAttemptsAt = ({ sender, nonce }: OutboxRow) =>
    readAttempts(database, sender, nonce, options.bumpAfterSeconds);

  /** Broadcasts the newest attempt again, or, if that has waited long enough and the key is there, a new one that pays more. */
  async function pursue(row: OutboxRow, attempts: readonly Attempt[]): Promise<void> {
    const newest = attempts[0];
    if (newest === undefined) return;
    const key = keys.get(row.sender);
    const fees =
      newest.old && key !== undefined
        ? raisedFees({ maxFeePerGas: newest.max_fee, maxPriorityFeePerGas: newest.priority_fee }, await currentFees())
        : undefined;
    // At the limit the newest attempt stands: a smaller rise would not be taken.
    const mayRaise =
      fees !== undefined &&
      fees.maxFeePerGas <= options.maxFeePerGas &&
      (await dayOf(options, row.purpose).room(database)) >= row.gas_limit * (fees.maxFeePerGas - newest.max_fee);
    const raw =
      key !== undefined && mayRaise
        ? await database.transaction((sql) => writeAttempt(chain, sql, key, row, fees))
        : newest.raw;
    if (raw !== newest.raw) crashPoint("bumped");
    await put(raw);
  }

  async function followOne(row: FollowedRow, nonces: Nonces): Promise<void> {
    // Found mined in the very block that the index read: as long as that stands, so does what became of it.
    const place = `${row.sender} ${row.nonce}`;
    if (row.state !== "sent" && row.block_hash !== null && minedIn.get(place) === row.block_hash) return;
    const chainNonce = BigInt(await nonces.newest());
    const isGone = options.lost?.has(row.sender) === true;
    if (row.state === "sent" && row.nonce >= chainNonce && !isGone) return pursue(row, await readAttemptsAt(row));
    const attempts = await readAttemptsAt(row);
    // Any of them may have been mined, also one that was replaced.
    const receipts = await Promise.all(attempts.map(({ hash }) => chain.mined(hash)));
    const receipt = receipts.find((one) => one !== undefined);
    if (receipt !== undefined) {
      const { gasUsed } = receipt;
      // Where the node does not say what was paid, it was not more than was offered.
      const paid = receipt.paid ?? gasUsed * (attempts[receipts.indexOf(receipt)]?.max_fee ?? 0n);
      await setOutcome(database, row.sender, row.nonce, receipt.succeeded ? "mined" : "reverted", { ...receipt, paid });
      minedIn.set(place, receipt.blockHash);
    } else if (isGone || row.nonce < BigInt(await nonces.final())) {
      await setOutcome(database, row.sender, row.nonce, "lost");
    } else {
      if (row.state !== "sent") await setOutcome(database, row.sender, row.nonce, "sent");
      // A used nonce without a receipt: the chain is just moving, or the node is behind itself. It shows in a moment.
      if (row.nonce >= chainNonce) await pursue(row, attempts);
    }
  }

  return {
    address,

    async send(purpose, data, maxGas, to) {
      if (await isUnderWay(database, purpose)) return;
      const day = dayOf(options, purpose);
      await day.check(database, 0n);
      const call = { from: address, to: to ?? chain.address, data };
      const gas = await provider.estimateGas(call).catch((error: unknown) => {
        if (isRevert(error)) throw new WouldRevert(toRevert(chain, error.data));
        throw error;
      });
      if (maxGas !== undefined && gas > maxGas)
        throw new TooMuchGas(`The call would cost ${gas} gas; at most ${maxGas} are paid for it.`);
      const fees = await currentFees();
      const onChain = await provider.getTransactionCount(address, "latest");
      const raw = await database.transaction(async (sql) => {
        const nonce = await lockNextNonce(sql, address, onChain);
        // Another relayer process may have been faster.
        if (await isUnderWay(sql, purpose)) return undefined;
        const row = { sender: address, nonce, data, gas_limit: (gas * 12n) / 10n, recipient: to ?? null };
        await day.check(sql, row.gas_limit * fees.maxFeePerGas);
        await insertTransaction(sql, address, purpose, row);
        return writeAttempt(chain, sql, signer, row, fees);
      });
      if (raw === undefined) return;
      crashPoint(`${purpose.split(":")[0]}.written`);
      await put(raw);
      crashPoint(`${purpose.split(":")[0]}.broadcast`);
    },

    async follow() {
      const { rows, finalBlock } = await readUnderWay(database);
      for (const [sender, own] of Map.groupBy(rows, (row) => row.sender)) {
        const nonces = noncesOf(provider, sender, finalBlock);
        await failures.eachItem(
          "follow",
          own,
          ({ nonce }) => (sender === address ? { nonce: Number(nonce) } : { sender, nonce: Number(nonce) }),
          (row) => followOne(row, nonces),
        );
      }
    },
  };
}

/** What of a day's gas is left for what `purpose` is for. */
function dayOf({ gasADay, onDaySpent }: Pick<SenderOptions, "gasADay" | "onDaySpent">, purpose: string) {
  const kind = kindOf(purpose);
  const room = async (sql: Sql): Promise<bigint> =>
    gasADay === undefined ? MUCH : roomFor(kind, gasADay, await readSpending(sql));
  return {
    room,
    /** @throws DaySpent if there is no room for what costs so many wei at most */
    async check(sql: Sql, cost: bigint): Promise<void> {
      const left = await room(sql);
      if (left > 0n && left >= cost) return;
      onDaySpent?.(kind);
      const coins = (wei: bigint) => formatEther(wei < 0n ? 0n : wei);
      throw new DaySpent(
        `Gas for "${kind}" waits: ${coins(left)} of GAS_COINS_A_DAY (${coins(gasADay ?? 0n)}) are left for it within 24 hours${cost === 0n ? "" : `, and it may cost ${coins(cost)}`}.`,
      );
    },
  };
}

/** Signs a call for a nonce and writes it down; returns what is to be broadcast. */
async function writeAttempt(
  { chainId, address: contract }: Pick<ProgramsChain, "chainId" | "address">,
  sql: Sql,
  key: TransactionSigner,
  { nonce, data, gas_limit: gasLimit, recipient }: Pick<OutboxRow, "nonce" | "data" | "gas_limit" | "recipient">,
  fees: Fees,
): Promise<string> {
  const to = recipient ?? contract;
  const raw = await key.signTransaction({ type: 2, chainId, to, data, gasLimit, nonce: Number(nonce), ...fees });
  await insertAttempt(sql, key.address, nonce, {
    hash: keccak256(raw),
    raw,
    max_fee: fees.maxFeePerGas,
    priority_fee: fees.maxPriorityFeePerGas,
  });
  return raw;
}

/** How many transactions of the sender are in the newest block, and in the newest that is final. */
interface Nonces {
  newest(): Promise<number>;
  final(): Promise<number>;
}

/** Asked once for all that are followed, and only if somebody wants to know. */
const noncesOf = (provider: ProgramsChain["provider"], address: string, finalBlock: number): Nonces => ({
  newest: once(() => provider.getTransactionCount(address, "latest")),
  final: once(() => provider.getTransactionCount(address, finalBlock).catch(() => 0)),
});

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** @returns what broadcasts a signed transaction, and not again before it is time */
function createBroadcast(
  chain: ProgramsChain,
  { againAfterSeconds = 0, onSent }: Pick<SenderOptions, "againAfterSeconds" | "onSent">,
): (raw: string) => Promise<void> {
  const last = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  return async (raw) => {
    const hash = keccak256(raw);
    const before = last.get(hash);
    if (before !== undefined && performance.now() - before < againAfterSeconds * 1000) return;
    await broadcast(chain, raw);
    last.set(hash, performance.now());
    onSent?.();
  };
}

/** Broadcasts a signed transaction. One that the chain knows already, or has replaced, is no failure. */
async function broadcast(chain: ProgramsChain, raw: string): Promise<void> {
  try {
    await chain.provider.broadcastTransaction(raw);
  } catch (error) {
    if (isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED")) return;
    const known = (await chain.provider.getTransaction(Transaction.from(raw).hash ?? "")) !== null;
    if (!known) throw error;
  }
}

/** An error of the contract, by its name and in words. */
export interface Revert {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What a call of the contract would revert with now; undefined if it would succeed. */
export async function revertOf(
  chain: ProgramsChain,
  verb: "attest" | "claimFor" | "setPayoutFor",
  values: readonly unknown[],
  call: { readonly from?: string; readonly gasLimit?: bigint } = {},
): Promise<Revert | undefined> {
  const data = chain.programs.interface.encodeFunctionData(verb as "attest", [...values] as never);
  try {
    await chain.provider.call({ ...call, to: chain.address, data });
    return undefined;
  } catch (error) {
    if (isRevert(error)) return toRevert(chain, error.data);
    throw error;
  }
}

function toRevert(chain: ProgramsChain, data: string | null): Revert {
  const { name, args, words } = readRevert(chain.programs.interface, data);
  if (name !== "") return { name, args, message: words };
  const reason = data === null || data === "0x" ? "without a reason" : data;
  return { name, args, message: `The contract would revert (${reason}).` };
}
