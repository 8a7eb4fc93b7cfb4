/** One NAG update in jax-js with its WebAssembly backend, the whole update one jitted function (threads in browsers only). */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { measure, readJob } from "../measure.mjs";

const job = readJob();
const { cases, loss: lossName } = job.network;
await init("wasm");
defaultDevice("wasm");

const shape = (array, dimensions) => np.array(array).reshape(dimensions);
let parameters = job.layers.map(({ inputs, outputs, weights, biases }) => [shape(weights, [inputs, outputs]), shape(biases, [outputs])]);
let velocities = job.layers.map(({ inputs, outputs }) => [np.zeros([inputs, outputs]), np.zeros([outputs])]);
const data = shape(job.inputs, [cases, job.network.sizes[0]]);
await blockUntilReady([parameters, velocities, data]);

/** Sum over outputs, mean over cases; cross-entropy from logits, softplus(x) - x z. */
function loss(weights, x) {
  const targets = x.ref;
  for (const [layer, [w, b]] of weights.entries()) {
    const sums = np.matmul(x, w).add(b);
    x = job.layers[layer].activation === "logistic" ? nn.sigmoid(sums) : sums;
  }
  const terms =
    lossName === "squared"
      ? np.square(x.sub(targets)).mul(0.5)
      : np
          .maximum(x.ref, 0)
          .sub(x.ref.mul(targets))
          .add(np.log(np.exp(np.abs(x).neg()).add(1)));
  return terms.sum().div(cases);
}

/** v <- mu v - rate g;  look-ahead <- look-ahead + mu v - rate g. */
const update = jit((weights, v, x) => {
  const [value, gradient] = valueAndGrad(loss)(
    weights.map(([w, b]) => [w.ref, b.ref]),
    x,
  );
  const next = weights.map((pair, layer) =>
    pair.map((w, i) => {
      const step = gradient[layer][i].mul(-job.learningRate);
      const velocity = v[layer][i].mul(job.momentum).add(step.ref);
      return [w.add(velocity.ref.mul(job.momentum)).add(step), velocity];
    }),
  );
  return [value, next.map((pair) => pair.map(([w]) => w)), next.map((pair) => pair.map(([, velocity]) => velocity))];
});

await measure(job, `node ${process.versions.node}, jax-js wasm`, async () => {
  const [value, nextParameters, nextVelocities] = update(parameters, velocities, data.ref);
  [parameters, velocities] = [nextParameters, nextVelocities];
  await blockUntilReady([parameters, velocities]);
  return value.js();
});
