import { allocate } from "../../boundary/allocate.js";
import { isArray } from "../../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../../errors.js";
import { type Batch, checkFeatures } from "../../networks/batch.js";
import { checkFinite } from "../../networks/status.js";
import { shuffle } from "../../random/shuffle.js";
import { RandomStream } from "../../random/stream.js";
import { checkFloat32Array, checkInteger, checkKnownMembers, checkObject } from "../../validate.js";
import { gatherCases } from "../gatherCases.js";

/** Data of one's own: cases, what is known of each, and what is to be said of it. */
export interface DataArrays {
  /** cases x features, row-major. */
  readonly inputs: Float32Array;
  /** cases x outputs, row-major; for classes one-hot. */
  readonly targets: Float32Array;
  readonly cases: number;
  /** What the classes are called, in the order of the outputs; left out where the targets are numbers. */
  readonly classes?: readonly string[];
}

/**
 * Checks data that a program gives: `DataArrays`, or a data set as `mnist` or `readCsv` makes one, which has more besides.
 * Throws InvalidOptionError, ShapeError.
 */
export function checkDataArrays(data: unknown): DataArrays {
  const given = checkObject("data", data);
  checkKnownMembers("data", given, ["inputs", "targets", "cases", "classes", "features", "labels", "columns"]);
  const cases = checkInteger("data.cases", given.cases, 2);
  for (const name of ["inputs", "targets"] as const) {
    const values = checkFloat32Array(`data.${name}`, given[name]);
    if (values.length === 0 || values.length % cases !== 0) {
      throw new ShapeError(`the length of data.${name}`, values.length, `a multiple of data.cases = ${cases}`);
    }
    checkFinite(`data.${name}`, values);
  }
  const { inputs, targets, classes } = given as unknown as DataArrays;
  checkFeatures("data", given as unknown as Batch, inputs.length / cases, "the length of data.inputs over data.cases");
  if (classes === undefined) return { inputs, targets, cases };
  const outputs = targets.length / cases;
  if (!isArray(classes) || classes.length !== outputs || classes.some((name) => typeof name !== "string")) {
    throw new InvalidOptionError("data.classes", classes, `a list of ${outputs} names, one for each output`);
  }
  return { inputs, targets, cases, classes: [...classes] };
}

/** A part of the data, and the rest. */
export interface HeldOut {
  readonly train: DataArrays;
  readonly held: DataArrays;
}

/** Sets a share of the cases aside, drawn from the stream "held" of `seed`: at least one, and not all. */
export function holdOut(data: DataArrays, share: number, seed: number): HeldOut {
  const { cases } = data;
  const count = Math.min(cases - 1, Math.max(1, Math.round(share * cases)));
  const order = Uint32Array.from({ length: cases }, (_, at) => at);
  shuffle(order, new RandomStream(seed, "held"));
  const part = (chosen: Uint32Array): DataArrays => {
    const { inputs, targets } = gatherCases({ inputs: data.inputs, targets: data.targets, cases }, chosen);
    return { ...data, inputs, targets: targets!, cases: chosen.length };
  };
  return { held: part(order.subarray(0, count).sort()), train: part(order.subarray(count).sort()) };
}

export type Scaling = "standard" | "unit" | "none";

/**
 * The inputs of both parts on one scale, found on the first alone:
 *
 *     standard   (x - mean) / deviation of each feature, where it varies; else 0
 *     unit       (x - least) / (most - least) of all features together
 *     none       as they are
 *
 * Throws InvalidOptionError where a value is so far from those of the first part that f32 cannot hold it any more.
 */
export function scaleInputs({ train, held }: HeldOut, scaling: Scaling): HeldOut {
  if (scaling === "none") return { train, held };
  const features = train.inputs.length / train.cases;
  const { shift, factor } = scaling === "standard" ? standard(train.inputs, train.cases, features) : unit(train.inputs, features);
  const scaled = (part: DataArrays): DataArrays => {
    const inputs = allocate(Float32Array, part.inputs.length, "the scaled inputs");
    for (let at = 0; at < inputs.length; at++) inputs[at] = (part.inputs[at] - shift[at % features]) * factor[at % features];
    const bad = inputs.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const found = `${part.inputs[bad]} as feature ${bad % features} of a case`;
      throw new InvalidOptionError("data.inputs", found, 'values nearer to those of the other cases, or task.scaling "none"');
    }
    return { ...part, inputs };
  };
  return { train: scaled(train), held: scaled(held) };
}

interface Scale {
  readonly shift: Float64Array;
  readonly factor: Float64Array;
}

function standard(inputs: Float32Array, cases: number, features: number): Scale {
  const shift = new Float64Array(features);
  const factor = new Float64Array(features);
  for (let at = 0; at < inputs.length; at++) shift[at % features] += inputs[at] / cases;
  for (let at = 0; at < inputs.length; at++) {
    const away = inputs[at] - shift[at % features];
    factor[at % features] += (away * away) / cases;
  }
  // Whether a feature varies is asked of its values: the mean of equal values is rounded, and need not be that value.
  const varies = new Uint8Array(features);
  for (let at = features; at < inputs.length; at++) if (inputs[at] !== inputs[at % features]) varies[at % features] = 1;
  return { shift, factor: factor.map((variance, feature) => (varies[feature] === 1 ? 1 / Math.sqrt(variance) : 0)) };
}

function unit(inputs: Float32Array, features: number): Scale {
  let least = Infinity;
  let most = -Infinity;
  for (const value of inputs) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { shift: new Float64Array(features).fill(least), factor: new Float64Array(features).fill(most > least ? 1 / (most - least) : 0) };
}
