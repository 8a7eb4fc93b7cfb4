/**
 * Do long runs under `wide` end in the bits of `relaxed`? (node scripts/wide-long.mjs, after npm run build, in Node 24 or later)
 *
 * Trains a small deep and a small recurrent network under either, each in a process of its own, since V8's flag is for a whole process, and
 * compares the SHA-256 of the parameters every 10,000 updates.
 *
 *   node scripts/wide-long.mjs [--updates 100000]
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { autoencoder, createRuntime, curves, echoState, minibatches, nesterov, recurrent, schedules, sparse } from "../dist/index.js";
import { RandomStream } from "../dist/random/stream.js";

const { values: options } = parseArgs({ options: { updates: { type: "string", default: "100000" }, job: { type: "string" } } });
const updates = Number(options.updates);
const momentum = schedules.sutskever({ max: 0.99, period: 250 });
const NETWORKS = {
  /** Layers of odd widths: pairs of panels, single ones and short tiles. */
  deep(runtime) {
    const network = runtime.network(autoencoder({ encoder: [784, 41, 23, 6] }));
    network.initialize(sparse({ seed: 1 }));
    const data = curves({ cases: 2000, seed: 1 });
    return { network, rate: 0.003, batches: minibatches(data, { size: 25, updates, seed: 1 }) };
  },
  /** The addition problem's shape, its sequences drawn by the library's own generator. */
  recurrent(runtime) {
    const network = runtime.network(recurrent({ inputs: 2, hidden: 37, outputs: 1, output: "linear" }));
    network.initialize(echoState({ inputScale: 0.1, seed: 1 }));
    const [cases, steps, sets] = [16, 12, 50];
    const stream = new RandomStream(1, "long runs");
    const drawn = Array.from({ length: sets }, () => {
      const inputs = Float32Array.from({ length: steps * cases * 2 }, () => stream.uniform());
      const targets = Float32Array.from({ length: steps * cases }, (_, i) => (inputs[2 * i] + inputs[2 * (i % cases)]) / 2);
      return { inputs, targets, cases, steps };
    });
    return {
      network,
      rate: 0.001,
      batches: (function* () {
        for (let t = 0; t < updates; t++) yield drawn[t % sets];
      })(),
    };
  },
};

async function job(name, kernels) {
  const runtime = await createRuntime({ kernels, threads: 1 });
  if (runtime.wide !== (kernels === "wide")) throw new Error(`asked for ${kernels}: ${runtime.kernelsReason}`);
  const { network, rate, batches } = NETWORKS[name](runtime);
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: rate, momentum }));
  let update = 0;
  let loss;
  for (const batch of batches) {
    ({ loss } = optimizer.step(batch));
    if (++update % 10_000 === 0 || update === updates) {
      const hash = createHash("sha256").update(network.getParameters()).digest("hex");
      console.log(JSON.stringify({ update, loss, hash }));
    }
  }
  await runtime.dispose();
}

async function run(name, kernels) {
  const started = performance.now();
  const args = [fileURLToPath(import.meta.url), "--updates", String(updates), "--job", `${name} ${kernels}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const results = [];
  for await (const line of createInterface({ input: child.stdout })) results.push(JSON.parse(line));
  if ((await ended) !== 0) throw new Error(`${name} under ${kernels} failed`);
  const { loss, hash } = results.at(-1);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}  ${kernels.padEnd(7)}  ${updates} updates  loss ${loss}  ${hash.slice(0, 16)}  ${seconds} s`);
  return results;
}

if (options.job !== undefined) await job(...options.job.split(" "));
else {
  for (const name of Object.keys(NETWORKS)) {
    const [wide, relaxed] = [await run(name, "wide"), await run(name, "relaxed")];
    const at = relaxed.findIndex(({ hash }, i) => hash !== wide[i]?.hash);
    if (at >= 0) {
      console.error(`${name}: the bits differ at update ${relaxed[at].update}`);
      process.exitCode = 1;
    }
  }
  if (!process.exitCode) console.log("same bits");
}
