import { STATUS_BAD_INPUT, STATUS_BAD_LOSS, STATUS_BAD_PARAMETER, STATUS_BAD_TARGET } from "../abi/control.js";
import { DivergedError, InvalidOptionError } from "../errors.js";
import type { Batch } from "./batch.js";
import type { Loss } from "./describe.js";
import type { Work } from "./work.js";

/**
 * Turns a program's complaints about its data into errors that name the first bad value; returns the bits that mean divergence.
 * The kernels only notice that something is wrong; the search for where runs when it is needed.
 */
export function throwForStatus(status: number, batch: Batch, loss: Loss, option = "batch"): number {
  if (status & STATUS_BAD_INPUT) checkFinite(`${option}.inputs`, batch.inputs);
  if (status & STATUS_BAD_TARGET) checkTargets(option, batch, loss);
  return status & (STATUS_BAD_LOSS | STATUS_BAD_PARAMETER);
}

/** x - x is 0 for finite x and NaN otherwise: one pass without branches. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i];
  return sum === 0;
}

/** Whether all values lie from 0 to 1. */
function allWithin(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i] >= 0 && values[i] <= 1)) return false;
  return true;
}

/** Throws InvalidOptionError for the first value that is NaN or infinite; rows of a `mask` of 0 may hold anything. */
export function checkFinite(option: string, values: Float32Array, mask?: Float32Array): void {
  if (allFinite(values)) return;
  const features = mask ? values.length / mask.length : 1;
  const bad = values.findIndex((value, i) => !Number.isFinite(value) && mask?.[Math.floor(i / features)] !== 0);
  if (bad >= 0) throw new InvalidOptionError(`${option}[${bad}]`, values[bad], "a finite number: clean the data first");
}

/** Values that are looked through before the host may have its turn: some milliseconds. */
const LOOK_THROUGH = 2 ** 21;

/** `checkFinite` in slices. */
export function* checkingFinite(option: string, values: Float32Array): Work<void> {
  const of = Math.ceil(values.length / LOOK_THROUGH);
  for (let step = 0; step < of; step++) {
    if (step > 0) yield { step, of };
    if (!allFinite(values.subarray(step * LOOK_THROUGH, (step + 1) * LOOK_THROUGH))) checkFinite(option, values);
  }
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

/** Throws InvalidOptionError, in slices, for the first input that is not finite and the first target that its loss cannot be taken of. */
export function* checkingValues(option: string, batch: Batch, loss: Loss): Work<void> {
  yield* checkingFinite(`${option}.inputs`, batch.inputs);
  const values = batch.targets ?? batch.inputs;
  const of = Math.ceil(values.length / LOOK_THROUGH);
  for (let step = 0; step < of; step++) {
    yield { step, of };
    const slice = values.subarray(step * LOOK_THROUGH, (step + 1) * LOOK_THROUGH);
    if (allFinite(slice) && (loss === "squared" || allWithin(slice))) continue;
    // Where no step of weight is wrong, this has looked through all that are left.
    checkTargets(option, batch, loss);
    return;
  }
}

/** Every answer is finite or an error: throws DivergedError where f32 could not hold `what`. Returns the values. */
export function checkAnswer(what: string, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
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
