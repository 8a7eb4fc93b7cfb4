import { InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject } from "../validate.js";
import type { EchoStateInitialization } from "./types.js";

/**
 * Parameters are stored in f32, which holds 1.2e-38 to 3.4e38: within these bounds none overflows or vanishes whatever is drawn, and what is wrong is said
 * of the option, not of one of the parameters made from it.
 */
const SMALLEST = 1e-30;
const LARGEST = 1e30;

/**
 * The initialisation of recurrent networks in Table 4 of the paper:
 *
 *     inputToHidden    inputScale N(0, 1)       0.001 for addition and multiplication, 0.1 for the memory problems
 *     hiddenToHidden   each hidden unit gets min(fanIn, hidden) incoming weights N(0, 1), at units chosen without replacement, itself
 *                      among them; then all are multiplied by one number that makes the spectral radius `spectralRadius`
 *     hiddenBiases     0
 *     hiddenToOutput   outputScale N(0, 1)
 *     outputBiases     `outputBiases`, by default 0; the paper has the average of the outputs: a task's `outputBiases`
 *
 * Options: `inputScale`, which has no default since it depends on the task; `fanIn` 15; `spectralRadius` 1.1; `outputScale` 0.1;
 * `outputBiases`; `seed`, in place of the trial's. Radius and scales lie in [1e-30, 1e30] and biases in [-1e30, 1e30], so that f32 holds the
 * parameters. Throws `InvalidOptionError`.
 */
export function echoState(options: {
  inputScale: number;
  fanIn?: number;
  spectralRadius?: number;
  outputScale?: number;
  outputBiases?: ArrayLike<number>;
  seed?: number;
}): EchoStateInitialization {
  return checkEchoState("echoState", options);
}

/** Checks an untrusted description and fills in defaults. */
export function checkEchoState(option: string, value: unknown): EchoStateInitialization {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["method", "fanIn", "spectralRadius", "inputScale", "outputScale", "outputBiases", "seed"]);
  const { fanIn = 15, spectralRadius = 1.1, inputScale, outputScale = 0.1, outputBiases, seed } = given;
  return {
    method: "echoState",
    fanIn: checkInteger(`${option}.fanIn`, fanIn, 1),
    spectralRadius: checkNumber(`${option}.spectralRadius`, spectralRadius, SMALLEST, LARGEST),
    inputScale: checkNumber(`${option}.inputScale`, inputScale, SMALLEST, LARGEST),
    outputScale: checkNumber(`${option}.outputScale`, outputScale, SMALLEST, LARGEST),
    ...(outputBiases === undefined ? {} : { outputBiases: checkBiases(`${option}.outputBiases`, outputBiases) }),
    ...(seed === undefined ? {} : { seed: checkInteger(`${option}.seed`, seed, 0) }),
  };
}

function checkBiases(option: string, value: unknown): number[] {
  if (!Array.isArray(value) && !(value instanceof Float32Array) && !(value instanceof Float64Array)) {
    throw new InvalidOptionError(option, value, "a list of numbers, one for each output");
  }
  return Array.from(value as ArrayLike<unknown>, (bias, i) => checkNumber(`${option}[${i}]`, bias, -LARGEST, LARGEST));
}
