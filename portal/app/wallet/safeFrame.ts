/**
 * The Safe that shows the portal in its frame, as a wallet like any other: speaks the protocol of Safe apps with the page around it.
 * Loaded only where the portal is in a frame, and its operator named who may frame it.
 */
import SafeAppsSDK, { type SafeInfo, TransactionStatus } from "@safe-global/safe-apps-sdk";
import { getAddress, hashMessage, TypedDataEncoder, toUtf8String } from "ethers";
import { config } from "../config.ts";
import { announce, type Eip1193 } from "./discovery.ts";

/** A page around this one that is no Safe's says nothing at all. */
const MAX_WAIT_MS = 5_000;
const LOOK_MS = 2_000;

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%2312ff80'/%3E%3Cpath d='M10 11h12v10H10z' fill='none' stroke='%23121312' stroke-width='2.5'/%3E%3C/svg%3E";

/** Announces the Safe around this page, if there is one. */
export async function announceSafe(): Promise<void> {
  const sdk = new SafeAppsSDK({ allowedDomains: config().safeOrigins.map(exactly) });
  const nobody = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), MAX_WAIT_MS));
  const safe = await Promise.race([sdk.safe.getInfo(), nobody]);
  if (safe === undefined) return;
  // Its owners sign messages without a transaction, where their Safe can.
  await Promise.race([sdk.eth.setSafeSettings([{ offChainSigning: true }]), nobody]);
  announce({
    info: { uuid: "safe-frame", name: `Safe ${short(safe.safeAddress)}`, icon: ICON, rdns: "global.safe.frame" },
    provider: createProvider(sdk, safe),
  });
}

const exactly = (origin: string) => new RegExp(`^${origin.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-4)}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Call {
  readonly to: string;
  readonly data?: string;
  readonly value?: string;
}

/** EIP-5792's codes for what becomes of a Safe's transaction. */
const STATUS: Readonly<Record<TransactionStatus, number>> = {
  [TransactionStatus.AWAITING_CONFIRMATIONS]: 100,
  [TransactionStatus.AWAITING_EXECUTION]: 100,
  [TransactionStatus.CANCELLED]: 400,
  [TransactionStatus.FAILED]: 500,
  [TransactionStatus.SUCCESS]: 200,
};

function createProvider(sdk: SafeAppsSDK, safe: SafeInfo): Eip1193 {
  const account = getAddress(safe.safeAddress);
  const chain = `0x${Number(safe.chainId).toString(16)}`;

  /** What its owners' signatures are of, where it is a hash that they sign. */
  const messageHash = (hash: string) =>
    TypedDataEncoder.hash(
      { chainId: safe.chainId, verifyingContract: account },
      { SafeMessage: [{ name: "message", type: "bytes" }] },
      { message: hash },
    );

  /** All owners' signatures in one; `0x` where they approved it on the chain. Waits for them. */
  async function signed(hash: string, ask: () => ReturnType<SafeAppsSDK["txs"]["signMessage"]>): Promise<string> {
    const own = messageHash(hash);
    const known = () => sdk.safe.getOffChainSignature(own).catch(() => "");
    const already = await known();
    if (isSignature(already)) return already;
    const answer = await ask();
    if ("signature" in answer && isSignature(answer.signature)) return answer.signature;
    for (;;) {
      const found = await known();
      if (isSignature(found)) return found;
      if ("safeTxHash" in answer && (await isExecuted(answer.safeTxHash))) return "0x";
      await pause(LOOK_MS);
    }
  }

  async function isExecuted(safeTxHash: string): Promise<boolean> {
    const { txStatus } = await sdk.txs.getBySafeTxHash(safeTxHash);
    if (txStatus === TransactionStatus.CANCELLED || txStatus === TransactionStatus.FAILED)
      throw new Error("The Safe’s owners did not sign.");
    return txStatus === TransactionStatus.SUCCESS;
  }

  const send = async (calls: readonly Call[]) => {
    const txs = calls.map(({ to, data = "0x", value = "0x0" }) => ({ to, data, value: String(BigInt(value)) }));
    return (await sdk.txs.send({ txs })).safeTxHash;
  };

  async function answer(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [account];
      case "eth_chainId":
        return chain;
      case "personal_sign": {
        const text = toUtf8String(params[0] as string);
        return signed(hashMessage(text), () => sdk.txs.signMessage(text));
      }
      case "eth_signTypedData_v4": {
        const data = JSON.parse(params[1] as string);
        const { EIP712Domain: _, ...types } = data.types;
        return signed(TypedDataEncoder.hash(data.domain, types, data.message), () => sdk.txs.signTypedMessage(data));
      }
      case "eth_sendTransaction":
        return send([params[0] as Call]);
      case "wallet_getCapabilities":
        return { [chain]: { atomic: { status: "supported" } } };
      case "wallet_sendCalls":
        return { id: await send((params[0] as { calls: readonly Call[] }).calls) };
      case "wallet_getCallsStatus": {
        const { txStatus, txHash } = await sdk.txs.getBySafeTxHash(params[0] as string);
        return { status: STATUS[txStatus], receipts: txHash == null ? [] : [{ transactionHash: txHash }] };
      }
      default:
        throw Object.assign(new Error(`A Safe does not do ${method}.`), { code: 4200 });
    }
  }

  return {
    request: ({ method, params = [] }) =>
      answer(method, params).catch((error: unknown) => {
        // The page around says so in words alone.
        throw /reject/i.test((error as Error).message) ? Object.assign(error as Error, { code: 4001 }) : error;
      }),
  };
}

const isSignature = (found: unknown): found is string => typeof found === "string" && /^0x([0-9a-f]{2})+$/i.test(found);
