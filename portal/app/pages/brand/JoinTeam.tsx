/** Where the link of an invitation into a team leads. Its token is in the part of the address that is sent nowhere. */
import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { teamApi } from "../../api/team.ts";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { PageSkeleton } from "../../components/states.tsx";
import { dateText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { ROLE_TEXTS } from "../../text/team.ts";
import { useWallet } from "../../wallet/wallet.tsx";

export default function JoinTeam() {
  useTitle("Join a team");
  const token = useLocation().hash.slice(1);
  const { session, ask } = useWallet();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const invitation = useQuery({ queryKey: ["team-invitation", token], queryFn: () => teamApi.look(token) });
  if (invitation.error !== null) return <Failed error={invitation.error} retry={invitation.refetch} />;
  if (invitation.data === undefined) return <PageSkeleton />;
  const { brand, role, label, state, expiresAt } = invitation.data;

  async function accept(signedIn: string) {
    setFailure(undefined);
    try {
      await teamApi.accept(signedIn, { token });
      await queries.invalidateQueries({ queryKey: ["own-teams"] });
      navigate(`/brand?brand=${brand}`);
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Paper p="xl">
      <Stack align="start">
        <Title order={1}>Join a team</Title>
        <Text>
          The brand <Explorer address={brand} /> invites {label} as {ROLE_TEXTS[role].name.toLowerCase()}.{" "}
          {ROLE_TEXTS[role].may} What costs money needs the brand's wallet.
        </Text>
        {state === "open" ? (
          <Text size="sm" c="dimmed">
            Good once, until {dateText(expiresAt)}. You are in it with the wallet that you sign in with.
          </Text>
        ) : (
          <Text fw={600}>This invitation is {state}. Ask the brand for another.</Text>
        )}
        {failure !== undefined && <Failed failure={failure} />}
        {state === "open" &&
          (session === undefined ? (
            <Button onClick={() => ask()}>Sign in to join</Button>
          ) : (
            <Button onClick={() => accept(session.token)}>Join the team</Button>
          ))}
      </Stack>
    </Paper>
  );
}
