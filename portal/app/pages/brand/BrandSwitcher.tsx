/** For which brand somebody works: its own wallet, or one whose team it is in; and the way to that team. */
import { Alert, Anchor, Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { teamApi } from "../../api/team.ts";
import { useOwnTeams } from "../../campaign/queries.ts";
import { Failed } from "../../components/Failed.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { shortAddress } from "../../text/money.ts";
import { ROLE_TEXTS } from "../../text/team.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function BrandSwitcher({ brand: shown }: { brand: string }) {
  const { address: own, token } = useSession();
  const [, setSearch] = useSearchParams();
  const queries = useQueryClient();
  const teams = useOwnTeams();
  const [failure, setFailure] = useState<Failure>();
  const memberships = teams.data?.memberships ?? [];

  async function join(invitation: string) {
    setFailure(undefined);
    await teamApi.accept(token, { invitation }).catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["own-teams"] });
  }
  return (
    <Stack gap="xs">
      {failure !== undefined && <Failed failure={failure} />}
      {teams.data?.invitations.map((one) => (
        <Alert key={one.id} color="blue" title="You are invited into a team">
          <Group justify="space-between">
            <Text size="sm">
              {shortAddress(one.brand)} invites you as {ROLE_TEXTS[one.role].name.toLowerCase()}.
            </Text>
            <Button size="xs" onClick={() => join(one.id)}>
              Join
            </Button>
          </Group>
        </Alert>
      ))}
      <Group>
        {memberships.length > 0 && (
          <NativeSelect
            aria-label="Brand"
            data={[
              { value: own, label: `Your own wallet ${shortAddress(own)}` },
              ...memberships.map(({ brand, role }) => ({
                value: brand,
                label: `${shortAddress(brand)}, as ${ROLE_TEXTS[role].name.toLowerCase()}`,
              })),
            ]}
            value={shown}
            onChange={(event) =>
              setSearch(event.currentTarget.value === own ? {} : { brand: event.currentTarget.value })
            }
          />
        )}
        <Anchor component={Link} to={`/brand/team?brand=${shown}`} size="sm">
          Team
        </Anchor>
      </Group>
    </Stack>
  );
}
