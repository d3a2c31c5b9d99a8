import { parentPort, workerData } from "node:worker_threads";
import type { PackedReceipt } from "../../protocol/receiptDigest.ts";
import { signWithKey } from "./receipts.ts";

const sign = signWithKey(workerData.domain, workerData.key);
parentPort?.on("message", (receipts: readonly PackedReceipt[]) => parentPort?.postMessage(receipts.map(sign)));
