/** A brand's tab: what the numbers of two periods suggest. */
import { Button, Group, NativeSelect, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { whomToHelp, whomToPromote } from "#portal/app/campaign/advice.ts";
import { setKindsPlan } from "#portal/app/campaign/plans.ts";
import { byGroup, periods, total } from "#portal/app/campaign/series.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Signs } from "#portal/app/components/Rights.tsx";
import { TableSkeleton } from "#portal/app/components/states.tsx";
import { countText } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { Comparison } from "./advice/Comparison.tsx";
import { OfferAdvice } from "./advice/OfferAdvice.tsx";
import { People } from "./advice/People.tsx";

/** Compares a period with the one before, and points at what could be done, with the transaction that would do it. */
export default function Advice({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const [days, setDays] = useState("30");
  const range = periods(Number(days));
  const report = (by: "partner" | "offer", which: "now" | "before") => ({
    queryKey: ["report", campaign.id, by, "all", range[which].from, range[which].to],
    queryFn: () => api.report(session, campaign.id, { by, per: "all", ...range[which] }),
  });
  const partners = useQuery(report("partner", "now"));
  const partnersBefore = useQuery(report("partner", "before"));
  const offers = useQuery(report("offer", "now"));
  const failed = [partners, partnersBefore, offers].find(({ error, data }) => error !== null && data === undefined);
  if (failed !== undefined) return <Failed error={failed.error} retry={failed.refetch} />;
  if (partners.data === undefined || partnersBefore.data === undefined || offers.data === undefined)
    return <TableSkeleton rows={9} />;
  const now = byGroup(partners.data);
  const before = byGroup(partnersBefore.data);
  const names = new Map(
    [...partners.data, ...partnersBefore.data].flatMap(({ group, groupName }) =>
      groupName === undefined ? [] : [[group, groupName] as const],
    ),
  );
  const all = total(partners.data);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          Compared with the same time before. What follows is a proposal: you decide.
        </Text>
        <NativeSelect
          size="xs"
          aria-label="Period"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={["7", "30", "90"].map((value) => ({ value, label: `${value} days` }))}
        />
      </Group>
      <Promotions campaign={campaign} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <People
          title="Who to promote"
          none="Nobody stands out yet."
          advice={whomToPromote(now, all)}
          campaign={campaign}
          promote
        />
        <People
          title="Who to help"
          none="Nobody needs help now."
          advice={whomToHelp(now, before, all)}
          campaign={campaign}
        />
      </SimpleGrid>
      <OfferAdvice campaign={campaign} now={byGroup(offers.data)} />
      <Comparison campaign={campaign} now={now} before={before} names={names} />
    </Stack>
  );
}

/** What the description promises, and who has reached it. */
function Promotions({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const transact = useTransact();
  const promised = (campaign.description?.promotions.length ?? 0) > 0;
  const proposal = useQuery({
    queryKey: ["promotions", campaign.id],
    queryFn: () => api.promotions(session, campaign.id),
    enabled: promised,
  });
  if (!promised || proposal.data === undefined || proposal.data.calls.length === 0) return null;
  return (
    <Paper component="section" aria-label="Promised promotions">
      <Title order={2} mb="xs">
        Promised promotions
      </Title>
      <Stack gap="xs">
        {proposal.data.promotions.map(({ partner, kindName, conversions, days }) => (
          <Text size="sm" key={`${partner}${kindName}`}>
            <Explorer address={partner} /> has reached {kindName}: {countText(conversions)} conversions in {days} days.
          </Text>
        ))}
        <Signs>
          <Group>
            {proposal.data.calls.map(({ partners, mask }) => (
              <Button key={mask} size="sm" onClick={() => transact(setKindsPlan(campaign, partners, BigInt(mask)))}>
                Promote {countText(partners.length)}
              </Button>
            ))}
          </Group>
        </Signs>
      </Stack>
    </Paper>
  );
}
