/** From any page to the dialog that shows a plan and carries it out. */
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";
import type { Plan } from "./plan.ts";

export const Transact = createContext<(plan: Plan) => void>(() => {
  throw new Error("useTransact outside of TransactProvider");
});

/** Shows what will be signed, rehearses it, asks the wallet, and follows it to the chain. */
export const useTransact = () => useContext(Transact);

const Transaction = lazy(() => import("./Transaction.tsx"));

export function TransactProvider({ children }: { children: ReactNode }) {
  const [plan, setPlan] = useState<Plan>();
  const close = useCallback(() => setPlan(undefined), []);
  return (
    <Transact value={setPlan}>
      {children}
      {plan !== undefined && (
        <Suspense fallback={null}>
          <Transaction plan={plan} close={close} />
        </Suspense>
      )}
    </Transact>
  );
}
