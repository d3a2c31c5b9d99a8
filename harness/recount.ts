import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { unpackLine } from "@partner-programs/protocol/line";
import { NATIVE } from "@partner-programs/protocol/token";
import { Contract, type JsonRpcProvider } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

/** Where each unit of a campaign's funds is, recounted from the contract's events alone. Base units. */
export interface CampaignTotals {
  funded: bigint;
  available: bigint;
  reserved: bigint;
  credits: bigint;
  paid: bigint;
  fees: bigint;
  withdrawn: bigint;
}

interface Standing {
  readonly owner: string;
  readonly commission: bigint;
  readonly fee: bigint;
  state: "held" | "released" | "paid";
}

export interface Recount {
  readonly campaigns: ReadonlyMap<string, CampaignTotals>;
  /** By campaign and partner, `<campaign>:<partner>`: commission pending, released and not claimed, paid. */
  readonly partners: ReadonlyMap<string, { pending: bigint; released: bigint; paid: bigint }>;
  /** What does not add up; empty when everything does. */
  readonly differences: readonly string[];
}

/**
 * Replays the contract's events without the relayer, and compares the result with what the contract itself says: each
 * campaign's available and reserved, each credit, and the balance of each token.
 */
export async function recount(provider: JsonRpcProvider, address: string, fromBlock: number): Promise<Recount> {
  const programs = PartnerPrograms__factory.connect(address, provider);
  const campaigns = new Map<
    string,
    CampaignTotals & { token: string; operator: string; unitExponent: number; feeBps: number }
  >();
  const offers = new Map<string, { flatAmount: bigint; rateBps: number }>();
  const lines = new Map<string, { campaignId: string; lines: Standing[]; packed: string[] }>();
  const operatorCredits = new Map<string, bigint>();
  const add = (map: Map<string, bigint>, key: string, value: bigint) => map.set(key, (map.get(key) ?? 0n) + value);
  const of = (id: string) => {
    const campaign = campaigns.get(id);
    if (campaign === undefined) throw new Error(`An event names campaign ${id}, which was never created.`);
    return campaign;
  };
  const price = (id: string, packed: string): Standing => {
    const line = unpackLine(packed);
    const offer = offers.get(`${id}:${line.offerId}`);
    if (offer === undefined) throw new Error(`A line names offer ${line.offerId} of ${id}, which was never appended.`);
    return { owner: line.partner, ...commissionOfLineDown(line, offer, of(id)), state: "held" };
  };
  const settle = (id: string, settled: readonly Standing[], state: "released" | "paid") => {
    const campaign = of(id);
    for (const line of settled) {
      line.state = state;
      campaign.reserved -= line.commission + line.fee;
      campaign.fees += line.fee;
      campaign[state === "paid" ? "paid" : "credits"] += line.commission;
      add(operatorCredits, `${campaign.token}:${campaign.operator}`, line.fee);
    }
  };

  for (const log of await provider.getLogs({ address, fromBlock, toBlock: "latest" })) {
    const event = programs.interface.parseLog(log);
    if (event === null) continue;
    const { args } = event;
    const id: string = args.campaignId;
    switch (event.name) {
      case "CampaignCreated":
        campaigns.set(id, {
          funded: 0n,
          available: 0n,
          reserved: 0n,
          credits: 0n,
          paid: 0n,
          fees: 0n,
          withdrawn: 0n,
          token: args.token,
          operator: args.terms.operator,
          unitExponent: Number(args.terms.unitExponent),
          feeBps: Number(args.terms.feeBps),
        });
        break;
      case "OfferAppended":
        offers.set(`${id}:${args.offerId}`, { flatAmount: args.offer.flatAmount, rateBps: Number(args.offer.rateBps) });
        break;
      case "Funded":
        of(id).funded += args.amount;
        of(id).available += args.amount;
        break;
      case "Withdrawn":
        of(id).available -= args.amount;
        of(id).withdrawn += args.amount;
        break;
      case "Attested": {
        const packed: string[] = [...args.body.lines];
        const batch = { campaignId: id, packed, lines: packed.map((line) => price(id, line)) };
        const sum = batch.lines.reduce((total, { commission, fee }) => total + commission + fee, 0n);
        of(id).available -= sum;
        of(id).reserved += sum;
        lines.set(args.attestation, batch);
        if ((await programs.batch(id, args.attestation)).releaseAt === 0n) settle(id, batch.lines, "released");
        break;
      }
      case "Reversed": {
        const batch = lines.get(args.attestation);
        for (const packed of args.lines as string[]) {
          const index = batch?.packed.findIndex((line) => line.slice(0, 46) === packed.slice(0, 46)) ?? -1;
          const before = batch?.lines[index];
          if (batch === undefined || before === undefined)
            throw new Error(`A reversal names a line that ${args.attestation} does not have.`);
          const after = price(id, packed);
          const returned = before.commission + before.fee - after.commission - after.fee;
          of(id).reserved -= returned;
          of(id).available += returned;
          batch.packed[index] = packed;
          batch.lines[index] = after;
        }
        break;
      }
      case "Released": {
        const batch = lines.get(args.attestation);
        settle(
          id,
          batch?.lines.filter((_, i) => (((args.lines[i >> 8] as bigint) >> BigInt(i & 255)) & 1n) === 1n) ?? [],
          "released",
        );
        break;
      }
      case "Pulled":
        settle(id, [lines.get(args.attestation)?.lines[Number(args.index)] as Standing], "paid");
        break;
      case "Claimed":
        operatorCredits.delete(`${args.token}:${args.owner}`);
        for (const batch of lines.values()) {
          const campaign = of(batch.campaignId);
          if (campaign.token !== args.token) continue;
          for (const line of batch.lines) {
            if (line.owner !== args.owner || line.state !== "released") continue;
            line.state = "paid";
            campaign.credits -= line.commission;
            campaign.paid += line.commission;
          }
        }
        break;
    }
  }

  const partners = new Map<string, { pending: bigint; released: bigint; paid: bigint }>();
  const credits = new Map(operatorCredits);
  for (const batch of lines.values()) {
    for (const { owner, commission, state } of batch.lines) {
      const key = `${batch.campaignId}:${owner}`;
      const sums = partners.get(key) ?? { pending: 0n, released: 0n, paid: 0n };
      sums[state === "held" ? "pending" : state] += commission;
      partners.set(key, sums);
      if (state === "released") add(credits, `${of(batch.campaignId).token}:${owner}`, commission);
    }
  }

  const differences: string[] = [];
  const same = (what: string, counted: bigint, onChain: bigint) => {
    if (counted !== onChain)
      differences.push(`${what}: recounted ${counted}, on the chain ${onChain}, difference ${onChain - counted}`);
  };
  const held = new Map<string, bigint>();
  for (const [id, campaign] of campaigns) {
    const state = await programs.campaign(id);
    same(`campaign ${id} available`, campaign.available, state.available);
    same(`campaign ${id} reserved`, campaign.reserved, state.reserved);
    same(
      `campaign ${id} funded`,
      state.available + state.reserved + campaign.credits + campaign.paid + campaign.fees + campaign.withdrawn,
      campaign.funded,
    );
    add(held, campaign.token, state.available + state.reserved);
  }
  for (const [key, credit] of credits) {
    const [token = "", owner = ""] = key.split(":");
    same(`credit of ${owner} in ${token}`, credit, await programs.creditOf(owner, token));
    add(held, token, credit);
  }
  for (const [token, amount] of held) {
    const balance =
      token === NATIVE
        ? await provider.getBalance(address)
        : await new Contract(token, ["function balanceOf(address) view returns (uint256)"], provider).getFunction(
            "balanceOf",
          )(address);
    same(`balance of the contract in ${token}`, amount, balance);
  }
  return { campaigns, partners, differences };
}
