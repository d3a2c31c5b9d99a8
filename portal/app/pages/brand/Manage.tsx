/** One campaign of a brand: its tabs. */
import { Alert, Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { lazy } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "../../api/api.ts";
import { useKnownCampaign } from "../../campaign/known.ts";
import { nameOf } from "../../campaign/naming.ts";
import { useOwnTeams, usePartnerships } from "../../campaign/queries.ts";
import { readCampaign } from "../../chain/campaign.ts";
import { RelayerAway } from "../../components/Away.tsx";
import { useAsked } from "../../components/asked.ts";
import { CampaignState } from "../../components/CampaignState.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { RightsProvider, rightsOf } from "../../components/Rights.tsx";
import { SetAside } from "../../components/SetAside.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { PageTabs } from "../../components/Tabs.tsx";
import { shortAddress } from "../../text/money.ts";
import { ROLE_TEXTS } from "../../text/team.ts";
import { BrandsWalletOnly } from "../../transactions/BrandsWalletOnly.tsx";
import { useSession } from "../../wallet/wallet.tsx";
import { HandedOver } from "./HandedOver.tsx";

const TABS = {
  overview: ["Overview", lazy(() => import("./tabs/Overview.tsx"))],
  partners: ["Partners", lazy(() => import("./tabs/Partners.tsx"))],
  applications: ["Applications", lazy(() => import("./tabs/Applications.tsx"))],
  leads: ["Leads", lazy(() => import("./tabs/Leads.tsx"))],
  conversions: ["Conversions", lazy(() => import("./tabs/Conversions.tsx"))],
  review: ["Review queue", lazy(() => import("./tabs/ReviewQueue.tsx"))],
  offers: ["Offers", lazy(() => import("./tabs/Offers.tsx"))],
  description: ["Description", lazy(() => import("./tabs/Description.tsx"))],
  budget: ["Budget", lazy(() => import("./tabs/Budget.tsx"))],
  advice: ["Advice", lazy(() => import("./tabs/Advice.tsx"))],
  settings: ["Settings", lazy(() => import("./tabs/Settings.tsx"))],
} as const;

type Tab = keyof typeof TABS;

/** What the chain alone has something to say to. */
const BY_CHAIN: readonly Tab[] = ["budget", "offers", "settings"];

export default function Manage() {
  return (
    <SignedIn why="Only a campaign's brand manages it.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { id = "", tab = "overview" } = useParams();
  const { address, token } = useSession();
  const navigate = useNavigate();
  const known = useKnownCampaign(id);
  const { campaign } = known;
  const teams = useOwnTeams();
  const partnerships = usePartnerships();
  const isPartner = partnerships.data?.some(({ campaignId }) => campaignId === id) === true;
  const role = teams.data?.memberships.find(({ brand }) => brand === campaign?.brand)?.role;
  const works = campaign !== undefined && (campaign.brand === address || role !== undefined);
  const reviews = useAsked({
    // The queue's first page as it opens: the tab and its number are one question.
    queryKey: ["reviews", id, "newest", undefined],
    queryFn: () => api.reviews(token, id, { sort: "newest", cursor: undefined }),
    structuralSharing: true,
    enabled: works,
  });
  const chain = useAsked({
    queryKey: ["chain", id],
    queryFn: () => readCampaign(id),
    enabled: campaign !== undefined && campaign.brand !== address,
  });
  useTitle(nameOf(campaign));
  if (known.error !== null && campaign === undefined) return <Failed error={known.error} retry={known.retry} />;
  if (campaign === undefined) return <PageSkeleton />;
  if (!works && (chain.isPending || teams.isPending)) return <PageSkeleton />;
  if (campaign.brand !== address && chain.data?.state.pendingBrand === address)
    return <HandedOver campaign={campaign} chain={chain.data} />;
  if (!works)
    return (
      <Empty title="This campaign is another brand's">
        It belongs to {shortAddress(campaign.brand)}; you are signed in as {shortAddress(address)}.
      </Empty>
    );
  const tabs = known.by === "chain" ? BY_CHAIN : (Object.keys(TABS) as Tab[]);
  const shown = tabs.find((one) => one === tab) ?? tabs[0] ?? "overview";
  const [, Shown] = TABS[shown];
  const open = reviews.data?.items.length ?? 0;
  const takesLeads = campaign.description?.leads !== undefined;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1}>{nameOf(campaign)}</Title>
          <CampaignState campaign={campaign} />
        </Group>
        <Anchor component={Link} to={`/campaigns/${id}`} size="sm">
          As partners see it
        </Anchor>
      </Group>
      {role !== undefined && (
        <Alert
          color="blue"
          title={`You are here as ${ROLE_TEXTS[role].name.toLowerCase()} of ${shortAddress(campaign.brand)}`}
        >
          {ROLE_TEXTS[role].may} What costs money or changes terms needs the brand's wallet.
        </Alert>
      )}
      {isPartner && (
        <Alert color="blue" title="You earn by this campaign">
          Who is a partner of a campaign decides nothing in it: you look on here. Have somebody else of the team decide.
        </Alert>
      )}
      {known.away && <RelayerAway at={known.at} retry={known.retry} />}
      <SetAside campaign={campaign} />
      {campaign.funded === "0" && tab !== "budget" && (
        <Alert color="yellow" title="Created, not funded">
          <Group justify="space-between">
            <Text size="sm">Partners can join, but nothing is paid before there is money in it.</Text>
            <Button component={Link} to={`/brand/${id}/budget`} size="xs">
              Fund now
            </Button>
          </Group>
        </Alert>
      )}
      <PageTabs
        value={shown}
        tabs={tabs
          .filter((name) => name !== "leads" || takesLeads || shown === "leads")
          .map((name) => [name, name === "review" && open > 0 ? `${TABS[name][0]} (${open})` : TABS[name][0]])}
        go={(name) => navigate(`/brand/${id}/${name}`)}
      >
        <RightsProvider value={rightsOf(role, isPartner)}>
          {campaign.brand === address ? (
            <Shown campaign={campaign} />
          ) : (
            <BrandsWalletOnly brand={campaign.brand}>
              <Shown campaign={campaign} />
            </BrandsWalletOnly>
          )}
        </RightsProvider>
      </PageTabs>
    </Stack>
  );
}
