/** One partnership: its numbers, its links, what the brand gives, its conversions. */
import { Alert, Anchor, Button, Group, SimpleGrid, Stack, Title } from "@mantine/core";
import { Link, useParams } from "react-router";
import { isAway } from "../../api/client.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useAdmission, useCampaign, usePartnerships } from "../../campaign/queries.ts";
import { CampaignState } from "../../components/CampaignState.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Tile } from "../../components/numbers.tsx";
import { Obstacles } from "../../components/Obstacles.tsx";
import { SetAside } from "../../components/SetAside.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { sayObstacles } from "../../text/admission.ts";
import { countText, moneyText, shareText } from "../../text/money.ts";
import { Codes } from "./Codes.tsx";
import { Earnings } from "./Earnings.tsx";
import { Leaderboard } from "./Leaderboard.tsx";
import { Leads } from "./Leads.tsx";
import { Links } from "./Links.tsx";
import { Owed } from "./Owed.tsx";
import { Resources } from "./Resources.tsx";
import { Targets } from "./Targets.tsx";
import { WithoutRelayer } from "./WithoutRelayer.tsx";

export default function Partnership() {
  return (
    <SignedIn why="Your links and what they bring are yours to see.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { id = "" } = useParams();
  const asked = useCampaign(id);
  const { data: campaign } = asked;
  const partnerships = usePartnerships();
  const { data: admission } = useAdmission(id);
  useTitle(nameOf(campaign));
  const error = asked.error ?? partnerships.error;
  if (error !== null && (campaign === undefined || partnerships.data === undefined)) {
    const retry = () => Promise.all([asked.refetch(), partnerships.refetch()]);
    return isAway(error) ? <WithoutRelayer campaignId={id} retry={retry} /> : <Failed error={error} retry={retry} />;
  }
  if (campaign === undefined || partnerships.data === undefined) return <PageSkeleton />;
  const mine = partnerships.data.find(({ campaignId }) => campaignId === id);
  if (mine === undefined)
    return (
      <Empty
        title="You have not joined this campaign"
        action={
          <Button component={Link} to={`/campaigns/${id}`}>
            Read its terms
          </Button>
        }
      >
        {nameOf(campaign)}
      </Empty>
    );
  const token = tokenOf(campaign);
  return (
    <Stack gap="xl">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1}>{nameOf(campaign)}</Title>
          <CampaignState campaign={campaign} />
        </Group>
        <Anchor component={Link} to={`/campaigns/${id}`} size="sm">
          Terms and budget
        </Anchor>
      </Group>
      <SetAside campaign={campaign} />
      {admission === undefined ? (
        mine.noticeText !== null && <Alert color="yellow">{mine.noticeText}</Alert>
      ) : (
        <Obstacles sentences={sayObstacles(admission)} />
      )}
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="md">
        <Tile name="Clicks">{countText(mine.clicks)}</Tile>
        <Tile
          name="Conversions"
          remark={mine.clicks === 0 ? undefined : `${shareText(mine.conversions, mine.clicks)} of clicks`}
        >
          {countText(mine.conversions)}
        </Tile>
        <Tile name="On hold">{moneyText(mine.pending, token)}</Tile>
        <Tile
          name="Released"
          remark={
            mine.released !== "0" && (
              <Anchor component={Link} to="/partner" inherit underline="always">
                claim it
              </Anchor>
            )
          }
        >
          {moneyText(mine.released, token)}
        </Tile>
        <Tile name="Claimed">{moneyText(mine.claimed, token)}</Tile>
      </SimpleGrid>
      <Targets campaign={campaign} />
      <Leaderboard campaign={campaign} />
      <Links campaign={campaign} />
      <Codes campaign={campaign} />
      <Leads campaign={campaign} />
      <Resources campaign={campaign} />
      <Owed campaign={campaign} />
      <Earnings of={campaign} />
    </Stack>
  );
}
