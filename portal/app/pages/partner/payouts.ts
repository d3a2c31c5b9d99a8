/** Where the signed-in partner is paid, as the contract has it. */

import type { Payouts } from "../../campaign/payout.ts";
import { lens } from "../../chain/contracts.ts";
import { useAsked } from "../../components/asked.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function usePayouts() {
  const { address } = useSession();
  return useAsked({
    queryKey: ["payouts", address],
    queryFn: async (): Promise<Payouts> => {
      const [stored, [receiver, lockSeconds]] = await Promise.all([
        lens().payoutOf(address),
        lens().receiverOf(address),
      ]);
      const nextAt = Number(stored.nextAt);
      const next = {
        receiver: BigInt(stored.nextReceiver) === 0n ? address : stored.nextReceiver,
        lockSeconds: Number(stored.nextLockSeconds),
        effectiveAt: nextAt,
      };
      return {
        now: { receiver: BigInt(receiver) === 0n ? address : receiver, lockSeconds: Number(lockSeconds) },
        next: nextAt > Date.now() / 1000 ? next : undefined,
        optedOut: stored.optedOut,
      };
    },
  });
}
