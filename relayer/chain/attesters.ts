import { z } from "zod";
import { packLine } from "../../protocol/line.ts";
import type { ConversionLeaf } from "../../protocol/trees.ts";
import type { Attestation, Reversal } from "../../protocol/typedData.ts";

/** An attester's answer: its signature, or why it does not give one. */
export type Answer = { readonly signature: string } | { readonly refusal: string };

/** The attesters as the relayer sees them: separate processes, asked over HTTP. */
export interface Attesters {
  /** One answer for each attester, in the order of the set. */
  attest(attestation: Attestation, conversions: readonly ConversionLeaf[]): Promise<Answer[]>;
  reverse(reversal: Reversal): Promise<Answer[]>;
}

const answer = z.union([z.object({ signature: z.string() }), z.object({ detail: z.string() })]);

export function connectAttesters(urls: readonly string[], token: string): Attesters {
  const ask = (path: string, body: unknown) => Promise.all(urls.map((url) => askOne(new URL(path, url), token, body)));
  return {
    attest: (attestation, conversions) =>
      ask("/v1/attestations", {
        attestation: { ...attestation, lines: attestation.lines.map(packLine) },
        conversions: conversions.map((leaf) => ({ ...leaf, entries: leaf.entries.map(packLine) })),
      }),
    reverse: (reversal) => ask("/v1/reversals", { ...reversal, targets: reversal.targets.map(packLine) }),
  };
}

async function askOne(url: URL, token: string, body: unknown): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body, (_, value) => (typeof value === "bigint" ? value.toString() : value)),
      signal: AbortSignal.timeout(30_000),
    });
    const parsed = answer.parse(await response.json());
    return "signature" in parsed ? parsed : { refusal: parsed.detail };
  } catch (error) {
    return { refusal: `No answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
