/** The codes that a partner's customers say, beside its links: what each brought, a new one, retiring one. */
import { Button, Divider, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Code } from "../../api/schema.d.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { Copy } from "../../components/Copy.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failed } from "../../components/Failed.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { countText, moneyText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function Codes({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const [creating, create] = useDisclosure(false);
  const codes = useQuery({ queryKey: ["codes", campaign.id, address], queryFn: () => api.codes(token, campaign.id) });
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
  const [asking, ask] = useDisclosure(false);
  const [failure, setFailure] = useState<Failure>();
  const retired = code.retiredAt !== null;
  async function retire() {
    setFailure(undefined);
    try {
      await api.retireCode(token, campaign.id, code.code);
      ask.close();
      await queries.invalidateQueries({ queryKey: ["codes"] });
    } catch (error) {
      setFailure(explain(error));
    }
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
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              c="dimmed"
              onClick={ask.open}
              aria-label={`Retire ${code.code}`}
            >
              Retire
            </Button>
          </Group>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {countText(code.conversions)} conversions · {countText(code.rejected)} rejected ·{" "}
        {moneyText(code.commission, tokenOf(campaign))}
      </Text>
      {asking && (
        <Dialog opened onClose={ask.close} title={`Retire ${code.code}?`}>
          <Stack>
            <Text>From now on it counts no more. It is given to nobody else, and cannot be taken up again.</Text>
            {failure !== undefined && <Failed failure={failure} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={ask.close} data-autofocus>
                Keep it
              </Button>
              <Button color="red.9" onClick={retire}>
                Retire it
              </Button>
            </Group>
          </Stack>
        </Dialog>
      )}
    </Stack>
  );
}

function NewCode({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await api.createCode(token, campaign.id, code.trim() === "" ? {} : { code });
      await queries.invalidateQueries({ queryKey: ["codes"] });
      close();
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog opened onClose={close} title="New code">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Code"
            description="3 to 24 letters and digits. Capitals, blanks and hyphens do not count, and O is 0, I and L are 1. Empty: one is made for you."
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            maxLength={32}
            data-autofocus
          />
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Create code
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
