/**
 * Demo wallets for a chain on this machine, implemented in the page from the mnemonic that everybody knows. They are announced
 * like any other wallet, and only where /config.json says `local`: on a real chain nobody may be tempted to use these keys.
 */
import { config } from "../config.ts";
import type { AnnouncedWallet, Eip1193 } from "./discovery.ts";

export interface DemoWallet {
  readonly index: number;
  readonly name: string;
  readonly role: "brand" | "partner";
  readonly about: string;
}

/** Accounts of the local chain that `npm start` plays its story with, and two that are new to it. */
export const DEMO_WALLETS: readonly DemoWallet[] = [
  {
    index: 3,
    name: "Streamly",
    role: "brand",
    about: "A consumer app. Its campaign pays affiliates 2 DUSD for each sign-up, and has a story to look at.",
  },
  {
    index: 12,
    name: "Gus",
    role: "partner",
    about: "A partner of Streamly, with 28 DUSD that wait to be claimed.",
  },
  {
    index: 31,
    name: "Your brand",
    role: "brand",
    about: "New here: coins for gas, and demo dollars as soon as you ask for them. Creates your first campaign.",
  },
  { index: 32, name: "Your partner", role: "partner", about: "New here: joins a campaign, gets a link, and is paid." },
];

const MNEMONIC = "test test test test test test test test test test test junk";
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23f08c00'/%3E%3Ctext x='16' y='22' font-size='16' text-anchor='middle' fill='white' font-family='sans-serif'%3E%CE%B4%3C/text%3E%3C/svg%3E";

export const demoRdns = (index: number) => `local.demo.${index}`;

function createDemoWallet(index: number): Eip1193 {
  const load = async () => {
    const { HDNodeWallet, JsonRpcProvider } = await import("../chain/ethers.ts");
    const provider = new JsonRpcProvider(config().rpcUrl, config().chainId, { staticNetwork: true, cacheTimeout: -1 });
    return HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`).connect(provider);
  };
  let loading: ReturnType<typeof load> | undefined;
  const wallet = () => {
    loading ??= load();
    return loading;
  };
  return {
    async request({ method, params = [] }) {
      const key = await wallet();
      switch (method) {
        case "eth_requestAccounts":
        case "eth_accounts":
          return [key.address];
        case "eth_chainId":
          return `0x${config().chainId.toString(16)}`;
        case "personal_sign":
          return key.signMessage(bytesOf(params[0] as string));
        case "eth_signTypedData_v4": {
          const { domain, types, message } = JSON.parse(params[1] as string);
          delete types.EIP712Domain;
          return key.signTypedData(domain, types, message);
        }
        case "eth_sendTransaction": {
          const { to, data, value, gas } = params[0] as Record<string, string>;
          return (await key.sendTransaction({ to, data, value, gasLimit: gas })).hash;
        }
        default:
          throw Object.assign(new Error(`The demo wallet does not do ${method}.`), { code: 4200 });
      }
    },
  };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function announceLocalWallets(): void {
  for (const { index, name } of DEMO_WALLETS) {
    const detail: AnnouncedWallet = {
      info: { uuid: `demo-${index}`, name: `${name} (demo wallet)`, icon: ICON, rdns: demoRdns(index) },
      provider: createDemoWallet(index),
    };
    const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }
}
