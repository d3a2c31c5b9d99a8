/** What a team's roles and acts are called. */
import type { TeamMember } from "../api/schema.d.ts";

export type Role = TeamMember["role"];

export const ROLE_TEXTS: Readonly<Record<Role, { readonly name: string; readonly may: string }>> = {
  viewer: { name: "Viewer", may: "Sees what the brand sees." },
  manager: { name: "Manager", may: "Decides, and makes API keys: give it to whom you would give a key." },
  owner: { name: "Owner", may: "Says who is in the team, too." },
};

/** `key.made`: "Key made". */
export function actText(act: string): string {
  const words = act.replaceAll(".", " ").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
