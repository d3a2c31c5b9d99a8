/** Recounts every campaign from the contract's events and the lines that were signed, and compares with what the contract says. */
import type { Deployment } from "@partner-programs/protocol/deployments";
import { NATIVE } from "@partner-programs/protocol/native";
import { Contract, getAddress, type JsonRpcProvider } from "ethers";
import { Findings } from "#scripts/audit/findings.ts";
import { Replay } from "#scripts/audit/replay.ts";
import { readTimes } from "#scripts/audit/times.ts";
import { get } from "#service/get.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { PartnerProgramsLens } from "#typechain/index.ts";

/** Where each unit of a campaign's funds is, recounted from the contract's events. Base units. */
export interface CampaignTotals {
  readonly funded: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly credits: bigint;
  readonly paid: bigint;
  readonly fees: bigint;
  readonly withdrawn: bigint;
}

/** A partner's commission in a campaign: pending, released and not claimed, paid. */
interface PartnerTotals {
  pending: bigint;
  released: bigint;
  paid: bigint;
}

export interface Recount {
  readonly campaigns: ReadonlyMap<string, CampaignTotals>;
  /** By campaign and partner, `<campaign>:<partner>`. */
  readonly partners: ReadonlyMap<string, PartnerTotals>;
  /** What does not add up; empty when everything does. */
  readonly differences: readonly string[];
}

/** A campaign's replay, and how much of its operator's fees is claimed. */
interface Counted {
  readonly replay: Replay;
  feesClaimed: bigint;
}

/** Gives the lines of a batch, 32 bytes each, where the chain does not have them; whether they are right is looked at. */
export type LinesOf = (digest: string) => Promise<Uint8Array | undefined>;

/** Asks relayers and attesters in turn for lines. */
export function linesFrom(...urls: readonly string[]): LinesOf {
  return async (digest) => {
    for (const url of urls) {
      const response = await get(new URL(`/v1/batches/${digest}/lines`, url)).catch(() => undefined);
      if (response?.ok) return new Uint8Array(await response.arrayBuffer());
      await response?.body?.cancel();
    }
    return undefined;
  };
}

/**
 * Replays the contract's events without the relayer, and compares the result with what the contract itself says: each
 * campaign's available and reserved, each credit, and the balance of each token.
 */
export async function recount(
  provider: JsonRpcProvider,
  { contracts }: Pick<Deployment, "contracts">,
  linesOf: LinesOf,
): Promise<Recount> {
  const { address, block: fromBlock } = contracts.PartnerPrograms;
  const programs = PartnerPrograms__factory.connect(address, provider);
  const lens = PartnerProgramsLens__factory.connect(contracts.PartnerProgramsLens.address, provider);
  const findings = new Findings();
  const counted = new Map<string, Counted>();
  const logs = await provider.getLogs({ address, fromBlock, toBlock: "latest" });
  const times = await readTimes(provider, logs);
  for (const log of logs) {
    const event = programs.interface.parseLog(log);
    if (event === null) continue;
    const { name, args } = event;
    if (name === "Claimed") claim(counted.values(), args.owner.toLowerCase(), args.token);
    const id: string | undefined = event.fragment.inputs.some((input) => input.name === "campaignId")
      ? args.campaignId
      : undefined;
    if (id === undefined) continue;
    if (name === "CampaignCreated") counted.set(id, { replay: new Replay(findings), feesClaimed: 0n });
    const campaign = counted.get(id);
    if (campaign === undefined) throw new Error(`An event names campaign ${id}, which was never created.`);
    const attested = campaign.replay.apply({ name, args, time: times.get(log.blockNumber) ?? 0 });
    if (attested === undefined || attested.linesGiven) continue;
    const { digest } = attested.batch;
    const lines = await linesOf(digest);
    if (lines === undefined || !campaign.replay.takeLines(attested.batch, lines))
      findings.differ("roots", `Nobody gives the lines of batch ${digest} as they were signed.`);
  }

  const partners = sumPartners(counted);
  const campaigns = new Map([...counted].map(([id, { replay }]) => [id, toTotals(id, replay, partners)]));
  const differences = [
    ...findings.list().flatMap(({ differences }) => differences),
    ...(await compare(provider, lens, address, counted, { campaigns, partners })),
  ];
  return { campaigns, partners, differences };
}

/** A claim pays all that an owner has in a token: what its lines were credited, and what it earned as an operator. */
function claim(counted: Iterable<Counted>, owner: string, token: string): void {
  for (const campaign of counted) {
    const { terms, fees, earned } = campaign.replay;
    if (terms.token !== token) continue;
    if (terms.operator.toLowerCase() === owner) campaign.feesClaimed = fees;
    const sums = earned.get(owner);
    if (sums !== undefined) earned.set(owner, { released: 0n, paid: sums.paid + sums.released });
  }
}

function sumPartners(counted: ReadonlyMap<string, Counted>): Map<string, PartnerTotals> {
  const partners = new Map<string, PartnerTotals>();
  for (const [id, { replay }] of counted) {
    const of = (partner: string) => `${id}:${getAddress(partner)}`;
    for (const [partner, { released, paid }] of replay.earned)
      partners.set(of(partner), { pending: 0n, released, paid });
    for (const { partner, commission } of replay.held()) {
      const sums = partners.get(of(partner)) ?? { pending: 0n, released: 0n, paid: 0n };
      sums.pending += commission;
      partners.set(of(partner), sums);
    }
  }
  return partners;
}

function toTotals(
  id: string,
  { funded, available, reserved, fees, withdrawn }: Replay,
  partners: ReadonlyMap<string, PartnerTotals>,
): CampaignTotals {
  const own = [...partners].filter(([key]) => key.startsWith(`${id}:`)).map(([, sums]) => sums);
  const credits = own.reduce((sum, { released }) => sum + released, 0n);
  const paid = own.reduce((sum, one) => sum + one.paid, 0n);
  return { funded, available, reserved, credits, paid, fees, withdrawn };
}

/** Where the contract's own numbers and balances are not what was recounted. */
async function compare(
  provider: JsonRpcProvider,
  lens: PartnerProgramsLens,
  address: string,
  counted: ReadonlyMap<string, Counted>,
  { campaigns, partners }: Pick<Recount, "campaigns" | "partners">,
): Promise<string[]> {
  const differences: string[] = [];
  const same = (what: string, recounted: bigint, onChain: bigint) => {
    if (recounted === onChain) return;
    differences.push(`${what}: recounted ${recounted}, on the chain ${onChain}, difference ${onChain - recounted}`);
  };
  const add = (sums: Map<string, bigint>, key: string, amount: bigint) => sums.set(key, (sums.get(key) ?? 0n) + amount);
  const credits = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  for (const [id, { replay, feesClaimed }] of counted) {
    const { token, operator } = replay.terms;
    const totals = campaigns.get(id) as CampaignTotals;
    const state = await lens.campaign(id);
    same(`campaign ${id} available`, totals.available, state.available);
    same(`campaign ${id} reserved`, totals.reserved, state.reserved);
    same(
      `campaign ${id} funded`,
      state.available + state.reserved + totals.credits + totals.paid + totals.fees + totals.withdrawn,
      totals.funded,
    );
    add(held, token, state.available + state.reserved);
    add(credits, `${token}:${operator}`, totals.fees - feesClaimed);
    for (const [key, { released }] of partners)
      if (key.startsWith(`${id}:`)) add(credits, `${token}:${key.slice(id.length + 1)}`, released);
  }
  for (const [key, credit] of credits) {
    const [token = "", owner = ""] = key.split(":");
    same(`credit of ${owner} in ${token}`, credit, await lens.creditOf(owner, token));
    add(held, token, credit);
  }
  for (const [token, amount] of held)
    same(`balance of the contract in ${token}`, amount, await balanceOf(provider, token, address));
  return differences;
}

function balanceOf(provider: JsonRpcProvider, token: string, owner: string): Promise<bigint> {
  if (token === NATIVE) return provider.getBalance(owner);
  const erc20 = new Contract(token, ["function balanceOf(address) view returns (uint256)"], provider);
  return erc20.getFunction("balanceOf")(owner);
}
