/** A partner in a table: its name, which nobody has checked, and its address, which is who it is. */
import { Text } from "@mantine/core";
import { Explorer } from "./Explorer.tsx";

/** `short`: the address as it is told apart from the others that are shown. */
export function Partner({
  address,
  name,
  short,
}: {
  address: string;
  name?: string | undefined;
  short?: string | undefined;
}) {
  if (name === undefined) return <Explorer address={address} short={short} />;
  return (
    <>
      <Text span display="block" size="sm" fw={550} style={{ overflowWrap: "anywhere", unicodeBidi: "isolate" }}>
        {name}
      </Text>
      <Text span display="block" size="xs" c="dimmed">
        <Explorer address={address} short={short} />
      </Text>
    </>
  );
}
