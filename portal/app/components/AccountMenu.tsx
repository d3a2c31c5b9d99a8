/** What somebody who is signed in can do about it. Loaded lazily: who only looks has no menu. */
import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useWallet } from "../wallet/wallet.tsx";

export default function AccountMenu({ children }: { children: ReactNode }) {
  const { session, wallet, ask, signOut } = useWallet();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{wallet?.info.name ?? "The wallet is not here"}</Menu.Label>
        <Menu.Item onClick={() => navigator.clipboard.writeText(session?.address ?? "")}>Copy address</Menu.Item>
        <Menu.Item component={Link} to="/notices">
          Notices
        </Menu.Item>
        <Menu.Item onClick={() => ask()}>Switch wallet</Menu.Item>
        <Menu.Item onClick={signOut}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
