/** A button for what cannot be undone: it asks before it does it. */
import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { FormDialog } from "./FormDialog.tsx";

export function AskFirst({
  children,
  label,
  title,
  text,
  action,
  keep = "Keep it",
  act,
}: {
  /** What the button says. */
  children: string;
  /** What it is read as, where there are several that say the same. */
  label?: string;
  /** The question. */
  title: string;
  /** What happens, and what does not come back. */
  text: string;
  action: string;
  keep?: string;
  /** What it throws, the dialog says. */
  act: () => Promise<unknown>;
}) {
  const [asking, ask] = useDisclosure(false);
  return (
    <>
      <Button size="compact-sm" variant="default" c="var(--mantine-color-error)" onClick={ask.open} aria-label={label}>
        {children}
      </Button>
      {asking && (
        <FormDialog title={title} action={action} cancel={keep} hurts submit={act} close={ask.close}>
          <Text size="sm">{text}</Text>
        </FormDialog>
      )}
    </>
  );
}
