/** Addresses as everything of ours writes them: with the checksum of ERC-55. */
import { getAddress, isAddress } from "ethers";
import { z } from "zod";

export { getAddress, isAddress };

/** Takes an address in any case, gives it with its checksum. */
export const address = z
  .string()
  .refine((text) => isAddress(text), "must be an address: 0x and 40 hexadecimal digits")
  .transform((text) => getAddress(text));
