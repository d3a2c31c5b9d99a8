/** Partners to promote or to help, with the button that does it. */
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { FIRST_GROUP, hasKind, kindMask, MAX_KIND } from "@partner-programs/protocol/kinds";
import { useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { PartnerAdvice } from "#portal/app/campaign/advice.ts";
import { setKindsPlan } from "#portal/app/campaign/plans.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { lens } from "#portal/app/chain/contracts.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { useRights } from "#portal/app/components/Rights.tsx";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";

export function People({
  title,
  none,
  advice,
  campaign,
  promote = false,
}: {
  title: string;
  none: string;
  advice: readonly PartnerAdvice[];
  campaign: Campaign;
  promote?: boolean;
}) {
  const transact = useTransact();
  const { signs } = useRights();
  const [failure, setFailure] = useState<Failure>();
  async function putIntoGroup(partner: string) {
    setFailure(undefined);
    try {
      const now = Math.floor(Date.now() / 1000);
      const [mask, chain] = await Promise.all([lens().kindsOf(campaign.id, partner, now), readCampaign(campaign.id)]);
      // A group is worth something only where an offer pays it.
      const paid = chain.overview.offers
        .map(({ kind }) => Number(kind))
        .find((kind) => kind >= FIRST_GROUP && kind <= MAX_KIND && !hasKind(mask, kind));
      const plan = setKindsPlan(campaign, [partner], mask | kindMask(paid ?? FIRST_GROUP));
      const remark = "No offer pays this group yet: publish one under Offers, or it changes nothing.";
      transact(paid === undefined ? { ...plan, summary: [...plan.summary, remark] } : plan);
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Paper component="section" aria-label={title}>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <Stack gap="md">
        {advice.length === 0 && (
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        )}
        {advice.map(({ partner, why }) => (
          <Group key={partner} justify="space-between" align="start" wrap="nowrap">
            <div>
              <Explorer address={partner} />
              <Text size="sm" c="dimmed">
                {why}
              </Text>
            </div>
            {promote && signs ? (
              <Button
                size="xs"
                variant="default"
                style={{ flexShrink: 0 }}
                onClick={() => putIntoGroup(partner)}
                aria-label={`Promote ${partner}`}
              >
                Promote
              </Button>
            ) : (
              <Copy value={partner} what="Copy address" />
            )}
          </Group>
        ))}
        {failure !== undefined && <Failed failure={failure} />}
      </Stack>
    </Paper>
  );
}
