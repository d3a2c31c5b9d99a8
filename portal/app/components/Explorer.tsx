import { Anchor, Code } from "@mantine/core";
import { config } from "../config.ts";
import { shortAddress } from "../money.ts";

/** A transaction or an address, as a link to the explorer where there is one. */
export function Explorer({ transaction, address }: { transaction?: string; address?: string }) {
  const value = transaction ?? address ?? "";
  const { explorerUrl } = config();
  if (explorerUrl === null) return <Code title={value}>{shortAddress(value)}</Code>;
  return (
    <Anchor
      href={new URL(`/${transaction === undefined ? "address" : "tx"}/${value}`, explorerUrl).href}
      target="_blank"
      rel="noreferrer"
      title={value}
      inherit
      underline="always"
      ff="monospace"
    >
      {shortAddress(value)}
    </Anchor>
  );
}
