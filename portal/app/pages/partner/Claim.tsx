/** The button with which a partner claims. */
import { Button } from "@mantine/core";
import { NATIVE } from "@partner-programs/protocol/native";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/api.ts";
import { type Credit, carriedOf, claimPlan, gaslessClaimPlan } from "../../campaign/claim.ts";
import { balanceOf } from "../../chain/token.ts";
import { Failed } from "../../components/Failed.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useSession } from "../../wallet/wallet.tsx";

/** Takes all there is, with gas of one's own; or, where the relayer offers it, without. */
export function Claim({ credits, receiver }: { credits: readonly Credit[]; receiver: string }) {
  const { address } = useSession();
  const transact = useTransact();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status, refetchInterval: 60_000 });
  const coins = useQuery({ queryKey: ["balance", NATIVE, address], queryFn: () => balanceOf(NATIVE, address) });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const carried = carriedOf(credits, status.data?.gaslessClaims);
  // Who has no coin is shown first what works.
  const first = carried.length > 0 && coins.data === 0n ? "gasless" : "own";

  async function claimWithoutGas() {
    setFailure(undefined);
    setBusy(true);
    await gaslessClaimPlan(carried, address, receiver).then(transact, (error: unknown) => setFailure(explain(error)));
    setBusy(false);
  }

  return (
    <>
      {carried.length > 0 && (
        <Button variant={first === "gasless" ? "filled" : "default"} onClick={claimWithoutGas} loading={busy}>
          Claim without gas
        </Button>
      )}
      <Button
        disabled={credits.length === 0}
        variant={first === "own" ? "filled" : "default"}
        onClick={() => transact(claimPlan(credits, address, receiver, carried.length > 0))}
      >
        {credits.length === 0 ? "Nothing to claim yet" : "Claim all"}
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
