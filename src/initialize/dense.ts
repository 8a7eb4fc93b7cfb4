import { present } from "../boundary/present.js";
import { checkBias, checkScale } from "../boundary/singlePrecision.js";
import { InvalidOptionError } from "../errors.js";
import type { RandomStream } from "../random/stream.js";
import { checkKnownOptions, checkObject, checkOneOf, checkSeed } from "../validate.js";
import { checkMethod } from "./method.js";
import type { DenseInitialization, DenseOptions, LayerShape } from "./types.js";

/**
 * Dense initialization: every weight is drawn, every bias is the same.
 *
 *     gaussian   scale N(0, 1)                                            scale 0.1 unless given
 *     glorot     uniform on scale sqrt(6 / (inputs + outputs)) [-1, 1)    scale 1 unless given; Glorot and Bengio (2010), Eq. 16
 *
 * Options: `distribution` "gaussian"; `scale`, a number, or "he" for sqrt(2 / inputs), which suits relu units (He et al. 2015, Eq. 10;
 * gaussian only); `biases` 0; `seed`, in place of the trial's. The scale lies in [1e-30, 1e30] and biases are 0 or as large, so that f32
 * holds the parameters. Throws `InvalidOptionError`.
 */
export function dense(options: DenseOptions = {}): DenseInitialization {
  return checkDense("dense", options);
}

/** Checks an untrusted description and fills in defaults. */
export function checkDense(option: string, value: unknown): DenseInitialization {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["method", "distribution", "scale", "biases", "seed"]);
  checkMethod(option, given, "dense");
  const { distribution: drawn = "gaussian" } = given;
  const distribution = checkOneOf(`${option}.distribution`, drawn, ["gaussian", "glorot"]);
  const { scale = distribution === "gaussian" ? 0.1 : 1, biases = 0, seed } = given;
  return present({
    method: "dense",
    distribution,
    scale: checkDenseScale(`${option}.scale`, scale, distribution),
    biases: checkBias(`${option}.biases`, biases),
    seed: checkSeed(`${option}.seed`, seed),
  });
}

function checkDenseScale(option: string, scale: unknown, distribution: "gaussian" | "glorot"): number | "he" {
  if (typeof scale !== "string") return checkScale(option, scale);
  if (scale !== "he" || distribution !== "gaussian")
    throw new InvalidOptionError(option, scale, 'a finite number greater than 0, or "he" where the distribution is gaussian');
  return scale;
}

/** Fills one layer: `weights` (inputs x outputs, row-major) and `biases` (outputs). */
export function fillDense(
  description: DenseInitialization,
  layer: LayerShape,
  stream: RandomStream,
  weights: Float32Array,
  biases: Float32Array,
): void {
  const { scale } = description;
  if (scale === "he" || description.distribution === "gaussian") {
    fillGaussian(weights, scale === "he" ? Math.sqrt(2 / layer.inputs) : scale, stream);
  } else {
    const bound = scale * Math.sqrt(6 / (layer.inputs + layer.outputs));
    for (let i = 0; i < weights.length; i++) weights[i] = bound * (2 * stream.uniform() - 1);
  }
  biases.fill(description.biases);
}

/** Every entry scale N(0, 1), in order. */
export function fillGaussian(weights: Float32Array, scale: number, stream: RandomStream): void {
  for (let i = 0; i < weights.length; i++) weights[i] = scale * stream.normal();
}
