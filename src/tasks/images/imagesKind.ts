import { present } from "../../boundary/present.js";
import { InvalidOptionError } from "../../errors.js";
import { checkInitialization, type Initialization } from "../../initialize/index.js";
import type { SpecOption } from "../../options.js";
import { orDefault } from "../../validate.js";
import { type HessianFreeDefaults, withHessianFreeDefaults } from "../optimizerDefaults.js";
import type { TaskKind } from "../task.js";
import { imagesFigures, imagesLead, imagesTableCaption, meanImagePlateau } from "./imagesPage.js";
import { type ImageMeasure, imageMeasures, type PreparedImages } from "./imagesTask.js";

/** Options of every task that trains an autoencoder on images. */
export const imageOptions = {
  period: {
    name: "period",
    kind: "number",
    value: "N",
    help: "updates between the steps of Eq. 5 (default 250, the paper's);\n0.99 is reached after 49 periods",
    path: "optimizer.momentum.period",
  },
  scale: {
    name: "initialization-scale",
    kind: "number",
    value: "X",
    help: "multiplies the weights of the sparse initialization (default 1)",
    path: "initialization.scale",
  },
} as const satisfies Record<string, SpecOption>;

/** Why options of other tasks mean nothing to an autoencoder of images. */
const elsewhere: Readonly<Record<string, string>> = {
  length: "whose cases are images, not sequences",
  "spectral-radius": "whose network is not recurrent",
  "initial-hidden": "whose network is not recurrent",
  target: "whose targets are its inputs",
  "no-flags": "whose inputs have no marks",
  "no-centering": "whose inputs are not centered",
  scored: "whose cases are images, not sequences",
  "length-means": "whose cases are images, not sequences",
  "structural-damping": "whose network has no hidden state over time",
};

/** The hybrid's phase one in appendix A.6: a sixteenth of the data. */
const hybridShare = 16;
/** Martens (2010): curvature on a quarter of the data. */
const curvatureShare = 4;

/**
 * What `hessianFree` leaves out on so many cases: Martens' published run, which has lambda_0 = 45, drop 2/3, the curvature of a quarter of
 * the cases at a time, at most 250 steps of conjugate gradient, decay 0.95, weight decay 2e-5. The momentum variant: gradient and curvature
 * of one minibatch, a sixteenth of the cases.
 */
function hessianFreeDefaults(cases: number): (isHybrid: boolean) => HessianFreeDefaults {
  const share = (of: number): number => Math.max(1, Math.floor(cases / of));
  return (isHybrid) =>
    isHybrid ? { gradientCases: share(hybridShare), curvatureCases: "gradient" } : { curvatureCases: share(curvatureShare) };
}

type ImagesTask = { readonly name: string; readonly cases: number };
type Shared = "family" | "measures" | "why" | "checkInitialization" | "batchSize" | "optimizer" | "momentum" | "page";

/**
 * What the kinds of tasks share that train an autoencoder of the paper on images; `title` is the page's, `network` the shape of the
 * autoencoder in words.
 */
export function imagesKind<T extends ImagesTask>(
  title: string,
  network: string,
  why: Readonly<Record<string, string>>,
): Pick<TaskKind<T, PreparedImages, undefined, ImageMeasure>, Shared> {
  return {
    family: "feedForward",
    measures: imageMeasures,
    why: (option) => why[option] ?? (option === "hidden" ? `whose autoencoder is that of the paper, ${network}` : elsewhere[option]),
    checkInitialization: (task, value) => checkStart(task.name, value),
    batchSize: ({ cases }) => ({ standard: 200, largest: cases }),
    optimizer: ({ cases }, given) => withHessianFreeDefaults(given, hessianFreeDefaults(cases)),
    momentum(asked, before) {
      const kept = before?.schedule === "sutskever" ? before : {};
      const { maximum: max, period } = asked ?? {};
      return { ...kept, schedule: "sutskever", ...present({ max, period }) };
    },
    page: {
      title,
      lead: imagesLead,
      tableCaption: imagesTableCaption,
      figures: imagesFigures,
      explanation: () => [meanImagePlateau],
    },
  };
}

function checkStart(name: string, value: unknown): Initialization {
  const checked = checkInitialization("initialization", orDefault(value, { method: "sparse" }));
  if (checked.method === "echoState") {
    throw new InvalidOptionError(
      "initialization.method",
      checked.method,
      `one of "sparse", "dense": ${name} trains a feed-forward network`,
    );
  }
  return checked;
}
