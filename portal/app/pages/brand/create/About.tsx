/** Part of a campaign's form: name, destination, objectives, resources. */
import { Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { kindsIn } from "#portal/app/campaign/draft.ts";
import type { FormProps } from "./form.ts";

/** What partners read. */
export function About({ draft, change, problem }: FormProps) {
  const resource = (id: number, part: { title?: string; content?: string }) =>
    change({ resources: draft.resources.map((one) => (one.id === id ? { ...one, ...part } : one)) });
  return (
    <Stack gap="lg">
      <Title order={2}>What partners read</Title>
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        error={problem("name")}
        maxLength={120}
      />
      <Textarea
        label="In a sentence or two"
        description="What you sell, and what you pay for."
        autosize
        minRows={2}
        maxLength={2000}
        value={draft.summary}
        onChange={(event) => change({ summary: event.currentTarget.value })}
      />
      <TextInput
        label="Where invite links lead"
        description="A page of yours. Partners can choose other pages of the same site."
        value={draft.destination}
        onChange={(event) => change({ destination: event.currentTarget.value })}
        error={problem("destination")}
      />
      <Textarea
        label="Objectives"
        description="One a line. Progress is shown where you write a number, an event and a time: “500 signup in 90 days”."
        autosize
        minRows={2}
        value={draft.objectives}
        onChange={(event) => change({ objectives: event.currentTarget.value })}
      />
      {kindsIn(draft).map((kind) => (
        <Textarea
          key={kind}
          label={`What you expect of ${kind}s`}
          autosize
          minRows={2}
          maxLength={1000}
          value={draft.expectations[kind] ?? ""}
          onChange={(event) => change({ expectations: { ...draft.expectations, [kind]: event.currentTarget.value } })}
        />
      ))}
      <Stack gap="sm">
        <Text fw={500} size="sm">
          Resources for partners
        </Text>
        {draft.resources.map(({ id, title, content }) => (
          <SimpleGrid key={id} cols={{ base: 1, sm: 2 }}>
            <TextInput
              label="Title"
              value={title}
              onChange={(event) => resource(id, { title: event.currentTarget.value })}
            />
            <TextInput
              label="Address or text"
              value={content}
              onChange={(event) => resource(id, { content: event.currentTarget.value })}
            />
          </SimpleGrid>
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            onClick={() =>
              change({ resources: [...draft.resources, { id: draft.resources.length + 1, title: "", content: "" }] })
            }
          >
            Add a resource
          </Button>
        </Group>
      </Stack>
    </Stack>
  );
}
