/** A brand's tab: every conversion, where it is and why. */
import { Button, Center, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Conversion } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { useNow } from "#portal/app/components/hooks.ts";
import { Partner } from "#portal/app/components/Partner.tsx";
import { State } from "#portal/app/components/State.tsx";
import { TableSkeleton } from "#portal/app/components/states.tsx";
import { shortApart } from "#portal/app/text/addresses.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { amountText, toDecimal } from "#portal/app/text/money.ts";
import { eventTitle, STATES, sayState } from "#portal/app/text/words.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

export default function Conversions({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const now = useNow();
  const token = tokenOf(campaign);
  const [state, setState] = useState<Conversion["state"] | "">("");
  const conversions = useInfiniteQuery({
    queryKey: ["conversions", campaign.id, state],
    queryFn: ({ pageParam }) =>
      api.conversions(session, {
        campaignId: campaign.id,
        limit: 50,
        state: state === "" ? undefined : state,
        cursor: pageParam === "" ? undefined : pageParam,
      }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  if (conversions.error !== null && conversions.data === undefined)
    return <Failed error={conversions.error} retry={conversions.refetch} />;
  const rows = conversions.data?.pages.flatMap(({ items }) => items);
  const shortOf = shortApart(rows?.flatMap(({ partner }) => partner ?? []) ?? []);
  return (
    <Stack gap="md">
      <Group justify="flex-end">
        <NativeSelect
          size="xs"
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as Conversion["state"] | "")}
          data={[{ value: "", label: "All states" }, ...STATES.map((value) => ({ value, label: value }))]}
        />
      </Group>
      {rows === undefined ? (
        <TableSkeleton rows={8} />
      ) : (
        <DataTable
          caption="Conversions, the newest first"
          rows={rows}
          keyOf={({ id }) => id}
          file="conversions.csv"
          columns={[
            {
              title: "When",
              whole: true,
              cell: ({ receivedAt }) => dateText(receivedAt),
              csv: ({ receivedAt }) => receivedAt,
            },
            {
              title: "What",
              cell: (row) => (
                <>
                  <Text size="sm">{eventTitle(row.event, campaign.description)}</Text>
                  <Text size="xs" c="dimmed">
                    {row.orderId}
                  </Text>
                </>
              ),
              csv: ({ event, orderId }) => `${event} ${orderId}`,
            },
            {
              title: "Partner",
              cell: ({ partner, partnerName }) =>
                partner === null ? "" : <Partner address={partner} name={partnerName} short={shortOf(partner)} />,
              csv: ({ partner }) => partner ?? "",
            },
            { title: "Name", hidden: true, cell: () => "", csv: ({ partnerName }) => partnerName ?? "" },
            {
              title: "State",
              wide: true,
              cell: (row) => <State said={sayState({ ...row, attestBy: row.receipt?.attestBy ?? null }, now)} />,
              csv: ({ state: one, reason }) => (reason === null ? one : `${one}: ${reason}`),
            },
            {
              title: `Volume`,
              number: true,
              cell: ({ volumeBaseUnits }) => amountText(volumeBaseUnits, token),
              csv: ({ volumeBaseUnits }) => toDecimal(volumeBaseUnits, token.decimals),
            },
            {
              title: `Commission, ${token.symbol}`,
              number: true,
              cell: ({ commission }) => amountText(commission, token),
              csv: ({ commission }) => toDecimal(commission, token.decimals),
            },
          ]}
          more={
            conversions.hasNextPage && (
              <Center py="md">
                <Button
                  variant="default"
                  size="xs"
                  loading={conversions.isFetchingNextPage}
                  onClick={() => conversions.fetchNextPage()}
                >
                  Show more
                </Button>
              </Center>
            )
          }
        />
      )}
    </Stack>
  );
}
