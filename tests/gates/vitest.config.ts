/** npm run test:gates: what tools for packages say of this one, after npm run build. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    name: "gates",
    include: ["tests/gates/*.test.ts"],
    globalSetup: ["tests/gates/prepare.ts"],
    testTimeout: 300_000,
  },
});
