/** Where the portal starts in the browser: its configuration, its providers, its routes. */
import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { ApiError } from "./api/client.ts";
import { config, loadConfig } from "./config.ts";
import { AppRoutes } from "./routes.tsx";
import { cssVariables, theme } from "./theme.ts";
import { TransactProvider } from "./transactions/transact.tsx";
import { discoverWallets } from "./wallet/discovery.ts";
import { announcePasskeys } from "./wallet/passkey.ts";
import { WalletProvider } from "./wallet/wallet.tsx";

const root = document.getElementById("root") as HTMLElement;
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";
// Where the component library locks the scrolling behind a dialog it writes a <style>, and looks for the nonce under this name.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

async function start(): Promise<void> {
  await loadConfig();
  discoverWallets();
  announcePasskeys();
  if (config().local) (await import("./wallet/localWallets.ts")).announceLocalWallets();
  // A Safe shows the portal in its frame. Who else does so is asked nothing, and the pages do not wait.
  if (config().safeOrigins.length > 0 && window.parent !== window)
    import("./wallet/safeFrame.ts").then(({ announceSafe }) => announceSafe()).catch(console.warn);
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // What is shown is what is there now: other parties act meanwhile.
        refetchInterval: config().local ? 2_000 : 15_000,
        staleTime: 1_000,
        // A browser that takes itself for offline is told so by whoever does not answer, and not by a page that waits for ever.
        networkMode: "always",
        // Sharing parts of old answers copies what it compares, and what the contract answers loses its names by that.
        structuralSharing: false,
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      },
    },
  });
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      cssVariablesResolver={cssVariables}
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <WalletProvider>
            <TransactProvider>
              <AppRoutes />
            </TransactProvider>
          </WalletProvider>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

start().catch((error: unknown) => {
  root.textContent = `The portal cannot start: ${error instanceof Error ? error.message : error} Reload the page to try again.`;
});
