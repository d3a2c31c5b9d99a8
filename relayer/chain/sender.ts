import { isError, keccak256, Transaction, type TransactionRequest, Wallet } from "ethers";
import type { Database } from "../../server/database.ts";
import type { ProgramsChain } from "../../server/programs.ts";
import { crashPoint } from "../crashPoint.ts";

/** A call that would revert now, with the contract's own words. Sending it would only burn gas. */
export class WouldRevert extends Error {
  override readonly name = "WouldRevert";
}

/** Sends the relayer's transactions by an outbox: written down and signed before they are broadcast. */
export interface Sender {
  readonly address: string;
  /** Puts a call into the outbox, unless one of the same purpose is under way. @throws WouldRevert */
  send(purpose: string, data: string): Promise<void>;
  /** Broadcasts again what the chain does not know, and notes what was mined. Safe at any time, any number of times. */
  follow(): Promise<void>;
}

interface Row {
  nonce: bigint;
  purpose: string;
  hash: string;
  raw: string;
}

export function createSender(database: Database, chain: ProgramsChain, privateKey: string): Sender {
  const wallet = new Wallet(privateKey, chain.provider);

  async function populate(data: string): Promise<TransactionRequest> {
    const call = { from: wallet.address, to: chain.address, data };
    const gas = await chain.provider.estimateGas(call).catch((error: unknown) => {
      if (isError(error, "CALL_EXCEPTION")) throw new WouldRevert(revertText(chain, error.data), { cause: error });
      throw error;
    });
    const fees = await chain.provider.getFeeData();
    return {
      type: 2,
      chainId: chain.chainId,
      to: chain.address,
      data,
      gasLimit: (gas * 12n) / 10n,
      maxFeePerGas: fees.maxFeePerGas,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    };
  }

  return {
    address: wallet.address,

    async send(purpose, data) {
      const [underWay] = await database.query("SELECT 1 FROM transactions WHERE purpose = $1 AND state = 'sent'", [
        purpose,
      ]);
      if (underWay !== undefined) return;
      const request = await populate(data);
      const onChain = await chain.provider.getTransactionCount(wallet.address, "latest");
      const raw = await database.transaction(async (sql) => {
        // One sender at a time: the next nonce is the chain's, or the one after the last written down.
        await sql.query("LOCK TABLE transactions IN EXCLUSIVE MODE");
        const [{ last } = { last: null }] = await sql.query<{ last: bigint | null }>(
          "SELECT max(nonce) AS last FROM transactions",
        );
        const nonce = last === null || Number(last) < onChain ? onChain : Number(last) + 1;
        const signed = await wallet.signTransaction({ ...request, nonce });
        await sql.query("INSERT INTO transactions (nonce, purpose, hash, raw, state) VALUES ($1, $2, $3, $4, 'sent')", [
          nonce,
          purpose,
          keccak256(signed),
          signed,
        ]);
        return signed;
      });
      crashPoint(`${purpose.split(":")[0]}.written`);
      await broadcast(chain, raw);
      crashPoint(`${purpose.split(":")[0]}.broadcast`);
    },

    async follow() {
      const rows = await database.query<Row>(
        "SELECT nonce, purpose, hash, raw FROM transactions WHERE state = 'sent' ORDER BY nonce",
      );
      for (const { nonce, hash, raw } of rows) {
        const receipt = await chain.provider.getTransactionReceipt(hash);
        if (receipt === null) await broadcast(chain, raw);
        else {
          await database.query("UPDATE transactions SET state = $2, gas_used = $3, block = $4 WHERE nonce = $1", [
            nonce,
            receipt.status === 1 ? "mined" : "reverted",
            receipt.gasUsed,
            receipt.blockNumber,
          ]);
        }
      }
    },
  };
}

/** Broadcasts a signed transaction. One that the chain knows already is no failure. */
async function broadcast(chain: ProgramsChain, raw: string): Promise<void> {
  try {
    await chain.provider.broadcastTransaction(raw);
  } catch (error) {
    const known = (await chain.provider.getTransaction(Transaction.from(raw).hash ?? "")) !== null;
    if (!known && !isError(error, "NONCE_EXPIRED")) throw error;
  }
}

function revertText(chain: ProgramsChain, data: string | null): string {
  const parsed = data === null ? null : chain.programs.interface.parseError(data);
  if (parsed === null) return `The contract would revert (${data ?? "without a reason"}).`;
  const values = parsed.fragment.inputs.map((input, i) => `${input.name}: ${parsed.args[i]}`);
  return `${parsed.name}(${values.join(", ")})`;
}
