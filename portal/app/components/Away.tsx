/** What a page says while the relayer or the chain does not answer: from whom and of when is what it shows instead. */
import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { dateText } from "../text/dates.ts";

function Away({ title, children, retry }: { title: string; children: string; retry: () => unknown }) {
  return (
    <Alert color="yellow" title={title} role="status">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{children}</Text>
        <Button size="xs" variant="default" onClick={() => retry()}>
          Look again
        </Button>
      </Stack>
    </Alert>
  );
}

const timeOf = (milliseconds: number) => dateText(milliseconds / 1000, "second");

/** `at`: when it said what is shown of it, in milliseconds; 0: it has said nothing since the page was opened. */
export function RelayerAway({ at, retry }: { at: number; retry: () => unknown }) {
  return (
    <Away title="The relayer does not answer" retry={retry}>
      {at === 0
        ? "What you see is what the chain says. Names, links, clicks and conversions are the relayer's to show, and come back with it; the money is safe, and pays without it."
        : `What you see of it is of ${timeOf(at)}. What is read from the chain is of now: the money is safe, and pays without the relayer.`}
    </Away>
  );
}

/** `at`: when the relayer said what is shown, in milliseconds. */
export function ChainAway({ at, retry }: { at: number; retry: () => unknown }) {
  return (
    <Away title="The chain cannot be read" retry={retry}>
      {`The numbers that you see are the relayer's, of ${timeOf(at)}: nothing of them was checked against the chain. Until its node answers nothing can be signed either.`}
    </Away>
  );
}

/** In the place of what the chain says: it loads, or cannot be had now. */
export function Unread({ away, height }: { away: boolean; height: number }): ReactNode {
  if (!away) return <Skeleton h={height} />;
  return (
    <Text size="sm" c="dimmed">
      This stands on the chain, which cannot be read now.
    </Text>
  );
}
