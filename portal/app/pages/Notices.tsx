/** What the signed-in wallet is told by mail, and where to. */
import { Alert, Button, Checkbox, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../api/api.ts";
import type { NoticeSettings } from "../api/schema.d.ts";
import { AskFirst } from "../components/AskFirst.tsx";
import { Failed } from "../components/Failed.tsx";
import { useTitle } from "../components/hooks.ts";
import { PageSkeleton, SignedIn } from "../components/states.tsx";
import { explain, type Failure } from "../text/failure.ts";
import { useSession } from "../wallet/wallet.tsx";
import { Postbacks } from "./Postbacks.tsx";

export default function Notices() {
  useTitle("Notices");
  return (
    <SignedIn why="You say where notices of your campaigns go, and which.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { token, address } = useSession();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const key = ["notices", address];
  const settings = useQuery({ queryKey: key, queryFn: () => api.notices(token) });
  if (settings.data === undefined)
    return settings.error === null ? <PageSkeleton /> : <Failed error={settings.error} retry={settings.refetch} />;
  const shown = settings.data;

  async function act(work: () => Promise<unknown>) {
    setFailure(undefined);
    await work().catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: key });
  }
  return (
    <Stack gap="lg" maw={640}>
      <div>
        <Title order={1}>Notices</Title>
        <Text c="dimmed">You are told by e-mail what concerns this wallet, as a partner and as a brand.</Text>
      </div>
      {!shown.available && (
        <Alert color="yellow" title="No mail is sent here">
          This relayer's operator has set no mail server. Brands can use webhooks instead, and partners postbacks; all
          that there is to know is on the pages.
        </Alert>
      )}
      {failure !== undefined && <Failed failure={failure} />}
      {(shown.available || shown.email !== null) && <Address settings={shown} act={act} />}
      {shown.email !== null && <Kinds settings={shown} act={act} />}
      <Postbacks />
    </Stack>
  );
}

interface Part {
  readonly settings: NoticeSettings;
  readonly act: (work: () => Promise<unknown>) => Promise<void>;
}

function Address({ settings, act }: Part) {
  const { token } = useSession();
  const [email, setEmail] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    act(() => api.giveEmail(token, email.trim())).then(() => setEmail(""));
  }
  return (
    <Paper component="section" aria-label="Where to">
      <Stack gap="md">
        <Title order={2}>Where to</Title>
        <Text size="sm" role="status">
          {sayAddress(settings)}
        </Text>
        <form onSubmit={submit}>
          <Group align="end">
            <TextInput
              flex={1}
              miw={220}
              type="email"
              required
              maxLength={254}
              autoComplete="email"
              label={settings.email === null ? "Your e-mail address" : "Another e-mail address"}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <Button type="submit">Send me the question</Button>
          </Group>
        </form>
        {settings.email !== null && (
          <Group justify="flex-end">
            <AskFirst
              title="Delete the address?"
              text={`Nothing is sent to ${settings.email} any more, and it is forgotten here. To be told again you give it once more, and say yes in a mail.`}
              action="Delete it"
              act={() => act(() => api.deleteEmail(token))}
            >
              Delete the address
            </AskFirst>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function sayAddress({ email, confirmed, refused }: NoticeSettings): string {
  if (email === null)
    return "Nowhere yet. A question is sent first: nothing else before you say yes. One click in any mail ends it and deletes the address.";
  if (refused !== null) return `${email} was refused by its mail server (${refused}). Give it again, or another.`;
  if (confirmed) return `To ${email}.`;
  return `A question was sent to ${email}. Nothing else is until you say yes there.`;
}

function Kinds({ settings, act }: Part) {
  const { token } = useSession();
  const muted = new Set(settings.muted);
  const toggle = (kind: NoticeSettings["muted"][number]) => {
    const next = muted.has(kind) ? settings.muted.filter((one) => one !== kind) : [...settings.muted, kind];
    return act(() => api.muteNotices(token, next));
  };
  const of = (side: string) => settings.kinds.filter(({ kind }) => kind.startsWith(`${side}.`));
  return (
    <Paper component="section" aria-label="What">
      <Stack gap="md">
        <Title order={2}>What</Title>
        {(
          [
            ["partner", "As a partner"],
            ["brand", "As a brand"],
          ] as const
        ).map(([side, title]) => (
          <Checkbox.Group
            key={side}
            label={title}
            value={of(side).flatMap(({ kind }) => (muted.has(kind) ? [] : [kind]))}
          >
            <Stack gap="xs" mt="xs">
              {of(side).map(({ kind, text }) => (
                <Checkbox key={kind} value={kind} label={text} onChange={() => toggle(kind)} />
              ))}
            </Stack>
          </Checkbox.Group>
        ))}
      </Stack>
    </Paper>
  );
}
