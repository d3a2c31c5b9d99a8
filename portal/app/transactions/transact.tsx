/** From any page to the dialog that shows a plan and carries it out. */
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";
import { useWallet } from "../wallet/wallet.tsx";
import { keepUnderWay, readUnderWay } from "./kept.ts";
import type { Plan } from "./plan.ts";

export const Transact = createContext<(plan: Plan) => void>(() => {
  throw new Error("useTransact outside of TransactProvider");
});

/** Shows what will be signed, rehearses it, asks the wallet, and follows it to the chain. */
export const useTransact = () => useContext(Transact);

const FoundAgain = lazy(() => import("./FoundAgain.tsx"));
const Transaction = lazy(() => import("./Transaction.tsx"));

export function TransactProvider({ children }: { children: ReactNode }) {
  const [plan, setPlan] = useState<Plan>();
  const { session } = useWallet();
  // Read once: what this page itself sends it follows itself.
  const [left, setLeft] = useState(readUnderWay);
  const close = useCallback(() => setPlan(undefined), []);
  const forget = useCallback(() => {
    keepUnderWay(undefined);
    setLeft(undefined);
  }, []);
  return (
    <Transact value={setPlan}>
      {children}
      {plan !== undefined && (
        <Suspense fallback={null}>
          <Transaction plan={plan} close={close} />
        </Suspense>
      )}
      {plan === undefined && left !== undefined && left.account === session?.address && (
        <Suspense fallback={null}>
          <FoundAgain underWay={left} close={forget} />
        </Suspense>
      )}
    </Transact>
  );
}
