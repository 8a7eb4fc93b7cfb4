import { present } from "../boundary/present.js";
import { checkBias, checkScale } from "../boundary/singlePrecision.js";
import { chooseToFront } from "../random/shuffle.js";
import type { RandomStream } from "../random/stream.js";
import { checkInteger, checkKnownOptions, checkObject, checkSeed } from "../validate.js";
import { checkMethod } from "./method.js";
import type { LayerShape, SparseInitialization, SparseOptions } from "./types.js";

/**
 * Sparse initialization (SI, Martens 2010; section 3 of the paper): each unit gets min(fanIn, inputs) incoming weights drawn from
 * scale N(0, 1), at inputs chosen without replacement, and zeros for the rest, so that its total input does not grow with the layer.
 *
 * For tanh units weights and biases are changed so that the network begins like one of logistic units: as
 * logistic(x) = (1 + tanh(x/2)) / 2, a layer's weights are multiplied by 1/2 if its own units are tanh and by 1/2 if the units that feed
 * it are (so 1/4 between two tanh layers), and the biases of tanh units are 0.5. Biases of all other units are 0.
 *
 * Options: `fanIn` 15; `scale` 1, which multiplies weights only; `biases`, one value for every bias in place of that rule; `seed`, in place
 * of the trial's. The scale lies in [1e-30, 1e30] and biases are 0 or as large, so that f32 holds the parameters. Throws
 * `InvalidOptionError`.
 */
export function sparse(options: SparseOptions = {}): SparseInitialization {
  return checkSparse("sparse", options);
}

/** Checks an untrusted description and fills in defaults. */
export function checkSparse(option: string, value: unknown): SparseInitialization {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["method", "fanIn", "scale", "biases", "seed"]);
  checkMethod(option, given, "sparse");
  const { fanIn = 15, scale = 1, biases, seed } = given;
  return present({
    method: "sparse",
    fanIn: checkInteger(`${option}.fanIn`, fanIn, 1),
    scale: checkScale(`${option}.scale`, scale),
    biases: biases === undefined ? undefined : checkBias(`${option}.biases`, biases),
    seed: checkSeed(`${option}.seed`, seed),
  });
}

/** Fills one layer: `weights` (inputs x outputs, row-major, all zero on entry) and `biases` (outputs). */
export function fillSparse(
  description: SparseInitialization,
  layer: LayerShape,
  stream: RandomStream,
  weights: Float32Array,
  biases: Float32Array,
): void {
  const { inputs, outputs } = layer;
  const scale = description.scale * (layer.activation === "tanh" ? 0.5 : 1) * (layer.inputActivation === "tanh" ? 0.5 : 1);
  fillSparseWeights(weights, inputs, outputs, description.fanIn, scale, stream);
  biases.fill(description.biases ?? (layer.activation === "tanh" ? 0.5 : 0));
}

/** Gives each of `outputs` columns min(fanIn, inputs) entries scale N(0, 1); `weights` is inputs x outputs, row-major, zero on entry. */
export function fillSparseWeights(
  weights: Float32Array | Float64Array,
  inputs: number,
  outputs: number,
  fanIn: number,
  scale: number,
  stream: RandomStream,
): void {
  const incoming = Math.min(fanIn, inputs);
  const pool = Uint32Array.from({ length: inputs }, (_, i) => i);
  for (let unit = 0; unit < outputs; unit++) {
    chooseToFront(pool, incoming, stream);
    for (let i = 0; i < incoming; i++) weights[pool[i] * outputs + unit] = scale * stream.normal();
  }
}
