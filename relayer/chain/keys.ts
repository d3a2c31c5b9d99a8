/** The relayer's keys: the one of now, and what becomes of what the one before it sent. */
import type { Provider } from "ethers";
import type { Logger } from "pino";
import { namesSigner, openSigner, type ProcessSigner, signerPlace } from "#service/chain/signer.ts";
import type { Database } from "#service/database.ts";
import type { Config } from "../config.ts";
import { readSendersUnderWay } from "../store/outbox.ts";
import { noteReceiptSigner } from "../store/receiptSigners.ts";
import type { SenderOptions } from "./sender.ts";

export interface Keys extends Pick<SenderOptions, "retired" | "lost"> {
  readonly signer: ProcessSigner;
}

/** How often a process notes that it runs with its key: so exactly is it known until when a key signed. */
export const NOTE_SECONDS = 60;

/**
 * Opens the keys, and notes whose receipts are this relayer's before the first is signed.
 * @throws Error if the key of now is also said to be the one before, or lost
 */
export async function openKeys(
  config: Config,
  { provider, database, log }: { provider: Provider; database: Database; log: Pick<Logger, "warn"> },
): Promise<Keys> {
  const variables: Readonly<Record<string, unknown>> = { ...config };
  const signer = await openSigner(signerPlace("RELAYER", variables), provider);
  const retired = namesSigner("RELAYER_RETIRED", variables)
    ? await openSigner(signerPlace("RELAYER_RETIRED", variables), provider)
    : undefined;
  const lost = new Set(config.RELAYER_LOST_ACCOUNTS);
  if (retired?.address === signer.address)
    throw new Error(
      `RELAYER_RETIRED_… is the key of ${signer.address}, which RELAYER_… is as well. Set the key that was replaced there, or none.`,
    );
  const found = [signer, retired].find((key) => key !== undefined && lost.has(key.address));
  if (found !== undefined)
    throw new Error(
      `RELAYER_LOST_ACCOUNTS has ${found.address}, whose key is configured here. Take one of the two out.`,
    );
  await noteReceiptSigner(database, signer.address);
  for (const { sender, waiting } of await readSendersUnderWay(database))
    if (sender !== signer.address)
      log.warn(
        { sender, transactions: Number(waiting) },
        lost.has(sender)
          ? "transactions of a lost key are given up, unless they are mined"
          : sender === retired?.address
            ? "transactions of the retired key are followed until they are mined"
            : "transactions of a key that is not here are followed, but cannot pay more: RELAYER_RETIRED_… would let them",
      );
  return { signer, retired, lost };
}
