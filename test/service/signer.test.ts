import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packLine } from "@partner-programs/protocol/line";
import { attestationTypedData, programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { encryptKeystoreJson, id, Transaction, toUtf8Bytes, verifyTypedData, Wallet } from "ethers";
import { openSigner, type ProcessSigner, signerPlace } from "#service/chain/signer.ts";

const KEY = id("a key");
const WALLET = new Wallet(KEY);
const DOMAIN = programsDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const RECEIPT_FACTS = {
  campaignId: id("campaign"),
  conversionKey: id("key"),
  salt: id("salt"),
  receivedAt: 1,
  attestBy: 2,
};
const RECEIPT = receiptTypedData({ ...RECEIPT_FACTS, entries: [] });
/** What the relayer signs: the outbox' transactions. */
const TRANSACTION = {
  type: 2,
  chainId: 31337,
  nonce: 7,
  to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  data: "0x1234",
  gasLimit: 100_000n,
  maxFeePerGas: 2_000_000_000n,
  maxPriorityFeePerGas: 1n,
};

type Ask = { method: string; params: unknown[]; authorization: string | undefined };

/** A signer over JSON-RPC, as Web3Signer and Clef are, that has `wallet`'s key and answers through `lie`. */
async function openRemote(dialect: "web3signer" | "clef", wallet = WALLET, lie = (answer: unknown) => answer) {
  const asked: Ask[] = [];
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { method, params } = JSON.parse(text);
    asked.push({ method, params, authorization: request.headers.authorization });
    const answer = await respond(method, params);
    response.setHeader("content-type", "application/json").end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...answer }));
  });
  // biome-ignore lint/suspicious/noExplicitAny: parameters of JSON-RPC
  async function respond(method: string, params: any[]): Promise<object> {
    if (method === "eth_signTransaction") {
      const { from, gas, ...fields } = params[0];
      expect(from).to.equal(WALLET.address);
      const raw = await wallet.signTransaction({ ...fields, type: 2, gasLimit: gas, nonce: Number(fields.nonce) });
      return { result: lie(dialect === "clef" ? { raw, tx: {} } : raw) };
    }
    if (method === (dialect === "web3signer" ? "eth_signTypedData" : "eth_signTypedData_v4")) {
      const { domain, types, message } = params[1];
      const { EIP712Domain: _, ...own } = types;
      return { result: lie(await wallet.signTypedData(domain, own, message)) };
    }
    if (method === "eth_sign") return { result: lie(await wallet.signMessage(Buffer.from(params[1].slice(2), "hex"))) };
    return { error: { code: -32601, message: "Method not found" } };
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails leaves it open.
  server.unref();
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function signsAsThe(signer: ProcessSigner): Promise<void> {
  expect(signer.address).to.equal(WALLET.address);
  expect(await signer.getAddress()).to.equal(WALLET.address);
  expect(await signer.signTransaction(TRANSACTION)).to.equal(await WALLET.signTransaction(TRANSACTION));
  const { types, message } = RECEIPT;
  expect(await signer.signTypedData(DOMAIN, types, message)).to.equal(
    await WALLET.signTypedData(DOMAIN, types, message),
  );
  const packed = { ...RECEIPT_FACTS, entries: [] };
  expect(await signer.receiptSigner(DOMAIN)([packed])).to.deep.equal([
    await WALLET.signTypedData(DOMAIN, types, message),
  ]);
  expect(signer).to.not.have.property("privateKey");
  expect(await signer.signMessage("hello")).to.equal(await WALLET.signMessage("hello"));
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing failed",
    (error: Error) => error.message,
  );
}

describe("a process's key", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-keys-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is in the environment", async () => {
    await signsAsThe(await openSigner(signerPlace("RELAYER", { RELAYER_PRIVATE_KEY: KEY })));
  });

  it("is in a keystore, with its password in a file", async () => {
    const keystore = join(folder, "keystore.json");
    const passwordFile = join(folder, "password");
    const scrypt = { N: 1024, r: 8, p: 1 };
    const account = { address: WALLET.address, privateKey: WALLET.privateKey };
    writeFileSync(keystore, await encryptKeystoreJson(account, toUtf8Bytes("pässword"), { scrypt }));
    writeFileSync(passwordFile, "pässword\n");
    const place = signerPlace("ATTESTER", {
      ATTESTER_KEYSTORE: keystore,
      ATTESTER_KEYSTORE_PASSWORD_FILE: passwordFile,
    });
    await signsAsThe(await openSigner(place));

    writeFileSync(passwordFile, "another");
    const message = await failure(openSigner(place));
    expect(message).to.equal(`The keystore ${keystore} does not open with the password in ${passwordFile}.`);
  });

  for (const dialect of ["web3signer", "clef"] as const) {
    it(`is at a remote signer that speaks as ${dialect}`, async () => {
      const remote = await openRemote(dialect);
      const config = {
        RELAYER_SIGNER_URL: remote.url,
        RELAYER_SIGNER_ADDRESS: WALLET.address.toLowerCase(),
        RELAYER_SIGNER_TOKEN: "a token",
      };
      await signsAsThe(await openSigner(signerPlace("RELAYER", config)));
      expect(new Set(remote.asked.map(({ authorization }) => authorization))).to.deep.equal(
        new Set(["Bearer a token"]),
      );
      await remote.close();
    });
  }

  it("signs an attestation at a remote signer", async () => {
    const remote = await openRemote("clef");
    const signer = await openSigner({ url: remote.url, address: WALLET.address, token: undefined });
    const line = { offerId: 1, partner: WALLET.address, count: 2, volumeUnits: 3n };
    const { types, message } = attestationTypedData({
      campaignId: id("campaign"),
      firstConversion: 1n,
      conversions: 2,
      periodFrom: 1,
      periodTo: 2,
      deadline: 3,
      conversionsRoot: id("root"),
      linesRoot: packLine(line),
      lineCount: 1,
      total: 4n,
    });
    const signature = await signer.signTypedData(DOMAIN, types, message);
    expect(verifyTypedData(DOMAIN, types, message, signature)).to.equal(WALLET.address);
    expect(remote.asked[0]?.authorization).to.equal(undefined);
    await remote.close();
  });

  it("is not believed to be at a remote signer that has another, or signs something else", async () => {
    const sign = async (signer: ProcessSigner) => [
      await failure(signer.signTransaction(TRANSACTION)),
      await failure(signer.signTypedData(DOMAIN, RECEIPT.types, RECEIPT.message)),
      await failure(signer.signMessage("hello")),
    ];
    const expected = [/signed another transaction/, /signed other data/, /signed another message/];
    const impostor = await openRemote("clef", new Wallet(id("another key")));
    const changed = await WALLET.signTransaction({ ...TRANSACTION, to: WALLET.address });
    const other = await WALLET.signMessage("something else");
    const liar = await openRemote("clef", WALLET, (answer) => (typeof answer === "string" ? other : changed));
    for (const { url } of [impostor, liar]) {
      const messages = await sign(await openSigner({ url, address: WALLET.address, token: undefined }));
      for (const [i, message] of messages.entries()) expect(message).to.match(expected[i] as RegExp);
    }
    expect(Transaction.from(changed).from).to.equal(WALLET.address);
    await impostor.close();
    await liar.close();
  });

  it("says without its address and token that a remote signer does not answer, or refuses", async () => {
    const remote = await openRemote("clef", WALLET, () => 17);
    const signer = await openSigner({
      url: `${remote.url}/secret-path`,
      address: WALLET.address,
      token: "secret-token",
    });
    expect(await failure(signer.signMessage("hello"))).to.match(/answered eth_sign with status 200 and no result/);
    await remote.close();
    const message = await failure(signer.signMessage("hello"));
    expect(message).to.match(/^The remote signer does not answer/);
    expect(message).not.to.contain("secret");
  });
});

describe("a configuration", () => {
  it("has its key in exactly one place", () => {
    const place = (given: object) => () => signerPlace("RELAYER", { ...given });
    const remote = { RELAYER_SIGNER_URL: "http://127.0.0.1", RELAYER_SIGNER_ADDRESS: WALLET.address };
    expect(place({})).to.throw("0 are configured");
    expect(place({ RELAYER_SIGNER_URL: "http://127.0.0.1" })).to.throw("0 are configured");
    expect(place({ RELAYER_KEYSTORE: "x" })).to.throw("0 are configured");
    expect(place({ RELAYER_PRIVATE_KEY: KEY, ...remote })).to.throw("2 are configured");
    // An attester's key is not the relayer's.
    expect(place({ ATTESTER_PRIVATE_KEY: KEY })).to.throw("Set RELAYER_PRIVATE_KEY");
  });
});
