/** A brand's secret keys: making, rotating and revoking them. */
import { Badge, Button, Code, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { ApiKey, NewApiKey } from "#portal/app/api/schema.d.ts";
import { keepShopKey } from "#portal/app/api/shopKeys.ts";
import { AskFirst } from "#portal/app/components/AskFirst.tsx";
import { useAsked } from "#portal/app/components/asked.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { NewSecret } from "#portal/app/components/NewSecret.tsx";
import { Decides, useRights } from "#portal/app/components/Rights.tsx";
import { config } from "#portal/app/config.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

/** The secret keys of the brand's servers. */
export function Keys({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const [label, setLabel] = useState("");
  const [secret, setSecret] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const keys = useAsked({ queryKey: ["keys", campaign.id], queryFn: () => api.keys(session, campaign.id) });

  async function act(work: () => Promise<ApiKey | NewApiKey>) {
    setFailure(undefined);
    setSecret(undefined);
    try {
      const key = await work();
      if (!("secret" in key)) return;
      setSecret(key.secret);
      if (config().local) keepShopKey(campaign.id, key.secret);
    } catch (error) {
      setFailure(explain(error));
    } finally {
      await queries.invalidateQueries({ queryKey: ["keys"] });
    }
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    act(() => api.createKey(session, campaign.id, label.trim() === "" ? "shop" : label.trim())).then(() =>
      setLabel(""),
    );
  }

  const event = campaign.description?.events[0]?.name ?? "signup";
  const example = `curl -X POST ${config().apiUrl}/v1/conversions \\
  -H "authorization: Bearer ${secret ?? "sk_…"}" -H "content-type: application/json" \\
  -d '{"event":"${event}","orderId":"1001","customerId":"c-17","volume":"49.90","referralToken":"…"}'`;
  return (
    <Paper component="section" aria-label="API keys">
      <Stack gap="md">
        <div>
          <Title order={2}>API keys</Title>
          <Text size="sm" c="dimmed">
            Your server reports conversions with a secret key. It belongs on a server, never in a page.
          </Text>
        </div>
        {keys.error !== null && keys.data === undefined && <Failed error={keys.error} retry={keys.refetch} />}
        {keys.data === undefined && keys.error === null && <Skeleton h={40} />}
        {keys.data?.items.map((key) => (
          <OneKey
            key={key.id}
            apiKey={key}
            rotate={() => act(() => api.rotateKey(session, campaign.id, key.id))}
            revoke={async () => {
              await api.revokeKey(session, campaign.id, key.id);
              await queries.invalidateQueries({ queryKey: ["keys"] });
            }}
          />
        ))}
        <Decides otherwise="A manager of the team makes keys, and revokes them.">
          <form onSubmit={submit}>
            <Group align="end">
              <TextInput
                flex={1}
                miw={200}
                label="Name of the key"
                placeholder="shop"
                value={label}
                onChange={(event) => setLabel(event.currentTarget.value)}
                maxLength={100}
              />
              <Button type="submit">Make a key</Button>
            </Group>
          </form>
        </Decides>
        {failure !== undefined && <Failed failure={failure} />}
        {secret !== undefined && <NewSecret secret={secret} />}
        <div>
          <Text size="sm" mb={6}>
            A conversion, reported:
          </Text>
          <Code block tabIndex={0}>
            {example}
          </Code>
        </div>
      </Stack>
    </Paper>
  );
}

function OneKey({ apiKey, rotate, revoke }: { apiKey: ApiKey; rotate: () => void; revoke: () => Promise<unknown> }) {
  const { decides } = useRights();
  return (
    <Group justify="space-between">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {apiKey.label}
          </Text>
          {apiKey.last4 !== null && <Code>…{apiKey.last4}</Code>}
          {apiKey.revokedAt !== null && <Badge color="gray">Revoked</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          {apiKey.scopes.join(", ")} · made {dateText(apiKey.createdAt)} ·{" "}
          {apiKey.lastUsedAt === null ? "not used yet" : `used ${dateText(apiKey.lastUsedAt)}`}
          {apiKey.previousUntil !== null && ` · the secret before is good until ${dateText(apiKey.previousUntil)}`}
        </Text>
      </div>
      {apiKey.revokedAt === null && decides && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" onClick={rotate} aria-label={`New secret for ${apiKey.label}`}>
            New secret
          </Button>
          <AskFirst
            label={`Revoke ${apiKey.label}`}
            title={`Revoke ${apiKey.label}?`}
            text="Whatever reports with it is refused from now on: your shop, until it has another. A new secret instead leaves the present one good for a day."
            action="Revoke it"
            act={revoke}
          >
            Revoke
          </AskFirst>
        </Group>
      )}
    </Group>
  );
}
