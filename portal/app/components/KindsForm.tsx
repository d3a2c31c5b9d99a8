/** The form in which a brand gives partners their kinds. */
import { Button, Checkbox, Group, Stack, Text, Textarea } from "@mantine/core";
import { kindMask, kindName, MAX_KIND } from "@partner-programs/protocol/kinds";
import { isAddress } from "ethers";
import { type FormEvent, useState } from "react";
import { addresses } from "../campaign/draft.ts";

/** Partners and the kinds they are to have. */
export function KindsForm({
  submit,
  partners = "",
}: {
  submit: (partners: string[], mask: number) => void;
  partners?: string;
}) {
  const [text, setText] = useState(partners);
  const [kinds, setKinds] = useState<string[]>([]);
  const [error, setError] = useState<string>();
  function check(event: FormEvent) {
    event.preventDefault();
    const list = addresses(text);
    const wrong = list.find((one) => !isAddress(one));
    if (list.length === 0 || wrong !== undefined)
      return setError(wrong === undefined ? "Name at least one partner." : `${wrong} is no address.`);
    setError(undefined);
    submit(list, kindMask(...kinds.map(Number)));
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
            {Array.from({ length: MAX_KIND + 1 }, (_, kind) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the index is the kind
              <Checkbox key={kind} value={String(kind)} label={kindName(kind)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Text size="sm" c="dimmed">
          New kinds count at once. Kinds taken away stay payable for the campaign's notice.
        </Text>
        <Group justify="flex-end">
          <Button type="submit">Set kinds</Button>
        </Group>
      </Stack>
    </form>
  );
}
