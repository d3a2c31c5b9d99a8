import { readFileSync } from "node:fs";
import {
  AbstractSigner,
  copyRequest,
  getAddress,
  hexlify,
  isAddress,
  isHexString,
  type Provider,
  Transaction,
  type TransactionLike,
  type TransactionRequest,
  type TypedDataDomain,
  TypedDataEncoder,
  type TypedDataField,
  toQuantity,
  toUtf8Bytes,
  verifyMessage,
  verifyTypedData,
  Wallet,
} from "ethers";
import { z } from "zod";

/** A key that signs for this process, wherever it is kept. */
export type ProcessSigner = AbstractSigner & { readonly address: string };

/** The variables that say where the key of a process is. `who` is their prefix. */
export function signerVariables<Who extends "RELAYER" | "ATTESTER">(who: Who) {
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

/**
 * Where the key is, of what the variables say.
 * @throws Error if they name no place, more than one, or half of one
 */
export function signerPlace(who: "RELAYER" | "ATTESTER", config: { readonly [name: string]: unknown }): SignerPlace {
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
      `The key of the ${who.toLowerCase()} has to be in one place; ${places.length} are configured. Set ${who}_PRIVATE_KEY, or ${who}_KEYSTORE and ${who}_KEYSTORE_PASSWORD_FILE, or ${who}_SIGNER_URL and ${who}_SIGNER_ADDRESS.`,
    );
  }
  return place;
}

export type SignerPlace =
  | { readonly privateKey: string }
  | { readonly keystore: string; readonly passwordFile: string }
  | { readonly url: string; readonly address: string; readonly token: string | undefined };

/** Opens the key. @throws Error if the keystore cannot be read, or its password is another */
export async function openSigner(place: SignerPlace, provider: Provider | null = null): Promise<ProcessSigner> {
  if ("privateKey" in place) return new Wallet(place.privateKey, provider);
  if ("url" in place) return new RemoteSigner(place, provider);
  const json = readFileSync(place.keystore, "utf8");
  // An editor ends a file with a new line; no password does.
  const password = readFileSync(place.passwordFile, "utf8").replace(/\r?\n$/, "");
  const wallet = await Wallet.fromEncryptedJson(json, toUtf8Bytes(password)).catch(() => {
    // Not ethers' error: it repeats what it was given.
    throw new Error(`The keystore ${place.keystore} does not open with the password in ${place.passwordFile}.`);
  });
  return new Wallet(wallet.privateKey, provider);
}

const ANSWER_MILLISECONDS = 15_000;
const METHOD_NOT_FOUND = -32601;
const rpcAnswer = z.union([
  z.object({ result: z.union([z.string(), z.object({ raw: z.string() }).transform(({ raw }) => raw)]) }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

/**
 * A key on another machine, asked over JSON-RPC. What it answers is checked to be the signature of what it was asked for by
 * the address that is expected: a signer that is wrong, or was changed, is found out before anything is sent.
 */
export class RemoteSigner extends AbstractSigner {
  readonly address: string;
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(
    place: { readonly url: string; readonly address: string; readonly token: string | undefined },
    provider: Provider | null = null,
  ) {
    super(provider ?? undefined);
    this.address = getAddress(place.address);
    this.#url = place.url;
    this.#token = place.token;
  }

  async getAddress(): Promise<string> {
    return this.address;
  }

  connect(provider: Provider | null): RemoteSigner {
    return new RemoteSigner({ url: this.#url, address: this.address, token: this.#token }, provider);
  }

  async signTransaction(request: TransactionRequest): Promise<string> {
    const { from: _, ...fields } = copyRequest(request);
    const wanted = Transaction.from(fields as TransactionLike);
    const raw = await this.#ask(
      ["eth_signTransaction"],
      [
        {
          from: this.address,
          to: wanted.to,
          gas: toQuantity(wanted.gasLimit),
          nonce: toQuantity(wanted.nonce),
          value: toQuantity(wanted.value),
          data: wanted.data,
          chainId: toQuantity(wanted.chainId),
          ...(wanted.type === 2
            ? {
                type: "0x2",
                maxFeePerGas: toQuantity(wanted.maxFeePerGas ?? 0n),
                maxPriorityFeePerGas: toQuantity(wanted.maxPriorityFeePerGas ?? 0n),
              }
            : { gasPrice: toQuantity(wanted.gasPrice ?? 0n) }),
        },
      ],
    );
    const signed = Transaction.from(raw);
    if (signed.from !== this.address || signed.unsignedHash !== wanted.unsignedHash)
      throw new Error(`The remote signer signed another transaction, or not as ${this.address}.`);
    return signed.serialized;
  }

  async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    const payload = TypedDataEncoder.getPayload(domain, types, value);
    // Web3Signer calls it by its first name.
    const signature = await this.#ask(["eth_signTypedData_v4", "eth_signTypedData"], [this.address, payload]);
    if (verifyTypedData(domain, types, value, signature) !== this.address)
      throw new Error(`The remote signer signed other data, or not as ${this.address}.`);
    return signature;
  }

  async signMessage(message: string | Uint8Array): Promise<string> {
    const bytes = typeof message === "string" ? toUtf8Bytes(message) : message;
    const signature = await this.#ask(["eth_sign"], [this.address, hexlify(bytes)]);
    if (verifyMessage(bytes, signature) !== this.address)
      throw new Error(`The remote signer signed another message, or not as ${this.address}.`);
    return signature;
  }

  /** The answer to the first of `methods` that the signer knows. */
  async #ask([method, ...others]: readonly string[], params: readonly unknown[]): Promise<string> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    }).catch((error: unknown) => {
      // Without its address, which may hold a credential.
      throw new Error(`The remote signer does not answer: ${(error as Error).name}.`);
    });
    const answer = rpcAnswer.safeParse(await response.json().catch(() => undefined));
    if (!answer.success)
      throw new Error(`The remote signer answered ${method} with status ${response.status} and no result.`);
    if ("result" in answer.data) return answer.data.result;
    if (answer.data.error.code === METHOD_NOT_FOUND && others.length > 0) return this.#ask(others, params);
    throw new Error(`The remote signer refused ${method}: ${answer.data.error.message.slice(0, 200)}`);
  }
}
