/** Who of the campaign's partners reached most, where its brand shows that. */
import { Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Campaign } from "../../api/campaign.ts";
import type { Leaderboard as Board } from "../../api/schema.d.ts";
import { targetsApi } from "../../api/targets.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { Failed } from "../../components/Failed.tsx";
import { countText, moneyText, type TokenFormat } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function Leaderboard({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const isShown = campaign.description?.leaderboard !== undefined;
  const board = useQuery({
    queryKey: ["leaderboard", campaign.id, address],
    queryFn: () => targetsApi.leaderboard(token, campaign.id),
    enabled: isShown,
  });
  if (!isShown) return null;
  if (board.error !== null) return <Failed error={board.error} retry={board.refetch} />;
  if (board.data === undefined) return null;
  return (
    <Paper component="section" aria-label={board.data.title}>
      <Title order={2} mb="md">
        {board.data.title}
      </Title>
      <Places board={board.data} token={tokenOf(campaign)} />
    </Paper>
  );
}

type Reached = Pick<Board["places"][number], "conversions" | "volumeBaseUnits">;
const reached = ({ conversions, volumeBaseUnits }: Reached, token: TokenFormat) =>
  conversions === null ? moneyText(volumeBaseUnits ?? "0", token) : countText(conversions);

function Places({ board: { places, own, by, period }, token }: { board: Board; token: TokenFormat }) {
  if (places.length === 0) return <Text size="sm">Nobody has a place in {period.name} yet.</Text>;
  const isAbove = places.some((place) => place.own);
  return (
    <Stack gap="sm">
      <Table>
        <Table.Caption>{period.name}: what is paid for good counts.</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Place</Table.Th>
            <Table.Th>Partner</Table.Th>
            <Table.Th ta="right">{by === "volume" ? "Volume" : "Conversions"}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {places.map((place, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a place has neither an id nor a state of its own
            <Table.Tr key={i} fw={place.own ? 700 : undefined}>
              <Table.Td>{place.rank}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere", unicodeBidi: "isolate" }}>
                {place.own ? "You" : (place.name ?? "A partner")}
              </Table.Td>
              <Table.Td ta="right">{reached(place, token)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {own !== null && !isAbove && (
        <Text size="sm">
          You: {own.rank === null ? "far behind" : `place ${countText(own.rank)}`}, with {reached(own, token)}.
        </Text>
      )}
    </Stack>
  );
}
