import type { BaseWallet, JsonRpcProvider } from "ethers";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { noChromium, startChromium } from "#harness/chromium.ts";
import type { Wallet1271 } from "#typechain/mocks/Wallet1271.ts";

/**
 * Tests that need a browser. Without one they are left out with a loud remark; where everything has to be tested (CI), their
 * absence is a failure.
 */
export function describeInBrowser(
  title: string,
  tests: (this: Mocha.Suite, launch: () => Promise<Browser>) => void,
): void {
  if (noChromium === undefined)
    describe(title, function () {
      tests.call(this, () => startChromium());
    });
  else console.warn(`\n  !!! NOT TESTED: ${title}. ${noChromium}\n`);
}

/** What the test's wallet is asked, and may refuse. */
export interface TestWallet {
  readonly key: BaseWallet;
  readonly provider: JsonRpcProvider;
  /** The network that the wallet says it is on. */
  chainId: number;
  /** Methods that the user declines, and selectors of calls. */
  readonly declines: Set<string>;
  readonly asked: string[];
  /** It answers after that: somebody is reading what it shows. */
  reading?: Promise<void>;
  /** Its account is this contract, which its key speaks for; several calls are one to it (EIP-5792). */
  contract?: Wallet1271;
  /** How it signs a message, if not by its key alone. */
  sign?: (text: Uint8Array) => Promise<string>;
}

export function createWallet(key: BaseWallet, provider: JsonRpcProvider, chainId = 31337): TestWallet {
  return { key: key.connect(provider) as BaseWallet, provider, chainId, declines: new Set(), asked: [] };
}

async function answer(wallet: TestWallet, method: string, params: readonly unknown[]): Promise<unknown> {
  wallet.asked.push(method);
  if (method === "eth_sendTransaction") await wallet.reading;
  const { data = "" } = (params[0] ?? {}) as { data?: string };
  if (wallet.declines.has(method) || wallet.declines.has(data.slice(0, 10)))
    throw Object.assign(new Error("User rejected the request."), { code: 4001 });
  if (wallet.contract !== undefined) {
    const answered = await answerAsContract(wallet, wallet.contract, method, params);
    if (answered !== undefined) return answered;
  }
  switch (method) {
    case "eth_requestAccounts":
    case "eth_accounts":
      return [wallet.key.address.toLowerCase()];
    case "eth_chainId":
      return `0x${wallet.chainId.toString(16)}`;
    case "wallet_switchEthereumChain":
      wallet.chainId = Number((params[0] as { chainId: string }).chainId);
      return null;
    case "personal_sign":
      return (wallet.sign ?? ((text) => wallet.key.signMessage(text)))(
        Buffer.from((params[0] as string).slice(2), "hex"),
      );
    case "eth_signTypedData_v4": {
      const { domain, types, message } = JSON.parse(params[1] as string);
      delete types.EIP712Domain;
      return wallet.key.signTypedData(domain, types, message);
    }
    case "eth_sendTransaction": {
      const { to, data, value, gas } = params[0] as Record<string, string>;
      return (
        await wallet.key.sendTransaction({
          to: to ?? "",
          data: data ?? "0x",
          value: value ?? "0x0",
          gasLimit: gas ?? "0x0",
        })
      ).hash;
    }
    default:
      throw Object.assign(new Error(`The test's wallet does not do ${method}.`), { code: 4200 });
  }
}

/** What a contract account's wallet does otherwise; undefined: it does it as any other. */
async function answerAsContract(wallet: TestWallet, contract: Wallet1271, method: string, params: readonly unknown[]) {
  switch (method) {
    case "eth_requestAccounts":
    case "eth_accounts":
      return [(await contract.getAddress()).toLowerCase()];
    case "wallet_getCapabilities":
      return { "0x7a69": { atomic: { status: "supported" } } };
    case "wallet_sendCalls": {
      const { calls } = params[0] as { calls: { to: string; data: string }[] };
      let hash = "";
      for (const { to, data } of calls)
        hash = (await (await contract.connect(wallet.key).execute(to, data)).wait())?.hash ?? "";
      return { id: hash };
    }
    case "wallet_getCallsStatus":
      return { status: 200, receipts: [{ transactionHash: params[0] }] };
    case "eth_sendTransaction": {
      const { to = "", data = "0x" } = params[0] as Record<string, string>;
      return (await contract.connect(wallet.key).execute(to, data)).hash;
    }
  }
  return undefined;
}

/** A page in a browser of its own, with an injected wallet (EIP-6963; `silent`: one that only stands there). `errors`: what its console complained about. */
export async function openPage(
  browser: Browser,
  wallet: TestWallet | undefined,
  { silent = false, ...options }: BrowserContextOptions & { silent?: boolean } = {},
): Promise<{ page: Page; errors: string[]; close(): Promise<void> }> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  if (wallet !== undefined) {
    await page.exposeFunction("testWallet", async (method: string, params: readonly unknown[]) =>
      answer(wallet, method, params).then(
        (result) => ({ result }),
        (error: { message: string; code?: number }) => ({
          error: { message: error.message, code: error.code ?? -32603 },
        }),
      ),
    );
    await page.addInitScript(inject, silent);
  }
  return { page, errors, close: () => context.close() };
}

/** Runs in the page: announces a wallet that hands every request to the test. */
function inject(silent: boolean): void {
  const provider = {
    async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
      const { testWallet } = window as unknown as {
        testWallet(
          m: string,
          p: readonly unknown[],
        ): Promise<{ result?: unknown; error?: { message: string; code: number } }>;
      };
      const { result, error } = await testWallet(method, params);
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
      return result;
    },
    on() {},
    removeListener() {},
  };
  if (silent) {
    Object.assign(window, { ethereum: provider });
    return;
  }
  const detail = {
    info: {
      uuid: "3f1c0e0a-0000-4000-8000-000000000001",
      name: "Test Wallet",
      icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
      rdns: "test.wallet",
    },
    provider,
  };
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
}

/** Signs in with the injected wallet, from whatever page is shown. */
export async function signIn(page: Page, wallet = "Test Wallet"): Promise<void> {
  await page.locator("header").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: wallet }).click();
  await page.locator("header").getByRole("button", { name: /^0x/ }).waitFor();
}
