/** A brand's tab: the prospects that partners registered, and its word on each. */
import { Button, Divider, Group, NativeSelect, Paper, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import {
  LEAD_REASON_NAMES,
  LEAD_REASONS,
  LEAD_STATES,
  type LeadReason,
  type LeadState,
} from "@partner-programs/protocol/leads";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { leadsApi } from "#portal/app/api/leads.ts";
import type { Lead, LeadDecision } from "#portal/app/api/schema.d.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { FormDialog } from "#portal/app/components/FormDialog.tsx";
import { LeadEntry } from "#portal/app/components/LeadEntry.tsx";
import { from, GROWING } from "#portal/app/components/listState.ts";
import { useRights } from "#portal/app/components/Rights.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { nameOfLead } from "#portal/app/text/leads.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

type Decision = LeadDecision["decision"];

/** What can be decided of a lead, the likeliest first. */
function decisionsOn({ state, answerBy, isCustomer }: Lead, now = Date.now()): readonly Decision[] {
  if (state === "registered") return now <= Date.parse(answerBy) ? ["qualify", "win", "reject"] : ["qualify", "win"];
  if (state === "qualified") return isCustomer ? ["win", "lose"] : ["qualify", "win", "lose"];
  return [];
}

const WORDS: Readonly<Record<Decision, { readonly button: string; readonly title: string; readonly text: string }>> = {
  qualify: {
    button: "Qualify",
    title: "Qualify",
    text: "It is a prospect, and this partner's. Named as a customer of yours, what it buys from now on counts as the partner's.",
  },
  win: { button: "Won", title: "Won", text: "It bought. What it buys counts as the partner's." },
  reject: { button: "Reject", title: "Reject", text: "It is free for another partner then. The partner reads why." },
  lose: { button: "Lost", title: "Lost", text: "It did not buy. It is free for another partner then." },
};
/** On a lead that is qualified and no customer yet. */
const NAME_IT = "Name the customer";

export default function Leads({ campaign }: { campaign: Campaign }) {
  const { token } = useSession();
  const [state, setState] = useState<LeadState | "">("");
  const leads = useInfiniteQuery({
    queryKey: ["leads", campaign.id, "brand", state],
    queryFn: ({ pageParam }) =>
      leadsApi.list(token, campaign.id, {
        limit: 50,
        ...(state === "" ? {} : { state }),
        ...from(pageParam),
      }),
    ...GROWING,
  });
  const known = leads.data?.pages.flatMap(({ items }) => items);
  return (
    <Paper component="section" aria-label="Leads">
      <Group justify="space-between" mb="md">
        <Title order={2}>Leads of your partners</Title>
        <NativeSelect
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as LeadState | "")}
          data={[
            { value: "", label: "All" },
            ...LEAD_STATES.map((one) => ({ value: one, label: one.charAt(0).toUpperCase() + one.slice(1) })),
          ]}
        />
      </Group>
      {leads.error !== null && known === undefined && <Failed error={leads.error} retry={leads.refetch} />}
      {known === undefined && leads.error === null && <TableSkeleton rows={4} />}
      {known?.length === 0 && (
        <Empty level={2} title={state === "" ? "No leads yet" : "None in this state"}>
          Partners register whom they know and you do not. A prospect is one partner's at a time.
        </Empty>
      )}
      <Stack gap="md">
        {known?.map((lead, i) => (
          <Stack key={lead.id} gap="md">
            {i > 0 && <Divider />}
            <One lead={lead} />
          </Stack>
        ))}
        {leads.hasNextPage && (
          <Button variant="default" onClick={() => leads.fetchNextPage()} loading={leads.isFetchingNextPage}>
            More
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

function One({ lead }: { lead: Lead }) {
  const [asked, ask] = useState<Decision>();
  const { decides } = useRights();
  const decisions = decides ? decisionsOn(lead) : [];
  const of = (
    <Text size="xs" c="dimmed">
      By <Explorer address={lead.partner} />
    </Text>
  );
  return (
    <LeadEntry lead={lead} viewer="brand" aside={of}>
      {decisions.length > 0 && (
        <Group gap="xs">
          {decisions.map((decision) => (
            <Button key={decision} size="compact-sm" variant="default" onClick={() => ask(decision)}>
              {decision === "qualify" && lead.state === "qualified" ? NAME_IT : WORDS[decision].button}
            </Button>
          ))}
        </Group>
      )}
      {asked !== undefined && <Decide lead={lead} decision={asked} close={() => ask(undefined)} />}
    </LeadEntry>
  );
}

function Decide({ lead, decision, close }: { lead: Lead; decision: Decision; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [customer, setCustomer] = useState("");
  const [reason, setReason] = useState<LeadReason>("known_already");
  const [comment, setComment] = useState("");
  const naming = (decision === "qualify" || decision === "win") && !lead.isCustomer;
  const needed = decision === "win" || lead.state === "qualified";
  async function submit() {
    await leadsApi.decide(token, lead, {
      decision,
      ...(naming && { [customer.includes("@") ? "customerEmail" : "customerId"]: customer }),
      comment,
      ...(decision === "reject" ? { reason } : {}),
    });
    await queries.invalidateQueries({ queryKey: ["leads"] });
  }
  const { title, text, button } = WORDS[decision];
  return (
    <FormDialog
      title={`${title}: ${nameOfLead(lead)}`}
      action={button}
      hurts={decision === "reject"}
      submit={submit}
      close={close}
    >
      <Text size="sm">{text}</Text>
      {naming && (
        <TextInput
          label="Which customer of yours"
          description={`As you name it when you report a sale: your own id, or its e-mail address.${needed ? "" : " You can say it later."}`}
          value={customer}
          onChange={(event) => setCustomer(event.currentTarget.value)}
          required={needed}
          maxLength={200}
          data-autofocus
        />
      )}
      {decision === "reject" && (
        <NativeSelect
          label="Why"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value as LeadReason)}
          data={LEAD_REASON_NAMES.map((name) => ({ value: name, label: LEAD_REASONS[name] }))}
        />
      )}
      <Textarea
        label="What the partner reads beside it"
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        required={decision === "reject" && reason === "other"}
        maxLength={1_000}
        autosize
        minRows={2}
      />
    </FormDialog>
  );
}
