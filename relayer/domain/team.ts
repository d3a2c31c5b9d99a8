/** A brand's team: what its members may be, and which role is enough for what. */

/** Each may what the one before it may. The brand's wallet is an owner always; what costs money is a transaction, and its alone. */
export const ROLES = ["viewer", "manager", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** As what somebody acts for a brand: its wallet itself, a member of its team, or a server by an API key. */
export type Capacity = Role | "brand" | "key";

export const isEnough = (role: Role | "brand", needed: Role): boolean =>
  role === "brand" || ROLES.indexOf(role) >= ROLES.indexOf(needed);
