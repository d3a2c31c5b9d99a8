/**
 * A Safe of two owners who both have to sign, by the Safe's own contracts, and what its wallet keeps: proposals and messages, with the
 * signatures that are there. Speaks as Safe{Wallet} does, in the methods of the Safe Apps SDK.
 */
import { readFileSync } from "node:fs";
import {
  type BaseWallet,
  Contract,
  ContractFactory,
  concat,
  hashMessage,
  type JsonRpcProvider,
  solidityPacked,
  TypedDataEncoder,
  ZeroAddress,
} from "ethers";

const ARTIFACTS = "@safe-global/safe-smart-account/build/artifacts/contracts/";

function artifact(path: string): { abi: []; bytecode: string } {
  const name = path.split("/").at(-1);
  return JSON.parse(readFileSync(new URL(import.meta.resolve(`${ARTIFACTS}${path}.sol/${name}.json`)), "utf8"));
}

async function deploy(path: string, by: BaseWallet): Promise<Contract> {
  const { abi, bytecode } = artifact(path);
  const contract = await new ContractFactory(abi, bytecode, by).deploy();
  await contract.waitForDeployment();
  return contract as unknown as Contract;
}

interface Call {
  readonly to: string;
  readonly value: string;
  readonly data: string;
}

interface Proposal {
  readonly to: string;
  readonly value: bigint;
  readonly data: string;
  readonly operation: 0 | 1;
  readonly nonce: number;
  status: "AWAITING_CONFIRMATIONS" | "SUCCESS" | "FAILED" | "CANCELLED";
  txHash: string | null;
}

interface Message {
  readonly hash: string;
  signature: string;
  readonly told: ((signature: string) => void)[];
}

/** What a page asks, and is answered. */
export interface Safe {
  readonly address: string;
  /** Methods of the SDK that were asked for, with what was sent: each is a question to the first owner. */
  readonly asked: { readonly method: string; readonly calls?: readonly Call[] }[];
  answer(method: string, params: unknown): Promise<unknown>;
  /** The second owner signs what waits for it, and carries transactions out. @returns how many there were */
  secondSigns(): Promise<number>;
}

/** `owners` need coins: the first deploys, the second carries out. */
export async function makeSafe(owners: readonly [BaseWallet, BaseWallet], provider: JsonRpcProvider): Promise<Safe> {
  const [first, second] = owners.map((owner) => owner.connect(provider)) as [BaseWallet, BaseWallet];
  const singleton = await deploy("Safe", first);
  const factory = await deploy("proxies/SafeProxyFactory", first);
  const handler = await deploy("handler/CompatibilityFallbackHandler", first);
  const multiSend = await deploy("libraries/MultiSendCallOnly", first);
  const addresses = [first.address, second.address];
  const setup = singleton.interface.encodeFunctionData("setup", [
    addresses,
    2,
    ZeroAddress,
    "0x",
    await handler.getAddress(),
    ZeroAddress,
    0,
    ZeroAddress,
  ]);
  const created = await (await factory.getFunction("createProxyWithNonce")(singleton, setup, 7)).wait();
  const address = created.logs
    .map((log: { topics: string[]; data: string }) => factory.interface.parseLog(log))
    .find((event: { name: string } | null) => event?.name === "ProxyCreation").args.proxy as string;
  const safe = new Contract(address, singleton.interface, second);

  const proposals = new Map<string, Proposal>();
  const messages = new Map<string, Message>();
  let nonce = 0;
  /** Both owners' signatures, as the contract wants them: in the order of their addresses. */
  const bothSign = (hash: string) =>
    concat(
      [first, second]
        .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
        .map((owner) => (owner as unknown as { signingKey: SigningKey }).signingKey.sign(hash).serialized),
    );

  async function propose(calls: readonly Call[]): Promise<string> {
    const [only] = calls as [Call];
    const packed = concat(
      calls.map(({ to, value, data }) =>
        solidityPacked(
          ["uint8", "address", "uint256", "uint256", "bytes"],
          [0, to, BigInt(value), (data.length - 2) / 2, data],
        ),
      ),
    );
    const given =
      calls.length === 1
        ? { to: only.to, value: BigInt(only.value), data: only.data, operation: 0 as const }
        : {
            to: await multiSend.getAddress(),
            value: 0n,
            data: multiSend.interface.encodeFunctionData("multiSend", [packed]),
            operation: 1 as const,
          };
    const proposal: Proposal = { ...given, nonce: nonce++, status: "AWAITING_CONFIRMATIONS", txHash: null };
    const hash = await safe.getFunction("getTransactionHash")(...argumentsOf(proposal), proposal.nonce);
    proposals.set(hash, proposal);
    return hash;
  }

  const argumentsOf = ({ to, value, data, operation }: Proposal) => [
    to,
    value,
    data,
    operation,
    0,
    0,
    0,
    ZeroAddress,
    ZeroAddress,
  ];

  function messageOf(text: string): Message {
    const hash = TypedDataEncoder.hash(
      { chainId: 31337, verifyingContract: address },
      { SafeMessage: [{ name: "message", type: "bytes" }] },
      { message: hashMessage(text) },
    );
    const message = messages.get(hash) ?? { hash, signature: "", told: [] };
    messages.set(hash, message);
    return message;
  }

  const asked: Safe["asked"] = [];
  return {
    address,
    asked,
    async answer(method, params) {
      switch (method) {
        case "getSafeInfo":
          return { safeAddress: address, chainId: 31337, threshold: 2, owners: addresses, isReadOnly: false };
        case "rpcCall":
          return (params as { params: unknown[] }).params[0];
        case "sendTransactions": {
          const { txs } = params as { txs: Call[] };
          asked.push({ method, calls: txs });
          return { safeTxHash: await propose(txs) };
        }
        case "getTxBySafeTxHash": {
          const proposal = proposals.get((params as { safeTxHash: string }).safeTxHash);
          if (proposal === undefined) throw new Error("Not Found");
          return { txStatus: proposal.status, txHash: proposal.txHash };
        }
        case "signMessage": {
          asked.push({ method });
          const message = messageOf((params as { message: string }).message);
          const signature =
            message.signature === ""
              ? await new Promise<string>((resolve) => message.told.push(resolve))
              : message.signature;
          return { messageHash: message.hash, signature };
        }
        case "getOffChainSignature":
          return messages.get(params as string)?.signature ?? "";
        default:
          throw new Error(`The test's Safe does not do ${method}.`);
      }
    },
    async secondSigns() {
      const waiting = [...proposals].filter(([, { status }]) => status === "AWAITING_CONFIRMATIONS");
      for (const [hash, proposal] of waiting) {
        const sent = await safe.getFunction("execTransaction")(...argumentsOf(proposal), bothSign(hash));
        const receipt = await sent.wait();
        const events = receipt.logs.map(
          (log: { topics: string[]; data: string }) => safe.interface.parseLog(log)?.name,
        );
        proposal.txHash = sent.hash;
        proposal.status = events.includes("ExecutionSuccess") ? "SUCCESS" : "FAILED";
      }
      const unsigned = [...messages.values()].filter(({ signature }) => signature === "");
      for (const message of unsigned) {
        message.signature = bothSign(message.hash);
        for (const tell of message.told) tell(message.signature);
      }
      return waiting.length + unsigned.length;
    },
  };
}

interface SigningKey {
  sign(hash: string): { serialized: string };
}
