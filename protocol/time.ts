/** Times as programs write them. */
import { z } from "zod";

/** ISO 8601 with its offset, or Unix seconds: read as Unix seconds. */
export const time = z.union([
  z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
  z
    .int()
    .min(0)
    .max(2 ** 40 - 1),
]);
