/** The dialog in which a wallet is chosen. */
import { Anchor, Button, Divider, Stack, Text } from "@mantine/core";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { isAway } from "../api/client.ts";
import { config } from "../config.ts";
import { explain, type Failure } from "../text/failure.ts";
import { type AnnouncedWallet, isOurs } from "../wallet/discovery.ts";
import { isPhone, pageLinks } from "../wallet/elsewhere.ts";
import { PASSKEY_RDNS } from "../wallet/passkey.ts";
import { useWallet } from "../wallet/wallet.tsx";
import { Dialog } from "./Dialog.tsx";
import { Failed } from "./Failed.tsx";
import { PasskeySignIn } from "./PasskeySignIn.tsx";

/** The list of wallets in this browser, to sign in with one of them. */
export default function SignIn() {
  const { wallets: all, signIn, goOnWithoutRelayer, asking, ask } = useWallet();
  const wallets = all.filter(({ info }) => info.rdns !== PASSKEY_RDNS);
  const [failure, setFailure] = useState<Failure>();
  /** The wallet that was chosen while the relayer did not answer. */
  const [stranded, setStranded] = useState<AnnouncedWallet>();
  const [busy, setBusy] = useState<string>();
  const none = wallets.every(({ info }) => isOurs(info));

  async function choose(wallet: AnnouncedWallet) {
    setFailure(undefined);
    setStranded(undefined);
    setBusy(wallet.info.uuid);
    await signIn(wallet).catch((error: unknown) => {
      setFailure(explain(error));
      if (isAway(error)) setStranded(wallet);
    });
    setBusy(undefined);
  }

  async function goOn(wallet: AnnouncedWallet) {
    setFailure(undefined);
    await goOnWithoutRelayer(wallet).catch((error: unknown) => setFailure(explain(error)));
  }

  return (
    <Dialog opened={asking} onClose={() => ask(false)} title="Sign in" size="sm">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          You sign a message. It costs nothing, moves nothing, and gives no permission.
        </Text>
        {wallets.length < all.length && <PasskeySignIn busy={busy} choose={choose} />}
        {wallets.length < all.length && wallets.length > 0 && <Divider label="or with a wallet" />}
        <Wallets wallets={wallets} busy={busy} choose={choose} />
        {none && isPhone() && (
          <Text size="sm">
            Open this page in the browser of your wallet:{" "}
            {pageLinks(location.href).map(({ name, href }, i) => (
              <Fragment key={name}>
                {i > 0 && ", "}
                <Anchor href={href}>{name}</Anchor>
              </Fragment>
            ))}
            .
          </Text>
        )}
        {all.length === 0 && (
          <Text size="sm">
            No wallet was found in this browser.{" "}
            <Anchor href="https://ethereum.org/wallets/find-wallet/">Choose one</Anchor>, install it, and reload this
            page.
          </Text>
        )}
        {failure !== undefined && <Failed failure={failure} />}
        {stranded !== undefined && (
          <Button variant="default" onClick={() => goOn(stranded)}>
            Go on without the relayer
          </Button>
        )}
        {config().local && (
          <Text size="xs" c="dimmed">
            Demo wallets exist on this machine only.{" "}
            <Anchor component={Link} to="/local" inherit underline="always" onClick={() => ask(false)}>
              Who they are
            </Anchor>
          </Text>
        )}
      </Stack>
    </Dialog>
  );
}

function Wallets({
  wallets,
  busy,
  choose,
}: {
  wallets: readonly AnnouncedWallet[];
  busy: string | undefined;
  choose(wallet: AnnouncedWallet): void;
}) {
  return wallets.map((wallet) => (
    <Button
      key={wallet.info.uuid}
      variant="default"
      size="md"
      justify="flex-start"
      loading={busy === wallet.info.uuid}
      disabled={busy !== undefined && busy !== wallet.info.uuid}
      leftSection={<img src={safePicture(wallet.info.icon)} alt="" width={22} height={22} />}
      onClick={() => choose(wallet)}
    >
      {wallet.info.name}
    </Button>
  ));
}

/** Wallets announce pictures as data; anything else would tell somebody who is looking. */
const safePicture = (icon: string) => (icon.startsWith("data:image/") ? icon : "/icon.svg");
