/** The relayer is gone, and a partner is paid all the same: by the lines that an attester keeps, and the chain. */
import { packedLines, unpackLine } from "@partner-programs/protocol/line";
import type { LineTree } from "@partner-programs/protocol/lineTree";
import { pricedOffers, treeOf } from "@partner-programs/protocol/pricedTree";
import { type Attestation, attestationOf } from "@partner-programs/protocol/typedData";
import { chainTime, waitFor } from "../../client.ts";
import { linesFrom } from "../../recount.ts";
import type { OpenAct, Stage } from "../stage.ts";

/** A line of a batch that still waits for the end of its hold. */
interface Waiting {
  readonly attestation: Attestation;
  readonly tree: LineTree;
  readonly index: number;
  readonly releaseAt: number;
}

export async function pull(stage: Stage, act: OpenAct): Promise<void> {
  const { stack, teller, programs, send } = stage;
  teller.chapter("The relayer is gone, and a partner is paid all the same");
  await earn(stage, act);
  await stack.killRelayer();
  teller.say("the relayer is killed");
  const waiting = await findWaiting(stage, act);
  const partner = act.partners.find(({ address }) => waiting.some((one) => partnerOf(one) === address));
  if (partner === undefined) throw new Error(`No line of ${act.title} waits for the end of its hold.`);
  const own = waiting.filter((one) => partnerOf(one) === partner.address);
  teller.say(
    `${partner.name} reads its part from the lines that the attester signed, of ${count(own.length, "batch", "batches")}`,
  );
  const releaseAt = Math.max(...own.map((one) => one.releaseAt));
  await waitFor("their holds to end", async () => (await chainTime(stack.provider)) >= releaseAt);
  await send("pull", partner, `${act.title}: out of ${count(own.length, "batch", "batches")}, paid once`, (signer) =>
    programs.connect(signer).pull(
      own.map(({ attestation }) => attestation),
      own.map(({ tree, index }) => tree.proof(index)),
    ),
  );
  teller.say(`${partner.name} pulls them out of their batches`);
  await stack.startRelayer();
}

/** A last deal for the first partner, on hold when the relayer goes. */
async function earn({ programs, click, report }: Stage, act: OpenAct): Promise<void> {
  const [partner] = act.partners;
  if (partner === undefined) throw new Error(`${act.title} has no partner.`);
  // The chain is asked, which knows it first.
  const attested = async () => (await programs.queryFilter(programs.filters.Attested(act.campaignId))).length;
  const before = await attested();
  const order = { event: act.draft.event.name, orderId: "deal-last", customerId: "company-last" };
  await report(act, { ...order, referralToken: await click(act, partner) });
  await waitFor("the last deal to be attested", async () => (await attested()) > before);
}

const count = (many: number, one: string, more: string): string => `${many} ${many === 1 ? one : more}`;

const partnerOf = ({ tree, index }: Waiting): string => unpackLine(tree.line(index)).partner;

/** Every line of the campaign that nobody has settled, with the tree that proves it as reversals left it. */
async function findWaiting({ stack, programs, lens }: Stage, { campaignId }: OpenAct): Promise<Waiting[]> {
  const linesOf = linesFrom(stack.attesterUrl);
  const { terms, offers } = await lens.overview(campaignId);
  const prices = pricedOffers(offers);
  const campaign = { feeBps: Number(terms.feeBps), unitExponent: Number(terms.unitExponent) };
  const waiting: Waiting[] = [];
  for (const { args } of await programs.queryFilter(programs.filters.Attested(campaignId))) {
    const { attestation: digest, body } = args;
    const attestation = attestationOf(body);
    const bytes = await linesOf(digest);
    if (bytes === undefined) throw new Error(`The attester does not have the lines of batch ${digest}.`);
    const lines = packedLines(bytes).map(unpackLine);
    for (const { args } of await programs.queryFilter(programs.filters.LineLowered(campaignId, digest)))
      lines[Number(args.index)] = unpackLine(args.line);
    const tree = treeOf(lines, prices, campaign, attestation);
    const releaseAt = Number((await lens.batch(digest)).releaseAt);
    const marks = await lens.settledLines(digest, 0);
    for (const [index, line] of lines.entries())
      if (line.count > 0 && ((marks >> BigInt(index)) & 1n) === 0n)
        waiting.push({ attestation, tree, index, releaseAt });
  }
  return waiting;
}
