/** Profiles and a brand's labels as the API takes and shows them: text of strangers, in one line, with nothing in it that is not seen. */
import { z } from "@hono/zod-openapi";
import { oneLine } from "../domain/plainText.ts";

const MAX_URL = 500;

/** Text that is shown beside other people's: what turns the direction of reading or is not seen is left out. */
export const line = (max: number) =>
  z
    .string()
    .max(max * 4)
    .transform((text) => oneLine(text, max + 1))
    .pipe(z.string().min(1, "has nothing in it that is seen").max(max))
    .openapi({ type: "string", description: `At most ${max} characters, in one line.` });

const lineOrNothing = (max: number) =>
  line(max)
    .nullable()
    .default(null)
    .openapi({ type: ["string", "null"] });

/** A name that begins like an address would be taken for one. */
const name = line(60).refine((text) => !/^0x[0-9a-f]{2}/i.test(text), "begins like an address: give a name");

const httpsUrl = z
  .url({ protocol: /^https$/ })
  .max(MAX_URL)
  .refine((text) => {
    // What is no URL has been refused already.
    const url = URL.parse(text);
    return url === null || (url.username === "" && url.password === "");
  }, "has a user or a password in it");

export const profileRequest = z
  .strictObject({
    name,
    picture: httpsUrl.nullable().default(null),
    site: httpsUrl.nullable().default(null),
    audience: lineOrNothing(300),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, "must be two capital letters, as ISO 3166 has them")
      .nullable()
      .default(null),
    onLeaderboards: z
      .boolean()
      .default(false)
      .openapi({ description: "Whether the name stands on leaderboards of campaigns that have one." }),
  })
  .openapi("ProfileRequest");

export const profile = z
  .object({
    name: z.string(),
    picture: z.string().nullable(),
    site: z.string().nullable(),
    audience: z.string().nullable(),
    country: z.string().nullable(),
  })
  .openapi("Profile", { description: "What the partner says of itself. Nobody has checked it." });

export const ownProfile = profile
  .extend({ onLeaderboards: z.boolean() })
  .openapi("OwnProfile", { description: "What a partner says of itself." });

export const labelRequest = z
  .strictObject({
    label: lineOrNothing(60),
    note: z.string().max(2_000).nullable().default(null),
    tags: z
      .array(line(30))
      .max(20)
      .transform((tags) => [...new Set(tags)])
      .default([]),
  })
  .openapi("PartnerLabelRequest");

export const label = z
  .object({ label: z.string().nullable(), note: z.string().nullable(), tags: z.array(z.string()) })
  .openapi("PartnerLabel", { description: "The brand's own: the partner does not see it." });
