/** Addresses, hashes and transactions, shortened, with a link to the explorer. */
import { Anchor, Code } from "@mantine/core";
import { config } from "../config.ts";
import { shortAddress } from "../text/money.ts";

/** A transaction or an address, as a link to the explorer where there is one; a hash of something else as it is. */
export function Explorer({
  transaction,
  address,
  hash,
  short,
}: {
  transaction?: string;
  address?: string;
  hash?: string;
  /** How it is written; without it as usual. */
  short?: string | undefined;
}) {
  const value = transaction ?? address ?? hash ?? "";
  const written = short ?? shortAddress(value);
  const { explorerUrl } = config();
  if (explorerUrl === null || hash !== undefined)
    return (
      <Code title={value} style={{ whiteSpace: "nowrap" }}>
        {written}
      </Code>
    );
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
      {written}
    </Anchor>
  );
}
