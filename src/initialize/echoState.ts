import { present } from "../boundary/present.js";
import { isNumberList } from "../boundary/realm.js";
import { checkBias, LARGEST_SCALE, SMALLEST_SCALE } from "../boundary/singlePrecision.js";
import { InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkSeed } from "../validate.js";
import { checkMethod } from "./method.js";
import type { EchoStateInitialization, EchoStateOptions } from "./types.js";

/**
 * The initialization of recurrent networks in Table 4 of the paper:
 *
 *     inputToHidden    inputScale N(0, 1)       0.001 for addition and multiplication, 0.1 for the memory problems
 *     hiddenToHidden   each hidden unit gets min(fanIn, hidden) incoming weights N(0, 1), at units chosen without replacement, itself
 *                      among them; then all are multiplied by one number that makes the spectral radius `spectralRadius`
 *     hiddenBiases     0
 *     hiddenToOutput   outputScale N(0, 1)
 *     outputBiases     `outputBiases`, by default 0; the paper has the average of the outputs: a task's `outputBiases`
 *
 * Options: `inputScale`, which has no default since it depends on the task; `fanIn` 15; `spectralRadius` 1.1; `outputScale` 0.1;
 * `outputBiases`; `seed`, in place of the trial's. Radius and scales lie in [1e-30, 1e30] and biases are 0 or as large, so that f32 holds
 * the parameters. Throws `InvalidOptionError`.
 */
export function echoState(options: EchoStateOptions): EchoStateInitialization {
  return checkEchoState("echoState", options);
}

/** Checks an untrusted description and fills in defaults. */
export function checkEchoState(option: string, value: unknown): EchoStateInitialization {
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["method", "fanIn", "spectralRadius", "inputScale", "outputScale", "outputBiases", "seed"]);
  checkMethod(option, given, "echoState");
  const { fanIn = 15, spectralRadius = 1.1, inputScale, outputScale = 0.1, outputBiases, seed } = given;
  return present({
    method: "echoState",
    fanIn: checkInteger(`${option}.fanIn`, fanIn, 1),
    spectralRadius: checkNumber(`${option}.spectralRadius`, spectralRadius, SMALLEST_SCALE, LARGEST_SCALE),
    inputScale: checkNumber(`${option}.inputScale`, inputScale, SMALLEST_SCALE, LARGEST_SCALE),
    outputScale: checkNumber(`${option}.outputScale`, outputScale, SMALLEST_SCALE, LARGEST_SCALE),
    outputBiases: outputBiases === undefined ? undefined : checkBiases(`${option}.outputBiases`, outputBiases),
    seed: checkSeed(`${option}.seed`, seed),
  });
}

function checkBiases(option: string, value: unknown): number[] {
  if (!isNumberList(value)) {
    throw new InvalidOptionError(option, value, "a list of numbers, one for each output");
  }
  return Array.from(value, (bias, i) => checkBias(`${option}[${i}]`, checkNumber(`${option}[${i}]`, bias, -LARGEST_SCALE, LARGEST_SCALE)));
}
