/** What a brand calls a partner, and notes of it. */
import { Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { PartnerLabel } from "#portal/app/api/schema.d.ts";
import { FormDialog } from "#portal/app/components/FormDialog.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";

const FIELDS = { names: ["label", "tags", "note"] } as const;

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
  async function submit() {
    await api.labelPartner(token, campaign.id, partner, {
      label: label.trim() || null,
      note: note.trim() || null,
      tags: tags.split(",").flatMap((tag) => tag.trim() || []),
    });
    await queries.invalidateQueries({ queryKey: ["partners"] });
  }
  return (
    <FormDialog title="What you call this partner" action="Save" fields={FIELDS} submit={submit} close={close}>
      {(said) => (
        <>
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {partner}
          </Text>
          <TextInput
            label="Label"
            error={said("label")}
            description="Shown instead of its own name"
            maxLength={60}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <TextInput
            label="Tags"
            error={said("tags")}
            description="With commas between them"
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
          <Textarea
            label="Note"
            error={said("note")}
            description="The partner sees none of this"
            maxLength={2_000}
            autosize
            minRows={3}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
