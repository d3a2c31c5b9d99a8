/** The network that a wallet is on, and how it is brought to ours. */
import { config } from "../config.ts";
import type { Eip1193 } from "./discovery.ts";

/** The wallet is on another network and did not switch. */
export class NeedsNetwork extends Error {
  override readonly name = "NeedsNetwork";
}

/** Puts the wallet on the portal's network: asks it to switch, and to add the network if it does not know it. @throws NeedsNetwork */
export async function ensureNetwork(wallet: Eip1193): Promise<void> {
  const { chainId, rpcUrl, network, explorerUrl } = config();
  const wanted = `0x${chainId.toString(16)}`;
  const current = async () => Number((await wallet.request({ method: "eth_chainId" })) as string);
  const found = await current();
  if (found === chainId) return;
  try {
    await wallet.request({ method: "wallet_switchEthereumChain", params: [{ chainId: wanted }] });
  } catch (error) {
    if ((error as { code?: unknown }).code === 4001) throw error;
    await wallet.request({
      method: "wallet_addEthereumChain",
      params: [
        {
          chainId: wanted,
          chainName: network,
          rpcUrls: [rpcUrl],
          nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
          ...(explorerUrl === null ? {} : { blockExplorerUrls: [explorerUrl] }),
        },
      ],
    });
  }
  if ((await current()) !== chainId)
    throw new NeedsNetwork(`The wallet is on network ${found}; this campaign is on ${network} (${chainId}).`);
}
