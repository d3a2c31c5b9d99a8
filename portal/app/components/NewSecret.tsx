/** A secret that was just made. */
import { Alert, Code, Group } from "@mantine/core";
import { Copy } from "./Copy.tsx";

export function NewSecret({ secret }: { secret: string }) {
  return (
    <Alert color="green" title="Copy it now: it is shown this once">
      <Group justify="space-between">
        <Code data-testid="secret-key" style={{ overflowWrap: "anywhere" }}>
          {secret}
        </Code>
        <Copy value={secret} what="Copy key" />
      </Group>
    </Alert>
  );
}
