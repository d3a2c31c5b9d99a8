/** The part of ethers that pages use; imported lazily, because it is larger than the first page. */
export {
  AbiCoder,
  Contract,
  getAddress,
  HDNodeWallet,
  Interface,
  isAddress,
  JsonRpcProvider,
  keccak256,
  MaxUint256,
  Signature,
  TypedDataEncoder,
  toUtf8Bytes,
  ZeroAddress,
} from "ethers";
