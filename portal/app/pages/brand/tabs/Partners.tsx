/** A brand's tab: partners and what they brought, and their kinds. */
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Performance } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { setKindsPlan } from "#portal/app/campaign/plans.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { type Column, DataTable } from "#portal/app/components/DataTable.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { KindsForm } from "#portal/app/components/KindsForm.tsx";
import { Choice, Controls, Export, Pager, Search } from "#portal/app/components/ListControls.tsx";
import { PAGED, useListState } from "#portal/app/components/listState.ts";
import { Signs, useRights } from "#portal/app/components/Rights.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { shortApart } from "#portal/app/text/addresses.ts";
import { amountText, averageText, countText, shareText, type TokenFormat } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { Known } from "./partners/Known.tsx";
import { LabelForm } from "./partners/LabelForm.tsx";
import { Reached } from "./partners/Reached.tsx";

const PAGE = 50;
const SORTS = ["commission", "conversions", "clicks", "newest", "oldest"] as const;
type Sort = (typeof SORTS)[number];

export default function Partners({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const transact = useTransact();
  const { decides } = useRights();
  const token = tokenOf(campaign);
  const [listing, setListing] = useState(false);
  const [edited, setEdited] = useState<Performance>();
  const [reached, setReached] = useState<Performance>();
  const { targets = [], bonuses } = campaign.description ?? {};
  const rewards = targets.length > 0 || bonuses !== undefined;
  const list = useListState({ search: "", sort: "commission" });
  const { given, cursor, change } = list;
  const search = given.search === "" ? {} : { search: given.search };
  const sort: Sort = SORTS.find((one) => one === given.sort) ?? "commission";
  const partners = useAsked({
    queryKey: ["partners", campaign.id, sort, given.search, cursor],
    queryFn: () => api.partners(session, campaign.id, { ...search, sort, cursor, limit: PAGE }),
    ...PAGED,
  });
  const rows = partners.data?.items;
  if (partners.error !== null && (rows === undefined || partners.isPlaceholderData))
    return <Failed error={partners.error} retry={partners.refetch} />;
  if (rows === undefined) return <TableSkeleton rows={8} />;
  const page = new URL(`/campaigns/${campaign.id}`, location.origin).href;
  const invite = (
    <Paper>
      <Group justify="space-between">
        <div>
          <Title order={2}>Invite partners</Title>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {page}
          </Text>
        </div>
        <Group>
          <Copy value={page} what="Copy the campaign's page" primary />
          <Signs>
            <Button variant="default" size="sm" onClick={() => setListing(!listing)} aria-expanded={listing}>
              Set kinds
            </Button>
          </Signs>
        </Group>
      </Group>
      {listing && <KindsForm submit={(addresses, mask) => transact(setKindsPlan(campaign, addresses, mask))} />}
    </Paper>
  );
  if (rows.length === 0 && given.search === "" && cursor === undefined)
    return (
      <Stack gap="lg">
        {invite}
        <Empty level={2} title="No partner has joined yet">
          Send the campaign's page to people who reach your customers. They join by themselves where the campaign is
          open.
        </Empty>
      </Stack>
    );
  const shortOf = shortApart(rows.map(({ partner }) => partner));
  return (
    <Stack gap="lg">
      {invite}
      {edited !== undefined && (
        <LabelForm
          key={edited.partner}
          campaign={campaign}
          partner={edited.partner}
          known={edited.label ?? null}
          close={() => setEdited(undefined)}
        />
      )}
      {reached !== undefined && (
        <Reached
          key={reached.partner}
          campaign={campaign}
          partner={reached.partner}
          close={() => setReached(undefined)}
        />
      )}
      <Controls>
        <Search
          label="Name, label, tag or address"
          value={given.search}
          change={(typed) => change({ search: typed })}
        />
        <Choice
          label="Order"
          value={sort}
          change={(by) => change({ sort: by })}
          options={[
            ["commission", "Most commission first"],
            ["conversions", "Most conversions first"],
            ["clicks", "Most clicks first"],
            ["newest", "Joined last first"],
            ["oldest", "Joined first first"],
          ]}
        />
      </Controls>
      <DataTable
        caption={`Partners, amounts in ${token.symbol}`}
        rows={rows}
        keyOf={({ partner }) => partner}
        empty={cursor === undefined ? "No partner matches." : "Nobody more."}
        sorting={{ by: sort, change: (by) => change({ sort: by }) }}
        tools={<Export name="partners.csv" take={() => api.partnersFile(session, campaign.id, search)} />}
        columns={columns(token, shortOf, decides ? setEdited : undefined, rewards ? setReached : undefined)}
        more={<Pager state={list} next={partners.data?.next} loading={partners.isPlaceholderData} />}
      />
    </Stack>
  );
}

function columns(
  token: TokenFormat,
  shortOf: (address: string) => string,
  edit: ((row: Performance) => void) | undefined,
  reached: ((row: Performance) => void) | undefined,
): readonly Column<Performance>[] {
  return [
    {
      title: "Partner",
      cell: (row) => (
        <Known
          row={row}
          short={shortOf(row.partner)}
          edit={edit && (() => edit(row))}
          reached={reached && (() => reached(row))}
        />
      ),
    },
    { title: "Clicks", number: true, sort: "clicks", cell: ({ clicks }) => countText(clicks) },
    {
      title: "Conversions",
      number: true,
      sort: "conversions",
      cell: ({ conversions }) => countText(conversions),
    },
    { title: "Rate", number: true, cell: (row) => shareText(row.conversions, row.clicks) },
    { title: "Rejected", number: true, cell: ({ rejected }) => countText(rejected) },
    { title: "Volume", number: true, cell: ({ volumeBaseUnits }) => amountText(volumeBaseUnits, token) },
    {
      title: "Commission",
      number: true,
      sort: "commission",
      cell: ({ commission }) => amountText(commission, token),
    },
    { title: "Reversed", number: true, cell: (row) => shareText(row.reversed, row.conversions + row.reversed) },
    {
      title: "Per click",
      number: true,
      cell: (row) => averageText(BigInt(row.commission), row.clicks, token),
    },
  ];
}
