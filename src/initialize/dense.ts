import { InvalidOptionError } from "../errors.js";
import type { RandomStream } from "../random/stream.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkPositive } from "../validate.js";
import type { DenseInitialization, LayerShape } from "./types.js";

/**
 * Dense initialisation: every weight is drawn, every bias is the same.
 *
 *     gaussian   scale N(0, 1)                                            scale 0.1 unless given
 *     glorot     uniform on scale sqrt(6 / (inputs + outputs)) [-1, 1)    scale 1 unless given; Glorot and Bengio (2010), Eq. 16
 *
 * Options: `distribution` "gaussian"; `scale`, a number, or "he" for sqrt(2 / inputs), which suits relu units (He et al. 2015, Eq. 10; gaussian only); `biases` 0; `seed`, in place of the trial's. Throws `InvalidOptionError`.
 */
export function dense(options: { distribution?: "gaussian" | "glorot"; scale?: number | "he"; biases?: number; seed?: number } = {}): DenseInitialization {
  return checkDense("dense", options);
}

/** Checks an untrusted description and fills in defaults. */
export function checkDense(option: string, value: unknown): DenseInitialization {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["method", "distribution", "scale", "biases", "seed"]);
  const distribution = checkOneOf(`${option}.distribution`, given.distribution ?? "gaussian", ["gaussian", "glorot"]);
  const { scale = distribution === "gaussian" ? 0.1 : 1, biases = 0, seed } = given;
  return {
    method: "dense",
    distribution,
    scale: checkScale(`${option}.scale`, scale, distribution),
    biases: checkNumber(`${option}.biases`, biases, -Number.MAX_VALUE),
    ...(seed === undefined ? {} : { seed: checkInteger(`${option}.seed`, seed, 0) }),
  };
}

function checkScale(option: string, scale: unknown, distribution: "gaussian" | "glorot"): number | "he" {
  if (typeof scale !== "string") return checkPositive(option, scale);
  if (scale !== "he" || distribution !== "gaussian") throw new InvalidOptionError(option, scale, 'a finite number greater than 0, or "he" where the distribution is gaussian');
  return scale;
}

/** Fills one layer: `weights` (inputs x outputs, row-major) and `biases` (outputs). */
export function fillDense(description: DenseInitialization, layer: LayerShape, stream: RandomStream, weights: Float32Array, biases: Float32Array): void {
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
