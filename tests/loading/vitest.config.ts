/** npm run test:loading [-- name]: the package in every bundler and engine of the table in docs/loading.md, after npm run build. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "loading",
    include: ["tests/loading/*.test.ts"],
    globalSetup: ["tests/loading/prepare.ts"],
    // Bundlers take what cores there are.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
