/** What a partner is called: by its brand, or else by itself. */
import type { PartnerLabel, Profile } from "../api/schema.d.ts";

export const nameOf = (
  label: PartnerLabel | null | undefined,
  profile: Profile | null | undefined,
): string | undefined => label?.label ?? profile?.name;
