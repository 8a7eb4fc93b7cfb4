/**
 * Runs a sweep on a queue, for tests that kill it: node queueSweep.mjs SWEEP.json DIR URL. It says so when a trial runs.
 */
import { readFileSync } from "node:fs";
import { runSweep } from "../../dist/index.js";
import { sweepDirectory } from "../../dist/node/index.js";
import { queueExecutor } from "../../dist/queue/index.js";

const [, , file, directory, connection] = process.argv;
let isTold = false;
await runSweep(JSON.parse(readFileSync(file, "utf8")), {
  executor: queueExecutor({ connection, attempts: 1000 }),
  store: sweepDirectory(directory),
  checkpointSeconds: 0.02,
  kernels: "simd",
  onProgress() {
    if (!isTold) console.log("at work");
    isTold = true;
  },
});
