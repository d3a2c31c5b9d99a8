/** Orders that are signed here and carried by the relayer: the two steps of each. */
import { programsDomain } from "@partner-programs/protocol/typedData";
import { api } from "../api/api.ts";
import type { Claim } from "../api/schema.d.ts";
import { config } from "../config.ts";
import type { Plan, Step } from "../transactions/plan.ts";

/** An order that is not carried by then is not carried any more. */
export const ORDER_SECONDS = 3_600;

type SignStep = Extract<Step, { kind: "sign" }>;

/** `hand`: gives the relayer what was signed. */
export function carriedSteps(
  types: SignStep["types"],
  message: SignStep["message"],
  method: "claimFor" | "setPayoutFor",
  hand: (signature: string) => Promise<Claim>,
): Plan["steps"] {
  const what = "The relayer sends it";
  return [
    {
      kind: "sign",
      what: "Sign the order",
      domain: { ...programsDomain(config().chainId, config().programs) },
      types,
      message,
      next: `${method}, sent by the relayer`,
      follow: (signature) => ({ kind: "carry", what, hand: () => hand(signature), ask: api.claim }),
    },
    { kind: "carry", what, hand: unsigned, ask: api.claim },
  ];
}

/** The step as it is shown; signing puts another in its place. */
const unsigned = () => Promise.reject(new Error("The order is not signed yet."));
