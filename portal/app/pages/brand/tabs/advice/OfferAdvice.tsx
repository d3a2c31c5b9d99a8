/** What each offer costs and brings. */
import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { offerCosts } from "#portal/app/campaign/advice.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { retireOfferPlan } from "#portal/app/campaign/plans.ts";
import type { Total } from "#portal/app/campaign/series.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { useRights } from "#portal/app/components/Rights.tsx";
import { durationText } from "#portal/app/text/dates.ts";
import { countText, moneyText } from "#portal/app/text/money.ts";
import { fromTyped } from "#portal/app/text/typed.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";

/** Which offer costs more than it brings, and the transaction that would end it. */
export function OfferAdvice({ campaign, now }: { campaign: Campaign; now: ReadonlyMap<string, Total> }) {
  const transact = useTransact();
  const { signs } = useRights();
  const token = tokenOf(campaign);
  const [margin, setMargin] = useState("30");
  const [worth, setWorth] = useState("");
  const chain = useQuery({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  const marginPercent = Number(margin);
  const costs = offerCosts(now, {
    marginPercent: marginPercent >= 0 && marginPercent <= 100 ? marginPercent : 0,
    worth: worth === "" ? undefined : fromTyped(worth, token.decimals),
  });
  return (
    <Paper component="section" aria-label="What offers cost and bring">
      <Stack gap="md">
        <div>
          <Title order={2}>What offers cost and bring</Title>
          <Text size="sm" c="dimmed">
            Say what they are worth to you: it stays in this page.
          </Text>
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Of a sale you can spend, percent"
            inputMode="decimal"
            value={margin}
            onChange={(event) => setMargin(event.currentTarget.value)}
          />
          <TextInput
            label={`A conversion without a price is worth, ${token.symbol}`}
            inputMode="decimal"
            value={worth}
            onChange={(event) => setWorth(event.currentTarget.value)}
          />
        </SimpleGrid>
        {costs.length === 0 && (
          <Text size="sm" c="dimmed">
            No offer paid anything in this time.
          </Text>
        )}
        {costs.map(({ offer, conversions, cost, brought, tooDear }) => {
          const onChain = chain.data?.overview.offers[Number(offer) - 1];
          const open = onChain !== undefined && Number(onChain.validTo) === 2 ** 40 - 1;
          return (
            <Group key={offer} justify="space-between" align="start">
              <div>
                <Group gap="xs">
                  <Text fw={600} size="sm">
                    Offer {offer}
                  </Text>
                  {brought === undefined ? (
                    <Badge color="gray">Worth not known</Badge>
                  ) : tooDear ? (
                    <Badge color="red">Costs more than it brings</Badge>
                  ) : (
                    <Badge color="green">Pays off</Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed">
                  {countText(conversions)} conversions cost {moneyText(cost, token)}
                  {brought !== undefined && `, and bring ${moneyText(brought, token)} to spend`}.
                </Text>
              </div>
              {tooDear && open && signs && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => transact(retireOfferPlan(campaign, Number(offer), Number(onChain.lockedUntil)))}
                >
                  Retire, with {durationText(campaign.noticeSeconds, "rough")} of notice
                </Button>
              )}
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}
