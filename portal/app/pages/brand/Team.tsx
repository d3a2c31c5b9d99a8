/** A brand's team: who works for it, who is invited, and what they did. */
import {
  Alert,
  Anchor,
  Button,
  Group,
  NativeSelect,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import type { Act, MemberRemoved, NewTeamInvitation, Team as OneTeam, TeamMember } from "../../api/schema.d.ts";
import { teamApi } from "../../api/team.ts";
import { isAddress } from "../../chain/address.ts";
import { AskFirst } from "../../components/AskFirst.tsx";
import { Copy } from "../../components/Copy.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Export } from "../../components/ListControls.tsx";
import { from, GROWING } from "../../components/listState.ts";
import { PageSkeleton, SignedIn } from "../../components/states.tsx";
import { dateText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { actText, ROLE_TEXTS, type Role } from "../../text/team.ts";
import { useSession } from "../../wallet/wallet.tsx";

const ROLES = Object.entries(ROLE_TEXTS).map(([value, { name }]) => ({ value, label: name }));
const joinLink = (token: string) => new URL(`/team/join#${token}`, location.origin).href;

export default function Team() {
  useTitle("Team");
  return (
    <SignedIn why="A team belongs to a brand's wallet.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { address, token } = useSession();
  const [search] = useSearchParams();
  const brand = search.get("brand") ?? address;
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const [known, setKnown] = useState<MemberRemoved>();
  const team = useQuery({ queryKey: ["team", brand, address], queryFn: () => teamApi.team(token, brand) });

  const refresh = () =>
    Promise.all(["team", "acts", "own-teams"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
  async function act(work: () => Promise<unknown>) {
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(explain(error));
    }
    await refresh();
  }
  async function remove(wallet: string) {
    setKnown(await teamApi.remove(token, brand, wallet));
    await refresh();
  }

  if (team.error !== null && team.data === undefined) return <Failed error={team.error} retry={team.refetch} />;
  if (team.data === undefined) return <PageSkeleton />;
  const { yours, invitations } = team.data;
  const leads = yours === "brand" || yours === "owner";
  return (
    <Stack gap="lg">
      <div>
        <Title order={1}>Team</Title>
        <Text c="dimmed">
          Of the brand <Explorer address={brand} />. Who is in it signs in with a wallet of its own; what costs money
          needs the brand's wallet.
        </Text>
      </div>
      {failure !== undefined && <Failed failure={failure} />}
      {known !== undefined && <Known {...known} />}
      <Members
        team={team.data}
        leads={leads}
        change={(wallet, role) => act(() => teamApi.change(token, brand, wallet, role))}
        remove={remove}
      />
      {leads && (
        <Invitations
          invitations={invitations}
          invite={async (body) => {
            let made: NewTeamInvitation | undefined;
            await act(async () => {
              made = await teamApi.invite(token, brand, body);
            });
            return made;
          }}
          takeBack={(id) => act(() => teamApi.uninvite(token, brand, id))}
        />
      )}
      <Acts brand={brand} />
    </Stack>
  );
}

/** What somebody may know who is no member any more. */
function Known({ keys, webhooks, sources }: MemberRemoved) {
  const lists = [
    { what: "API keys: give them new secrets, or revoke them", of: keys },
    { what: "Webhooks of yours: give them new secrets", of: webhooks },
    {
      what: "Sources: make a new secret and a new key there, and connect them again",
      of: sources.map(({ campaignId, source }) => ({ campaignId, id: source, label: source })),
    },
  ].filter(({ of }) => of.length > 0);
  if (lists.length === 0) return null;
  return (
    <Alert color="yellow" title="Secrets that it may have kept">
      {lists.map(({ what, of }) => (
        <Text key={what} size="sm">
          {what}:{" "}
          {of.map(({ campaignId, id, label }, i) => (
            <span key={`${campaignId} ${id}`}>
              {i > 0 && ", "}
              <Anchor href={`/brand/${campaignId}/settings`} inherit underline="always">
                {label}
              </Anchor>
            </span>
          ))}
          .
        </Text>
      ))}
    </Alert>
  );
}

function Members({
  team,
  leads,
  change,
  remove,
}: {
  team: OneTeam;
  leads: boolean;
  change: (wallet: string, role: Role) => void;
  remove: (wallet: string) => Promise<unknown>;
}) {
  const { address } = useSession();
  return (
    <Paper component="section" aria-label="Members">
      <Stack gap="md">
        <Title order={2}>Members</Title>
        <Group justify="space-between">
          <Explorer address={team.brand} />
          <Text size="sm">The brand's wallet: may everything, always</Text>
        </Group>
        {team.members.map((member) => (
          <Group key={member.wallet} justify="space-between" role="group" aria-label={`Member ${member.wallet}`}>
            <div>
              <Explorer address={member.wallet} />
              <Text size="xs" c="dimmed">
                {ROLE_TEXTS[member.role].may} Since {dateText(member.since)}.
              </Text>
            </div>
            <Group gap="xs">
              {leads ? (
                <NativeSelect
                  size="xs"
                  aria-label={`Role of ${member.wallet}`}
                  data={ROLES}
                  value={member.role}
                  onChange={(event) => change(member.wallet, event.currentTarget.value as TeamMember["role"])}
                />
              ) : (
                <Text size="sm">{ROLE_TEXTS[member.role].name}</Text>
              )}
              {(leads || member.wallet === address) && (
                <AskFirst
                  {...(member.wallet === address ? LEAVING : removing(member.wallet))}
                  act={() => remove(member.wallet)}
                >
                  {member.wallet === address ? "Leave" : "Remove"}
                </AskFirst>
              )}
            </Group>
          </Group>
        ))}
        {team.members.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody else yet.
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

const LEAVING = {
  title: "Leave the team?",
  text: "You see and decide nothing here any more. Only an owner can invite you again.",
  action: "Leave",
  keep: "Stay",
} as const;

const removing = (wallet: string) => ({
  label: `Remove ${wallet}`,
  title: "Remove it from the team?",
  text: `${wallet} sees and decides nothing here from its next request on, and its open invitations are void. You are told which keys it may have kept.`,
  action: "Remove it",
});

interface Invite {
  readonly role: Role;
  readonly label: string;
  readonly wallet?: string;
}

function Invitations({
  invitations,
  invite,
  takeBack,
}: {
  invitations: OneTeam["invitations"];
  invite: (body: Invite) => Promise<NewTeamInvitation | undefined>;
  takeBack: (id: string) => void;
}) {
  const [role, setRole] = useState<Role>("viewer");
  const [label, setLabel] = useState("");
  const [wallet, setWallet] = useState("");
  const [made, setMade] = useState<NewTeamInvitation>();
  const wrong = wallet.trim() !== "" && !isAddress(wallet.trim());

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (wrong || label.trim() === "") return;
    const one = await invite({
      role,
      label: label.trim(),
      ...(wallet.trim() === "" ? {} : { wallet: wallet.trim() }),
    });
    setMade(one);
    if (one === undefined) return;
    setLabel("");
    setWallet("");
  }
  const link = made === undefined ? "" : joinLink(made.token);
  return (
    <Paper component="section" aria-label="Invitations">
      <Stack gap="md">
        <Title order={2}>Invite somebody</Title>
        <form onSubmit={submit}>
          <Group align="start">
            <TextInput
              label="Who it is for"
              required
              maxLength={100}
              value={label}
              onChange={(event) => setLabel(event.currentTarget.value)}
            />
            <NativeSelect
              label="Role"
              data={ROLES}
              value={role}
              onChange={(event) => setRole(event.currentTarget.value as Role)}
              description={ROLE_TEXTS[role].may}
              inputWrapperOrder={["label", "input", "description"]}
              maw={320}
            />
            <TextInput
              label="Wallet, if you know it"
              value={wallet}
              onChange={(event) => setWallet(event.currentTarget.value)}
              error={wrong ? "This is not an address: 0x and 40 hexadecimal digits." : undefined}
              flex={1}
              miw={220}
            />
          </Group>
          <Button type="submit" mt="md">
            Make an invitation
          </Button>
        </form>
        {made !== undefined && (
          <Alert color="green" title="Send this link to whom it is for: it is shown this once">
            <Text size="sm" style={{ overflowWrap: "anywhere" }} data-testid="team-link">
              {link}
            </Text>
            <Text size="xs" mb="xs">
              Good once, until {dateText(made.expiresAt)}.
            </Text>
            <Group gap="xs">
              <Copy value={link} what="Copy the link" />
              <Button
                size="compact-sm"
                variant="default"
                component="a"
                href={`mailto:?subject=${encodeURIComponent("Join our team")}&body=${encodeURIComponent(
                  `Sign in with your wallet to work with us on our partner programs:\n\n${link}`,
                )}`}
              >
                Write an e-mail
              </Button>
            </Group>
          </Alert>
        )}
        {invitations.map((one) => (
          <Group key={one.id} justify="space-between">
            <Text size="sm">
              {one.label}, {ROLE_TEXTS[one.role].name.toLowerCase()}
              {one.wallet !== null && (
                <>
                  {", "}
                  <Explorer address={one.wallet} />
                </>
              )}
              , until {dateText(one.expiresAt)}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => takeBack(one.id)}>
              Take back
            </Button>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

function Acts({ brand }: { brand: string }) {
  const { token } = useSession();
  const acts = useInfiniteQuery({
    queryKey: ["acts", brand],
    queryFn: ({ pageParam }) => teamApi.acts(token, brand, from(pageParam)),
    ...GROWING,
  });
  const rows = acts.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Paper component="section" aria-label="Who did what">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>Who did what</Title>
          <Export name="acts.csv" take={() => teamApi.actsFile(token, brand)} />
        </Group>
        {acts.error !== null && acts.data === undefined && <Failed error={acts.error} retry={acts.refetch} />}
        {acts.isPending && <Skeleton h={120} />}
        {acts.data !== undefined && rows.length === 0 && <Text size="sm">Nothing was done here yet.</Text>}
        {rows.length > 0 && (
          <Table.ScrollContainer minWidth={560}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Who</Table.Th>
                  <Table.Th>What</Table.Th>
                  <Table.Th>About</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((act) => (
                  <OneAct key={act.id} act={act} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {acts.hasNextPage && (
          <Button variant="default" onClick={() => acts.fetchNextPage()} loading={acts.isFetchingNextPage}>
            Show more
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

function OneAct({ act }: { act: Act }) {
  return (
    <Table.Tr>
      <Table.Td>{dateText(act.at)}</Table.Td>
      <Table.Td>{act.actor.startsWith("0x") ? <Explorer address={act.actor} /> : act.actor}</Table.Td>
      <Table.Td>{actText(act.act)}</Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        {Object.entries(act.facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(", ")}
      </Table.Td>
    </Table.Tr>
  );
}
