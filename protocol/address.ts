/** Addresses as everything of ours writes them: with the checksum of ERC-55. */
import { getAddress, isAddress } from "ethers";
import { z } from "zod";

export { getAddress, isAddress };

/** Takes an address in any case, gives it with its checksum. */
export const address = z
  .string()
  .refine((text) => isAddress(text), {
    error: ({ input }) =>
      typeof input === "string" && /^0x[0-9a-f]{40}$/i.test(input)
        ? `${input} has a wrong checksum (its capitals, ERC-55): a character may be mistyped. Copy it again`
        : "must be an address: 0x and 40 hexadecimal digits",
  })
  .transform((text) => getAddress(text));
