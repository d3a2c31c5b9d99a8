/** Personal invitations: a link for one partner, with the kinds or the group that the brand means to give. */
import { Badge, Button, Checkbox, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { FIRST_GROUP, KINDS, MAX_KIND } from "@partner-programs/protocol/kinds";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { admissionApi } from "#portal/app/api/admission.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Invitation } from "#portal/app/api/schema.d.ts";
import { groupsIn } from "#portal/app/campaign/draft.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Decides } from "#portal/app/components/Rights.tsx";
import { sayKinds } from "#portal/app/text/admission.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

const linkOf = ({ campaignId, code }: Invitation) =>
  new URL(`/campaigns/${campaignId}?invitation=${code}`, location.origin).href;

const STATES = {
  open: { color: "blue", text: "Not used yet" },
  used: { color: "green", text: "Used" },
  revoked: { color: "gray", text: "Taken back" },
} as const;

export function Invitations({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const invitations = useQuery({
    queryKey: ["invitations", campaign.id],
    queryFn: () => admissionApi.invitations(session, campaign.id),
  });
  async function act(work: Promise<unknown>) {
    setFailure(undefined);
    await work.catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["invitations"] });
  }
  return (
    <Paper component="section" aria-label="Personal invitations">
      <Stack gap="md">
        <div>
          <Title order={2}>Personal invitations</Title>
          <Text size="sm" c="dimmed">
            A link for one partner. Who uses it answers no questions, and waits above with the kinds that you meant.
          </Text>
        </div>
        <Decides otherwise="A manager of the team invites.">
          <Invite
            invite={(label, kinds) => act(admissionApi.invite(session, campaign.id, { label, kinds: [...kinds] }))}
          />
        </Decides>
        {failure !== undefined && <Failed failure={failure} />}
        {invitations.error !== null && invitations.data === undefined && (
          <Failed error={invitations.error} retry={invitations.refetch} />
        )}
        {invitations.data === undefined && invitations.error === null && <Skeleton h={40} />}
        {invitations.data?.items.map((one) => (
          <Group key={one.id} justify="space-between">
            <div>
              <Group gap="xs">
                <Text size="sm" fw={600}>
                  {one.label}
                </Text>
                <Badge color={STATES[one.state].color}>{STATES[one.state].text}</Badge>
              </Group>
              <Text size="sm" c="dimmed">
                {sayKinds(one.kinds)}
                {one.partner !== null && (
                  <>
                    {" · "}
                    <Explorer address={one.partner} />
                  </>
                )}
              </Text>
            </div>
            {one.state === "open" && (
              <Group gap="xs">
                <Copy value={linkOf(one)} what="Copy the link" />
                <Decides>
                  <Button
                    size="compact-sm"
                    variant="default"
                    c="var(--mantine-color-error)"
                    onClick={() => act(admissionApi.revoke(session, campaign.id, one.id))}
                  >
                    Take back
                  </Button>
                </Decides>
              </Group>
            )}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

function Invite({ invite }: { invite: (label: string, kinds: readonly number[]) => Promise<void> }) {
  const [label, setLabel] = useState("");
  const [kinds, setKinds] = useState<string[]>(["0"]);
  const [groups, setGroups] = useState("");
  const [busy, setBusy] = useState(false);
  const numbers = groupsIn(groups);
  const all = [...kinds.map(Number), ...(numbers ?? [])];
  async function send(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    await invite(label, all);
    setLabel("");
    setBusy(false);
  }
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Group align="start">
          <TextInput
            flex={1}
            miw={180}
            label="Who it is for"
            description="You alone see this"
            maxLength={100}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <TextInput
            flex={1}
            miw={180}
            label="Groups of your own"
            description={`Numbers, ${FIRST_GROUP} to ${MAX_KIND}, comma-separated`}
            value={groups}
            onChange={(event) => setGroups(event.currentTarget.value)}
            error={numbers === undefined ? `Groups are numbers from ${FIRST_GROUP} to ${MAX_KIND}.` : undefined}
          />
        </Group>
        <Checkbox.Group label="Kinds" value={kinds} onChange={setKinds}>
          <Group mt="xs" gap="sm">
            {KINDS.map((name, kind) => (
              <Checkbox key={name} value={String(kind)} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button
            type="submit"
            variant="default"
            loading={busy}
            disabled={label.trim() === "" || numbers === undefined || all.length === 0}
          >
            Make an invitation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
