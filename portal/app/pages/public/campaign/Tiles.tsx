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

export function Tiles({
  campaign,
  chain,
  money,
}: {
  campaign: Campaign;
  chain: ChainCampaign | undefined;
  money: ChainMoney | undefined;
}) {
  const token = tokenOf(campaign);
  const runway = useRunway(campaign.id, money);
  const toClaim = median(money?.secondsToClaim ?? []);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Tile name="Free budget" loading={chain === undefined} remark="read from the contract">
        {chain !== undefined && moneyText(chain.overview.spendable, token)}
      </Tile>
      <Lasts seconds={runway} />
      <Tile name="Taken back" loading={money === undefined} remark="of what was attested, within the hold">
        {money !== undefined && shareText(money.reversed, money.attested)}
      </Tile>
      <Tile
        name="From release to claim"
        loading={money === undefined}
        remark={
          money !== undefined && money.secondsToClaim.length > 0
            ? `median of ${countText(money.secondsToClaim.length)} claims`
            : "nobody has claimed yet"
        }
      >
        {money !== undefined && (toClaim === undefined ? "–" : durationText(toClaim, "rough"))}
      </Tile>
    </SimpleGrid>
  );
}
