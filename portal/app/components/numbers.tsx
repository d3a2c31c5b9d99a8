/** How single numbers stand on a page: tiles, and lists of facts. */
import { Group, Paper, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** One number with its name, and a remark under it. */
export function Tile({
  name,
  children,
  remark,
  loading,
}: {
  name: string;
  children: ReactNode;
  remark?: ReactNode;
  loading?: boolean;
}) {
  return (
    <Paper p="md" role="group" aria-label={name} mih={104}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      {loading === true ? (
        <Skeleton h={28} w="60%" mt={6} />
      ) : (
        <Text fz={22} fw={650} style={{ fontVariantNumeric: "tabular-nums", overflowWrap: "anywhere" }} lh={1.35}>
          {children}
        </Text>
      )}
      {remark !== undefined && (
        <Text size="xs" c="dimmed" mt={2}>
          {remark}
        </Text>
      )}
    </Paper>
  );
}

/** A name and its value, one under the other in a list of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Group
      justify="space-between"
      gap="md"
      align="baseline"
      wrap="wrap"
      py={7}
      style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
    >
      <Text size="sm" c="dimmed" component="dt">
        {name}
      </Text>
      <Text
        size="sm"
        component="dd"
        m={0}
        ta="right"
        style={{ fontVariantNumeric: "tabular-nums", overflowWrap: "anywhere" }}
      >
        {children}
      </Text>
    </Group>
  );
}

export function Facts({ children }: { children: ReactNode }) {
  return (
    <Stack component="dl" gap={0} m={0}>
      {children}
    </Stack>
  );
}
