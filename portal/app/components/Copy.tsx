/** A button that copies a text. */
import { Button, CopyButton } from "@mantine/core";

/** Copies a text, and says that it did. */
export function Copy({ value, what = "Copy", primary = false }: { value: string; what?: string; primary?: boolean }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          size={primary ? "sm" : "compact-sm"}
          variant={primary ? "filled" : "default"}
          onClick={copy}
          aria-live="polite"
        >
          {copied ? "Copied" : what}
        </Button>
      )}
    </CopyButton>
  );
}
