/** A brand's first tab: what happened lately, and what is still to be done. */
import { Anchor, Badge, Group, Paper, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { progressOf } from "#portal/app/campaign/objectives.ts";
import { periods, total } from "#portal/app/campaign/series.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Tile } from "#portal/app/components/numbers.tsx";
import { Report } from "#portal/app/components/Report.tsx";
import { durationText } from "#portal/app/text/dates.ts";
import { averageText, countText, moneyText, shareText } from "#portal/app/text/money.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

export default function Overview({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const token = tokenOf(campaign);
  const { now: range } = periods(30);
  const report = useAsked({
    queryKey: ["report", campaign.id, "campaign", range.from, range.to],
    queryFn: () => api.report(session, campaign.id, { by: "campaign", ...range }),
  });
  const partners = useAsked({
    queryKey: ["partners", campaign.id, "any"],
    queryFn: () => api.partners(session, campaign.id, { limit: 1 }),
  });
  const health = useAsked({ queryKey: ["health", campaign.id], queryFn: () => api.health(campaign.id) });
  const sums = total(report.data ?? []);
  const loading = report.isPending;
  return (
    <Stack gap="lg">
      <Checklist
        campaign={campaign}
        partners={partners.data?.items.length}
        conversions={sums.conversions + sums.rejected}
      />
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <Tile name="Available" remark={`${moneyText(campaign.reserved, token)} on hold`}>
          {moneyText(campaign.available, token)}
        </Tile>
        <Tile
          name="Conversions, 30 days"
          loading={loading}
          remark={`${shareText(sums.conversions, sums.clicks)} of ${countText(sums.clicks)} clicks`}
        >
          {report.data === undefined ? "–" : countText(sums.conversions)}
        </Tile>
        <Tile
          name="Commission, 30 days"
          loading={loading}
          remark={sums.clicks === 0 ? "no clicks yet" : `${averageText(sums.commission, sums.clicks, token)} a click`}
        >
          {report.data === undefined ? "–" : moneyText(sums.commission, token)}
        </Tile>
        <Tile
          name="Taken back"
          loading={health.isPending}
          remark={
            health.data === undefined
              ? undefined
              : health.data.secondsToAttest === null
                ? "nothing attested yet"
                : `attested within ${durationText(health.data.secondsToAttest, "rough")}`
          }
        >
          {health.data === undefined ? "–" : shareText(BigInt(health.data.reversed), BigInt(health.data.attested))}
        </Tile>
      </SimpleGrid>
      <Report campaign={campaign} />
      <Objectives campaign={campaign} />
    </Stack>
  );
}

/** What is still to be done before the first conversion is paid. */
function Checklist({
  campaign,
  partners,
  conversions,
}: {
  campaign: Campaign;
  partners: number | undefined;
  conversions: number;
}) {
  const steps = [
    { done: campaign.funded !== "0", text: "Fund the campaign", to: "budget" },
    { done: (partners ?? 0) > 0, text: "Invite partners: send them the campaign's page", to: "partners" },
    { done: conversions > 0, text: "Make an API key, and report conversions from your server", to: "settings" },
  ];
  if (partners === undefined || steps.every(({ done }) => done)) return null;
  return (
    <Paper component="section" aria-label="To do">
      <Title order={2} mb="sm">
        To do before the first conversion
      </Title>
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {steps.map(({ done, text, to }) => (
          <Group key={to} component="li" gap="sm">
            <Badge color={done ? "green" : "gray"}>{done ? "Done" : "To do"}</Badge>
            <Anchor component={Link} to={`/brand/${campaign.id}/${to}`} size="sm">
              {text}
            </Anchor>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

/** The description's objectives, with progress where they say what to count. */
function Objectives({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const objectives = campaign.description?.objectives ?? [];
  const { now: range } = periods(365);
  const report = useAsked({
    queryKey: ["report", campaign.id, "event", range.from, range.to],
    queryFn: () => api.report(session, campaign.id, { by: "event", ...range }),
    enabled: objectives.length > 0,
  });
  if (objectives.length === 0) return null;
  return (
    <Paper component="section" aria-label="Objectives">
      <Title order={2} mb="md">
        Objectives
      </Title>
      <Stack gap="md">
        {objectives.map((objective) => {
          const progress = progressOf(objective, report.data ?? []);
          return (
            <div key={objective}>
              <Group justify="space-between">
                <Text size="sm">{objective}</Text>
                {progress !== undefined && (
                  <Text size="sm" c="dimmed">
                    {countText(progress.reached)} of {countText(progress.wanted)}
                  </Text>
                )}
              </Group>
              {progress !== undefined && (
                <Progress
                  value={Math.min(100, (100 * progress.reached) / progress.wanted)}
                  mt={6}
                  aria-label={objective}
                />
              )}
            </div>
          );
        })}
      </Stack>
    </Paper>
  );
}
