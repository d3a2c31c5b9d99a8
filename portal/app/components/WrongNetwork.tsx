/** The note above a page while the wallet is on another network. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { config } from "../config.ts";
import { explain, type Failure } from "../text/failure.ts";
import { ensureNetwork } from "../wallet/network.ts";
import { useWallet } from "../wallet/wallet.tsx";

/** The wallet is on another network: says so, and offers to switch. */
export function WrongNetwork() {
  const { wallet } = useWallet();
  const [chainId, setChainId] = useState<number>();
  const [failure, setFailure] = useState<Failure>();

  useEffect(() => {
    if (wallet === undefined) return setChainId(undefined);
    const learn = (id: unknown) => setChainId(Number(id));
    wallet.provider.request({ method: "eth_chainId" }).then(learn, () => setChainId(undefined));
    wallet.provider.on?.("chainChanged", learn as never);
    return () => wallet.provider.removeListener?.("chainChanged", learn as never);
  }, [wallet]);

  if (wallet === undefined || chainId === undefined || chainId === config().chainId) return null;
  return (
    <Alert color="yellow" title="Your wallet is on another network" mb="lg" role="alert">
      <Group justify="space-between">
        <Text size="sm">
          It is on {chainId}; this portal is about {config().network} ({config().chainId}). You can look around, but not
          sign.
          {failure !== undefined && ` ${failure.title} ${failure.remedy}`}
        </Text>
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            ensureNetwork(wallet.provider).then(
              () => setChainId(config().chainId),
              (error: unknown) => setFailure(explain(error)),
            )
          }
        >
          Switch network
        </Button>
      </Group>
    </Alert>
  );
}
