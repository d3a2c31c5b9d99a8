/** A plan: what a wallet is asked for, step by step, and what that means. Nothing is done here. */
import type { Claim } from "../api/schema.d.ts";
import type { TokenFormat } from "../text/money.ts";

/** One thing that the wallet is asked for. */
export type Step =
  | {
      readonly kind: "call";
      /** In words, beginning with a verb. */
      readonly what: string;
      /** Of the contract of campaigns, of the one that funds them by a signature, or of a token. */
      readonly to: "programs" | "funding" | { readonly token: string };
      readonly method: string;
      readonly args: readonly unknown[];
      /** The arguments as they are once the steps before are on the chain; `args` is what they would be by now. */
      readonly settle?: () => Promise<readonly unknown[]>;
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
      readonly hand: () => Promise<Claim>;
      readonly ask: (id: string) => Promise<Claim>;
    };

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
  /** What it makes: for who comes back after other owners of the account have signed. */
  readonly made?: {
    /** Where it is shown. */
    readonly page: string;
    /** The form that it was filled in with is not needed any more. */
    readonly endsForm: boolean;
  };
  /** When all of it is on the chain. */
  readonly done?: () => void | Promise<void>;
}
