/** One NAG update in heavyball: the release build of this repository (run `npm run build` there first). */
import { createRuntime, feedForward, nesterov, recurrent } from "../../../dist/index.js";
import { measure, readJob } from "../measure.mjs";

const job = readJob();
const { network: shape } = job;

function describe() {
  if (shape.kind === "recurrent") {
    const { inputs, hidden, outputs, loss } = shape;
    return recurrent({ inputs, hidden, outputs, output: loss === "squared" ? "linear" : "softmax", loss });
  }
  const output = shape.loss === "squared" ? "linear" : "logistic";
  return feedForward({
    sizes: shape.sizes,
    activations: job.layers.map(({ activation }) => (activation === "output" ? output : activation)),
    loss: shape.loss,
  });
}

function batchOf() {
  const { cases } = shape;
  if (shape.kind !== "recurrent") return { inputs: job.inputs, targets: job.inputs, cases };
  const { steps, scored, outputs } = shape;
  const targets = new Float32Array(steps * cases * outputs);
  targets.set(job.targets, (steps - scored) * cases * outputs);
  return { inputs: job.inputs, targets, mask: new Float32Array(steps * cases).fill(1, (steps - scored) * cases), cases, steps };
}

const runtime = await createRuntime({ threads: job.threads, kernels: job.kernels });
const network = runtime.network(describe());
network.setParameters(job.parameters);
const optimizer = runtime.optimizer(network, nesterov({ learningRate: job.learningRate, momentum: job.momentum }));
const batch = batchOf();
const kernels = runtime.wide ? "wide" : runtime.kernels;
if (job.kernels === "wide" && !runtime.wide) throw new Error(runtime.kernelsReason);
await measure(job, `node ${process.versions.node}, ${kernels}`, () => optimizer.step(batch).loss);
runtime.dispose();
