/**
 * The tests under the wide kernels. (npm run test:wide, after npm run build)
 *
 * Makes a copy of the build in which the wide binary stands in the place of `relaxed`, and runs all of tests/host over it with V8's flag
 * set, so that every runtime there computes with it; then tests/node/wide.test.ts on the build itself. Node comes from the registry's
 * package `node`, into build/engines. The reports are build/tests/vitest-wide*.json.
 *
 *   node scripts/test-wide.mjs [--nodes 24,26] [--short]      --short: the files on kernels, teams and bits, on the first of the Nodes
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packedModule } from "./embed.mjs";
import { nodeBinary } from "./nodes.mjs";

const { values: options } = parseArgs({
  options: { nodes: { type: "string", default: "24.21.0,26" }, short: { type: "boolean", default: false } },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const SHORT = ["products", "team", "twin", "recurrentBits", "curvature", "recurrentCurvature", "longSums", "checkpoint"];

const copy = `${root}build/wide/`;
rmSync(copy, { recursive: true, force: true });
cpSync(`${root}dist`, `${copy}dist`, { recursive: true });
copyFileSync(`${root}package.json`, `${copy}package.json`);
const binary = (name) => readFileSync(`${root}build/${name}.wasm`);
writeFileSync(
  `${copy}dist/runtime/embedded/kernels.js`,
  packedModule({ simd: binary("simd"), relaxed: binary("wide") }).replace(": string", ""),
);

const FLAG = "--experimental-wasm-revectorize";
const vitest = ["node_modules/vitest/vitest.mjs", "run"];
const run = (node, given, env) =>
  spawnSync(node, given, { cwd: root, stdio: "inherit", env: { ...process.env, HEAVYBALL_BROWSER: "none", ...env } }).status ?? 1;

let worst = 0;
const nodes = options.nodes.split(",");
for (const version of options.short ? nodes.slice(0, 1) : nodes) {
  const node = nodeBinary(version);
  // The first Node's reports are those that scripts/test-totals.mjs counts.
  const suffix = version === nodes[0] ? "" : `-${version}`;
  const report = (what) => ({ HEAVYBALL_TEST_REPORT: `build/tests/vitest-wide${what}${suffix}.json` });
  const files = options.short ? SHORT.map((name) => `tests/host/${name}.test.ts`) : ["tests/host/"];
  const substituted = { HEAVYBALL_TEST_DIST: "build/wide/dist/", HEAVYBALL_TEST_FLAGS: FLAG };
  console.log(`\nNode ${version}: tests/host with the wide binary in the place of relaxed`);
  // All of them run, whatever fails: the first failure must not hide the others.
  const codes = [
    run(node, [...vitest, ...files, "tests/node/wideSubstitution.test.ts"], { ...substituted, ...report("-host") }),
    run(node, [...vitest, "tests/node/wide.test.ts"], report("")),
  ];
  worst = Math.max(worst, ...codes);
}
process.exitCode = worst;
