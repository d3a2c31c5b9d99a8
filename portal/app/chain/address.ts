/** Addresses as pages take and write them. Imports ethers: only pages that are loaded lazily import this. */
export { getAddress, isAddress, ZeroAddress } from "ethers";
