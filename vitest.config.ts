/**
 * Three projects over the release build in dist/: "node" (tests/node), "host" (tests/host in Node) and "browser" (tests/host, tests/browser
 * in headless Chromium, cross-origin isolated). Run `npm run build` first; `npm test` does.
 *
 * Without an installed Chromium the browser project is left out with a line saying so; HEAVYBALL_BROWSER=required makes that an error, and
 * HEAVYBALL_BROWSER=none leaves it out in any case.
 */
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { CHROMIUM_ARGUMENTS, findChromium, ISOLATION_HEADERS } from "./scripts/chromium.mjs";

/** Another build than dist/, and flags of V8 for the processes that tests run in: scripts/test-wide.mjs asks for both. */
const dist = fileURLToPath(new URL(process.env.HEAVYBALL_TEST_DIST ?? "dist/", new URL("./", import.meta.url)));
const execArgv = (process.env.HEAVYBALL_TEST_FLAGS ?? "").split(" ").filter((flag) => flag !== "");

/** The package's own names, as package.json's `exports` and `imports` give them under the condition of the platform. */
const aliases = (platform: "node" | "web") => [
  { find: /^heavyball$/, replacement: `${dist}index.js` },
  { find: /^heavyball\/momentum$/, replacement: `${dist}momentum.js` },
  { find: /^heavyball\/node$/, replacement: `${dist}node/index.js` },
  { find: /^heavyball\/web$/, replacement: `${dist}web/index.js` },
  { find: /^heavyball\/queue$/, replacement: `${dist}queue/index.js` },
  { find: /^#platform$/, replacement: `${dist}${platform}/platform.js` },
  { find: /^#internal\/(.*)$/, replacement: `${dist}$1.js` },
];

/** Time never decides a test: these only end a hang. */
const patience = { testTimeout: 180_000, hookTimeout: 180_000, teardownTimeout: 30_000 };

/** Projects of one order run at the same time, and must have as many workers each. */
interface Turn {
  readonly groupOrder: number;
  readonly maxWorkers: number;
}

const inNode = (name: string, { groupOrder, maxWorkers }: Turn): TestProjectInlineConfiguration => ({
  resolve: { alias: aliases("node") },
  test: {
    ...patience,
    name,
    include: [`tests/${name}/**/*.test.ts`],
    environment: "node",
    pool: "forks",
    execArgv,
    maxWorkers,
    // Node itself loads the release files, untransformed, so that one module is one instance everywhere.
    server: { deps: { external: [/\/dist\/.*\.js$/] } },
    sequence: { groupOrder },
  },
});

const browser = (executablePath: string, { groupOrder, maxWorkers }: Turn): TestProjectInlineConfiguration => ({
  resolve: { alias: aliases("web") },
  server: { headers: ISOLATION_HEADERS },
  // Named up front: a dependency discovered halfway would reload the page under a running test.
  optimizeDeps: { include: ["@assemblyscript/loader", "fast-check"], noDiscovery: true },
  test: {
    ...patience,
    name: "browser",
    include: ["tests/host/**/*.test.ts", "tests/browser/**/*.test.ts"],
    maxWorkers,
    sequence: { groupOrder },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_ARGUMENTS } }),
      instances: [{ browser: "chromium" }],
    },
  },
});

/** First the tests of Node alone, on two workers; then the same tests in Node and in the browser, side by side, on one each. */
function projects(): TestProjectInlineConfiguration[] {
  const chromium = process.env.HEAVYBALL_BROWSER === "none" ? undefined : findChromium();
  const pair = { groupOrder: 1, maxWorkers: 1 };
  const first = inNode("node", { groupOrder: 0, maxWorkers: 2 });
  if (chromium !== undefined) return [first, inNode("host", pair), browser(chromium, pair)];
  const alone = [first, inNode("host", { groupOrder: 0, maxWorkers: 2 })];
  if (process.env.HEAVYBALL_BROWSER === "none") return alone;
  const remedy = "install it (Debian: apt-get install chromium) or set CHROMIUM to its path";
  if (process.env.HEAVYBALL_BROWSER === "required") throw new Error(`HEAVYBALL_BROWSER=required, but no Chromium was found: ${remedy}`);
  console.log(`No Chromium found: the tests run in Node only. To run them in a browser too, ${remedy}.`);
  return alone;
}

export default defineConfig({
  test: {
    projects: projects(),
    reporters: ["default", ["json", { outputFile: process.env.HEAVYBALL_TEST_REPORT ?? "build/tests/vitest.json" }]],
  },
});
