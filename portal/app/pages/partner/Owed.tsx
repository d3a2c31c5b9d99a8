/** What a campaign owes a partner on the chain, line by line: why, from when on, and collecting it oneself. */
import { Button, Center, Group, Stack, Text, Title } from "@mantine/core";
import { unpackLine } from "@partner-programs/protocol/line";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import { isAway } from "../../api/client.ts";
import type { PartnerLine } from "../../api/schema.d.ts";
import { planToCollect } from "../../campaign/collect.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { programsInterface } from "../../chain/contracts.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useNow } from "../../components/hooks.ts";
import { from, GROWING } from "../../components/listState.ts";
import { State } from "../../components/State.tsx";
import { TableSkeleton } from "../../components/states.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { moneyText, toDecimal } from "../../text/money.ts";
import { sayLine, whatText } from "../../text/words.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useIsPasskey, useSession } from "../../wallet/wallet.tsx";
import { WithoutRelayer } from "./WithoutRelayer.tsx";

export function Owed({ campaign }: { campaign: Campaign }) {
  const { address } = useSession();
  const now = useNow();
  const token = tokenOf(campaign);
  const lines = useInfiniteQuery({
    queryKey: ["lines", address, campaign.id],
    queryFn: ({ pageParam }) =>
      api.partnerLines(address, {
        campaignId: campaign.id,
        limit: 50,
        ...from(pageParam),
      }),
    ...GROWING,
  });
  // Also where there is an older answer: what it says of holds and releases is not so any more.
  if (isAway(lines.error)) return <WithoutRelayer campaignId={campaign.id} retry={lines.refetch} />;
  if (lines.error !== null && lines.data === undefined) return <Failed error={lines.error} retry={lines.refetch} />;
  if (lines.data === undefined) return <TableSkeleton />;
  const rows = lines.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label="On the chain">
      <Collect campaign={campaign} lines={rows} />
      <DataTable
        caption="On the chain, line by line"
        rows={rows}
        keyOf={({ batch, index }) => `${batch}${index}`}
        file="lines.csv"
        columns={[
          {
            title: "What",
            cell: ({ line }) => whatText(unpackLine(line)),
            csv: ({ line }) => whatText(unpackLine(line)),
          },
          {
            title: "State",
            wide: true,
            cell: (row) => <State said={sayLine(row, now)} />,
            csv: (row) => sayLine(row, now).label,
          },
          {
            title: "Commission",
            number: true,
            cell: ({ commission }) => moneyText(commission, token),
            csv: ({ commission }) => toDecimal(commission, token.decimals),
          },
          { title: "Batch", cell: ({ batch }) => <Explorer hash={batch} />, csv: ({ batch }) => batch },
        ]}
        more={
          lines.hasNextPage && (
            <Center py="md">
              <Button
                variant="default"
                size="xs"
                loading={lines.isFetchingNextPage}
                onClick={() => lines.fetchNextPage()}
              >
                Show more
              </Button>
            </Center>
          )
        }
      />
    </Stack>
  );
}

/** Takes what is due, without waiting for anybody. */
function Collect({ campaign, lines }: { campaign: Campaign; lines: readonly PartnerLine[] }) {
  const { address } = useSession();
  const passkey = useIsPasskey();
  const transact = useTransact();
  const token = tokenOf(campaign);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const due = lines
    .filter(({ state }) => state === "pullable")
    .reduce((sum, { commission }) => sum + BigInt(commission), 0n);
  async function collect() {
    setFailure(undefined);
    setBusy(true);
    await planToCollect(campaign, address).then(transact, (error: unknown) =>
      setFailure(explain(error, [programsInterface], token)),
    );
    setBusy(false);
  }
  return (
    <>
      <Group justify="space-between">
        <div>
          <Title order={2}>What is owed to you</Title>
          <Text size="sm" c="dimmed">
            {due === 0n
              ? "Nothing is due right now that is not released already."
              : `${moneyText(due, token)} are due: the relayer releases them shortly${passkey ? "." : ", and you need not wait for it."}`}
          </Text>
        </div>
        {due > 0n && !passkey && (
          <Button onClick={collect} loading={busy}>
            Collect it yourself
          </Button>
        )}
      </Group>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
