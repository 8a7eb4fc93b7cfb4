import { allocate } from "../boundary/allocate.js";
import { present } from "../boundary/present.js";
import { ShapeError } from "../errors.js";
import { type Batch, checkFeatures, checkMembers } from "../networks/batch.js";
import { checkFloat32Array, checkInteger } from "../validate.js";

/**
 * A batch of copies of the named cases, in the order given; a case may be named more than once.
 *
 * With `steps`, arrays are steps x cases x features on both sides, and `mask` steps x cases. Throws `InvalidOptionError` and `ShapeError`.
 */
export function gatherCases(data: Batch, cases: ArrayLike<number>): Batch {
  checkCases(data);
  for (let i = 0; i < cases.length; i++) {
    // The name is made only for the message: this runs for every case of every batch.
    if (!(Number.isInteger(cases[i]) && cases[i] >= 0 && cases[i] < data.cases)) checkInteger(`cases[${i}]`, cases[i], 0, data.cases - 1);
  }
  const steps = data.steps ?? 1;
  const gather = (values: Float32Array): Float32Array => gatherRows(values, steps, data.cases, cases);
  return present({
    inputs: gather(data.inputs),
    targets: data.targets && gather(data.targets),
    mask: data.mask && gather(data.mask),
    cases: cases.length,
    steps: data.steps,
  });
}

/** `values` is steps x total x width; the result steps x chosen.length x width. */
function gatherRows(values: Float32Array, steps: number, total: number, chosen: ArrayLike<number>): Float32Array {
  const width = values.length / (steps * total);
  const out = allocate(Float32Array, steps * chosen.length * width, "a batch of copied cases");
  let to = 0;
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < chosen.length; i++) {
      const from = (step * total + chosen[i]) * width;
      // Copying a short row by hand is faster than making a view of it.
      if (width < 32) for (let j = 0; j < width; j++) out[to + j] = values[from + j];
      else out.set(values.subarray(from, from + width), to);
      to += width;
    }
  }
  return out;
}

/** Checks that the arrays of a batch hold whole rows for `steps` x `cases`. */
export function checkCases(data: Batch): void {
  checkMembers("data", data);
  const { cases, steps, inputs, targets, mask } = data;
  checkInteger("data.cases", cases, 1);
  if (steps !== undefined) checkInteger("data.steps", steps, 1);
  const rows = cases * (steps ?? 1);
  const rowsText = steps === undefined ? `data.cases = ${cases}` : `data.steps x data.cases = ${steps} x ${cases}`;
  const check = (name: string, values: Float32Array): void => {
    checkFloat32Array(name, values);
    if (values.length === 0 || values.length % rows !== 0)
      throw new ShapeError(`the length of ${name}`, values.length, `a multiple of ${rowsText}`);
  };
  check("data.inputs", inputs);
  checkFeatures("data", data, inputs.length / rows, "the length of data.inputs over its rows");
  if (targets !== undefined) check("data.targets", targets);
  if (mask !== undefined) {
    checkFloat32Array("data.mask", mask);
    if (mask.length !== rows) throw new ShapeError("the length of data.mask", mask.length, rowsText);
  }
}
