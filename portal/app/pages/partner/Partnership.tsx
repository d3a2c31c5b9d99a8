/** One partnership: its numbers, its links, what the brand gives, its conversions. */
import {
  Alert,
  Anchor,
  Button,
  Collapse,
  Divider,
  Group,
  Paper,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { KINDS } from "@partner-programs/protocol/kinds";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { Link, useParams } from "react-router";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Link as InviteLink } from "../../api/schema.d.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaign, usePartnerships } from "../../campaign/queries.ts";
import { Copy } from "../../components/Copy.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Tile } from "../../components/numbers.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { countText, moneyText, shareText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";
import { Earnings } from "./Earnings.tsx";

const QrCode = lazy(() => import("../../components/QrCode.tsx"));

export default function Partnership() {
  return (
    <SignedIn why="Your links and what they bring are yours to see.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { id = "" } = useParams();
  const { data: campaign, error } = useCampaign(id);
  const partnerships = usePartnerships();
  useTitle(nameOf(campaign));
  if (error !== null && campaign === undefined) return <Failed error={error} />;
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
        <Title order={1}>{nameOf(campaign)}</Title>
        <Anchor component={Link} to={`/campaigns/${id}`} size="sm">
          Terms and budget
        </Anchor>
      </Group>
      {mine.noticeText !== null && <Alert color="yellow">{mine.noticeText}</Alert>}
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
      <Links campaign={campaign} />
      <Resources campaign={campaign} />
      <Earnings campaignId={id} />
    </Stack>
  );
}

function Links({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const [creating, create] = useDisclosure(false);
  const links = useQuery({ queryKey: ["links", campaign.id, address], queryFn: () => api.links(token, campaign.id) });
  return (
    <Paper component="section" aria-label="Links">
      <Group justify="space-between" mb="md">
        <Title order={2}>Your links</Title>
        <Button variant="default" size="sm" onClick={create.open}>
          New link
        </Button>
      </Group>
      {links.error !== null && links.data === undefined && <Failed error={links.error} retry={links.refetch} />}
      {links.data === undefined && links.error === null && <Skeleton h={90} />}
      <Stack gap="md">
        {links.data?.map((link, i) => (
          <Stack key={link.code} gap="md">
            {i > 0 && <Divider />}
            <OneLink campaign={campaign} link={link} />
          </Stack>
        ))}
      </Stack>
      {creating && <NewLink campaign={campaign} close={create.close} />}
    </Paper>
  );
}

function OneLink({ campaign, link }: { campaign: Campaign; link: InviteLink }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [qr, { toggle }] = useDisclosure(false);
  const [failure, setFailure] = useState<Failure>();
  const archive = async () => {
    setFailure(undefined);
    await api
      .changeLink(token, campaign.id, link.code, { archived: true })
      .catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["links"] });
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }} data-testid="invite-link">
            {link.url}
          </Text>
          <Text size="xs" c="dimmed">
            {[link.label, link.leadsTo === null ? "" : `leads to ${link.leadsTo}`]
              .filter((part) => part !== "")
              .join(" · ")}
          </Text>
        </div>
        <Group gap="xs">
          <Copy value={link.url} what="Copy link" />
          <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={qr}>
            QR code
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            c="dimmed"
            onClick={archive}
            aria-label={`Archive ${link.url}`}
          >
            Archive
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {countText(link.clicks)} clicks · {countText(link.conversions)} conversions · {countText(link.rejected)}{" "}
        rejected · {moneyText(link.commission, tokenOf(campaign))}
      </Text>
      <Collapse expanded={qr}>
        <Suspense fallback={<Skeleton h={160} w={160} />}>{qr && <QrCode value={link.url} />}</Suspense>
      </Collapse>
      {failure !== undefined && <Failed failure={failure} />}
    </Stack>
  );
}

function NewLink({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [label, setLabel] = useState("");
  const [path, setPath] = useState("");
  const [alias, setAlias] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await api.createLink(token, campaign.id, {
        label,
        path: path === "" ? null : path,
        alias: alias === "" ? null : alias.toLowerCase(),
      });
      await queries.invalidateQueries({ queryKey: ["links"] });
      close();
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog opened onClose={close} title="New link">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Label"
            description="For yourself: a newsletter, a video, a post."
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            maxLength={100}
            data-autofocus
          />
          <TextInput
            label="Place on the brand's site"
            description={`A path such as /pricing. Empty: ${campaign.description?.destination ?? "the campaign's destination"}`}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <TextInput
            label="Alias"
            description="Instead of the code at the end: small letters, digits and hyphens. It can never be changed or given back."
            value={alias}
            onChange={(event) => setAlias(event.currentTarget.value)}
            maxLength={32}
          />
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Create link
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What the brand expects, and gives its partners to work with. */
function Resources({ campaign }: { campaign: Campaign }) {
  const { description } = campaign;
  if (description === null) return null;
  const expectations = Object.entries(description.expectations);
  if (description.resources.length === 0 && expectations.length === 0) return null;
  return (
    <Paper component="section" aria-label="From the brand">
      <Title order={2} mb="md">
        From the brand
      </Title>
      <Stack gap="md">
        {expectations.map(([kind, text]) => (
          <div key={kind}>
            <Text fw={600} size="sm">
              What it expects of {KINDS.includes(kind as never) ? `${kind}s` : kind}
            </Text>
            <Text size="sm">{text}</Text>
          </div>
        ))}
        {description.resources.map((resource) => (
          <div key={resource.title}>
            <Text fw={600} size="sm">
              {resource.title}
            </Text>
            {resource.url !== undefined && (
              <Anchor href={resource.url} target="_blank" rel="noreferrer" size="sm">
                {resource.url}
              </Anchor>
            )}
            {resource.text !== undefined && (
              <Group align="start" justify="space-between" wrap="nowrap">
                <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
                  {resource.text}
                </Text>
                <Copy value={resource.text} />
              </Group>
            )}
          </div>
        ))}
      </Stack>
    </Paper>
  );
}
