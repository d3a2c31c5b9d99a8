/** What one of a brand's endpoints was told, is to be told, or could not be told. */
import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { WebhookDelivery, WebhookEndpoint } from "#portal/app/api/schema.d.ts";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Choice, Controls, Pager } from "#portal/app/components/ListControls.tsx";
import { PAGED, useListState } from "#portal/app/components/listState.ts";
import { useRights } from "#portal/app/components/Rights.tsx";
import { TableSkeleton } from "#portal/app/components/states.tsx";
import { dateText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { countText } from "#portal/app/text/money.ts";
import { ALL_WEBHOOK_EVENTS, webhookEventText } from "#portal/app/text/webhooks.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

/** In the address: whose deliveries are shown, and which of them. */
export const DELIVERIES = { deliveries: "", delivery: "", told: "" };

const STATES = ["pending", "delivered", "dead"] as const;
const WORDS: Readonly<Record<WebhookDelivery["state"], string>> = {
  pending: "On its way",
  delivered: "Delivered",
  dead: "Given up",
};
const PAGE = 20;

export function Deliveries({ webhook }: { webhook: WebhookEndpoint }) {
  const { token: session } = useSession();
  const { decides } = useRights();
  const [failure, setFailure] = useState<Failure>();
  const list = useListState(DELIVERIES);
  const state = STATES.find((one) => one === list.given.delivery);
  const type = ALL_WEBHOOK_EVENTS.find((one) => one === list.given.told);
  const deliveries = useQuery({
    queryKey: ["webhooks", "deliveries", webhook.id, state, type, list.cursor],
    queryFn: () => api.deliveries(session, webhook.id, { limit: PAGE, state, type, cursor: list.cursor }),
    ...PAGED,
  });
  async function repeat({ id }: WebhookDelivery) {
    setFailure(undefined);
    await api.redeliver(session, id).catch((error: unknown) => setFailure(explain(error)));
    await deliveries.refetch();
  }
  if (deliveries.error !== null && (deliveries.data === undefined || deliveries.isPlaceholderData))
    return <Failed error={deliveries.error} retry={deliveries.refetch} />;
  if (deliveries.data === undefined) return <TableSkeleton rows={3} />;
  return (
    <Stack gap="xs">
      <Controls>
        <Choice
          label="Deliveries that are"
          value={state ?? ""}
          change={(delivery) => list.change({ delivery })}
          options={[["", "All deliveries"], ...STATES.map((one) => [one, WORDS[one]] as const)]}
        />
        <Choice
          label="Deliveries of"
          value={type ?? ""}
          change={(told) => list.change({ told })}
          options={[["", "Everything"], ...ALL_WEBHOOK_EVENTS.map((one) => [one, webhookEventText(one)] as const)]}
        />
      </Controls>
      {failure !== undefined && <Failed failure={failure} />}
      <DataTable
        caption="Deliveries, the newest first"
        rows={deliveries.data.items}
        keyOf={({ id }) => id}
        empty="Nothing was to be told yet."
        columns={[
          { title: "When", whole: true, cell: ({ createdAt }) => dateText(createdAt, "second") },
          { title: "What", cell: (row) => webhookEventText(row.type) },
          { title: "State", cell: (row) => WORDS[row.state] },
          { title: "Attempts", number: true, cell: ({ attempts }) => countText(attempts) },
          { title: "Answer", cell: ({ lastStatus, lastError }) => lastStatus ?? lastError ?? "" },
          {
            title: "Again",
            cell: (row) =>
              row.state === "pending" || !decides ? (
                ""
              ) : (
                <Button size="compact-xs" variant="default" onClick={() => repeat(row)}>
                  Send again
                </Button>
              ),
          },
        ]}
        more={<Pager state={list} next={deliveries.data.next} loading={deliveries.isPlaceholderData} />}
      />
    </Stack>
  );
}
