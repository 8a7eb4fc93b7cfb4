/**
 * The tests that run on every kernel variant, under a Node that has the relaxed one: Node 20 has none. (npm run test:relaxed, after npm run
 * build)
 *
 * Installs a Node of a fixed version into build/engines, unless this one will do, and runs there the files of tests/host that ask for
 * variants, and the tests of threads. Its report is build/tests/vitest-relaxed.json, which scripts/test-totals.mjs counts.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodeBinary } from "./nodes.mjs";

const VERSION = "24.21.0";
const OF_THREADS = ["tests/node/workers.test.ts", "tests/node/bundles.test.ts", "tests/node/restrictedEngines.test.ts"];

const root = fileURLToPath(new URL("..", import.meta.url));
const onVariants = readdirSync(`${root}tests/host`)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `tests/host/${name}`)
  .filter((path) => readFileSync(root + path, "utf8").includes("support/variants.js"));
if (onVariants.length === 0)
  throw new Error("no test asks for kernel variants by tests/support/variants.ts any more: say here how to find those that do");

const node = Number(process.versions.node.split(".")[0]) >= 22 ? process.execPath : nodeBinary(VERSION);
const env = { ...process.env, HEAVYBALL_BROWSER: "none", HEAVYBALL_TEST_REPORT: "build/tests/vitest-relaxed.json" };
const run = (given) => spawnSync(node, given, { cwd: root, stdio: "inherit", env }).status ?? 1;

/** Tests ask the engine which variants it has: one that has lost its relaxed kernels must not pass in silence. */
const proof = 'import { createRuntime } from "heavyball"; await (await createRuntime({ threads: 1, kernels: "relaxed" })).dispose();';
process.exitCode =
  run(["--input-type=module", "--eval", proof]) || run(["node_modules/vitest/vitest.mjs", "run", ...onVariants, ...OF_THREADS]);
