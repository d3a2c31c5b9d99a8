/** A partner's conversions, one by one. */
import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Earning } from "../../api/schema.d.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaignsNamed } from "../../campaign/queries.ts";
import { yearAgo } from "../../campaign/series.ts";
import { useAsked } from "../../components/asked.ts";
import { ConversionState } from "../../components/ConversionState.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Controls, Days, Export, Pager } from "../../components/ListControls.tsx";
import { PAGED, useListState } from "../../components/listState.ts";
import { TableSkeleton } from "../../components/states.tsx";
import { Volume } from "../../components/Volume.tsx";
import { dateText } from "../../text/dates.ts";
import { amountText } from "../../text/money.ts";
import { eventTitle } from "../../text/words.ts";
import { useSession } from "../../wallet/wallet.tsx";

const PAGE = 50;

/** What became of every conversion: where it is, why, and what happens when. */
export function Earnings({ of }: { of?: Campaign }) {
  const campaignId = of?.id;
  const { token, address } = useSession();
  const list = useListState({ from: "", to: "" });
  const { from, to } = list.given;
  const asked = {
    ...(campaignId !== undefined && { campaignId }),
    ...(from !== "" && { from }),
    ...(to !== "" && { to }),
  };
  const earnings = useAsked({
    queryKey: ["earnings", address, asked, list.cursor],
    queryFn: () => api.earnings(token, { limit: PAGE, ...asked, cursor: list.cursor }),
    ...PAGED,
  });
  const rows = earnings.data?.items;
  const named = useCampaignsNamed(of === undefined ? rows?.map((row) => row.campaignId) : undefined);
  const campaigns = of === undefined ? named.data : [of];
  const campaignOf = ({ campaignId: id }: Earning) => campaigns?.find((campaign) => campaign.id === id);
  return (
    <Stack gap="md">
      <Controls>
        <Days from={from} to={to} change={list.change} />
      </Controls>
      {earnings.error !== null && (rows === undefined || earnings.isPlaceholderData) ? (
        <Failed error={earnings.error} retry={earnings.refetch} />
      ) : campaigns === undefined && named.error !== null ? (
        <Failed error={named.error} retry={named.refetch} />
      ) : rows === undefined || campaigns === undefined ? (
        <TableSkeleton />
      ) : (
        <DataTable
          caption="Conversions"
          rows={rows}
          keyOf={({ conversionId }) => conversionId}
          tools={
            <Export
              name="conversions.csv"
              take={() => api.statement(token, { ...(from === "" && to === "" && { from: yearAgo() }), ...asked })}
            />
          }
          columns={columns(campaignId === undefined, campaignOf)}
          more={<Pager state={list} next={earnings.data?.next} loading={earnings.isPlaceholderData} />}
        />
      )}
    </Stack>
  );
}

function columns(ofAll: boolean, campaignOf: (row: Earning) => Campaign | undefined): readonly Column<Earning>[] {
  return [
    { title: "When", whole: true, cell: ({ receivedAt }) => dateText(receivedAt) },
    {
      title: "What",
      cell: (row) => (
        <>
          <Text size="sm">{eventTitle(row.event, campaignOf(row)?.description ?? null)}</Text>
          <Text size="xs" c="dimmed">
            {row.recruited ? "By a partner that you recruited. " : ""}
            {ofAll ? nameOf(campaignOf(row)) : ""}
          </Text>
        </>
      ),
    },
    { title: "State", wide: true, cell: (row) => <ConversionState of={row} viewer="partner" /> },
    {
      title: "Sold",
      number: true,
      cell: (row) => {
        const campaign = campaignOf(row);
        if (campaign === undefined) return "";
        const { volumeBaseUnits, sale } = row;
        return <Volume units={volumeBaseUnits} token={tokenOf(campaign)} symbol {...(sale !== null && { sale })} />;
      },
    },
    {
      title: "Earned",
      number: true,
      cell: (row) => {
        const campaign = campaignOf(row);
        return campaign === undefined ? "" : `${amountText(row.earned, tokenOf(campaign))} ${campaign.tokenSymbol}`;
      },
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
  ];
}
