import { InvalidOptionError, ShapeError } from "../errors.js";
import { checkFloat32Array, checkInteger, checkObject } from "../validate.js";

/**
 * A minibatch or a whole data set, row-major: feed-forward (cases x features), recurrent time-major (steps x cases x features).
 * `targets` default to the inputs for autoencoders; those of a cross-entropy lie from 0 to 1, those of a softmax are one-hot. `mask` (steps x cases) weighs the loss of each step.
 */
export interface Batch {
  readonly inputs: Float32Array;
  readonly targets?: Float32Array;
  readonly mask?: Float32Array;
  readonly cases: number;
  readonly steps?: number;
}

/** Checks a feed-forward batch's shape; values are checked where they are read. Throws ShapeError, InvalidOptionError. */
export function checkBatch(batch: Batch, inputs: number, outputs: number, targets: "needed" | "inputs" | "unused"): void {
  checkObject("batch", batch);
  for (const option of ["mask", "steps"] as const) {
    if (batch[option] !== undefined) throw new InvalidOptionError(`batch.${option}`, batch[option], "left out: a feed-forward network has no time steps");
  }
  const cases = checkInteger("batch.cases", batch.cases, 1);
  if (checkFloat32Array("batch.inputs", batch.inputs).length !== cases * inputs) {
    throw new ShapeError("batch.inputs.length", batch.inputs.length, `${cases * inputs} (${cases} cases x ${inputs} inputs)`);
  }
  if (targets === "unused") return;
  if (batch.targets === undefined) {
    if (targets === "needed") throw new ShapeError("batch.targets", "missing", `a Float32Array of ${cases * outputs} (${cases} cases x ${outputs} outputs)`);
  } else if (checkFloat32Array("batch.targets", batch.targets).length !== cases * outputs) {
    throw new ShapeError("batch.targets.length", batch.targets.length, `${cases * outputs} (${cases} cases x ${outputs} outputs)`);
  }
}

/** Checks a recurrent batch's shape. Throws ShapeError, InvalidOptionError. */
export function checkSequences(batch: Batch, inputs: number, outputs: number, targets: "needed" | "unused"): void {
  checkObject("batch", batch);
  const cases = checkInteger("batch.cases", batch.cases, 1);
  const steps = checkInteger("batch.steps", batch.steps, 1);
  const expect = (option: string, values: unknown, features: number, what: string): void => {
    const expected = `${steps * cases * features} (${steps} steps x ${cases} cases${features === 1 && what === "" ? "" : ` x ${features} ${what}`})`;
    if (values === undefined) throw new ShapeError(option, "missing", `a Float32Array of ${expected}`);
    const { length } = checkFloat32Array(option, values);
    if (length !== steps * cases * features) throw new ShapeError(`${option}.length`, length, expected);
  };
  expect("batch.inputs", batch.inputs, inputs, "inputs");
  if (targets === "needed") expect("batch.targets", batch.targets, outputs, "outputs");
  if (batch.mask !== undefined) expect("batch.mask", batch.mask, 1, "");
}
