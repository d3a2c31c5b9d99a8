/** A brand's webhook endpoints with their deliveries. */
import {
  Alert,
  Badge,
  Box,
  Button,
  Code,
  Collapse,
  Divider,
  Group,
  Paper,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { WebhookEndpoint } from "#portal/app/api/schema.d.ts";
import { AskFirst } from "#portal/app/components/AskFirst.tsx";
import { useAsked } from "#portal/app/components/asked.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { useListState } from "#portal/app/components/listState.ts";
import { Decides } from "#portal/app/components/Rights.tsx";
import { dateText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { countText } from "#portal/app/text/money.ts";
import { ALL_WEBHOOK_EVENTS, type WebhookEvent } from "#portal/app/text/webhooks.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { DELIVERIES, Deliveries } from "./Deliveries.tsx";
import { type Chosen, WebhookEvents } from "./WebhookEvents.tsx";

/** Where the brand's server is told of what it chose. */
export function Webhooks({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<Chosen>();
  const [secret, setSecret] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const webhooks = useAsked({ queryKey: ["webhooks", campaign.id], queryFn: () => api.webhooks(session, campaign.id) });
  async function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    try {
      setSecret((await api.createWebhook(session, campaign.id, url, chosen)).secret);
      setUrl("");
      setChosen(undefined);
      await queries.invalidateQueries({ queryKey: ["webhooks"] });
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Paper component="section" aria-label="Webhooks">
      <Stack gap="md">
        <div>
          <Title order={2}>Webhooks</Title>
          <Text size="sm" c="dimmed">
            Your server is told of conversions, leads, partners and the campaign: of everything, or of what you choose.
            Messages are signed.
          </Text>
        </div>
        {webhooks.error !== null && webhooks.data === undefined && (
          <Failed error={webhooks.error} retry={webhooks.refetch} />
        )}
        {webhooks.data === undefined && webhooks.error === null && <Skeleton h={40} />}
        {webhooks.data?.items.map((webhook) => (
          <OneWebhook key={webhook.id} webhook={webhook} />
        ))}
        <Decides otherwise="A manager of the team adds webhooks, and turns them off.">
          <form onSubmit={submit}>
            <Group align="end">
              <TextInput
                flex={1}
                miw={200}
                label="Address"
                placeholder="https://example.com/webhooks"
                value={url}
                onChange={(event) => setUrl(event.currentTarget.value)}
              />
              <Button type="submit" variant="default" disabled={url === "" || chosen?.length === 0}>
                Add a webhook
              </Button>
            </Group>
            {url !== "" && (
              <Box mt="sm">
                <WebhookEvents chosen={chosen} change={setChosen} />
              </Box>
            )}
          </form>
        </Decides>
        {failure !== undefined && <Failed failure={failure} />}
        {secret !== undefined && (
          <Alert color="green" title="Verify messages with this secret. It is shown this once">
            <Group justify="space-between">
              <Code style={{ overflowWrap: "anywhere" }}>{secret}</Code>
              <Copy value={secret} what="Copy secret" />
            </Group>
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

function OneWebhook({ webhook }: { webhook: WebhookEndpoint }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const { given, change } = useListState(DELIVERIES);
  const shown = given.deliveries === webhook.id;
  const now = webhook.allEvents ? undefined : (webhook.events as WebhookEvent[]);
  /** What is ticked and not saved yet; null: nothing is chosen anew. */
  const [draft, setDraft] = useState<{ readonly chosen: Chosen } | null>(null);
  const [failure, setFailure] = useState<Failure>();
  const act = (work: () => Promise<unknown>) => async () => {
    setFailure(undefined);
    await work().catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["webhooks"] });
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="start">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {webhook.url}
          </Text>
          <Group gap="xs">
            <Badge color={webhook.enabled ? "green" : "yellow"}>{webhook.enabled ? "On" : "Off"}</Badge>
            <Text size="xs" c="dimmed">
              {webhook.disabledBy === null || webhook.disabledBy === "brand"
                ? `since ${dateText(webhook.createdAt)}`
                : webhook.disabledBy}
              {now === undefined
                ? " · everything"
                : ` · ${countText(now.length)} of ${ALL_WEBHOOK_EVENTS.length} kinds`}
            </Text>
          </Group>
        </div>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => change({ deliveries: shown ? "" : webhook.id, delivery: "", told: "" })}
            aria-expanded={shown}
          >
            Deliveries
          </Button>
          <Decides>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setDraft(draft === null ? { chosen: now } : null)}
              aria-expanded={draft !== null}
            >
              What it tells
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={act(() => api.changeWebhook(session, webhook.id, { enabled: !webhook.enabled }))}
            >
              {webhook.enabled ? "Turn off" : "Turn on"}
            </Button>
            <AskFirst
              label={`Delete ${webhook.url}`}
              title="Delete this webhook?"
              text={`${webhook.url} is told nothing more, and what it was told cannot be looked up or sent again. Turned off, it keeps its deliveries and its secret.`}
              action="Delete it"
              act={async () => {
                await api.deleteWebhook(session, webhook.id);
                await queries.invalidateQueries({ queryKey: ["webhooks"] });
              }}
            >
              Delete
            </AskFirst>
          </Decides>
        </Group>
      </Group>
      {failure !== undefined && <Failed failure={failure} />}
      {draft !== null && (
        <Stack gap="xs">
          <WebhookEvents chosen={draft.chosen} change={(chosen) => setDraft({ chosen })} />
          <Group>
            <Button
              size="compact-sm"
              disabled={draft.chosen?.length === 0}
              onClick={act(async () => {
                await api.changeWebhook(session, webhook.id, { events: draft.chosen ? [...draft.chosen] : null });
                setDraft(null);
              })}
            >
              Save
            </Button>
          </Group>
        </Stack>
      )}
      <Collapse expanded={shown}>{shown && <Deliveries webhook={webhook} />}</Collapse>
      <Divider />
    </Stack>
  );
}
