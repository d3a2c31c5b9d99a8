/** What whoever looks at a brand's pages may do there. What it may not is not offered, and said where somebody would look for it. */
import { Text } from "@mantine/core";
import { createContext, type ReactNode, useContext } from "react";
import type { Role } from "../text/team.ts";

export interface Rights {
  /** Reviews, applications, leads, keys, webhooks: a manager's and above. */
  readonly decides: boolean;
  /** What costs money or changes terms: the brand's wallet alone, because the contract knows no team. */
  readonly signs: boolean;
}

/** `role`: in the brand's team; undefined: it is the brand's wallet. `isPartner`: of this campaign; who earns by it decides nothing in it. */
export const rightsOf = (role: Role | undefined, isPartner: boolean): Rights => ({
  decides: role !== "viewer" && !isPartner,
  signs: role === undefined,
});

const Given = createContext<Rights>({ decides: true, signs: true });
export const RightsProvider = Given.Provider;
export const useRights = (): Rights => useContext(Given);

interface Offered {
  readonly children: ReactNode;
  /** What is said instead, where its absence would be wondered at. */
  readonly otherwise?: string;
}

const instead = (otherwise: string | undefined) =>
  otherwise === undefined ? null : (
    <Text size="sm" c="dimmed">
      {otherwise}
    </Text>
  );

/** What a manager may, and a viewer may not. */
export function Decides({ children, otherwise }: Offered) {
  return useRights().decides ? children : instead(otherwise);
}

/** What only the brand's wallet may. */
export function Signs({ children, otherwise }: Offered) {
  return useRights().signs ? children : instead(otherwise);
}
