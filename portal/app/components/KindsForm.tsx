/** The form in which a brand gives partners their kinds. */
import { Button, Checkbox, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { FIRST_GROUP, KINDS, kindMask, MAX_KIND } from "@partner-programs/protocol/kinds";
import { type FormEvent, useState } from "react";
import { addresses, groupsIn } from "../campaign/draft.ts";
import { isAddress } from "../chain/address.ts";

/** Partners and the kinds they are to have. */
export function KindsForm({
  submit,
  partners = "",
  kinds: given = [],
  action = "Set kinds",
}: {
  submit: (partners: string[], mask: bigint) => void;
  partners?: string;
  /** Chosen beforehand. */
  kinds?: readonly number[];
  action?: string;
}) {
  const [text, setText] = useState(partners);
  const [kinds, setKinds] = useState(given.filter((kind) => kind < FIRST_GROUP).map(String));
  const [groups, setGroups] = useState(given.filter((kind) => kind >= FIRST_GROUP).join(", "));
  const [error, setError] = useState<string>();
  const [groupError, setGroupError] = useState<string>();
  function check(event: FormEvent) {
    event.preventDefault();
    const list = addresses(text);
    const wrong = list.find((one) => !isAddress(one));
    if (list.length === 0 || wrong !== undefined)
      return setError(wrong === undefined ? "Name at least one partner." : `${wrong} is no address.`);
    setError(undefined);
    const numbers = groupsIn(groups);
    if (numbers === undefined)
      return setGroupError(`Groups are numbers from ${FIRST_GROUP} to ${MAX_KIND}, such as ${FIRST_GROUP}, 12.`);
    setGroupError(undefined);
    submit(list, kindMask(...kinds.map(Number), ...numbers));
  }
  return (
    <form onSubmit={check}>
      <Stack gap="md" mt="md">
        <Textarea
          label="Partners"
          description="Addresses, one a line"
          autosize
          minRows={2}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={error}
          styles={{ input: { fontFamily: "monospace" } }}
        />
        <Checkbox.Group
          label="Kinds"
          description="All that they have from now on. None: they are paid for nothing new."
          value={kinds}
          onChange={setKinds}
        >
          <Group mt="xs" gap="sm">
            {KINDS.map((name, kind) => (
              <Checkbox key={name} value={String(kind)} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
        <TextInput
          label="Groups of your own"
          description={`Their numbers, ${FIRST_GROUP} to ${MAX_KIND}, comma-separated`}
          value={groups}
          onChange={(event) => setGroups(event.currentTarget.value)}
          error={groupError}
        />
        <Text size="sm" c="dimmed">
          New kinds count at once. Kinds taken away stay payable for the campaign's notice.
        </Text>
        <Group justify="flex-end">
          <Button type="submit">{action}</Button>
        </Group>
      </Stack>
    </form>
  );
}
