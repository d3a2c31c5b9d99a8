/** The prospects that a partner registered with a brand, and a form for another. */
import {
  Button,
  Checkbox,
  Divider,
  Group,
  Paper,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { LeadField } from "@partner-programs/protocol/leads";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Campaign } from "../../api/campaign.ts";
import { leadsApi } from "../../api/leads.ts";
import { Failed } from "../../components/Failed.tsx";
import { FormDialog } from "../../components/FormDialog.tsx";
import { LeadEntry } from "../../components/LeadEntry.tsx";
import { from, GROWING } from "../../components/listState.ts";
import { countText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

const FIELDS = {
  company: { label: "Company", description: "The domain of its site, such as acme.com.", type: "text" },
  email: { label: "Contact's e-mail address", description: undefined, type: "email" },
  name: { label: "Contact's name", description: undefined, type: "text" },
} as const;

export function Leads({ campaign }: { campaign: Campaign }) {
  const rules = campaign.description?.leads;
  const { token, address } = useSession();
  const [registering, register] = useDisclosure(false);
  const leads = useInfiniteQuery({
    queryKey: ["leads", campaign.id, address],
    queryFn: ({ pageParam }) => leadsApi.list(token, campaign.id, { limit: 20, ...from(pageParam) }),
    ...GROWING,
  });
  const known = leads.data?.pages.flatMap(({ items }) => items);
  // Where the campaign takes none any more, those that there are stay.
  if (rules === undefined && (known === undefined || known.length === 0)) return null;
  return (
    <Paper component="section" aria-label="Leads">
      <Group justify="space-between" mb="md">
        <Title order={2}>Your leads</Title>
        {rules !== undefined && (
          <Button variant="default" size="sm" onClick={register.open}>
            Register a lead
          </Button>
        )}
      </Group>
      {leads.error !== null && known === undefined && <Failed error={leads.error} retry={leads.refetch} />}
      {known === undefined && leads.error === null && <Skeleton h={60} />}
      {known?.length === 0 && rules !== undefined && (
        <Text size="sm" c="dimmed">
          You know somebody whom the brand does not? Register them first: for {countText(rules.protectedDays)} days
          nobody else can, and what they buy as the brand's customer counts as yours.
        </Text>
      )}
      <Stack gap="md">
        {known?.map((lead, i) => (
          <Stack key={lead.id} gap="md">
            {i > 0 && <Divider />}
            <LeadEntry lead={lead} viewer="partner" />
          </Stack>
        ))}
        {leads.hasNextPage && (
          <Button variant="default" onClick={() => leads.fetchNextPage()} loading={leads.isFetchingNextPage}>
            More
          </Button>
        )}
      </Stack>
      {registering && rules !== undefined && (
        <Register campaignId={campaign.id} asks={rules.asks} close={register.close} />
      )}
    </Paper>
  );
}

const LEAD_FIELDS = { names: ["company", "email", "name", "note"], taken: "company" } as const;

function Register({ campaignId, asks, close }: { campaignId: string; asks: readonly LeadField[]; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [said, say] = useState<Record<LeadField, string>>({ company: "", email: "", name: "", note: "" });
  const set = (field: LeadField) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    say((now) => ({ ...now, [field]: value }));
  };
  async function submit() {
    await leadsApi.register(token, campaignId, said);
    await queries.invalidateQueries({ queryKey: ["leads"] });
  }
  return (
    <FormDialog title="Register a lead" action="Register" fields={LEAD_FIELDS} submit={submit} close={close}>
      {(problemOf) => (
        <>
          {(["company", "email", "name"] as const).map((field, i) => (
            <TextInput
              key={field}
              {...FIELDS[field]}
              error={problemOf(field)}
              value={said[field]}
              onChange={set(field)}
              required={asks.includes(field)}
              maxLength={300}
              data-autofocus={i === 0 ? true : undefined}
            />
          ))}
          <Textarea
            label="What the brand should know"
            error={problemOf("note")}
            value={said.note}
            onChange={set("note")}
            required={asks.includes("note")}
            maxLength={2_000}
            autosize
            minRows={2}
          />
          <Checkbox required label="I may pass these details on to the brand." />
        </>
      )}
    </FormDialog>
  );
}
