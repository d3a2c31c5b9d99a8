/** A partner's conversions, one by one. */
import { Anchor, Button, Center, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../../api/api.ts";
import type { Earning } from "../../api/schema.d.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaigns } from "../../campaign/queries.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useNow } from "../../components/hooks.ts";
import { State } from "../../components/State.tsx";
import { TableSkeleton } from "../../components/states.tsx";
import { dateText } from "../../text/dates.ts";
import { amountText, toDecimal } from "../../text/money.ts";
import { eventTitle, sayState } from "../../text/words.ts";
import { useSession } from "../../wallet/wallet.tsx";

/** What became of every conversion: where it is, why, and what happens when. */
export function Earnings({ campaignId }: { campaignId?: string }) {
  const { token, address } = useSession();
  const now = useNow();
  const campaigns = useCampaigns();
  const earnings = useInfiniteQuery({
    queryKey: ["earnings", address, campaignId],
    queryFn: ({ pageParam }) =>
      api.earnings(token, {
        limit: 50,
        ...(campaignId === undefined ? {} : { campaignId }),
        ...(pageParam === "" ? {} : { cursor: pageParam }),
      }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  if (earnings.error !== null && earnings.data === undefined)
    return <Failed error={earnings.error} retry={earnings.refetch} />;
  if (earnings.data === undefined || campaigns.data === undefined) return <TableSkeleton />;
  const rows = earnings.data.pages.flatMap(({ items }) => items);
  const campaignOf = ({ campaignId: id }: Earning) => campaigns.data.find((campaign) => campaign.id === id);
  return (
    <DataTable
      caption="Conversions"
      rows={rows}
      keyOf={({ conversionId }) => conversionId}
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
              <Text size="sm">{eventTitle(row.event, campaignOf(row)?.description ?? null)}</Text>
              <Text size="xs" c="dimmed">
                {row.recruited ? "By a partner that you recruited. " : ""}
                {campaignId === undefined ? nameOf(campaignOf(row)) : ""}
              </Text>
            </>
          ),
          csv: ({ event }) => event,
        },
        {
          title: "State",
          wide: true,
          cell: (row) => <State said={sayState(row, now, "partner")} />,
          csv: (row) => sayState(row, now, "partner").label,
        },
        {
          title: "Earned",
          number: true,
          cell: (row) => {
            const campaign = campaignOf(row);
            return campaign === undefined ? "" : `${amountText(row.earned, tokenOf(campaign))} ${campaign.tokenSymbol}`;
          },
          csv: (row) => toDecimal(row.earned, campaignOf(row)?.tokenDecimals ?? 0),
        },
        {
          title: "Proof",
          cell: (row) =>
            row.state === "attested" || row.state === "released" ? (
              <Anchor
                component={Link}
                to={`/proof/${row.conversionId}`}
                size="sm"
                aria-label={`Check conversion ${row.conversionId} against the chain`}
              >
                Check
              </Anchor>
            ) : (
              ""
            ),
        },
      ]}
      more={
        earnings.hasNextPage && (
          <Center py="md">
            <Button
              variant="default"
              size="xs"
              loading={earnings.isFetchingNextPage}
              onClick={() => earnings.fetchNextPage()}
            >
              Show more
            </Button>
          </Center>
        )
      }
    />
  );
}
