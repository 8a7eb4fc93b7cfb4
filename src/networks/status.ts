import { STATUS_BAD_INPUT, STATUS_BAD_LOSS, STATUS_BAD_PARAMETER, STATUS_BAD_TARGET } from "../abi/control.js";
import { DivergedError, InvalidOptionError } from "../errors.js";
import type { Batch } from "./batch.js";
import type { Loss } from "./describe.js";

/**
 * Turns a program's complaints about its data into errors that name the first bad value; returns the bits that mean divergence.
 * The kernels only notice that something is wrong; the search for where runs when it is needed.
 */
export function throwForStatus(status: number, batch: Batch, loss: Loss): number {
  if (status & STATUS_BAD_INPUT) checkFinite("batch.inputs", batch.inputs);
  if (status & STATUS_BAD_TARGET) checkTargets("batch", batch, loss);
  return status & (STATUS_BAD_LOSS | STATUS_BAD_PARAMETER);
}

/** x - x is 0 for finite x and NaN otherwise: one pass without branches. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i];
  return sum === 0;
}

/** Throws InvalidOptionError for the first value that is NaN or infinite; rows of a `mask` of 0 may hold anything. */
export function checkFinite(option: string, values: Float32Array, mask?: Float32Array): void {
  if (allFinite(values)) return;
  const features = mask ? values.length / mask.length : 1;
  const bad = values.findIndex((value, i) => !Number.isFinite(value) && mask?.[Math.floor(i / features)] !== 0);
  if (bad >= 0) throw new InvalidOptionError(`${option}[${bad}]`, values[bad], "a finite number: clean the data first");
}

/**
 * Throws InvalidOptionError for the first target of a batch, called `option`, that its loss cannot be taken of: cross-entropy's lie from 0
 * to 1, since outside its minimum is at infinity. Targets that default to the inputs go by that name.
 */
export function checkTargets(option: string, { inputs, targets, mask }: Batch, loss: Loss): void {
  const name = `${option}.${targets === undefined ? "inputs" : "targets"}`;
  const values = targets ?? inputs;
  checkFinite(name, values, mask);
  if (loss === "squared") return;
  const features = mask ? values.length / mask.length : 1;
  const bad = values.findIndex((value, i) => !(value >= 0 && value <= 1) && mask?.[Math.floor(i / features)] !== 0);
  if (bad >= 0)
    throw new InvalidOptionError(
      `${name}[${bad}]`,
      values[bad],
      'from 0 to 1, as cross-entropy needs: scale the data, or choose linear outputs with loss "squared"',
    );
}

/** Every answer is finite or an error: throws DivergedError where f32 could not hold `what`. Returns the values. */
export function checkAnswer(what: string, values: Float32Array): Float32Array {
  if (allFinite(values)) return values;
  throw new DivergedError(
    undefined,
    undefined,
    what,
    "the parameters, the data or the vector are too large for f32: start from smaller parameters, lower the learning rate, or scale " +
      "the data",
  );
}

/** The error for a loss that f32 cannot hold, away from any update. */
export function nonFiniteLoss(): DivergedError {
  return new DivergedError(
    undefined,
    undefined,
    "the loss of the batch",
    "the parameters or the data are too large for f32: start from smaller parameters, lower the learning rate, or scale the data",
  );
}
