/** A lead in a list: who it is, what its partner says, where it stands. */
import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Lead } from "../api/schema.d.ts";
import { dateText } from "../text/dates.ts";
import { contactOfLead, nameOfLead, sayLead } from "../text/leads.ts";
import { State } from "./State.tsx";

/** `aside`: whose it is, where that is asked. `children`: what can be done. */
export function LeadEntry({
  lead,
  viewer,
  aside,
  children,
}: {
  lead: Lead;
  viewer: "brand" | "partner";
  aside?: ReactNode;
  children?: ReactNode;
}) {
  const contact = contactOfLead(lead);
  return (
    <Stack component="article" aria-label={`Lead ${nameOfLead(lead)}`} gap="xs">
      <Group justify="space-between" align="start" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }} c={lead.erased ? "dimmed" : undefined}>
            {nameOfLead(lead)}
          </Text>
          {contact !== "" && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere", unicodeBidi: "isolate" }}>
              {contact}
            </Text>
          )}
          {aside}
          <Text size="xs" c="dimmed">
            Registered {dateText(lead.registeredAt)}
          </Text>
        </div>
        <State said={sayLead(lead, viewer)} />
      </Group>
      {lead.note !== null && (
        <Text size="sm" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
          {lead.note}
        </Text>
      )}
      {children}
    </Stack>
  );
}
