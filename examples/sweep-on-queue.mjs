// A sweep whose trials are run by workers that take them from a queue: which learning rate suits which momentum on Fisher's irises?
// The two workers are started here; in earnest they are `heavyball worker --queue URL --data DIR`, on any number of machines.
// In this repository: npm run build && node examples/sweep-on-queue.mjs [redis://127.0.0.1:6379]     (it needs a server of Redis or Valkey)

import { fileURLToPath } from "node:url";
import { memorySweepStore, runSweep } from "heavyball";
import { dataFiles } from "heavyball/node";
import { QueueError, queueExecutor, runWorker } from "heavyball/queue";

const [connection = "redis://127.0.0.1:6379"] = process.argv.slice(2);
const data = dataFiles(fileURLToPath(new URL("flowers.csv", import.meta.url)));

const sweep = {
  trial: { task: { name: "data", hidden: [20] }, optimizer: { method: "nesterov" }, batchSize: 20, updates: 300 },
  grid: { "optimizer.momentum": [0, 0.9], "optimizer.learningRate": [0.3, 0.03, 0.003, 0.0003], seed: [1, 2] },
  choose: { path: "optimizer.learningRate", by: "heldOutLoss", over: "seed" },
};

const stop = new AbortController();
const workers = [1, 2].map(() => runWorker({ connection, data, jobs: 1, threads: 1, signal: stop.signal }));
try {
  const running = runSweep(sweep, { executor: queueExecutor({ connection }), store: memorySweepStore(), data, kernels: "simd" });
  // A worker that cannot begin ends the wait.
  const { cells, rows } = await Promise.race([running, Promise.all(workers).then(() => running)]);
  for (const { name, best } of cells)
    console.log(`${name}: learning rate ${best.coordinate.value}, held-out loss ${best.error.toFixed(3)}`);
  stop.abort();
  const shares = (await Promise.all(workers)).map(({ ended }) => ended);
  console.log(`${rows.length} trials, of which the workers ran ${shares.join(" and ")}`);
} catch (error) {
  if (!(error instanceof QueueError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  stop.abort();
}
