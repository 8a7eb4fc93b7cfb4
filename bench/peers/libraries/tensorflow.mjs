/** One NAG update in TensorFlow.js with its WebAssembly backend (SIMD; its threads exist in browsers only). */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { measure, readJob } from "../measure.mjs";

const job = readJob();
const { network } = job;
await tf.setBackend("wasm");
await tf.ready();

/** Sum over outputs, mean over cases; cross-entropy from logits, max(x, 0) - x z + log(1 + exp(-|x|)). */
function feedForwardLoss() {
  const layers = job.layers.map(({ inputs, outputs, weights, biases, activation }) => ({
    activation,
    weights: tf.variable(tf.tensor2d(weights, [inputs, outputs])),
    biases: tf.variable(tf.tensor1d(biases)),
  }));
  const data = tf.tensor2d(job.inputs, [network.cases, network.sizes[0]]);
  return () => {
    let outputs = data;
    for (const { weights, biases, activation } of layers) {
      const sums = tf.add(tf.matMul(outputs, weights), biases);
      outputs = activation === "logistic" ? tf.sigmoid(sums) : sums;
    }
    const terms =
      network.loss === "squared"
        ? tf.mul(tf.square(tf.sub(outputs, data)), 0.5)
        : tf.add(tf.sub(tf.relu(outputs), tf.mul(outputs, data)), tf.log(tf.add(tf.exp(tf.neg(tf.abs(outputs))), 1)));
    return tf.div(tf.sum(terms), network.cases);
  };
}

/** Sum over outputs and scored steps, mean over cases. State and input share one product a step. */
function recurrentLoss() {
  const { inputs, hidden, outputs, steps, scored, cases } = network;
  const { inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases } = job.tensors;
  const weights = tf.variable(tf.tensor2d([...hiddenToHidden.values, ...inputToHidden.values], [hidden + inputs, hidden]));
  const biases = tf.variable(tf.tensor1d(hiddenBiases.values));
  const readout = tf.variable(tf.tensor2d(hiddenToOutput.values, [hidden, outputs]));
  const readoutBiases = tf.variable(tf.tensor1d(outputBiases.values));
  const data = tf.unstack(tf.tensor3d(job.inputs, [steps, cases, inputs]));
  const targets = tf.tensor2d(job.targets, [scored * cases, outputs]);
  const start = tf.zeros([cases, hidden]);
  return () => {
    let state = start;
    const scoredStates = [];
    for (const [t, x] of data.entries()) {
      state = tf.tanh(tf.add(tf.matMul(tf.concat([state, x], 1), weights), biases));
      if (t >= steps - scored) scoredStates.push(state);
    }
    const sums = tf.add(tf.matMul(tf.concat(scoredStates), readout), readoutBiases);
    const terms = network.loss === "squared" ? tf.mul(tf.square(tf.sub(sums, targets)), 0.5) : tf.neg(tf.mul(tf.logSoftmax(sums), targets));
    return tf.div(tf.sum(terms), cases);
  };
}

const loss = network.kind === "recurrent" ? recurrentLoss() : feedForwardLoss();
const optimizer = tf.train.momentum(job.learningRate, job.momentum, true);
await measure(job, `node ${process.versions.node}, tfjs ${tf.version.tfjs} ${tf.getBackend()}`, () => {
  const value = optimizer.minimize(loss, true);
  const [number] = value.dataSync();
  value.dispose();
  return number;
});
