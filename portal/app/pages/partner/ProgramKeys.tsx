/** Keys for a partner's own programs: made, listed, deleted. */
import { Button, Checkbox, Code, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import type { PartnerKey } from "../../api/schema.d.ts";
import { AskFirst } from "../../components/AskFirst.tsx";
import { Failed } from "../../components/Failed.tsx";
import { NewSecret } from "../../components/NewSecret.tsx";
import { dateText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { useSession } from "../../wallet/wallet.tsx";

const SCOPES = [
  ["read", "Reads what I earn"],
  ["refer", "Refers customers without a click, where a campaign lets an agent do so"],
] as const;
const MAY: Readonly<Record<string, string>> = { read: "reads", refer: "refers" };

export function ProgramKeys() {
  const { token, address } = useSession();
  const queries = useQueryClient();
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [secret, setSecret] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const keys = useQuery({ queryKey: ["program keys", address], queryFn: () => api.partnerKeys(token) });

  async function act(work: () => Promise<unknown>) {
    setFailure(undefined);
    setSecret(undefined);
    await work().catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["program keys"] });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    act(async () => {
      const chosen = SCOPES.map(([scope]) => scope).filter((scope) => scopes.includes(scope));
      setSecret((await api.createPartnerKey(token, label.trim() || "my program", chosen)).secret);
      setLabel("");
    });
  }

  return (
    <Paper component="section" aria-label="Your own programs">
      <Stack gap="md">
        <div>
          <Title order={2}>Your own programs</Title>
          <Text size="sm" c="dimmed">
            A sheet, an app or an agent of yours comes with a key. It can neither claim nor change anything.
          </Text>
        </div>
        {keys.error !== null && keys.data === undefined && <Failed error={keys.error} retry={keys.refetch} />}
        {keys.data === undefined && keys.error === null && <Skeleton h={40} />}
        {keys.data?.map((key) => (
          <OneKey
            key={key.id}
            known={key}
            remove={async () => {
              await api.deletePartnerKey(token, key.id);
              await queries.invalidateQueries({ queryKey: ["program keys"] });
            }}
          />
        ))}
        <form onSubmit={submit}>
          <Stack gap="sm">
            <TextInput
              label="Name of the key"
              placeholder="my sheet"
              value={label}
              onChange={(event) => setLabel(event.currentTarget.value)}
              maxLength={100}
            />
            <Checkbox.Group value={scopes} onChange={setScopes} label="What it may do">
              <Stack gap="xs" mt="xs">
                {SCOPES.map(([scope, what]) => (
                  <Checkbox key={scope} value={scope} label={what} />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group justify="flex-end">
              <Button type="submit" variant="default" disabled={scopes.length === 0}>
                Make a key
              </Button>
            </Group>
          </Stack>
        </form>
        {failure !== undefined && <Failed failure={failure} />}
        {secret !== undefined && <NewSecret secret={secret} />}
      </Stack>
    </Paper>
  );
}

function OneKey({ known, remove }: { known: PartnerKey; remove: () => Promise<unknown> }) {
  return (
    <Group justify="space-between">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {known.label}
          </Text>
          <Code>…{known.last4}</Code>
        </Group>
        <Text size="xs" c="dimmed">
          {known.scopes.map((scope) => MAY[scope]).join(", ")} · made {dateText(known.createdAt)} ·{" "}
          {known.lastUsedAt === null ? "not used yet" : `used ${dateText(known.lastUsedAt)}`}
        </Text>
      </div>
      <AskFirst
        label={`Delete ${known.label}`}
        title={`Delete ${known.label}?`}
        text="Whatever asks with it is refused from now on. Its secret does not come back."
        action="Delete it"
        act={remove}
      >
        Delete
      </AskFirst>
    </Group>
  );
}
