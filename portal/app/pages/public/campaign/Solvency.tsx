/** Where a campaign's money is, by the chain, and whether the relayer says the same. */
import { Alert, Paper, Skeleton, Title } from "@mantine/core";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import type { ChainCampaign } from "#portal/app/chain/campaign.ts";
import type { ChainMoney } from "#portal/app/chain/moneyFlow.ts";
import { Fact, Facts } from "#portal/app/components/numbers.tsx";
import { moneyText, percentText } from "#portal/app/text/money.ts";

/** What the relayer says of it, while the chain cannot be read: word for word the same rows, and nothing of it checked. */
function ByRelayer({ campaign }: { campaign: Campaign }) {
  const token = tokenOf(campaign);
  return (
    <Paper>
      <Title order={2} mb="xs">
        Where the money is
      </Title>
      <Facts>
        {[
          ["Funded", campaign.funded],
          ["Available", campaign.available],
          ["Reserved for partners, on hold", campaign.reserved],
          ["Released to partners", campaign.released],
          ["Operator's fees", campaign.fees],
          ["Withdrawn by the brand", campaign.withdrawn],
        ].map(([name = "", amount = "0"]) => (
          <Fact key={name} name={name}>
            {moneyText(amount, token)}
          </Fact>
        ))}
        <Fact name="Fee on top of commissions">{percentText(campaign.feeBps)}</Fact>
      </Facts>
      <Alert mt="md" color="yellow" title="As the relayer knew it">
        The chain cannot be read now: nothing of this was checked.
      </Alert>
    </Paper>
  );
}

/** Where each coin is: as the chain's events add up, and whether the relayer says the same. */
export function Solvency({
  campaign,
  chain,
  money,
  unread,
  relayerAway,
}: {
  campaign: Campaign;
  chain: ChainCampaign | undefined;
  money: ChainMoney | undefined;
  unread: boolean;
  relayerAway: boolean;
}) {
  const token = tokenOf(campaign);
  if (chain === undefined || money === undefined)
    return unread ? <ByRelayer campaign={campaign} /> : <Skeleton h={360} radius="lg" />;
  const { available, reserved } = chain.overview;
  const rows = [
    ["Funded", money.funded, campaign.funded],
    ["Available", available, campaign.available],
    ["Reserved for partners, on hold", reserved, campaign.reserved],
    ["Released to partners", money.released, campaign.released],
    ["Operator's fees", money.fees, campaign.fees],
    ["Withdrawn by the brand", money.withdrawn, campaign.withdrawn],
  ] as const;
  const addsUp = money.funded === available + reserved + money.released + money.fees + money.withdrawn;
  const differs = rows.filter(([, onChain, said]) => onChain !== BigInt(said));
  return (
    <Paper>
      <Title order={2} mb="xs">
        Where the money is
      </Title>
      <Facts>
        {rows.map(([name, onChain]) => (
          <Fact key={name} name={name}>
            {moneyText(onChain, token)}
          </Fact>
        ))}
        <Fact name="Fee on top of commissions">{percentText(chain.overview.terms.feeBps)}</Fact>
      </Facts>
      <Alert
        mt="md"
        color={addsUp && (relayerAway || differs.length === 0) ? "green" : "yellow"}
        title={addsUp ? "It adds up, to the last unit" : "It does not add up"}
      >
        {relayerAway
          ? "Your browser read this from the chain. The relayer does not answer: whether it says the same is not known."
          : differs.length === 0
            ? "Your browser read this from the chain, and the relayer says the same."
            : `The relayer still says otherwise about: ${differs.map(([name]) => name.toLowerCase()).join(", ")}. It may be a few blocks behind; the chain is right.`}
      </Alert>
    </Paper>
  );
}
