/** What a brand calls a partner, and notes of it. */
import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { PartnerLabel } from "#portal/app/api/schema.d.ts";
import { Dialog } from "#portal/app/components/Dialog.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

export function LabelForm({
  campaign,
  partner,
  known,
  close,
}: {
  campaign: Campaign;
  partner: string;
  known: PartnerLabel | null;
  close: () => void;
}) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [label, setLabel] = useState(known?.label ?? "");
  const [note, setNote] = useState(known?.note ?? "");
  const [tags, setTags] = useState(known?.tags.join(", ") ?? "");
  const [failure, setFailure] = useState<Failure>();
  async function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    try {
      await api.labelPartner(token, campaign.id, partner, {
        label: label.trim() || null,
        note: note.trim() || null,
        tags: tags.split(",").flatMap((tag) => tag.trim() || []),
      });
      await queries.invalidateQueries({ queryKey: ["partners"] });
      close();
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Dialog title="What you call this partner" opened onClose={close}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {partner}
          </Text>
          <TextInput
            label="Label"
            description="Shown instead of its own name"
            maxLength={60}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <TextInput
            label="Tags"
            description="With commas between them"
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
          <Textarea
            label="Note"
            description="The partner sees none of this"
            maxLength={2_000}
            autosize
            minRows={3}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end">
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
