/** How somebody without a wallet signs in: with a passkey, new or known. */
import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { shortAddress } from "../text/money.ts";
import type { AnnouncedWallet } from "../wallet/discovery.ts";
import { knownPasskey, type Meant } from "../wallet/knownPasskey.ts";
import { passkeyWallet } from "../wallet/passkey.ts";

/** `busy`: the uuid of the wallet that is asked now. */
export function PasskeySignIn({
  busy,
  choose,
}: {
  busy: string | undefined;
  choose: (wallet: AnnouncedWallet) => void;
}) {
  const known = knownPasskey();
  const use = (meant: Meant) => choose(passkeyWallet(meant));
  return (
    <Stack gap={6}>
      <Button
        size="md"
        loading={busy?.startsWith("passkey-") === true}
        disabled={busy !== undefined && !busy.startsWith("passkey-")}
        onClick={() => use("known")}
      >
        Continue with a passkey
      </Button>
      <Text size="sm" c="dimmed">
        {known === undefined
          ? "Face ID, fingerprint or PIN. No app, no password, and you never need a coin."
          : `Your account ${shortAddress(known.address)}, by Face ID, fingerprint or PIN.`}
      </Text>
      <Group gap="md">
        <Other
          name={known === undefined ? "I have a passkey here already" : "Use another passkey"}
          use={() => use("another")}
        />
        {known !== undefined && <Other name="Make a new one" use={() => use("new")} />}
      </Group>
    </Stack>
  );
}

function Other({ name, use }: { name: string; use: () => void }) {
  return (
    <Anchor component="button" type="button" size="sm" underline="always" onClick={use}>
      {name}
    </Anchor>
  );
}
