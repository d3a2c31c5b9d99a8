/** A partner's invite links in one campaign: what each brought, a new one, archiving one. */
import { Button, Collapse, Divider, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Link as InviteLink } from "../../api/schema.d.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { AskFirst } from "../../components/AskFirst.tsx";
import { useAsked } from "../../components/asked.ts";
import { Copy } from "../../components/Copy.tsx";
import { Failed } from "../../components/Failed.tsx";
import { FormDialog } from "../../components/FormDialog.tsx";
import { countText, moneyText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

const QrCode = lazy(() => import("../../components/QrCode.tsx"));

export function Links({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const [creating, create] = useDisclosure(false);
  const links = useAsked({ queryKey: ["links", campaign.id, address], queryFn: () => api.links(token, campaign.id) });
  return (
    <Paper component="section" aria-label="Links">
      <Group justify="space-between" mb="md">
        <Title order={2}>Your links</Title>
        <Button variant="default" size="sm" onClick={create.open}>
          New link
        </Button>
      </Group>
      {links.error !== null && links.data === undefined && <Failed error={links.error} retry={links.refetch} />}
      {links.data === undefined && links.error === null && <Skeleton h={90} />}
      <Stack gap="md">
        {links.data?.map((link, i) => (
          <Stack key={link.code} gap="md">
            {i > 0 && <Divider />}
            <OneLink campaign={campaign} link={link} />
          </Stack>
        ))}
      </Stack>
      {creating && <NewLink campaign={campaign} close={create.close} />}
    </Paper>
  );
}

function OneLink({ campaign, link }: { campaign: Campaign; link: InviteLink }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [qr, { toggle }] = useDisclosure(false);
  const archive = async () => {
    await api.changeLink(token, campaign.id, link.code, { archived: true });
    await queries.invalidateQueries({ queryKey: ["links"] });
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }} data-testid="invite-link">
            {link.url}
          </Text>
          <Text size="xs" c="dimmed">
            {[link.label, link.leadsTo === null ? "" : `leads to ${link.leadsTo}`]
              .filter((part) => part !== "")
              .join(" · ")}
          </Text>
        </div>
        <Group gap="xs">
          <Copy value={link.url} what="Copy link" />
          <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={qr}>
            QR code
          </Button>
          <AskFirst
            label={`Archive ${link.url}`}
            title="Archive this link?"
            text="It goes from this list, and is not to be had back here. Whoever follows it still comes to the brand, and still counts as yours."
            action="Archive it"
            act={archive}
          >
            Archive
          </AskFirst>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {countText(link.clicks)} clicks · {countText(link.conversions)} conversions · {countText(link.rejected)}{" "}
        rejected · {moneyText(link.commission, tokenOf(campaign))}
      </Text>
      <Collapse expanded={qr}>
        <Suspense fallback={<Skeleton h={160} w={160} />}>{qr && <QrCode value={link.url} />}</Suspense>
      </Collapse>
    </Stack>
  );
}

const LINK_FIELDS = { names: ["label", "path", "alias"], taken: "alias" } as const;

function NewLink({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [label, setLabel] = useState("");
  const [path, setPath] = useState("");
  const [alias, setAlias] = useState("");
  async function submit() {
    await api.createLink(token, campaign.id, {
      label,
      path: path === "" ? null : path,
      alias: alias === "" ? null : alias.toLowerCase(),
    });
    await queries.invalidateQueries({ queryKey: ["links"] });
  }
  return (
    <FormDialog title="New link" action="Create link" fields={LINK_FIELDS} submit={submit} close={close}>
      {(said) => (
        <>
          <TextInput
            label="Label"
            error={said("label")}
            description="For yourself: a newsletter, a video, a post."
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            maxLength={100}
            data-autofocus
          />
          <TextInput
            label="Place on the brand's site"
            error={said("path")}
            description={`A path such as /pricing. Empty: ${campaign.description?.destination ?? "the campaign's destination"}`}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <TextInput
            label="Alias"
            error={said("alias")}
            description="Instead of the code at the end: small letters, digits and hyphens. It can never be changed or given back."
            value={alias}
            onChange={(event) => setAlias(event.currentTarget.value)}
            maxLength={32}
          />
        </>
      )}
    </FormDialog>
  );
}
