/** A campaign that its brand hands over to whoever is signed in. */

import { Alert, Button, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { acceptPlan } from "../../campaign/plans.ts";
import { announcedOf, type ChainCampaign, limitedOf } from "../../chain/campaign.ts";
import { Explorer } from "../../components/Explorer.tsx";
import { useNow } from "../../components/hooks.ts";
import { Fact, Facts } from "../../components/numbers.tsx";
import { config } from "../../config.ts";
import { dateText, durationText, whenText } from "../../text/dates.ts";
import { moneyText } from "../../text/money.ts";
import { sayAnnounced, sayLimit } from "../../text/trust.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useSession } from "../../wallet/wallet.tsx";

/** A campaign that another brand offers to whoever is signed in: what comes with it, and the button that takes it. */
export function HandedOver({ campaign, chain }: { campaign: Campaign; chain: ChainCampaign }) {
  const { address } = useSession();
  const queries = useQueryClient();
  const transact = useTransact();
  const token = tokenOf(campaign);
  const { overview, state } = chain;
  const now = useNow();
  const from = Number(state.transferableAt);
  const announced = [
    ...sayAnnounced({ ...announcedOf(chain), pendingBrand: ZERO }, token, now),
    ...sayLimit(limitedOf(chain), token, now)
      .slice(1)
      .map(({ text }) => `The daily limit changes. ${text}`),
    ...(overview.suspended ? [`It is suspended until ${dateText(state.suspendedUntil)}.`] : []),
  ];
  return (
    <Stack gap="lg">
      <Title order={1}>{nameOf(campaign)}</Title>
      <Paper>
        <Stack gap="md">
          <div>
            <Title order={2}>Offered to you</Title>
            <Text size="sm" c="dimmed">
              By <Explorer address={campaign.brand} />. If you accept, you are its brand, and nobody else is.
            </Text>
          </div>
          <Facts>
            <Fact name="Available: yours to offer, or to withdraw with notice">
              {moneyText(overview.available, token)}
            </Fact>
            <Fact name="Reserved: the partners', on hold">{moneyText(overview.reserved, token)}</Fact>
            <Fact name="Offers">{overview.offers.length}</Fact>
            <Fact name="Attesters">{`${overview.threshold} of ${overview.attesters.length} sign`}</Fact>
            <Fact name="Most in a day">
              {overview.dailyLimit === NO_LIMIT ? "no limit" : moneyText(overview.dailyLimit, token)}
            </Fact>
            <Fact name="Notice of any change">{durationText(campaign.noticeSeconds)}</Fact>
          </Facts>
          {announced.length > 0 && (
            <Alert color="yellow" title="Announced, and coming with it">
              <List size="sm">
                {announced.map((one) => (
                  <List.Item key={one}>{one}</List.Item>
                ))}
              </List>
            </Alert>
          )}
          <Text size="sm" c="dimmed">
            {now < from
              ? `You can accept it from ${dateText(from)} on, ${whenText(from, now)}: a hand-over takes notice like everything else. `
              : ""}
            Until you accept, the present brand can do everything, also withdraw what has matured, or take the offer
            back. If you pay for it, accept first.
          </Text>
          <Group justify="flex-end">
            <Button
              disabled={now < from}
              onClick={() =>
                transact(
                  acceptPlan(campaign, campaign.brand, async () => {
                    await untilMine(campaign.id, address);
                    await queries.invalidateQueries();
                  }),
                )
              }
            >
              Accept the campaign
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Stack>
  );
}

const ZERO = `0x${"0".repeat(40)}`;

/** Waits until the relayer has seen it, for half a minute at most. */
async function untilMine(campaignId: string, address: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if ((await api.campaign(campaignId).catch(() => undefined))?.brand === address) return;
    await new Promise((resolve) => setTimeout(resolve, config().local ? 250 : 500));
  }
}
