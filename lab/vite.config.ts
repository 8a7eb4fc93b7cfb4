/** Builds the laboratory into dist/lab, a folder of static files that can be hosted anywhere, from the release build in dist/. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("./"),
  base: "./",
  resolve: {
    // As package.json's `exports` and `imports` have them in a browser.
    alias: [
      { find: /^heavyball$/, replacement: at("../dist/index.js") },
      { find: /^heavyball\/web$/, replacement: at("../dist/web/index.js") },
      { find: /^heavyball\/worker(\?.*)?$/, replacement: `${at("../dist/web/teamWorker.js")}$1` },
      { find: /^heavyball\/trial-worker(\?.*)?$/, replacement: `${at("../dist/web/trialWorker.js")}$1` },
      { find: /^#platform$/, replacement: at("../dist/web/platform.js") },
      { find: /^#internal\/(.*)$/, replacement: `${at("../dist")}/$1.js` },
    ],
  },
  worker: { format: "es" },
  build: {
    outDir: at("../dist/lab"),
    emptyOutDir: true,
    target: "es2022",
    // Nothing inline: the page's policy takes scripts from its own origin alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
});
