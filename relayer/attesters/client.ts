/** The relayer's client of its attesters: separate processes, asked over HTTP in the words of protocol/attesterApi.ts. */
import { address } from "@partner-programs/protocol/address";
import {
  type BatchToSign,
  opinion,
  type Refusal,
  refusal,
  signature,
  writeBatch,
  writeReversalRequest,
} from "@partner-programs/protocol/attesterApi";
import {
  type Memory,
  memory,
  memoryPath,
  type RememberedBatch,
  readRemembered,
  rememberedPath,
} from "@partner-programs/protocol/attesterMemory";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import type { Reversal } from "@partner-programs/protocol/typedData";
import type { Logger } from "pino";
import { z } from "zod";
import { describeError } from "#service/errors.ts";
import { streamOf } from "#service/stream.ts";

/** An attester's answer: its signature, or why it does not give one. */
export type Answer = { readonly signature: string } | Refusal;
/** What an attester would do; undefined: sign. */
export type Opinion = Refusal | undefined;

export const isSignature = (answer: Answer): answer is Extract<Answer, { signature: string }> => "signature" in answer;

/** The attesters as the relayer sees them: separate processes, asked over HTTP. `members` are a set's, and answers in their order. */
export interface Attesters {
  /** What they would do. Nobody signs or remembers anything. */
  check(members: readonly string[], batch: BatchToSign): Promise<Opinion[]>;
  attest(members: readonly string[], batch: BatchToSign): Promise<Answer[]>;
  /** `keys`: the conversions that are taken back. */
  reverse(members: readonly string[], reversal: Reversal, keys: readonly string[]): Promise<Answer[]>;
  /** How each that was asked answered last. */
  states(): ReadonlyMap<string, AttesterState>;
}

/** What attesters remember. */
export interface Memories {
  /** What each remembers of a campaign, from a number on. */
  signed(members: readonly string[], campaignId: string, from: bigint): Promise<(Memory | Refusal)[]>;
  /** A batch that one of them signed. */
  remembered(member: string, digest: string): Promise<RememberedBatch | Refusal>;
}

export type AttesterState = "answers" | "refuses the token" | "does not answer";

const answer = z.union([signature, refusal]);
/** A problem of HTTP's own, such as a body that is too large: nothing about the conversions. */
const problem = z.object({ detail: z.string() }).transform(({ detail }): Refusal => noAnswer(detail));

const noAnswer = (reason: string): Refusal => ({ reason: `no answer: ${reason}`, transient: true, conversions: [] });

/** An attester looks every order up in a source that may be far away, and derives all again. */
const ANSWER_MILLISECONDS = 60_000;
const ANSWER_MILLISECONDS_PER_CONVERSION = 3;

/** What is sent: pieces that are written once for each that is asked, so that no text of a whole batch is in memory. */
interface Body {
  readonly type: string;
  readonly pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly timeoutMilliseconds: number;
}

const bodyOfBatch = (batch: BatchToSign): Body => ({
  type: NDJSON,
  pieces: () => writeBatch(batch),
  timeoutMilliseconds: ANSWER_MILLISECONDS + ANSWER_MILLISECONDS_PER_CONVERSION * batch.attestation.conversions,
});

function bodyOfReversal(reversal: Reversal, keys: readonly string[]): Body {
  const bytes = new TextEncoder().encode(JSON.stringify(writeReversalRequest(reversal, keys)));
  return { type: "application/json", pieces: () => [bytes], timeoutMilliseconds: ANSWER_MILLISECONDS };
}

/** Asks one of them. `read`: what it answered in full. */
type Reach = <T>(
  member: string,
  path: string,
  request: () => RequestInit,
  read: (response: Response) => Promise<T>,
) => Promise<T | Refusal>;

const quietly = () => ({ signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });

/** More than anybody signed since a number that is attested. */
const MAX_PAGES = 100;

/** All that one remembers, page after page, in the time of one answer. */
async function readMemory(reach: Reach, member: string, campaignId: string, from: bigint): Promise<Memory | Refusal> {
  const signed: Memory["signed"] = [];
  const inTime = quietly();
  for (let pages = 1; ; pages++) {
    const last = signed.at(-1);
    const path = memoryPath(campaignId, last?.firstConversion ?? from, last?.digest);
    const page = await reach(
      member,
      path,
      () => inTime,
      async (response) => z.union([memory, problem]).parse(await response.json()),
    );
    if ("reason" in page) return page;
    signed.push(...page.signed);
    if (!page.more || page.signed.length === 0) return { ...page, signed };
    if (pages === MAX_PAGES)
      return {
        reason: `it tells of ${signed.length} attestations from conversion ${from} on, and of more: that many cannot be.`,
        transient: true,
        conversions: [],
      };
  }
}

/** How long an attester that could not be reached is not asked who it is again. */
const ASK_AGAIN_MILLISECONDS = 2_000;

export function connectAttesters(
  urls: readonly string[],
  token: string,
  log?: Pick<Logger, "error" | "warn" | "info">,
): Attesters & Memories {
  const known = new Map<string, string>();
  const states = new Map<string, AttesterState>();
  let askedAt = 0;

  /** Said once, when it changes: it is asked again and again. */
  function note(attester: string, state: AttesterState, reason?: string): void {
    const before = states.get(attester);
    if (state === before) return;
    states.set(attester, state);
    if (state === "refuses the token") log?.error({ attester, reason }, "an attester refuses this relayer's token");
    else if (state === "does not answer") log?.warn({ attester, reason }, "an attester does not answer");
    else if (before !== undefined) log?.info({ attester }, "an attester answers again");
  }

  function silent(attester: string, reason: string): Refusal {
    note(attester, "does not answer", reason);
    return noAnswer(reason);
  }

  /** Where the attester with this address listens; each says itself who it is. */
  async function locate(member: string): Promise<string | undefined> {
    if (!known.has(member) && Date.now() - askedAt >= ASK_AGAIN_MILLISECONDS) {
      askedAt = Date.now();
      await Promise.all(
        urls.map(async (url) => {
          const response = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(5_000) }).catch(
            () => undefined,
          );
          const body = z.object({ attester: address }).safeParse(await response?.json().catch(() => undefined));
          if (body.success) known.set(body.data.attester, url);
        }),
      );
    }
    return known.get(member);
  }

  const reach: Reach = async (member, path, request, read) => {
    const url = await locate(member);
    if (url === undefined) return silent(member, `no attester that listens at ATTESTER_URLS is ${member}`);
    try {
      const { headers, ...rest } = request();
      const response = await fetch(new URL(path, url), {
        ...rest,
        headers: { ...headers, authorization: `Bearer ${token}` },
      });
      if (response.status === 401 || response.status === 403) {
        await response.body?.cancel();
        const reason = `it refuses this relayer's token (${response.status}). Give both the same ATTESTER_TOKEN and start them again.`;
        note(member, "refuses the token", reason);
        return { reason, transient: true, conversions: [] };
      }
      const given = await read(response);
      note(member, "answers");
      return given;
    } catch (error) {
      // It may have moved, or another may listen there now.
      known.delete(member);
      return silent(member, error instanceof Error ? error.message : String(error));
    }
  };

  const ask = <T>(
    members: readonly string[],
    path: string,
    body: Body,
    schema: z.ZodType<T>,
  ): Promise<(T | Refusal)[]> =>
    Promise.all(
      members.map((member) => {
        const request = () => ({
          method: "POST",
          headers: { "content-type": body.type },
          body: streamOf(body.pieces(), (error) =>
            log?.error({ attester: member, ...describeError(error) }, "a request to an attester broke off"),
          ),
          duplex: "half",
          signal: AbortSignal.timeout(body.timeoutMilliseconds),
        });
        return reach(member, path, request, async (response) =>
          z.union([schema, problem]).parse(await response.json()),
        );
      }),
    );

  return {
    states: () => states,
    async check(members, batch) {
      const answers = await ask(members, "/v1/checks", bodyOfBatch(batch), opinion);
      return answers.map((given) => ("ok" in given && given.ok ? undefined : (given as Refusal)));
    },
    attest: (members, batch) => ask(members, "/v1/attestations", bodyOfBatch(batch), answer),
    signed: (members, campaignId, from) =>
      Promise.all(members.map((member) => readMemory(reach, member, campaignId, from))),
    remembered: (member, digest) =>
      reach(member, rememberedPath(digest), quietly, async (response) =>
        response.ok && response.body !== null ? readRemembered(response.body) : problem.parse(await response.json()),
      ),
    reverse: (members, reversal, keys) => ask(members, "/v1/reversals", bodyOfReversal(reversal, keys), answer),
  };
}
