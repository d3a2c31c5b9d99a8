/** A brand's tab: who applied, with their answers; approved many at once, or declined with a reason; and whom it invites. */
import { Anchor, Button, Checkbox, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { kindsIn } from "@partner-programs/protocol/kinds";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { admissionApi } from "#portal/app/api/admission.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Application } from "#portal/app/api/schema.d.ts";
import { setKindsPlan } from "#portal/app/campaign/plans.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { KindsForm } from "#portal/app/components/KindsForm.tsx";
import { from, GROWING } from "#portal/app/components/listState.ts";
import { Decides, Signs, useRights } from "#portal/app/components/Rights.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { sayKinds } from "#portal/app/text/admission.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { countText } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { Invitations } from "./applications/Invitations.tsx";
import { Questions } from "./applications/Questions.tsx";

/** What one transaction surely has room for. */
const MAX_APPROVED = 200;

export default function Applications({ campaign }: { campaign: Campaign }) {
  return (
    <Stack gap="lg">
      <Waiting campaign={campaign} />
      <Questions campaign={campaign} />
      <Invitations campaign={campaign} />
    </Stack>
  );
}

function useApplications(campaignId: string, state: "waiting" | "declined") {
  const { token: session } = useSession();
  return useInfiniteQuery({
    queryKey: ["applications", campaignId, state],
    queryFn: ({ pageParam }) =>
      admissionApi.applications(session, campaignId, {
        state,
        limit: MAX_APPROVED,
        ...from(pageParam),
      }),
    ...GROWING,
  });
}

function Waiting({ campaign }: { campaign: Campaign }) {
  const transact = useTransact();
  const applications = useApplications(campaign.id, "waiting");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (applications.error !== null && applications.data === undefined)
    return <Failed error={applications.error} retry={applications.refetch} />;
  const waiting = applications.data?.pages.flatMap(({ items }) => items);
  if (waiting === undefined) return <TableSkeleton rows={4} />;
  if (waiting.length === 0)
    return (
      <Empty level={2} title="Nobody waits">
        Where a campaign is not open to everybody, partners apply from its page. They appear here, with their answers.
      </Empty>
    );
  const selected = waiting.filter(({ id }) => chosen.includes(id)).slice(0, MAX_APPROVED);
  const all = selected.length === Math.min(waiting.length, MAX_APPROVED);
  return (
    <Paper component="section" aria-label="Applications">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>Waiting for you: {countText(waiting.length)}</Title>
          <Signs otherwise="The brand's wallet approves, by one transaction.">
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => setChosen(all ? [] : waiting.slice(0, MAX_APPROVED).map(({ id }) => id))}
            >
              {all ? "Choose none" : "Choose all"}
            </Button>
          </Signs>
        </Group>
        {waiting.map((application) => (
          <One
            key={application.id}
            application={application}
            chosen={chosen.includes(application.id)}
            choose={(on) =>
              setChosen((now) => [...now.filter((id) => id !== application.id), ...(on ? [application.id] : [])])
            }
          />
        ))}
        {applications.hasNextPage && (
          <Button
            variant="default"
            onClick={() => applications.fetchNextPage()}
            loading={applications.isFetchingNextPage}
          >
            More
          </Button>
        )}
        {selected.length > 0 && (
          <div>
            <Title order={3} mt="sm">
              Approve {selected.length === 1 ? "one partner" : `${countText(selected.length)} partners`}, in one
              transaction
            </Title>
            <KindsForm
              key={chosen.join()}
              partners={selected.map(({ partner }) => partner).join("\n")}
              kinds={kindsMeant(selected)}
              action="Approve"
              submit={(partners, mask) =>
                transact({
                  ...setKindsPlan(campaign, partners, mask),
                  title: kindsIn(mask).length === 0 ? "Set kinds of partners" : "Approve partners",
                  done: () => setChosen([]),
                })
              }
            />
          </div>
        )}
        <Declined campaign={campaign} />
      </Stack>
    </Paper>
  );
}

/** What invitations promised, if they promised one thing to all that are chosen; otherwise affiliates. */
function kindsMeant(selected: readonly Application[]): readonly number[] {
  const promised = [...new Set(selected.map(({ invitation }) => JSON.stringify(invitation?.kinds ?? [0])))];
  return promised.length === 1 ? (JSON.parse(promised[0] ?? "[]") as number[]) : [];
}

function One({
  application,
  chosen,
  choose,
}: {
  application: Application;
  chosen: boolean;
  choose: (chosen: boolean) => void;
}) {
  const { id, partner, appliedAt, answers, invitation } = application;
  const { signs } = useRights();
  return (
    <Paper component="article" withBorder aria-label={`Application of ${partner}`}>
      <Stack gap="xs">
        <Group justify="space-between" align="start">
          {signs ? (
            <Checkbox
              aria-label={`Choose ${partner}`}
              checked={chosen}
              onChange={(event) => choose(event.currentTarget.checked)}
              label={<Explorer address={partner} />}
            />
          ) : (
            <Explorer address={partner} />
          )}
          <Text size="sm" c="dimmed">
            {dateText(appliedAt)}
          </Text>
        </Group>
        {invitation !== null && (
          <Text size="sm">
            By your invitation “{invitation.label}”, as {sayKinds(invitation.kinds)}.
          </Text>
        )}
        {answers.map(({ question, answer }) => (
          <div key={question}>
            <Text size="xs" c="dimmed">
              {question}
            </Text>
            <Text size="sm" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
              {answer}
            </Text>
          </div>
        ))}
        <Decides>
          <Decline id={id} />
        </Decides>
      </Stack>
    </Paper>
  );
}

/** A partner is not declined without a reason. */
function Decline({ id }: { id: string }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<Failure>();
  async function send(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    await admissionApi.decline(session, id, reason).catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["applications"] });
  }
  if (!asking)
    return (
      <Group>
        <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          Decline
        </Button>
      </Group>
    );
  return (
    <form onSubmit={send}>
      <Group align="end">
        <TextInput
          flex={1}
          miw={200}
          label="Why you decline"
          description="The partner reads it."
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" color="red.9" disabled={reason.trim() === ""}>
          Decline
        </Button>
        <Button variant="default" onClick={() => setAsking(false)}>
          Cancel
        </Button>
      </Group>
      {failure !== undefined && <Failed failure={failure} />}
    </form>
  );
}

/** Declined ones, which can wait again. */
function Declined({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const declined = useApplications(campaign.id, "declined").data?.pages.flatMap(({ items }) => items) ?? [];
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  if (declined.length === 0) return null;
  return (
    <Stack gap="xs">
      <Anchor
        component="button"
        type="button"
        size="sm"
        ta="start"
        aria-expanded={shown}
        onClick={() => setShown(!shown)}
      >
        {shown ? "Hide whom you declined" : `Whom you declined: ${countText(declined.length)}`}
      </Anchor>
      {shown &&
        declined.map(({ id, partner, reason }) => (
          <Group key={id} justify="space-between">
            <Text size="sm">
              <Explorer address={partner} />: {reason}
            </Text>
            <Decides>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() =>
                  admissionApi.reconsider(session, id).then(
                    () => queries.invalidateQueries({ queryKey: ["applications"] }),
                    (error: unknown) => setFailure(explain(error)),
                  )
                }
              >
                Let it wait again
              </Button>
            </Decides>
          </Group>
        ))}
      {failure !== undefined && <Failed failure={failure} />}
    </Stack>
  );
}
