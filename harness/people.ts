/** Who has which key of the local chain. */
import { HDNodeWallet, type JsonRpcProvider, NonceManager } from "ethers";

/** The mnemonic of every local chain. Everybody knows it: what it holds on a real chain is stolen at once. */
const MNEMONIC = "test test test test test test test test test test test junk";

/** Key `index` of the local chain; the first 40 have coins. */
export function localKey(index: number): HDNodeWallet {
  return HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
}

/** Somebody with a wallet on the local chain. */
export interface Person {
  readonly name: string;
  readonly address: string;
  readonly wallet: HDNodeWallet;
  /** Sends transactions, in order. */
  readonly signer: NonceManager;
}

export function person(name: string, index: number, provider: JsonRpcProvider): Person {
  const wallet = localKey(index).connect(provider);
  return { name, address: wallet.address, wallet, signer: new NonceManager(wallet) };
}

export const DEPLOYER = 0;
export const RELAYER = 1;
export const OPERATOR = 2;
export const FIRST_BRAND = 3;
export const FIRST_PARTNER = 6;
/** A brand that attests by itself. */
export const BRAND_ALONE = 21;
/** Brands that report nothing: what they sell is read where it is paid. */
export const FIRST_SHOP = 22;
export const STRANGER = 30;
/** Puts the contracts there that accounts of passkeys are made by. */
export const SMART_WALLETS = 39;
/** Has no coins and needs none. */
export const ATTESTER = 100;
