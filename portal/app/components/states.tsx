/** What stands in a page's place while it loads, has nothing to show, or asks for a signature. */
import { Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useWallet } from "../wallet/wallet.tsx";

/** A page while its code or data is loading: as high as what comes. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true" aria-label="Loading">
      <Skeleton h={34} w={280} />
      <TilesSkeleton />
      <Skeleton h={320} radius="lg" />
    </Stack>
  );
}

export function TilesSkeleton({ tiles = 4 }: { tiles?: number }) {
  return (
    <SimpleGrid cols={{ base: 2, md: tiles }} spacing="md">
      {Array.from({ length: tiles }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton key={i} h={104} radius="lg" />
      ))}
    </SimpleGrid>
  );
}

export function TableSkeleton({ rows = 5 }: { rows?: number }) {
  return <Skeleton h={44 + rows * 47} radius="lg" />;
}

/** Nothing there yet: says why, and what to do. */
export function Empty({
  title,
  children,
  action,
  level = 1,
}: {
  title: string;
  children: ReactNode;
  action?: ReactNode;
  /** Of its heading: 2 where the page has a title of its own. */
  level?: 1 | 2;
}) {
  return (
    <Paper p="xl">
      <Stack align="center" gap="xs" py="lg">
        <Title order={level} size="h3">
          {title}
        </Title>
        <Text c="dimmed" ta="center" maw={520}>
          {children}
        </Text>
        {action !== undefined && <Group mt="sm">{action}</Group>}
      </Stack>
    </Paper>
  );
}

/** What only somebody signed in sees. */
export function SignedIn({ why, children }: { why: string; children: ReactNode }) {
  const { session, ask } = useWallet();
  if (session !== undefined) return children;
  return (
    <Empty title="Sign in with your wallet" action={<Button onClick={() => ask()}>Sign in</Button>}>
      {why} Signing in is a signature: it costs nothing and moves nothing.
    </Empty>
  );
}
