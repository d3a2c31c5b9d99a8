/** What every chapter of the story has at hand: the stack, the cast, and what was done and counted so far. */
import { type Conversion, RelayerError, type ServerClient } from "@partner-programs/sdk/server";
import type { ContractTransactionResponse, Signer } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import type { Draft } from "../campaign.ts";
import { AS_A_BROWSER } from "../client.ts";
import type { Person } from "../people.ts";
import type { Stack } from "../stack.ts";
import { type Cast, castOf } from "./cast.ts";

/** How many customers act at once. */
export const AT_ONCE = 8;

/** A campaign of the story, and who takes part in it. */
export interface Act {
  readonly title: string;
  readonly campaignId: string;
  readonly token: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly partners: readonly Person[];
}

/** A transaction of the story, for the table. */
export interface Sent {
  readonly verb: string;
  readonly by: string;
  readonly what: string;
  readonly gas: number;
}

/** A line that did not hold: the contract paid nobody for it. */
export interface Refusal {
  readonly act: OpenAct;
  readonly partner: string;
  readonly why: string;
  /** Commission and fee, available to the brand again. */
  readonly returned: bigint;
}

/** How the story is told while it happens. */
export interface Teller {
  chapter(title: string): void;
  say(line: string): void;
  progress(done: number, of: number, what: string): void;
}

/** An act whose campaign is open. */
export interface OpenAct extends Act {
  readonly draft: Draft;
  readonly shop: ServerClient;
  /** Invite links, by partner. */
  readonly links: Map<string, string>;
}

export interface Stage {
  readonly stack: Stack;
  readonly teller: Teller;
  readonly cast: Cast;
  readonly programs: PartnerPrograms;
  readonly lens: PartnerProgramsLens;
  readonly sent: Sent[];
  readonly refusals: Refusal[];
  /** How often each thing happened to a report. */
  readonly outcomes: Map<string, number>;
  readonly counted: { clicks: number; reports: number };
  /** Sends a transaction of somebody, and keeps its gas for the table. */
  send(
    verb: string,
    by: Person,
    what: string,
    make: (signer: Signer) => Promise<ContractTransactionResponse>,
  ): Promise<void>;
  /** A customer follows an invite link, as a browser does; returns the token that the destination gets. */
  click(act: OpenAct, by: Person): Promise<string>;
  report(act: OpenAct, conversion: Parameters<ServerClient["reportConversion"]>[0]): Promise<Conversion>;
  /** Reports what the relayer refuses with this status. */
  refused(act: OpenAct, conversion: Parameters<ServerClient["reportConversion"]>[0], status: number): Promise<string>;
  happened(outcome: string): void;
}

export function createStage(stack: Stack, teller: Teller): Stage {
  const { provider, deployment } = stack;
  const outcomes = new Map<string, number>();
  const counted = { clicks: 0, reports: 0 };
  const sent: Sent[] = [];
  const happened = (outcome: string) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  return {
    stack,
    teller,
    cast: castOf(provider),
    programs: PartnerPrograms__factory.connect(deployment.contracts.PartnerPrograms.address, provider),
    lens: PartnerProgramsLens__factory.connect(deployment.contracts.PartnerProgramsLens.address, provider),
    sent,
    refusals: [],
    outcomes,
    counted,
    happened,
    async send(verb, by, what, make) {
      const receipt = await (await make(by.signer)).wait();
      sent.push({ verb, by: by.name, what, gas: Number(receipt?.gasUsed ?? 0n) });
    },
    async click(act, by) {
      const response = await fetch(act.links.get(by.address) as string, AS_A_BROWSER);
      const token = new URL(response.headers.get("location") ?? "").searchParams.get("_ushrt");
      if (response.status !== 302 || token === null)
        throw new Error(`The link of ${by.name} answers ${response.status}.`);
      counted.clicks++;
      return token;
    },
    async report(act, conversion) {
      counted.reports++;
      const reported = await act.shop.reportConversion(conversion);
      happened(reported.state === "rejected" ? `rejected: ${reported.reason}` : "accepted");
      return reported;
    },
    async refused(act, conversion, status) {
      counted.reports++;
      try {
        await act.shop.reportConversion(conversion);
      } catch (error) {
        if (error instanceof RelayerError && error.status === status) return error.message;
        throw error;
      }
      throw new Error(`A report was accepted that should be refused with ${status}.`);
    },
  };
}
