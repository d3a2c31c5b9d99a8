/** Where a step of a transaction is, in a line. */
import { Group, Loader, Text } from "@mantine/core";
import { Explorer } from "../components/Explorer.tsx";
import type { Progress } from "./execute.ts";
import type { Step } from "./plan.ts";

const WAITING: Readonly<Record<Step["kind"], string>> = {
  sign: "A signature: it costs nothing.",
  call: "A transaction.",
  carry: "The relayer's transaction: it costs you nothing.",
};

export function StepState({ progress, kind }: { progress: Progress; kind: Step["kind"] }) {
  switch (progress.state) {
    case "waiting":
      return (
        <Text size="sm" c="dimmed">
          {WAITING[kind]}
        </Text>
      );
    case "wallet":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">Confirm in your wallet.</Text>
        </Group>
      );
    case "signed":
      return <Text size="sm">Signed.</Text>;
    case "handed":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">The relayer has it.</Text>
        </Group>
      );
    case "proposed":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">Proposed. Waiting for the other owners’ signatures.</Text>
        </Group>
      );
    case "sent":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">
            Sent, waiting for a block. <Explorer transaction={progress.hash} />
          </Text>
        </Group>
      );
    case "confirmed":
      return (
        <Text size="sm">
          Confirmed. <Explorer transaction={progress.hash} />
        </Text>
      );
    case "failed":
      return (
        <Text size="sm" c="var(--mantine-color-error)">
          Did not go through. {progress.hash !== undefined && <Explorer transaction={progress.hash} />}
        </Text>
      );
  }
}
