/** A campaign's four numbers: what is free, how long it lasts, what was taken back, how soon partners claim. */
import { SimpleGrid } from "@mantine/core";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { useRunway } from "#portal/app/campaign/runway.ts";
import type { ChainCampaign } from "#portal/app/chain/campaign.ts";
import { type ChainMoney, median } from "#portal/app/chain/moneyFlow.ts";
import { Lasts } from "#portal/app/components/Lasts.tsx";
import { Tile } from "#portal/app/components/numbers.tsx";
import { durationText } from "#portal/app/text/dates.ts";
import { countText, moneyText, shareText } from "#portal/app/text/money.ts";

/** What is announced to be withdrawn, and is there. */
function withdrawn({ pendingWithdrawal, available }: Campaign): bigint {
  const announced = BigInt(pendingWithdrawal?.amount ?? 0);
  return announced < BigInt(available) ? announced : BigInt(available);
}

export function Tiles({
  campaign,
  chain,
  money,
  unread,
  uncounted,
}: {
  campaign: Campaign;
  chain: ChainCampaign | undefined;
  money: ChainMoney | undefined;
  /** The chain does not answer: the budget is the relayer's, and what its events add up to is not known. */
  unread: boolean;
  uncounted: boolean;
}) {
  const token = tokenOf(campaign);
  const runway = useRunway(campaign.id, money);
  const toClaim = median(money?.secondsToClaim ?? []);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Tile
        name="Free budget"
        loading={chain === undefined && !unread}
        remark={chain === undefined && unread ? "as the relayer knew it" : "read from the contract"}
      >
        {chain !== undefined
          ? moneyText(chain.overview.spendable, token)
          : unread && moneyText(BigInt(campaign.available) - withdrawn(campaign), token)}
      </Tile>
      <Lasts seconds={money === undefined && uncounted ? null : runway} />
      <Tile
        name="Taken back"
        loading={money === undefined && !uncounted}
        remark="of what was attested, within the hold"
      >
        {money === undefined ? "–" : shareText(money.reversed, money.attested)}
      </Tile>
      <Tile
        name="From release to claim"
        loading={money === undefined && !uncounted}
        remark={
          money === undefined
            ? "counted on the chain"
            : money.secondsToClaim.length > 0
              ? `median of ${countText(money.secondsToClaim.length)} claims`
              : "nobody has claimed yet"
        }
      >
        {toClaim === undefined ? "–" : durationText(toClaim, "rough")}
      </Tile>
    </SimpleGrid>
  );
}
