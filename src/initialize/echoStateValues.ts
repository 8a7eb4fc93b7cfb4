import { allocate } from "../boundary/allocate.js";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { spectralRadius } from "../math/spectralRadius.js";
import { RandomStream } from "../random/stream.js";
import { checkInteger } from "../validate.js";
import { checkInitialization } from "./check.js";
import { fillGaussian } from "./dense.js";
import { fillSparseWeights } from "./sparse.js";
import type { Initialization } from "./types.js";

/** Sizes of a recurrent network. */
export interface RecurrentShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
}

/**
 * The starting parameters of a recurrent network by Table 4 (see `echoState`), in the public order: inputToHidden (inputs x hidden),
 * hiddenToHidden (hidden x hidden: entry (i, j) leads from unit i to unit j), hiddenBiases, hiddenToOutput (hidden x outputs),
 * outputBiases.
 *
 * Each matrix draws from its own stream, "initialization/<name>", of `description.seed`, or of `seed` where the description has none.
 * Values are computed in f64, the spectral radius among them, and stored in f32. Throws `InvalidOptionError` and `ShapeError`.
 */
export function echoStateValues(description: Initialization, shape: RecurrentShape, seed: number): Float32Array {
  const checked = checkInitialization("initialization", description);
  if (checked.method !== "echoState")
    throw new InvalidOptionError("initialization.method", checked.method, '"echoState" for a recurrent network');
  const { inputs, hidden, outputs } = shape;
  const biases = checked.outputBiases;
  if (biases !== undefined && biases.length !== outputs) {
    throw new ShapeError("the length of initialization.outputBiases", biases.length, `the number of outputs, ${outputs}`);
  }
  checkInteger("seed", seed, 0);
  const root = checked.seed ?? seed;
  const values = allocate(Float32Array, inputs * hidden + hidden * hidden + hidden + hidden * outputs + outputs, "the starting parameters");
  const stream = (name: string): RandomStream => new RandomStream(root, `initialization/${name}`);

  const hiddenToHidden = inputs * hidden;
  const hiddenToOutput = hiddenToHidden + hidden * hidden + hidden;
  const outputBiases = hiddenToOutput + hidden * outputs;
  fillGaussian(values.subarray(0, hiddenToHidden), checked.inputScale, stream("inputToHidden"));
  values.set(recurrentWeights(hidden, checked.fanIn, checked.spectralRadius, stream("hiddenToHidden")), hiddenToHidden);
  fillGaussian(values.subarray(hiddenToOutput, outputBiases), checked.outputScale, stream("hiddenToOutput"));
  if (biases !== undefined) values.set(biases, outputBiases);
  return values;
}

/** Sparse hidden-to-hidden weights, n x n row-major, of the given spectral radius. */
function recurrentWeights(n: number, fanIn: number, radius: number, stream: RandomStream): Float64Array {
  const weights = allocate(Float64Array, n * n, "the hidden-to-hidden weights in f64");
  fillSparseWeights(weights, n, n, fanIn, 1, stream);
  // Every unit has an incoming weight, so the units form at least one cycle, and the radius is not 0.
  const factor = radius / spectralRadius(weights, n);
  return weights.map((weight) => weight * factor);
}
