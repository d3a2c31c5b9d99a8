/** The part of ethers that the first page asks for when somebody signs in; imported lazily, because it is larger than that page. */
export { getAddress, HDNodeWallet, JsonRpcProvider } from "ethers";
