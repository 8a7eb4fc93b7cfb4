import { formatCount, formatDuration, formatRate } from "../report/text/format.js";
import { maximumReachedAt } from "../schedules/maximumReachedAt.js";
import { hessianFreePlateau } from "../tasks/curves/curvesKind.js";
import type { Demonstrated } from "../trials/demonstration.js";
import { describeTask } from "../trials/page/describeSpec.js";
import type { TrialRecord } from "../trials/record.js";
import { isHessianFree, type TrialSpec } from "../trials/spec.js";

/** What the demonstration does, before it begins. */
export function introduction([{ spec: sgd }, { spec: cm }, { spec: nag }, hessianFree]: readonly Demonstrated[]): string[] {
  return [
    "Training the CURVES autoencoder, 784-400-200-100-50-25-6 and its mirror image, from one sparsely",
    "initialized starting point, three ways on the same minibatches:",
    "",
    `  SGD  gradient descent, learning rate ${String(sgd.optimizer.learningRate)}`,
    `  CM   classical momentum, learning rate ${String(cm.optimizer.learningRate)}`,
    `  NAG  Nesterov momentum, learning rate ${String(nag.optimizer.learningRate)}`,
    "",
    `${describeTask(sgd)} each.`,
    ...momentumLines(nag),
    "",
    ...hessianFreeLines(hessianFree),
    "",
  ];
}

/** The fourth of the trials, and what was done to make its updates short. */
function hessianFreeLines({ spec, seconds = 0 }: Demonstrated): string[] {
  if (!isHessianFree(spec)) return [];
  const { gradientCases, curvatureCases, damping } = spec.optimizer;
  return [
    `And a fourth, whose updates are long, for ${formatSeconds(seconds)}:`,
    "",
    `  HF   Hessian-free optimization, damping from ${formatRate(damping.initial)}, each update from the gradient of ` +
      `${String(gradientCases)} cases`,
    `       and the curvature of ${String(curvatureCases)} of them`,
  ];
}

/** What was done to the paper's momentum schedule to fit a short run. */
function momentumLines({ optimizer, updates }: TrialSpec): string[] {
  if (!("momentum" in optimizer) || typeof optimizer.momentum === "number" || optimizer.momentum.schedule !== "sutskever") return [];
  const { max, period, final } = optimizer.momentum;
  const last = final !== undefined && "updates" in final ? final : { updates: 0, value: max };
  const reached = maximumReachedAt({ max, period });
  const end = `For the last ${formatCount(last.updates)} of ${formatCount(updates)} updates it is ${last.value}.`;
  if (reached >= updates) {
    return [
      `Momentum grows by Eq. 5, its period shortened from 250 updates to ${period}; in so short a run it does not`,
      `reach its cap of ${max}. ${end}`,
    ];
  }
  return [
    `Momentum grows by Eq. 5 to ${max}. Its period is shortened from 250 updates to ${period}, so that the cap is`,
    `reached at update ${formatCount(reached)} and not at ${formatCount(maximumReachedAt({ max, period: 250 }))}. ${end}`,
  ];
}

/** What to see in its report. */
export function explanation(nag: TrialSpec): string[] {
  return [
    "All four start at the same parameters; SGD, CM and NAG see the same minibatches in the same order. The error first falls to " +
      "that of the mean image (the dotted line), which the biases of the output layer can learn alone. The level stretch that follows " +
      "is not a minimum: the directions that lead on have little curvature, so the gradient along them is small, though it keeps its " +
      "sign.",
    "That is where momentum counts. Velocity adds up along directions in which the gradient persists, to 1/(1 - 0.99) = 100 times a " +
      "single step, and cancels along those in which it alternates. Gradient descent must cross the same ground one small step at a " +
      "time. Nesterov momentum takes its gradient where the velocity is about to carry it, which corrects the velocity earlier along " +
      "steep directions.",
    momentumLines(nag).join(" ") +
      " The paper's runs have 750,000 updates and a last phase of 1,000. The fall of the error when momentum drops is the paper's " +
      "Table 2: high momentum explores, low momentum settles.",
    "Hessian-free does not follow the gradient at all: it builds from each batch a quadratic model of the error and looks for the " +
      "model's minimum by conjugate gradient, which gets along directions of little curvature far sooner than gradient descent. An " +
      "update costs as much as dozens or hundreds of those of the others, which is why the errors are drawn against time and cases " +
      `processed too. ${hessianFreePlateau} This run is too short for that. Conjugate gradient started from its decayed last solution is ` +
      "momentum, and stopped after one step it is Nesterov's with a learning rate that the curvature gives: section 5 of the paper.",
    "Numbers are not those of the paper's Table 1, whose runs are some 400 times longer and use the original CURVES images, of which " +
      "these are a stand-in of the same statistics. The order of the three is what to compare, not the digits.",
  ];
}

/** What a person must know who compares the lines. */
export function ofThisMachine(seconds: number): string {
  return (
    `HF had ${formatSeconds(seconds)} of updates, so how far it came depends on this machine; the others make the same updates ` +
    "everywhere."
  );
}

/** "1,800 updates each, and 25 of HF in its time,"; "120 of 1,800 updates, where it was stopped," */
export function describeRace(first: TrialRecord, hessianFree: TrialRecord): string {
  const { update, spec } = first;
  const made =
    update < spec.updates
      ? `${formatCount(update)} of ${formatCount(spec.updates)} updates, where it was stopped,`
      : `${formatCount(update)} updates each,`;
  return `${made} and ${formatCount(hessianFree.update)} of HF in its time,`;
}

function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${formatRate(seconds)} s` : formatDuration(seconds);
}
