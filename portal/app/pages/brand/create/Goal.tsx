/** Part of a campaign's form: the template to begin with. */
import { Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { fromTemplate, TEMPLATES } from "#portal/app/campaign/templates.ts";
import { durationText } from "#portal/app/text/dates.ts";
import type { FormProps } from "./form.ts";

/** What the brand wants; everything after is proposed from it. */
export function Goal({ draft, change, next }: FormProps & { next: () => void }) {
  return (
    <Stack gap="lg">
      <div>
        <Title order={2}>What do you want partners to bring you?</Title>
        <Text c="dimmed" size="sm">
          We propose terms that are usual for it, and say why. You can change all of them.
        </Text>
      </div>
      {TEMPLATES.map((template, i) => (
        <Stack
          key={template.id}
          gap={6}
          pb={i === TEMPLATES.length - 1 ? 0 : "lg"}
          style={i === TEMPLATES.length - 1 ? {} : { borderBottom: "1px solid var(--mantine-color-default-border)" }}
        >
          <Group justify="space-between" align="start">
            <div>
              <Group gap="xs">
                <Text fw={600}>{template.title}</Text>
                {draft.template === template.id && <Badge color="indigo">Chosen</Badge>}
              </Group>
              <Text size="sm">{template.pays}</Text>
            </div>
            <Button
              variant={draft.template === template.id ? "light" : "default"}
              size="sm"
              aria-label={`Start with this: ${template.title}`}
              onClick={() => {
                change(fromTemplate(draft, template));
                next();
              }}
            >
              Start with this
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            {template.because}
          </Text>
          <Text size="xs" c="dimmed">
            Hold {durationText(template.draft.holdSeconds ?? 0)}, notice{" "}
            {durationText(template.draft.noticeSeconds ?? 0)}, a click counts{" "}
            {durationText(template.draft.windowSeconds ?? 0)}
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}
