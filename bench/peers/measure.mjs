/**
 * What every JavaScript peer's process does round its own arithmetic: read the job, run and time updates, print the result.
 *
 * The job (argument 1) is JSON: { network, start, threads, kernels, learningRate, momentum, seconds, minimum }, where `start`
 * names the file that start.mjs wrote.
 */
import { readFileSync } from "node:fs";
import { tensorsOf } from "./start.mjs";

/** Updates run before the clock starts; their losses are compared between peers, so all must train alike. */
export const WARM_UP = 5;

/**
 * The job, with `parameters` (all, in heavyball's order) and the minibatch; `layers` of a feed-forward network, `tensors` by name and
 * `targets` of a recurrent one.
 */
export function readJob() {
  const job = JSON.parse(process.argv[2]);
  const { network } = job;
  const bytes = readFileSync(job.start);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let offset = 0;
  const take = (length) => values.slice(offset, (offset += length));
  const tensors = tensorsOf(network).map(({ name, rows, columns }) => ({ name, rows, columns, values: take(rows * columns) }));
  const parameters = values.slice(0, offset);
  if (network.kind === "recurrent") {
    const inputs = take(network.steps * network.cases * network.inputs);
    return {
      ...job,
      tensors: Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor])),
      parameters,
      inputs,
      targets: values.slice(offset),
    };
  }
  const layers = network.sizes.slice(1).map((outputs, layer) => ({
    inputs: network.sizes[layer],
    outputs,
    weights: tensors[2 * layer].values,
    biases: tensors[2 * layer + 1].values,
    activation: activation(network, layer),
  }));
  return { ...job, layers, parameters, inputs: values.slice(offset) };
}

/** Logistic units, linear code units; the output's activation belongs to the loss. */
function activation(network, layer) {
  if (layer + 2 === network.sizes.length) return "output";
  return layer + 1 === network.code ? "linear" : "logistic";
}

/**
 * Times `update` (which returns, or resolves to, the loss of its minibatch) until `seconds` have passed and `minimum`
 * repetitions were made, and prints one JSON line.
 */
export async function measure(job, engine, update) {
  const losses = [];
  for (let i = 0; i < WARM_UP; i++) losses.push(await update());
  const times = [];
  const until = performance.now() + job.seconds * 1000;
  while (times.length < job.minimum || performance.now() < until) {
    const start = performance.now();
    await update();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ engine, median: times[times.length >> 1], repetitions: times.length, losses }));
}
