/** Coinbase Smart Wallet on a local chain, by its own published code and at its own address: what passkey accounts are made by. */
import { concat, type JsonRpcProvider, type Signer } from "ethers";
import published from "./coinbaseSmartWallet.json" with { type: "json" };

/** The factory's address, here and on the chains where its maker deployed it. */
export const SMART_WALLET_FACTORY = published.factory.address;

/** Makes what it is sent (CREATE2): the code of the Safe Singleton Factory. */
const DEPLOYER_CODE =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

/** Puts it there, once. `setCode`: the method of the chain that writes code. @throws Error if its code makes another address */
export async function deploySmartWallets(
  provider: JsonRpcProvider,
  deployer: Signer,
  setCode: "hardhat_setCode" | "anvil_setCode",
): Promise<void> {
  if ((await provider.getCode(SMART_WALLET_FACTORY)) !== "0x") return;
  await provider.send(setCode, [published.deployer, DEPLOYER_CODE]);
  for (const { salt, initCode, address } of [published.implementation, published.factory]) {
    await (await deployer.sendTransaction({ to: published.deployer, data: concat([salt, initCode]) })).wait();
    if ((await provider.getCode(address)) === "0x") throw new Error(`${address} was not made.`);
  }
}
