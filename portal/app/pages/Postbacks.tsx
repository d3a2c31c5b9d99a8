/** Addresses of a partner's that are called on moves of its own conversions: on the page of notices. */
import { Alert, Badge, Button, Code, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../api/api.ts";
import type { Postback, PostbackCall } from "../api/schema.d.ts";
import { AskFirst } from "../components/AskFirst.tsx";
import { Copy } from "../components/Copy.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Failed } from "../components/Failed.tsx";
import { dateText } from "../text/dates.ts";
import { explain, type Failure } from "../text/failure.ts";
import { useSession } from "../wallet/wallet.tsx";

const KEY = ["postbacks"];
/** What came of a test is seen without a reload. */
const POLL_MS = 3_000;
const EXAMPLE =
  "https://tracker.example/postback?cid={conversion_id}&status={status}&payout={commission}&cur={currency}";
const OFF: Readonly<Record<string, string>> = {
  partner: "turned off",
  failing: "off: no call was answered well for days",
};

export function Postbacks() {
  const { token, address } = useSession();
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const postbacks = useQuery({ queryKey: [...KEY, address], queryFn: () => api.postbacks(token) });
  async function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    try {
      setSecret((await api.createPostback(token, url.trim())).secret);
      setUrl("");
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Paper component="section" aria-label="Postbacks">
      <Stack gap="md">
        <div>
          <Title order={2}>Postbacks</Title>
          <Text size="sm" c="dimmed">
            Your tracker is called when a conversion of yours is accepted, rejected, released or taken back. Macros in
            braces are filled in, and calls are signed.
          </Text>
        </div>
        {postbacks.error !== null && postbacks.data === undefined && (
          <Failed error={postbacks.error} retry={postbacks.refetch} />
        )}
        {postbacks.data?.items.map((postback) => (
          <OnePostback key={postback.id} postback={postback} />
        ))}
        <form onSubmit={submit}>
          <Group align="end">
            <TextInput
              flex={1}
              miw={220}
              maxLength={2_000}
              label="Address to be called"
              description={`Such as ${EXAMPLE}`}
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" disabled={url.trim() === ""}>
              Add a postback
            </Button>
          </Group>
        </form>
        {failure !== undefined && <Failed failure={failure} />}
        {secret !== undefined && (
          <Alert color="green" title="Verify calls with this secret. It is shown this once">
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

function OnePostback({ postback }: { postback: Postback }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const act = (work: () => Promise<unknown>) => async () => {
    setFailure(undefined);
    await work().catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: KEY });
  };
  const { id, enabled, disabledBy, failingSince } = postback;
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {postback.url}
        </Text>
        <Group gap="xs">
          <Badge color={enabled ? "green" : "yellow"}>{enabled ? "On" : "Off"}</Badge>
          <Text size="xs" c="dimmed">
            {disabledBy !== null
              ? (OFF[disabledBy] ?? disabledBy)
              : failingSince !== null
                ? `failing since ${dateText(failingSince)}`
                : `since ${dateText(postback.createdAt)}`}
          </Text>
        </Group>
      </div>
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          disabled={!enabled}
          onClick={act(async () => {
            setShown(true);
            await api.testPostback(token, id);
          })}
        >
          Send a test
        </Button>
        <Button size="compact-sm" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
          Calls
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={act(() => api.changePostback(token, id, { enabled: !enabled }))}
        >
          {enabled ? "Turn off" : "Turn on"}
        </Button>
        <AskFirst
          label={`Delete ${postback.url}`}
          title="Delete this postback?"
          text="It is called no more, and its calls cannot be looked up. Turned off, it keeps them and its secret."
          action="Delete it"
          act={async () => {
            await api.deletePostback(token, id);
            await queries.invalidateQueries({ queryKey: KEY });
          }}
        >
          Delete
        </AskFirst>
      </Group>
      {failure !== undefined && <Failed failure={failure} />}
      {shown && <Calls id={id} />}
    </Stack>
  );
}

const STATES: Readonly<Record<PostbackCall["state"], string>> = {
  pending: "On its way",
  delivered: "Answered",
  dead: "Given up",
};

function Calls({ id }: { id: string }) {
  const { token } = useSession();
  const calls = useQuery({
    queryKey: [...KEY, "calls", id],
    queryFn: () => api.postbackCalls(token, id),
    refetchInterval: POLL_MS,
  });
  if (calls.data === undefined)
    return calls.error === null ? null : <Failed error={calls.error} retry={calls.refetch} />;
  return (
    <DataTable
      caption="The last calls, the newest first"
      rows={calls.data.items}
      keyOf={(call) => call.id}
      empty="Nothing was called yet."
      columns={[
        { title: "When", whole: true, cell: ({ createdAt }) => dateText(createdAt, "second") },
        { title: "What", cell: ({ status, conversionId }) => (conversionId === null ? "A test" : status) },
        { title: "Conversion", cell: ({ conversionId }) => conversionId ?? "" },
        { title: "State", cell: ({ state }) => STATES[state] },
        { title: "Answer", cell: ({ lastStatus, lastError }) => lastStatus ?? lastError ?? "" },
      ]}
    />
  );
}
