/** A campaign's public page: its terms, its money, and joining it. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Grid,
  Group,
  List,
  Paper,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api } from "../../api/api.ts";
import type { Campaign as ApiCampaign } from "../../api/schema.d.ts";
import { readDescriptions } from "../../campaign/description.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaign, usePartnerships } from "../../campaign/queries.ts";
import { useRunway } from "../../campaign/runway.ts";
import { type ChainCampaign, readCampaign } from "../../chain/campaign.ts";
import { type ChainMoney, median, readMoney } from "../../chain/moneyFlow.ts";
import { Changes } from "../../components/Changes.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Lasts } from "../../components/Lasts.tsx";
import { Fact, Facts, Tile } from "../../components/numbers.tsx";
import { PageSkeleton } from "../../components/states.tsx";
import { dateText, durationText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { countText, moneyText, percentText, shareText } from "../../text/money.ts";
import { eventTitle, kindPlural, sayPrice, sayTerms } from "../../text/words.ts";
import { useWallet } from "../../wallet/wallet.tsx";

/** What anybody may know of a campaign. The numbers are the chain's; the relayer's are put beside them. */
export default function Campaign() {
  const { id = "" } = useParams();
  const { data: campaign, error, refetch } = useCampaign(id);
  useTitle(campaign === undefined ? "Campaign" : nameOf(campaign));
  const chain = useQuery({ queryKey: ["chain", id], queryFn: () => readCampaign(id) });
  const money = useQuery({
    queryKey: ["money", id],
    queryFn: () => readMoney(id, campaign?.token ?? ""),
    enabled: campaign !== undefined,
  });
  const descriptions = useQuery({ queryKey: ["descriptions", id], queryFn: () => readDescriptions(id) });
  if (error !== null && campaign === undefined) return <Failed error={error} retry={refetch} />;
  if (campaign === undefined) return <PageSkeleton />;
  const token = tokenOf(campaign);
  const now = Math.floor(Date.now() / 1000);
  const offers = chain.data?.overview.offers.map((offer, i) => ({ offer, number: i + 1 })) ?? [];
  const valid = offers.filter(({ offer }) => Number(offer.validTo) > now);
  const terms = chain.data?.overview.terms;
  return (
    <Stack gap="xl">
      <Group justify="space-between" align="start">
        <Stack gap={4} maw={640}>
          <Group gap="sm">
            <Title order={1}>{nameOf(campaign)}</Title>
            {chain.data !== undefined && <Standing chain={chain.data} />}
          </Group>
          <Text c="dimmed">{campaign.description?.summary}</Text>
          <Text size="sm" c="dimmed">
            By <Explorer address={campaign.brand} />
          </Text>
        </Stack>
        <Join campaign={campaign} />
      </Group>

      {chain.error !== null && <Failed error={chain.error} retry={chain.refetch} title="The chain cannot be read" />}
      {descriptions.data?.coming.map((next, i, all) => (
        <Changes
          key={next.hash + next.effectiveAt}
          at={next.effectiveAt}
          before={(i === 0 ? descriptions.data.inForce : all[i - 1])?.description ?? null}
          after={next.description}
        />
      ))}
      <Tiles campaign={campaign} chain={chain.data} money={money.data} />

      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <Paper>
              <Title order={2} mb="sm">
                What is paid
              </Title>
              {chain.data === undefined && <Skeleton h={90} />}
              <Stack gap="md">
                {valid.map(({ offer, number }) => (
                  <div key={number}>
                    <Text fw={600}>
                      {sayPrice(
                        {
                          event: "",
                          kind: Number(offer.kind),
                          flatAmount: offer.flatAmount,
                          rateBps: Number(offer.rateBps),
                          cap: offer.capUnits * 10n ** (terms?.unitExponent ?? 0n),
                        },
                        token,
                      )}
                    </Text>
                    <Text size="sm" c="dimmed">
                      to {kindPlural(Number(offer.kind))}:{" "}
                      {eventTitle(decodeEventName(offer.eventName), campaign.description)}
                      {Number(offer.validFrom) > now && `, from ${dateText(offer.validFrom)}`}
                      {Number(offer.validTo) < 2 ** 40 - 1 && `, until ${dateText(offer.validTo)}`}
                      {Number(offer.lockedUntil) > now && `. Guaranteed until ${dateText(offer.lockedUntil)}`}
                    </Text>
                  </div>
                ))}
                {chain.data !== undefined && valid.length === 0 && <Text c="dimmed">No offer is valid now.</Text>}
              </Stack>
            </Paper>
            <Paper>
              <Title order={2} mb="sm">
                The terms, in plain words
              </Title>
              {terms === undefined ? (
                <Skeleton h={160} />
              ) : (
                <List spacing="xs" size="sm">
                  {sayTerms(
                    {
                      holdSeconds: Number(terms.holdSeconds),
                      noticeSeconds: Number(terms.noticeSeconds),
                      openKinds: Number(terms.openKinds),
                      token: terms.token,
                    },
                    campaign.description,
                  ).map((sentence) => (
                    <List.Item key={sentence}>{sentence}</List.Item>
                  ))}
                </List>
              )}
            </Paper>
            {campaign.description !== null && campaign.description.objectives.length > 0 && (
              <Paper>
                <Title order={2} mb="sm">
                  What the brand wants to reach
                </Title>
                <List size="sm" spacing="xs">
                  {campaign.description.objectives.map((objective) => (
                    <List.Item key={objective}>{objective}</List.Item>
                  ))}
                </List>
              </Paper>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Solvency campaign={campaign} chain={chain.data} money={money.data} />
            <Paper>
              <Title order={2} mb="sm">
                Who attests
              </Title>
              {chain.data === undefined ? (
                <Skeleton h={80} />
              ) : (
                <Stack gap="xs">
                  <Text size="sm">
                    {countText(chain.data.overview.threshold)} of {chain.data.overview.attesters.length} have to sign
                    that something happened. The brand chose them; it replaces them with notice.
                  </Text>
                  {chain.data.overview.attesters.map((attester) => (
                    <Text size="sm" key={attester}>
                      <Explorer address={attester} />
                    </Text>
                  ))}
                  <Text size="sm" c="dimmed">
                    {chain.data.overview.dailyLimit === NO_LIMIT
                      ? "No daily limit."
                      : `They can attest ${moneyText(chain.data.overview.dailyLimit, token)} in a day, ${moneyText(chain.data.overview.remainingToday, token)} more today.`}
                  </Text>
                </Stack>
              )}
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Standing({ chain }: { chain: ChainCampaign }) {
  const { overview } = chain;
  if (overview.closed) return <Badge color="gray">Closed</Badge>;
  if (overview.suspended) return <Badge color="yellow">Suspended</Badge>;
  if (Number(overview.closesAt) > 0) return <Badge color="yellow">Closes {dateText(overview.closesAt, "day")}</Badge>;
  return overview.spendable === 0n ? <Badge color="yellow">Without budget</Badge> : <Badge color="green">Active</Badge>;
}

function Tiles({
  campaign,
  chain,
  money,
}: {
  campaign: ApiCampaign;
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

/** Where each coin is: as the chain's events add up, and whether the relayer says the same. */
function Solvency({
  campaign,
  chain,
  money,
}: {
  campaign: ApiCampaign;
  chain: ChainCampaign | undefined;
  money: ChainMoney | undefined;
}) {
  const token = tokenOf(campaign);
  if (chain === undefined || money === undefined) return <Skeleton h={360} radius="lg" />;
  const { available, reserved } = chain.overview;
  const rows = [
    ["Funded", money.funded, campaign.funded],
    ["Available", available, campaign.available],
    ["Reserved for partners, on hold", reserved, campaign.reserved],
    ["Released to partners", money.released, campaign.released],
    ["Operator's fees", money.fees, campaign.fees],
    ["Withdrawn by the brand", money.withdrawn, campaign.withdrawn],
  ] as const;
  const addsUp = money.funded === available + reserved + money.released + money.fees + money.withdrawn;
  const differs = rows.filter(([, onChain, said]) => onChain !== BigInt(said));
  return (
    <Paper>
      <Title order={2} mb="xs">
        Where the money is
      </Title>
      <Facts>
        {rows.map(([name, onChain]) => (
          <Fact key={name} name={name}>
            {moneyText(onChain, token)}
          </Fact>
        ))}
        <Fact name="Fee on top of commissions">{percentText(chain.overview.terms.feeBps)}</Fact>
      </Facts>
      <Alert
        mt="md"
        color={addsUp && differs.length === 0 ? "green" : "yellow"}
        title={addsUp ? "It adds up, to the last unit" : "It does not add up"}
      >
        {differs.length === 0
          ? "Your browser read this from the chain, and the relayer says the same."
          : `The relayer still says otherwise about: ${differs.map(([name]) => name.toLowerCase()).join(", ")}. It may be a few blocks behind; the chain is right.`}
      </Alert>
    </Paper>
  );
}

function Join({ campaign }: { campaign: ApiCampaign }) {
  const { session, ask } = useWallet();
  const partnerships = usePartnerships();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  if (session?.address === campaign.brand)
    return (
      <Button component={Link} to={`/brand/${campaign.id}`}>
        Manage
      </Button>
    );
  if (partnerships.data?.some(({ campaignId }) => campaignId === campaign.id) === true)
    return (
      <Button component={Link} to={`/partner/${campaign.id}`}>
        Your links
      </Button>
    );
  async function join() {
    if (session === undefined) return ask();
    setBusy(true);
    setFailure(undefined);
    try {
      await api.join(session.token, campaign.id, parameters.get("recruiter") ?? undefined);
      await queries.invalidateQueries({ queryKey: ["partnerships"] });
      await navigate(`/partner/${campaign.id}`);
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Stack gap="xs" w={{ base: "100%", sm: "auto" }} maw={{ base: "100%", sm: 360 }}>
      <Button
        size="md"
        onClick={join}
        loading={busy}
        w={{ base: "100%", sm: "auto" }}
        style={{ alignSelf: "flex-end" }}
      >
        {session === undefined ? "Sign in to join" : "Join as a partner"}
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
      {session === undefined && (
        <Text size="xs" c="dimmed" ta={{ base: "left", sm: "right" }}>
          Joining is free and binds you to nothing.{" "}
          <Anchor href="#content" inherit underline="always">
            Read the terms
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
