/**
 * Runs a sweep with processes, for tests that kill them: node sweepProcess.mjs SWEEP.json DIR.
 */
import { readFileSync } from "node:fs";
import { runSweep } from "../../dist/index.js";
import { localExecutor, sweepDirectory } from "../../dist/node/index.js";

const [, , file, directory] = process.argv;
const result = await runSweep(JSON.parse(readFileSync(file, "utf8")), {
  executor: localExecutor({ jobs: 2, threads: 1, attempts: 1000 }),
  store: sweepDirectory(directory),
  checkpointSeconds: 0.05,
  kernels: "simd",
  onTrouble: (sentence) => console.log(`trouble ${sentence}`),
});
console.log(`done ${result.rows.length} ${result.rows.filter(({ state }) => state === "ended").length}`);
