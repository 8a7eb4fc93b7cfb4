import { present } from "../../boundary/present.js";
import { autoencoder } from "../../networks/describe.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { checkInteger, checkKnownOptions, checkSeed, orDefault } from "../../validate.js";
import { imageOptions, imagesKind } from "../images/imagesKind.js";
import { type ImageMeasure, type PreparedImages, prepareImages } from "../images/imagesTask.js";
import type { TaskKind } from "../task.js";
import { curves, MOST_CASES } from "./curves.js";

/** The CURVES task: the paper's autoencoder 784-400-200-100-50-25-6 and its mirror on drawn images of curves. */
export interface CurvesTask {
  readonly name: "curves";
  /** Training images. Default 20,000. */
  readonly cases: number;
  /** Test images, drawn from a stream of their own. Default: half of `cases`. */
  readonly testCases: number;
  /** Seed of the images. Default: the trial's. */
  readonly seed?: number;
}

const encoder = [784, 400, 200, 100, 50, 25, 6];
const network = encoder.join("-");

/** Why a Hessian-free trial on CURVES is level at first; for pages that show one. */
export const hessianFreePlateau =
  "Hessian-free (HF) is level there for its first dozens of updates, and is meant to be: in Martens' published run on the original " +
  "images " +
  "the error is within 3 % of the mean image's from the 7th update to the 25th, 12 after 50 updates and 0.4 after 100, when conjugate " +
  "gradient has made 10,000 steps, most of them in the last thirty updates. On the level stretch conjugate gradient ends after a dozen " +
  "steps, for lack of progress; once a way down is found it goes on for hundreds.";

const shared = imagesKind<CurvesTask>("The CURVES autoencoder", network, { data: "which draws its images itself" });

export const curvesKind: TaskKind<CurvesTask, PreparedImages, undefined, ImageMeasure> = {
  name: "curves",
  title: "CURVES",
  ...shared,
  options: [
    imageOptions.period,
    { name: "cases", kind: "number", value: "N", help: "training cases", fallback: "20000", path: "task.cases" },
    { name: "test-cases", kind: "number", value: "N", help: "test cases", fallback: "half of --cases", path: "task.testCases" },
    imageOptions.scale,
  ],
  check(given) {
    checkKnownOptions("task", given, ["name", "cases", "testCases", "seed"]);
    const cases = checkInteger("task.cases", orDefault(given.cases, 20_000), 1, MOST_CASES);
    const testCases = checkInteger("task.testCases", orDefault(given.testCases, Math.ceil(cases / 2)), 1, MOST_CASES);
    return present({ name: "curves", cases, testCases, seed: checkSeed("task.seed", given.seed) });
  },
  defaults: { learningRate: 0.01, updates: 2000, seed: 1 },
  prepare({ cases, testCases, seed }, root) {
    const train = curves({ cases, seed: seed ?? root });
    const test = curves({ cases: testCases, seed: seed ?? root, set: "test" });
    return prepareImages(autoencoder({ encoder }), train, test, 28, 28);
  },
  page: {
    ...shared.page,
    explanation: (shown) => [
      ...shared.page.explanation(shown),
      ...(shown.trials.every(({ method }) => method === "hessianFree") ? [hessianFreePlateau] : []),
    ],
  },
  describeNetwork: () => `CURVES autoencoder ${network} and its mirror image`,
  describe: ({ cases, testCases }, training) => `${formatCount(cases)} training and ${formatCountOf(testCases, "test image")}, ${training}`,
};
