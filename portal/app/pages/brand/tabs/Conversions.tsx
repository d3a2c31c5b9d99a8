/** A brand's tab: every conversion, where it is and why. */
import { Stack, Text } from "@mantine/core";
import { api, type ConversionsQuery } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { dayAfter } from "#portal/app/campaign/series.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { ConversionState } from "#portal/app/components/ConversionState.tsx";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Choice, Controls, Days, Export, Pager, Search } from "#portal/app/components/ListControls.tsx";
import { PAGED, useListState } from "#portal/app/components/listState.ts";
import { Partner } from "#portal/app/components/Partner.tsx";
import { TableSkeleton } from "#portal/app/components/states.tsx";
import { shortApart } from "#portal/app/text/addresses.ts";
import { sayAttributes } from "#portal/app/text/conditions.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { amountText } from "#portal/app/text/money.ts";
import { eventTitle, STATES } from "#portal/app/text/words.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { Volume } from "../../../components/Volume.tsx";

const PAGE = 50;

export default function Conversions({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const token = tokenOf(campaign);
  const list = useListState({ state: "", event: "", search: "", from: "", to: "", sort: "newest" });
  const { given, cursor, change } = list;
  const asked: ConversionsQuery = {
    campaignId: campaign.id,
    sort: given.sort === "oldest" ? "oldest" : "newest",
    ...(STATES.find((one) => one === given.state) && { state: given.state as (typeof STATES)[number] }),
    ...(given.event !== "" && { event: given.event }),
    ...(given.search !== "" && { search: given.search }),
    ...(given.from !== "" && { from: `${given.from}T00:00:00Z` }),
    ...(given.to !== "" && { to: `${dayAfter(given.to)}T00:00:00Z` }),
  };
  const conversions = useAsked({
    queryKey: ["conversions", asked, cursor],
    queryFn: () => api.conversions(session, { ...asked, limit: PAGE, cursor }),
    ...PAGED,
  });
  const rows = conversions.data?.items;
  const shortOf = shortApart(rows?.flatMap(({ partner }) => partner ?? []) ?? []);
  const events = campaign.description?.events ?? [];
  return (
    <Stack gap="md">
      <Controls>
        <Search label="Order begins with" value={given.search} change={(search) => change({ search })} />
        <Choice
          label="State"
          value={given.state}
          change={(state) => change({ state })}
          options={[["", "All states"], ...STATES.map((value) => [value, value] as const)]}
        />
        {events.length > 1 && (
          <Choice
            label="Event"
            value={given.event}
            change={(event) => change({ event })}
            options={[["", "All events"], ...events.map(({ name, title }) => [name, title] as const)]}
          />
        )}
        <Choice
          label="Order"
          value={given.sort}
          change={(sort) => change({ sort })}
          options={[
            ["newest", "Newest first"],
            ["oldest", "Oldest first"],
          ]}
        />
        <Days from={given.from} to={given.to} change={change} />
      </Controls>
      {conversions.error !== null && (rows === undefined || conversions.isPlaceholderData) ? (
        <Failed error={conversions.error} retry={conversions.refetch} />
      ) : rows === undefined ? (
        <TableSkeleton rows={8} />
      ) : (
        <DataTable
          caption="Conversions"
          rows={rows}
          keyOf={({ id }) => id}
          empty={list.cursor === undefined ? "No conversion matches." : "Nothing more."}
          tools={<Export name="conversions.csv" take={() => api.conversionsFile(session, asked)} />}
          columns={[
            { title: "When", whole: true, cell: ({ receivedAt }) => dateText(receivedAt) },
            {
              title: "What",
              cell: (row) => (
                <>
                  <Text size="sm">{eventTitle(row.event, campaign.description)}</Text>
                  <Text size="xs" c="dimmed">
                    {[row.orderId, sayAttributes(row.attributes)].filter((one) => one !== "").join(": ")}
                  </Text>
                  {row.reason === "conditions_not_met" && <Text size="xs">{row.note}</Text>}
                </>
              ),
            },
            {
              title: "Partner",
              cell: ({ partner, partnerName }) =>
                partner === null ? "" : <Partner address={partner} name={partnerName} short={shortOf(partner)} />,
            },
            {
              title: "State",
              wide: true,
              cell: (row) => <ConversionState of={{ ...row, attestBy: row.receipt?.attestBy ?? null }} />,
            },
            {
              title: "Volume",
              number: true,
              cell: ({ volumeBaseUnits, sale }) => (
                <Volume units={volumeBaseUnits} token={token} {...(sale !== null && { sale })} />
              ),
            },
            {
              title: `Commission, ${token.symbol}`,
              number: true,
              cell: ({ commission }) => amountText(commission, token),
            },
          ]}
          more={<Pager state={list} next={conversions.data?.next} loading={conversions.isPlaceholderData} />}
        />
      )}
    </Stack>
  );
}
