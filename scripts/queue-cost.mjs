/**
 * What a sweep on a queue costs its server. The figures are in docs/queue.md. (npm run build before; needs redis-server)
 *
 *   node scripts/queue-cost.mjs [trials,trials,...] [megabytes]
 *
 * Sweeps of so many trials of some milliseconds, whose records alone are kept, run by two workers of two trials: of each the server's
 * memory at its peak, its commands, bytes and seconds of processor. Then, what time alone costs: trials that go on, looked at for some
 * seconds. Then a checkpoint of so many megabytes, as FACES has: its memory, and its way there and back.
 */
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { runSweep } from "../dist/index.js";
import { sweepDirectory } from "../dist/node/index.js";
import { getContent, putContent } from "../dist/queue/contents.js";
import { queueExecutor, runWorker } from "../dist/queue/index.js";
import { startRedis } from "./redis.mjs";

const [, , sizes = "100,300,1000", megabytes = "90"] = process.argv;
const directory = mkdtempSync(join(tmpdir(), "heavyball-queue-cost-"));
const trial = {
  task: { name: "addition", length: 10, hidden: 3, testCases: 12 },
  optimizer: { method: "sgd", learningRate: 0.01 },
  batchSize: 4,
  updates: 6,
};

/** The server's counts. */
async function counts(client) {
  const info = await client.info("everything");
  const read = (name) => Number(new RegExp(`^${name}:(.*)`, "m").exec(info)[1]);
  return {
    commands: read("total_commands_processed"),
    bytes: read("total_net_input_bytes") + read("total_net_output_bytes"),
    seconds: read("used_cpu_user") + read("used_cpu_sys"),
    memory: read("used_memory"),
    peak: read("used_memory_peak"),
  };
}

/** Does some work on a server of its own, with a number of workers, and gives what it cost. */
async function measured(workers, work) {
  const server = await startRedis();
  const client = new Redis(server.port);
  const controller = new AbortController();
  const { signal } = controller;
  const running = [];
  const ready = Array.from({ length: workers }, () => {
    return new Promise((resolve) => running.push(runWorker({ connection: server.url, jobs: 2, threads: 1, signal, onReady: resolve })));
  });
  await Promise.all(ready);
  const before = await counts(client);
  const begun = performance.now();
  await work(server.url, client);
  const took = (performance.now() - begun) / 1000;
  const after = await counts(client);
  controller.abort();
  await Promise.all(running);
  client.disconnect();
  await server.close();
  const spent = Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));
  return { ...spent, peak: after.peak - before.memory, took };
}

const sweepOf = (url, sweep, name, options = {}) =>
  runSweep(sweep, {
    executor: queueExecutor({ connection: url }),
    store: sweepDirectory(join(directory, name)),
    kernels: "simd",
    keep: "records",
    ...options,
  });

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} kB`;

for (const size of sizes.split(",").map(Number)) {
  const grid = { seed: Array.from({ length: size }, (_, i) => i) };
  const { commands, bytes, seconds, memory, peak, took } = await measured(2, (url) => sweepOf(url, { trial, grid }, `${size}`));
  const each = (value, digits = 1) => (value / size).toFixed(digits);
  console.log(
    `${size} trials in ${took.toFixed(0)} s: peak ${kilobytes(peak)}, left ${kilobytes(memory)}; commands ${each(commands)} a trial, ` +
      `those of scripts included; ${each(bytes / 1024)} kB a trial; processor ${each(1000 * seconds, 2)} ms a trial`,
  );
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
for (const [workers, waiting] of [
  [0, 4],
  [1, 4],
  [2, 4],
  [2, 252],
]) {
  const controller = new AbortController();
  let counted;
  await measured(workers, async (url, client) => {
    const grid = { seed: Array.from({ length: waiting + 2 * workers }, (_, i) => i) };
    const sweep = { trial: { ...trial, updates: 100_000_000 }, grid };
    const ended = sweepOf(url, sweep, `endless-${workers}-${waiting}`, { signal: controller.signal });
    await pause(5);
    const before = await counts(client);
    await pause(10);
    const after = await counts(client);
    counted = { commands: (after.commands - before.commands) / 10, seconds: (after.seconds - before.seconds) / 10 };
    controller.abort();
    await ended;
  });
  const rate = `${counted.commands.toFixed(0)} commands a second, ${(100 * counted.seconds).toFixed(2)} % of a core`;
  console.log(`${workers} workers, ${2 * workers} trials running, ${waiting} waiting: ${rate}`);
}

const bytes = randomFillSync(new Uint8Array(Number(megabytes) * 1e6));
await measured(0, async (_, client) => {
  const before = await counts(client);
  const begun = performance.now();
  const content = await putContent(client, "checkpoint.bin", bytes, (at) => `x:${at}`);
  const there = performance.now();
  await getContent(client, content);
  const back = performance.now();
  const { memory } = await counts(client);
  const seconds = (a, b) => ((b - a) / 1000).toFixed(2);
  const taken = ((memory - before.memory) / bytes.length).toFixed(3);
  console.log(
    `a checkpoint of ${megabytes} MB takes ${taken} of its size; there in ${seconds(begun, there)} s, back in ${seconds(there, back)} s`,
  );
});
rmSync(directory, { recursive: true, force: true });
