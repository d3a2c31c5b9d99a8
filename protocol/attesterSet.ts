/** Which of a campaign's attester sets signs at a time: an announced one takes over at its time, without a transaction. */

/** A set as the contract gives it. `effectiveAt`: Unix seconds. */
export interface AttesterSet {
  readonly members: readonly string[];
  readonly threshold: number;
  readonly effectiveAt: number;
}

/** What `campaign` says of its sets: the place of the last one that was in force, and whether the one behind it is announced. */
export interface AttesterSetState {
  readonly attesterSet: bigint;
  readonly attestersAnnounced: boolean;
}

/** Reads the set at a place, as `attesterSet(campaignId, index)` gives it. */
type ReadSet = (index: bigint) => Promise<{
  readonly members: readonly string[];
  readonly threshold: bigint;
  readonly effectiveAt: bigint;
}>;

export async function readAttesterSet(read: ReadSet, index: bigint): Promise<AttesterSet> {
  const { members, threshold, effectiveAt } = await read(index);
  return { members: [...members], threshold: Number(threshold), effectiveAt: Number(effectiveAt) };
}

/** The set in force at `time` (Unix seconds), with its place. */
export async function attesterSetAt(
  { attesterSet, attestersAnnounced }: AttesterSetState,
  time: number,
  read: ReadSet,
): Promise<AttesterSet & { readonly index: bigint }> {
  const next = attestersAnnounced ? await readAttesterSet(read, attesterSet + 1n) : undefined;
  if (next !== undefined && next.effectiveAt <= time) return { ...next, index: attesterSet + 1n };
  return { ...(await readAttesterSet(read, attesterSet)), index: attesterSet };
}
