/** The thread in which a local key signs many receipts. */
import { parentPort, workerData } from "node:worker_threads";
import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import { signWithKey } from "./signer.ts";

const sign = signWithKey(workerData.domain, workerData.key);
parentPort?.on("message", (text: string) => {
  const receipts: PackedReceipt[] = JSON.parse(text);
  parentPort?.postMessage(receipts.map(sign));
});
