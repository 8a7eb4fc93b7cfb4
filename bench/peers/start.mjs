/**
 * What networks.json means, and the common starting point of all peers: parameters and a minibatch, from a fixed linear congruential
 * generator.
 */
import { writeFileSync } from "node:fs";

/** A network's parameters in heavyball's public order; biases have one row. */
export function tensorsOf(network) {
  if (network.kind === "recurrent") {
    const { inputs, hidden, outputs } = network;
    return [
      { name: "inputToHidden", rows: inputs, columns: hidden },
      { name: "hiddenToHidden", rows: hidden, columns: hidden },
      { name: "hiddenBiases", rows: 1, columns: hidden, biases: true },
      { name: "hiddenToOutput", rows: hidden, columns: outputs },
      { name: "outputBiases", rows: 1, columns: outputs, biases: true },
    ];
  }
  return network.sizes.slice(1).flatMap((columns, layer) => [
    { name: `weights${layer}`, rows: network.sizes[layer], columns },
    { name: `biases${layer}`, rows: 1, columns, biases: true },
  ]);
}

/**
 * Multiply-adds of one forward pass: weights x cases, and x steps for those that are used at every step. The nominal operation count of an
 * update is six times that.
 */
export function forwardCount(network) {
  if (network.kind === "recurrent") {
    const { inputs, hidden, outputs, steps, scored, cases } = network;
    return cases * (steps * (inputs + hidden) * hidden + scored * hidden * outputs);
  }
  return network.cases * network.sizes.slice(1).reduce((sum, outputs, layer) => sum + network.sizes[layer] * outputs, 0);
}

/**
 * Writes f32 values as measure.mjs reads them: weights uniform in +-sqrt(6 / (rows + columns)) (so that nothing saturates, nothing
 * vanishes over time and no denormals arise, which would slow some libraries down), biases 0, then the minibatch. Feed-forward: cases x
 * inputs in [0, 1), which are the targets too. Recurrent: steps x cases x inputs in [0, 1), then the targets of the scored steps, scored x
 * cases x outputs, in [0, 1), or one-hot for cross-entropy.
 */
export function writeStart(path, network) {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const values = [];
  for (const { rows, columns, biases } of tensorsOf(network)) {
    const limit = biases ? 0 : Math.sqrt(6 / (rows + columns));
    for (let i = 0; i < rows * columns; i++) values.push((2 * uniform() - 1) * limit);
  }
  if (network.kind === "recurrent") {
    const { inputs, outputs, steps, scored, cases } = network;
    for (let i = 0; i < steps * cases * inputs; i++) values.push(uniform());
    for (let row = 0; row < scored * cases; row++) {
      const right = Math.floor(uniform() * outputs);
      for (let j = 0; j < outputs; j++) values.push(network.loss === "squared" ? uniform() : Number(j === right));
    }
  } else {
    for (let i = 0; i < network.cases * network.sizes[0]; i++) values.push(uniform());
  }
  writeFileSync(path, Float32Array.from(values));
}
