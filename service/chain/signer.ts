/** The key of a process: where it is, and what it signs. Its bytes are nowhere else. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import {
  AbstractSigner,
  getAddress,
  getBytes,
  isAddress,
  isHexString,
  type Provider,
  type TransactionRequest,
  type TypedDataDomain,
  type TypedDataField,
  toUtf8Bytes,
  Wallet,
} from "ethers";
import { signRecoverable } from "tiny-secp256k1";
import { z } from "zod";
import { receiptDigester } from "./receiptDigest.ts";
import type { SignReceipts } from "./receipts.ts";
import { RemoteSigner } from "./remoteSigner.ts";

/** A key that signs for this process, wherever it is kept. */
export type ProcessSigner = AbstractSigner & {
  readonly address: string;
  /** What signs receipts under `domain`. */
  receiptSigner(domain: TypedDataDomain): SignReceipts;
};

/** Whose key it is. `RELAYER_RETIRED`: the one that the relayer had before, as long as it has transactions under way. */
export type KeyOwner = "RELAYER" | "RELAYER_RETIRED" | "ATTESTER";
const OWNERS: Readonly<Record<KeyOwner, string>> = {
  RELAYER: "relayer",
  RELAYER_RETIRED: "relayer before this one",
  ATTESTER: "attester",
};

/** The variables that say where the key of a process is. `who` is their prefix. */
export function signerVariables<Who extends KeyOwner>(who: Who) {
  return {
    /** 32 bytes, hexadecimal. Whoever sees the environment of the process sees it. */
    [`${who}_PRIVATE_KEY` as const]: z
      .string()
      .refine((key) => isHexString(key, 32), "must be 0x and 64 hexadecimal digits")
      .optional(),
    /** Or: a file in the Web3 secret storage format, and one with its password. */
    [`${who}_KEYSTORE` as const]: z.string().optional(),
    [`${who}_KEYSTORE_PASSWORD_FILE` as const]: z.string().optional(),
    /** Or: a signer over JSON-RPC (Web3Signer, Clef), the address whose key it has, and the bearer token that it wants, if any. */
    [`${who}_SIGNER_URL` as const]: z.url({ protocol: /^https?$/ }).optional(),
    [`${who}_SIGNER_ADDRESS` as const]: z
      .string()
      .refine((value) => isAddress(value), "must be an address: 0x and 40 hexadecimal digits")
      .optional(),
    [`${who}_SIGNER_TOKEN` as const]: z.string().optional(),
  } as Record<
    `${Who}_${"PRIVATE_KEY" | "KEYSTORE" | "KEYSTORE_PASSWORD_FILE" | "SIGNER_URL" | "SIGNER_ADDRESS" | "SIGNER_TOKEN"}`,
    z.ZodOptional<z.ZodString>
  >;
}

/** Whether any of the variables of a key that may be missing is set. */
export const namesSigner = (who: KeyOwner, config: { readonly [name: string]: unknown }): boolean =>
  Object.keys(signerVariables(who)).some((name) => config[name] !== undefined);

/**
 * Where the key is, of what the variables say.
 * @throws Error if they name no place, more than one, or half of one
 */
export function signerPlace(who: KeyOwner, config: { readonly [name: string]: unknown }): SignerPlace {
  const read = (name: string) => config[`${who}_${name}`] as string | undefined;
  const places: SignerPlace[] = [];
  const privateKey = read("PRIVATE_KEY");
  if (privateKey !== undefined) places.push({ privateKey });
  const [keystore, passwordFile] = [read("KEYSTORE"), read("KEYSTORE_PASSWORD_FILE")];
  if (keystore !== undefined && passwordFile !== undefined) places.push({ keystore, passwordFile });
  const [url, address] = [read("SIGNER_URL"), read("SIGNER_ADDRESS")];
  if (url !== undefined && address !== undefined)
    places.push({ url, address: getAddress(address), token: read("SIGNER_TOKEN") });
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw new Error(
      `The key of the ${OWNERS[who]} has to be in one place; ${places.length} are configured. Set ${who}_PRIVATE_KEY, or ${who}_KEYSTORE and ${who}_KEYSTORE_PASSWORD_FILE, or ${who}_SIGNER_URL and ${who}_SIGNER_ADDRESS.`,
    );
  }
  return place;
}

/**
 * All that is wrong with the variables that say where the key is: no place, several, half of one, files that cannot be read. Those that
 * are wrong by themselves are not in `known`, and nothing is said of the others then.
 */
export function signerFaults(
  who: KeyOwner,
  known: { readonly [name: string]: unknown },
  env: NodeJS.ProcessEnv,
): string[] {
  const names = Object.keys(signerVariables(who));
  if (names.some((name) => env[name] && known[name] === undefined)) return [];
  const faults: string[] = [];
  for (const [one, other] of [
    [`${who}_KEYSTORE`, `${who}_KEYSTORE_PASSWORD_FILE`],
    [`${who}_SIGNER_URL`, `${who}_SIGNER_ADDRESS`],
  ] as const)
    for (const [set, missing] of [
      [one, other],
      [other, one],
    ] as const)
      if (known[set] !== undefined && known[missing] === undefined)
        faults.push(`${missing} is not set, but ${set} is. Set both, or neither.`);
  for (const name of [`${who}_KEYSTORE`, `${who}_KEYSTORE_PASSWORD_FILE`]) {
    const file = known[name];
    if (typeof file !== "string") continue;
    try {
      readFileSync(file);
    } catch (error) {
      faults.push(
        `${name} is "${file}": it cannot be read (${(error as NodeJS.ErrnoException).code}). Name a file that this process may read.`,
      );
    }
  }
  if (faults.length > 0) return faults;
  try {
    signerPlace(who, known);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

export type SignerPlace =
  | { readonly privateKey: string }
  | { readonly keystore: string; readonly passwordFile: string }
  | { readonly url: string; readonly address: string; readonly token: string | undefined };

/** Opens the key. @throws Error if the keystore cannot be read, or its password is another */
export async function openSigner(place: SignerPlace, provider: Provider | null = null): Promise<ProcessSigner> {
  if ("privateKey" in place) return new LocalSigner(place.privateKey, provider);
  if ("url" in place) return new RemoteSigner(place, provider);
  const json = readFileSync(place.keystore, "utf8");
  // An editor ends a file with a new line; no password does.
  const password = readFileSync(place.passwordFile, "utf8").replace(/\r?\n$/, "");
  const wallet = await Wallet.fromEncryptedJson(json, toUtf8Bytes(password)).catch(() => {
    // Not ethers' error: it repeats what it was given.
    throw new Error(`The keystore ${place.keystore} does not open with the password in ${place.passwordFile}.`);
  });
  return new LocalSigner(wallet.privateKey, provider);
}

/** So few receipts are signed before a thread would have heard of them. */
const FEW_RECEIPTS = 4;

/** A key in this process. It gives its signatures, and not itself. */
export class LocalSigner extends AbstractSigner {
  readonly address: string;
  readonly #wallet: Wallet;

  constructor(privateKey: string, provider: Provider | null = null) {
    super(provider ?? undefined);
    this.#wallet = new Wallet(privateKey, provider);
    this.address = this.#wallet.address;
  }

  async getAddress(): Promise<string> {
    return this.address;
  }

  connect(provider: Provider | null): LocalSigner {
    return new LocalSigner(this.#wallet.privateKey, provider);
  }

  signTransaction(request: TransactionRequest): Promise<string> {
    return this.#wallet.signTransaction(request);
  }

  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return this.#wallet.signTypedData(domain, types, value);
  }

  signMessage(message: string | Uint8Array): Promise<string> {
    return this.#wallet.signMessage(message);
  }

  /**
   * A receipt's signature is what an accepted conversion costs most, so it is made in a tenth of the time of `signTypedData`: the
   * digest is written out for this one type, and libsecp256k1 signs. Many are signed by a thread of their own: this one answers
   * requests meanwhile.
   */
  receiptSigner(domain: TypedDataDomain): SignReceipts {
    const key = getBytes(this.#wallet.privateKey);
    const signHere = signWithKey(domain, key);
    if (availableParallelism() === 1) return async (receipts) => receipts.map(signHere);
    let thread: SignReceipts | undefined;
    return async (receipts) => {
      if (receipts.length <= FEW_RECEIPTS) return receipts.map(signHere);
      thread ??= startThread({ domain, key }, () => {
        thread = undefined;
      });
      return thread(receipts);
    };
  }
}

export function signWithKey(domain: TypedDataDomain, key: Uint8Array): (receipt: PackedReceipt) => string {
  const digestOf = receiptDigester(domain);
  return (receipt) => {
    const { signature, recoveryId } = signRecoverable(digestOf(receipt), key);
    return `0x${Buffer.from(signature).toString("hex")}${(27 + recoveryId).toString(16)}`;
  };
}

function startThread(
  workerData: { readonly domain: TypedDataDomain; readonly key: Uint8Array },
  ended: () => void,
): SignReceipts {
  const thread = new Worker(new URL("./receiptThread.ts", import.meta.url), { workerData });
  // It answers in the order in which it was asked.
  const waiting: PromiseWithResolvers<string[]>[] = [];
  // Only while somebody waits for it does it keep the process.
  thread.unref();
  thread.on("message", (signatures: string[]) => {
    waiting.shift()?.resolve(signatures);
    if (waiting.length === 0) thread.unref();
  });
  let reason: Error | undefined;
  thread.on("error", (error) => {
    reason = error as Error;
  });
  thread.on("exit", (code) => {
    ended();
    for (const { reject } of waiting.splice(0))
      reject(reason ?? new Error(`The thread that signs receipts ended with ${code}.`));
  });
  return (receipts) => {
    const answer = Promise.withResolvers<string[]>();
    waiting.push(answer);
    thread.ref();
    // As one text: cheaper to hand over than so many objects.
    thread.postMessage(JSON.stringify(receipts));
    return answer.promise;
  };
}
