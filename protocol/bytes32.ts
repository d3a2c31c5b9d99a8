/** Words of 32 bytes as text: ids of campaigns, digests, keys, packed lines. */
import { z } from "zod";

const BYTES_32 = /^0x[0-9a-f]{64}$/;

export const bytes32 = z.string().regex(BYTES_32, "must be 0x and 64 lower-case hexadecimal digits");

export function isBytes32(text: string): boolean {
  return BYTES_32.test(text);
}
