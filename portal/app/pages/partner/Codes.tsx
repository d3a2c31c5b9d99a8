/** The codes that a partner's customers say, beside its links: what each brought, a new one, retiring one. */
import { Button, Divider, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Code } from "../../api/schema.d.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { AskFirst } from "../../components/AskFirst.tsx";
import { useAsked } from "../../components/asked.ts";
import { Copy } from "../../components/Copy.tsx";
import { Failed } from "../../components/Failed.tsx";
import { FormDialog } from "../../components/FormDialog.tsx";
import { countText, moneyText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function Codes({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const [creating, create] = useDisclosure(false);
  const codes = useAsked({ queryKey: ["codes", campaign.id, address], queryFn: () => api.codes(token, campaign.id) });
  return (
    <Paper component="section" aria-label="Codes">
      <Group justify="space-between" mb="md">
        <Title order={2}>Your codes</Title>
        <Button variant="default" size="sm" onClick={create.open}>
          New code
        </Button>
      </Group>
      {codes.error !== null && codes.data === undefined && <Failed error={codes.error} retry={codes.refetch} />}
      {codes.data === undefined && codes.error === null && <Skeleton h={60} />}
      {codes.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          For where nobody can click: a podcast, a flyer, a conversation. Whoever says it to the brand is your customer.
        </Text>
      )}
      <Stack gap="md">
        {codes.data?.map((code, i) => (
          <Stack key={code.code} gap="md">
            {i > 0 && <Divider />}
            <OneCode campaign={campaign} code={code} />
          </Stack>
        ))}
      </Stack>
      {creating && <NewCode campaign={campaign} close={create.close} />}
    </Paper>
  );
}

function OneCode({ campaign, code }: { campaign: Campaign; code: Code }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const retired = code.retiredAt !== null;
  async function retire() {
    await api.retireCode(token, campaign.id, code.code);
    await queries.invalidateQueries({ queryKey: ["codes"] });
  }
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} ff="monospace" size="sm" td={retired ? "line-through" : undefined} data-testid="spoken-code">
            {code.code}
          </Text>
          <Text size="xs" c="dimmed">
            {[
              retired ? "retired" : "",
              code.givenBy === "brand" ? "given by the brand" : "",
              code.customerGets === null ? "" : `the customer gets ${code.customerGets}`,
              code.offerId === null ? "" : `paid by offer ${code.offerId}`,
            ]
              .filter((part) => part !== "")
              .join(" · ")}
          </Text>
        </div>
        {!retired && (
          <Group gap="xs">
            <Copy value={code.code} what="Copy code" />
            <AskFirst
              label={`Retire ${code.code}`}
              title={`Retire ${code.code}?`}
              text="From now on it counts no more. It is given to nobody else, and cannot be taken up again."
              action="Retire it"
              act={retire}
            >
              Retire
            </AskFirst>
          </Group>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {countText(code.conversions)} conversions · {countText(code.rejected)} rejected ·{" "}
        {moneyText(code.commission, tokenOf(campaign))}
      </Text>
    </Stack>
  );
}

const CODE_FIELDS = { names: ["code"], taken: "code" } as const;

function NewCode({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  async function submit() {
    await api.createCode(token, campaign.id, code.trim() === "" ? {} : { code });
    await queries.invalidateQueries({ queryKey: ["codes"] });
  }
  return (
    <FormDialog title="New code" action="Create code" fields={CODE_FIELDS} submit={submit} close={close}>
      {(said) => (
        <>
          <TextInput
            label="Code"
            error={said("code")}
            description="3 to 24 letters and digits. Capitals, blanks and hyphens do not count, and O is 0, I and L are 1. Empty: one is made for you."
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            maxLength={32}
            data-autofocus
          />
        </>
      )}
    </FormDialog>
  );
}
