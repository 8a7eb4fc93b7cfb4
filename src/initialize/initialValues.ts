import { allocate } from "../boundary/allocate.js";
import { InvalidOptionError } from "../errors.js";
import { RandomStream } from "../random/stream.js";
import { checkInteger } from "../validate.js";
import { checkInitialization } from "./check.js";
import { fillDense } from "./dense.js";
import { fillSparse } from "./sparse.js";
import type { Initialization, LayerShape } from "./types.js";

/**
 * The starting parameters of a feed-forward network, in the public order: per layer weights (inputs x outputs, row-major), then biases.
 *
 * Layer l (from 0) draws from the stream "initialization/layer<l>" of `description.seed`, or of `seed` where the description has none, so
 * that changing the size of one layer leaves the draws of the others as they were. Values are computed in f64 and stored in f32.
 * Throws `InvalidOptionError`, also for a description that is not for feed-forward networks.
 */
export function initialValues(description: Initialization, layers: readonly LayerShape[], seed: number): Float32Array {
  const checked = checkInitialization("initialization", description);
  if (checked.method === "echoState") {
    throw new InvalidOptionError("initialization.method", checked.method, '"sparse" or "dense" for a feed-forward network');
  }
  checkInteger("seed", seed, 0);
  const root = checked.seed ?? seed;
  const values = allocate(
    Float32Array,
    layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0),
    "the starting parameters",
  );
  let offset = 0;
  layers.forEach((layer, index) => {
    const weights = values.subarray(offset, offset + layer.inputs * layer.outputs);
    const biases = values.subarray(offset + weights.length, offset + weights.length + layer.outputs);
    const stream = new RandomStream(root, `initialization/layer${index}`);
    if (checked.method === "sparse") fillSparse(checked, layer, stream, weights, biases);
    else fillDense(checked, layer, stream, weights, biases);
    offset += weights.length + biases.length;
  });
  return values;
}
