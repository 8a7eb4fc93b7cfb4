import { allocate } from "../../boundary/allocate.js";
import { RandomStream } from "../../random/stream.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf, orDefault } from "../../validate.js";
import type { DataSet } from "../dataSet.js";
import { createCurvePainter } from "./curvePainter.js";

/** Images of a set: at most what one Float32Array of 4 GiB holds. */
export const MOST_CASES = 1_369_568;

/** Options of `curves`. */
export interface CurvesOptions {
  /** How many images. Default 20,000 for training and 10,000 for testing. */
  cases?: number;
  /** Root of the random streams. Default 1. */
  seed?: number;
  /** Which of the two streams of images. Default train. */
  set?: "train" | "test";
}

/**
 * CURVES: 28 x 28 images of smooth curves through three random points, values in [0, 1]; a calibrated stand-in for the data set of Hinton
 * and Salakhutdinov (2006) and Martens (2010), which is not distributed. Its variance, its entropy and what a mean image or 18 principal
 * components leave over match the published figures; errors on it are close to, not identical with, errors on the original.
 *
 * Image i is drawn from substream i of the stream "data" (test set: "data/test"), so it is the same whatever `cases` is.
 *
 * Options: `cases`, 20,000 for training and 10,000 for testing; `seed` 1; `set` "train". Throws `InvalidOptionError`.
 */
export function curves(options: CurvesOptions = {}): DataSet {
  checkKnownOptions("curves", checkObject("curves", options), ["cases", "seed", "set"]);
  const set = checkOneOf("set", orDefault(options.set, "train"), ["train", "test"]);
  const cases = checkInteger("cases", orDefault(options.cases, set === "train" ? 20_000 : 10_000), 1, MOST_CASES);
  const { seed = 1 } = options;
  const stream = new RandomStream(seed, set === "train" ? "data" : "data/test");
  const inputs = allocate(Float32Array, cases * 784, "the images");
  const painter = createCurvePainter();
  const x = new Float64Array(3);
  const y = new Float64Array(3);
  for (let i = 0; i < cases; i++) {
    stream.seek(i);
    drawPoints(stream, x, y);
    painter.paint(x, y, inputs, i * 784);
  }
  return { inputs, cases, features: 784 };
}

const LOW = 4.4;
const HIGH = 23.6;
const SMALLEST_GAP = 2;

/**
 * Three points, x ascending with gaps of at least 2. The y are drawn once, before the x, which are drawn until the gaps are wide enough.
 */
function drawPoints(stream: RandomStream, x: Float64Array, y: Float64Array): void {
  for (let k = 0; k < 3; k++) y[k] = LOW + (HIGH - LOW) * stream.uniform();
  do {
    for (let k = 0; k < 3; k++) x[k] = LOW + (HIGH - LOW) * stream.uniform();
    x.sort();
  } while (x[1] - x[0] < SMALLEST_GAP || x[2] - x[1] < SMALLEST_GAP);
}
