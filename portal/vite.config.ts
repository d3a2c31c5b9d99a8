/** How the pages are built. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
  // Every asset is a file of its own: the content security policy knows no `data:` scripts or styles.
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 900, manifest: true },
  logLevel: "warn",
});
