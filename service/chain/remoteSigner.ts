/** A key on another machine (Web3Signer, Clef), asked over JSON-RPC. */
import {
  AbstractSigner,
  copyRequest,
  getAddress,
  hexlify,
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
} from "ethers";
import { z } from "zod";
import { receiptsByTypedData, type SignReceipts } from "./receipts.ts";

const ANSWER_MILLISECONDS = 15_000;
const METHOD_NOT_FOUND = -32601;
const rpcAnswer = z.union([
  z.object({ result: z.union([z.string(), z.object({ raw: z.string() }).transform(({ raw }) => raw)]) }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

/**
 * What the other machine answers is checked to be the signature of what it was asked for by
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

  receiptSigner(domain: TypedDataDomain): SignReceipts {
    return receiptsByTypedData(this, domain);
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
