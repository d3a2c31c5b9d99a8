/** Handing a campaign over to another brand. */
import { Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { cancelTransferPlan, transferPlan } from "#portal/app/campaign/plans.ts";
import { isAddress } from "#portal/app/chain/address.ts";
import type { ChainCampaign } from "#portal/app/chain/campaign.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { useNow } from "#portal/app/components/hooks.ts";
import { Signs, useRights } from "#portal/app/components/Rights.tsx";
import { dateText, durationText, whenText } from "#portal/app/text/dates.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";

/** Hands the campaign to another wallet, which has to accept it. */
export function Transfer({ campaign, chain }: { campaign: Campaign; chain: ChainCampaign }) {
  const transact = useTransact();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const { pendingBrand } = chain.state;
  const from = Number(chain.state.transferableAt);
  const now = useNow(30);
  const { signs } = useRights();
  const offered = BigInt(pendingBrand) !== 0n;

  function submit(event: FormEvent) {
    event.preventDefault();
    const to = text.trim();
    if (!isAddress(to) || BigInt(to) === 0n)
      return setProblem("The address of a wallet: 0x and 40 hexadecimal digits.");
    if (to.toLowerCase() === campaign.brand.toLowerCase()) return setProblem("The campaign is this wallet's already.");
    setProblem(undefined);
    transact(transferPlan(campaign, to, chain.overview.available));
  }

  if (!signs && !offered) return null;
  return (
    <Paper component="section" aria-label="Transfer">
      <Stack gap="sm">
        <div>
          <Title order={2}>{offered ? "Offered to another wallet" : "Transfer"}</Title>
          <Text size="sm" c="dimmed">
            {offered
              ? `That wallet can accept it ${now < from ? `from ${dateText(from)} on (${whenText(from, now)})` : `since ${dateText(from)}`}, on its own page of this campaign. Until it does all is as it was, and you can take the offer back. Partners see it.`
              : `To another brand, or another wallet of yours: the budget and the right to manage it. It can accept after a notice of ${durationText(campaign.noticeSeconds)}, so that whoever steals your key cannot carry the campaign off; and it has to, so a mistyped address loses nothing.`}
          </Text>
        </div>
        {offered ? (
          <Group justify="space-between">
            <Text size="sm">
              <Explorer address={pendingBrand} />
            </Text>
            <Signs>
              <Button variant="default" onClick={() => transact(cancelTransferPlan(campaign, pendingBrand))}>
                Take the offer back
              </Button>
            </Signs>
          </Group>
        ) : (
          <form onSubmit={submit}>
            <Group align="end">
              <TextInput
                flex={1}
                miw={200}
                label="New brand's wallet"
                placeholder="0x…"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
                error={problem}
                styles={{ input: { fontFamily: "monospace" } }}
              />
              <Button type="submit" variant="default">
                Offer
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Paper>
  );
}
