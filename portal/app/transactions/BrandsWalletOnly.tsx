/** What a brand's page does instead of a transaction where somebody of its team is signed in. */
import { Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Dialog } from "../components/Dialog.tsx";
import { shortAddress } from "../text/money.ts";
import type { Plan } from "./plan.ts";
import { Transact } from "./transact.tsx";

/** The contract knows no team: what is sent from a member's wallet would be refused, and is not offered. */
export function BrandsWalletOnly({ brand, children }: { brand: string; children: ReactNode }) {
  const [asked, setAsked] = useState<Plan>();
  return (
    <Transact value={setAsked}>
      {children}
      <Dialog title="This needs the brand's wallet" opened={asked !== undefined} onClose={() => setAsked(undefined)}>
        <Text size="sm">
          It is a transaction of {shortAddress(brand)}, and you are signed in as somebody of its team. Ask whoever holds
          the brand's wallet to do it here.
        </Text>
      </Dialog>
    </Transact>
  );
}
