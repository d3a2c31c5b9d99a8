/** Of what a webhook tells: everything, or what is ticked. */
import { Checkbox, SimpleGrid, Stack } from "@mantine/core";
import { WEBHOOK_EVENTS, type WebhookEvent } from "#portal/app/text/webhooks.ts";

/** undefined: everything, also what comes later. */
export type Chosen = readonly WebhookEvent[] | undefined;

export function WebhookEvents({ chosen, change }: { chosen: Chosen; change: (chosen: Chosen) => void }) {
  return (
    <Stack gap="xs">
      <Checkbox
        label="Everything, also what is told later"
        checked={chosen === undefined}
        onChange={(event) => change(event.currentTarget.checked ? undefined : [])}
      />
      {chosen !== undefined && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {WEBHOOK_EVENTS.map(([about, events]) => (
            <Checkbox.Group
              key={about}
              label={about}
              value={chosen.filter((one) => one in events)}
              onChange={(ticked) =>
                change([...chosen.filter((one) => !(one in events)), ...(ticked as WebhookEvent[])])
              }
            >
              <Stack gap={6} mt={6}>
                {Object.entries(events).map(([type, text]) => (
                  <Checkbox key={type} size="xs" value={type} label={text} />
                ))}
              </Stack>
            </Checkbox.Group>
          ))}
        </SimpleGrid>
      )}
    </Stack>
  );
}
