/** A failure in words, with a button that tries again. */
import { Alert, Button, Stack, Text } from "@mantine/core";
import { explain, type Failure } from "../text/failure.ts";

/** What went wrong and what to do. */
export function Failed({
  failure,
  error,
  title,
  retry,
}: {
  failure?: Failure;
  error?: unknown;
  title?: string;
  retry?: () => void;
}) {
  const said = failure ?? explain(error);
  return (
    <Alert color="red" title={title ?? said.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {title === undefined ? "" : `${said.title} `}
          {said.remedy}
        </Text>
        {retry !== undefined && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
