import type { Initialization } from "../../initialize/index.js";
import type { CaseCount } from "../../optimizers/hessianFree/hessianFreeDescription.js";
import { hasWords } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { methodOf } from "../../optimizers/index.js";
import { describePieces, describeSchedule } from "../../report/text/describeSchedule.js";
import { formatCount, formatCountOf, formatRate } from "../../report/text/format.js";
import { kindOf } from "../../tasks/index.js";
import { type HessianFreeTrialSpec, isHessianFree, type TrialSpec } from "../spec.js";
import type { TrialEvent } from "../trialEvent.js";

/** A spec in words, for people: the terminal and the report page say the same. */

/** "CURVES autoencoder 784-400-200-100-50-25-6 and its mirror image", "addition, a recurrent network of 100 tanh units". */
export function describeNetwork({ task }: TrialSpec): string {
  return kindOf(task).describeNetwork(task);
}

/** "20,000 training and 10,000 test images, minibatches of 200, 5,000 updates"; "sequences of 80 to 88 steps, ...". */
export function describeTask(spec: TrialSpec): string {
  const training = isHessianFree(spec)
    ? describeBatches(spec)
    : `minibatches of ${formatCount(spec.batchSize)}, ${formatCountOf(spec.updates, "update")}`;
  return kindOf(spec.task).describe(spec.task, training);
}

/** "learning rate 0.01, momentum up to 0.99 by Eq. 5 with period 51 (reached at update 2,499), 0.9 for the last 500 updates". */
export function describeOptimizer({ optimizer, updates }: TrialSpec): string {
  return methodOf(optimizer).describe(optimizer, updates);
}

/** "learning rate 0.005, momentum 0.95": what an event of a trial of so many updates has changed. */
export function describeEvent({ learningRate, momentum }: TrialEvent, updates: number): string {
  const parts = Object.entries({ "learning rate": learningRate, momentum });
  return parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${describeSchedule(value, updates)}`])).join(", ");
}

/** "gradients of all cases, curvature of 5,000, 100 updates"; "... at most 100 updates or 10,000 steps of conjugate gradient". */
function describeBatches({ optimizer, updates, conjugateGradientSteps: steps }: HessianFreeTrialSpec): string {
  const { gradientCases, curvatureCases } = optimizer;
  const gradient = gradientCases === "all" ? "all cases" : describeCases(gradientCases, updates);
  const batches =
    curvatureCases === "gradient"
      ? `gradients and curvature of ${gradient}`
      : `gradients of ${gradient}, curvature of ${describeCases(curvatureCases, updates)}`;
  const length = formatCountOf(updates, "update");
  return `${batches}, ${steps === undefined ? length : `at most ${length} or ${formatCountOf(steps, "step")} of conjugate gradient`}`;
}

export function describeInitialization({ initialization, seed }: TrialSpec): string {
  return `${describeWeights(initialization)}, seed ${initialization.seed ?? seed}`;
}

function describeWeights(initialization: Initialization): string {
  switch (initialization.method) {
    case "sparse":
      return `sparse, ${formatCountOf(initialization.fanIn, "incoming connection")} a unit, scale ${formatRate(initialization.scale)}`;
    case "dense":
      return `dense, scale ${initialization.scale === "he" ? "sqrt(2 / inputs)" : formatRate(initialization.scale)}`;
    case "echoState": {
      const { fanIn, spectralRadius, inputScale, outputScale, outputBiases = [0] } = initialization;
      const biases = outputBiases.every((bias) => bias === outputBiases[0])
        ? formatRate(outputBiases[0])
        : outputBiases.map(formatRate).join(", ");
      return (
        `echo state, ${formatCountOf(fanIn, "incoming connection")} a unit, spectral radius ${formatRate(spectralRadius)}, input scale ` +
        `${formatRate(inputScale)}, output scale ${formatRate(outputScale)}, output biases ${biases}`
      );
    }
  }
}

function describeCases(cases: CaseCount<string>, updates: number): string {
  const words = { all: "all", gradient: "all of these" } as Readonly<Record<string, string>>;
  if (typeof cases === "string") return words[cases];
  if (hasWords(cases)) return describePieces(cases, (piece) => describeCases(piece, updates));
  return typeof cases === "number" ? formatCount(cases) : describeSchedule(cases, updates);
}
