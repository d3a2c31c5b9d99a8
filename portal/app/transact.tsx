import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";
import type { TokenFormat } from "./money.ts";

/** One thing that the wallet is asked for. */
export type Step =
  | {
      readonly kind: "call";
      /** In words, beginning with a verb. */
      readonly what: string;
      /** Of the contract of campaigns, or of a token. */
      readonly to: "programs" | { readonly token: string };
      readonly method: string;
      readonly args: readonly unknown[];
      readonly value?: bigint;
    }
  | {
      readonly kind: "sign";
      readonly what: string;
      readonly domain: Readonly<Record<string, unknown>>;
      readonly types: Readonly<Record<string, { name: string; type: string }[]>>;
      readonly message: Readonly<Record<string, unknown>>;
      /** What is done with the signature. */
      readonly follow: (signature: string) => Step;
      /** That step, as it is shown before there is a signature. */
      readonly next: string;
    }
  | {
      /** Somebody else sends what was signed. */
      readonly kind: "carry";
      readonly what: string;
      /** Hands it over; a second time it is the same. */
      readonly hand: () => Promise<Carried>;
      readonly ask: (id: string) => Promise<Carried>;
    };

/** What became of something that was handed over. */
export interface Carried {
  readonly id: string;
  readonly state: "accepted" | "sent" | "paid" | "failed";
  readonly transaction: string | null;
  readonly problem: string | null;
}

/** Transactions that belong together, with what they mean. */
export interface Plan {
  readonly title: string;
  /** In plain words, a sentence each: what changes, for whom, from when. */
  readonly summary: readonly string[];
  readonly steps: readonly Step[];
  readonly token?: TokenFormat;
  /** What else can be done by an account that cannot pay gas. */
  readonly withoutGas?: string;
  /** A name for the button; otherwise "Sign and send". */
  readonly action?: string;
  /** When all of it is on the chain. */
  readonly done?: () => void | Promise<void>;
}

const Transact = createContext<(plan: Plan) => void>(() => {
  throw new Error("useTransact outside of TransactProvider");
});

/** Shows what will be signed, rehearses it, asks the wallet, and follows it to the chain. */
export const useTransact = () => useContext(Transact);

const Transaction = lazy(() => import("./components/Transaction.tsx"));

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
