/**
 * Are the bits the same on every engine and for every team? (npm run test:engines, after npm run build)
 *
 * Installs the registry's `node` packages into build/engines, runs engine-job.mjs on each and in the installed Chromium, and prints a
 * table of hashes. Every `simd` hash must be the same; every `relaxed` hash must be the same for all teams of one engine,
 * and every `wide` hash (Node 24 and later on x86-64) that of `relaxed`.
 *
 *   node scripts/engines.mjs [--nodes 20,22,24,26] [--no-browser]
 */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findChromium } from "./chromium.mjs";
import { runInChromium } from "./engine-browser.mjs";
import { nodeBinary } from "./nodes.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({
  options: { nodes: { type: "string", default: "20,22,24,26" }, "no-browser": { type: "boolean", default: false } },
});

async function runInNode(major, report) {
  const binary = nodeBinary(major);
  const child = spawn(binary, [here("engine-hash.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) report(JSON.parse(line));
  const code = await exit;
  if (code !== 0) throw new Error(`engine-hash.mjs ended with exit code ${code}`);
  return `Node ${spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout.trim().slice(1)}`;
}

const failures = [];
const rows = [];

/** Runs one engine and keeps its results; a failing engine is a failure of the matrix, not its end. */
async function engine(name, run) {
  const results = [];
  const report = (result) => {
    results.push(result);
    if (result.hash)
      console.log(`  ${name}  ${result.kernels}  team of ${result.threads}  ${result.hash.slice(0, 16)}  ${result.seconds.toFixed(1)} s`);
  };
  try {
    const title = await run(report);
    rows.push({ title, results });
  } catch (error) {
    failures.push(`${name} failed: ${error.message}`);
  }
}

for (const major of options.nodes.split(",")) await engine(`Node ${major}`, (report) => runInNode(major, report));
if (!options["no-browser"]) {
  const chromium = findChromium();
  if (chromium === undefined) failures.push("no Chromium was found: install one, set CHROMIUM to its path, or pass --no-browser");
  else await engine("Chromium", (report) => runInChromium(chromium, report));
}

/** Whether an engine must have wide kernels: Node from 24 on, on x86-64 (docs/wide-kernels.md). */
const hasWide = (title) => process.arch === "x64" && Number.parseInt(/^Node (\d+)/.exec(title)?.[1] ?? "0", 10) >= 24;
const hashes = (results, kernels) => [
  ...new Set(results.filter((result) => result.kernels === kernels && result.hash).map(({ hash }) => hash)),
];
const cell = (results, kernels) => {
  const distinct = hashes(results, kernels);
  const teams = results.filter((result) => result.kernels === kernels && result.hash).map(({ threads }) => threads);
  return distinct.length === 0 ? "not supported" : `${distinct.map((hash) => hash.slice(0, 16)).join(" / ")} (teams ${teams.join(", ")})`;
};

console.log("\n| engine | data | simd | relaxed | wide |\n|---|---|---|---|---|");
for (const { title, results } of rows) {
  const data = results.find((result) => result.data)?.data.slice(0, 16);
  console.log(`| ${title} | ${data} | ${cell(results, "simd")} | ${cell(results, "relaxed")} | ${cell(results, "wide")} |`);
  // A team that says nothing of kernels its engine has would pass unheard.
  const teams = (kernels) => results.filter((result) => result.kernels === kernels && result.hash).length;
  for (const kernels of ["relaxed", "wide"]) {
    const isExpected = kernels === "wide" ? hasWide(title) : teams(kernels) > 0;
    if (isExpected && teams(kernels) !== teams("simd"))
      failures.push(`${title}: ${teams(kernels)} of ${teams("simd")} teams have a ${kernels} hash`);
  }
  if (hashes(results, "relaxed").length > 1) failures.push(`${title}: the relaxed hash depends on the team`);
  if (new Set([...hashes(results, "relaxed"), ...hashes(results, "wide")]).size > 1)
    failures.push(`${title}: the wide hash is not that of relaxed`);
}
const everything = rows.flatMap(({ results }) => results);
const images = new Set(everything.flatMap(({ data }) => data ?? []));
if (images.size > 1) failures.push(`the CURVES images differ between engines: ${[...images].join(", ")}`);
const simd = hashes(everything, "simd");
if (simd.length !== 1) failures.push(`${simd.length} different simd hashes, where there must be one: ${simd.join(", ")}`);

for (const failure of failures) console.error(failure);
console.log(
  failures.length === 0 ? `same bits everywhere: simd ${simd[0]}` : `${failures.length} failure${failures.length === 1 ? "" : "s"}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
