import type { Initialization } from "../../initialize/index.js";
import type { CaseCount } from "../../optimizers/hessianFree/hessianFreeDescription.js";
import { hasWords } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { formatCount, formatCountOf, formatRate } from "../../report/text/format.js";
import type { Pieces, Schedule } from "../../schedules/index.js";
import { maximumReachedAt } from "../maximumReachedAt.js";
import { type HessianFreeTrialSpec, isHessianFree, type TrialSpec } from "../spec.js";
import { isSequencesTask, type SequencesTask } from "../taskSpec.js";

/** A spec in words, for people: the terminal and the report page say the same. */

/** "CURVES autoencoder 784-400-200-100-50-25-6 and its mirror image", "addition, a recurrent network of 100 tanh units". */
export function describeNetwork({ task }: TrialSpec): string {
  if (!isSequencesTask(task)) return "CURVES autoencoder 784-400-200-100-50-25-6 and its mirror image";
  return `${task.name}, a recurrent network of ${formatCountOf(task.hidden, "tanh unit")}`;
}

/** "20,000 training and 10,000 test images, minibatches of 200, 5,000 updates"; "sequences of 80 to 88 steps, ...". */
export function describeTask(spec: TrialSpec): string {
  const { task } = spec;
  const training = isHessianFree(spec)
    ? describeBatches(spec)
    : `minibatches of ${formatCount(spec.batchSize)}, ${formatCountOf(spec.updates, "update")}`;
  if (!isSequencesTask(task)) return `${formatCount(task.cases)} training and ${formatCountOf(task.testCases, "test image")}, ${training}`;
  return `${describeSequences(task)}; ${formatCount(task.testCases)} held out, fresh ones in ${training}`;
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

/** How long the sequences are, and which of the readings of the paper were chosen that are not the default. */
function describeSequences(task: SequencesTask): string {
  const { length } = task;
  const readings: string[] = [];
  let steps = formatCountOf(length, "step");
  if ("flags" in task) {
    const longest = Math.floor((length * 11) / 10);
    if (longest > length) steps = `${formatCount(length)} to ${formatCountOf(longest, "step")}`;
    if (!task.flags) readings.push("without -1 marks");
    if (!task.centered) readings.push("values not centered");
    if (task.name === "addition" && task.target === "sum") readings.push("target the sum, not half of it");
  } else {
    if (task.lengthMeans === "delay") steps += " between symbols and repetition";
    if (task.scored === "all") readings.push("all steps scored");
  }
  if (task.initialHidden === "learned") readings.push("learned initial hidden state");
  return [`sequences of ${steps}`, ...readings].join(", ");
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

/** "learning rate 0.01, momentum up to 0.99 by Eq. 5 with period 51 (reached at update 2,499), 0.9 for the last 500 updates". */
export function describeOptimizer(spec: TrialSpec): string {
  if (isHessianFree(spec)) return describeHessianFree(spec);
  const { optimizer, updates } = spec;
  const decay = optimizer.weightDecay === 0 ? "" : `, weight decay ${formatRate(optimizer.weightDecay)}`;
  const rate = `learning rate ${describeSchedule(optimizer.learningRate, updates)}`;
  return `${rate}, ${optimizer.method === "sgd" ? "no momentum" : `momentum ${describeSchedule(optimizer.momentum, updates)}`}${decay}`;
}

/**
 * "damping from 45, at most 250 steps of conjugate gradient an update, decay 0.95, weight decay 0.00002"; where it is the hybrid of section
 * 5, that first.
 */
function describeHessianFree({ optimizer, updates }: HessianFreeTrialSpec): string {
  const { variant, learningRate, damping, structuralDamping, conjugateGradient, weightDecay } = optimizer;
  const { maximum, minimum, decay } = conjugateGradient;
  const isFixed = JSON.stringify(maximum) === JSON.stringify(minimum);
  const steps = typeof maximum === "number" ? formatCountOf(maximum, "step") : `(${describeSchedule(maximum, updates)}) steps`;
  const search = optimizer.lineSearch === false && optimizer.backtracking === false ? ", neither line search nor backtracking" : "";
  return [
    ...(variant === "momentum" ? [`the momentum variant${search}`] : []),
    ...(learningRate === 1 ? [] : [`learning rate ${describeSchedule(learningRate, updates)}`]),
    `damping from ${formatRate(damping.initial)}`,
    ...(structuralDamping === 0 ? [] : [`structural damping ${describeSchedule(structuralDamping, updates)}`]),
    `${isFixed ? "" : "at most "}${steps} of conjugate gradient an update`,
    `decay ${describeSchedule(decay, updates)}`,
    `weight decay ${describeSchedule(weightDecay, updates)}`,
  ].join(", ");
}

function describeCases(cases: CaseCount<string>, updates: number): string {
  const words = { all: "all", gradient: "all of these" } as Readonly<Record<string, string>>;
  if (typeof cases === "string") return words[cases];
  if (hasWords(cases)) return describePieces(cases, (piece) => describeCases(piece, updates));
  return typeof cases === "number" ? formatCount(cases) : describeSchedule(cases, updates);
}

/** "0.95, then 0.999 from update 5,000 on". */
function describePieces<V>({ values, at }: Pieces<V>, describe: (value: V) => string): string {
  return values
    .map((value, i) => (i === 0 ? describe(value) : `then ${describe(value)} from update ${formatCount(at[i - 1])} on`))
    .join(", ");
}

/** A schedule in words; `updates` is the length of the trial. */
export function describeSchedule(schedule: Schedule, updates: number): string {
  if (typeof schedule === "number") return formatRate(schedule);
  const { final } = schedule;
  if (final === undefined) return describeFormula(schedule, updates);
  const from = "updates" in final ? updates - final.updates : final.from;
  if (from >= updates) return describeFormula(schedule, updates);
  const last = updates - from;
  return (
    `${describeFormula(schedule, updates)}, ${formatRate(final.value)} for the last ` +
    `${last === 1 ? "update" : formatCountOf(last, "update")}`
  );
}

function describeFormula(schedule: Exclude<Schedule, number>, updates: number): string {
  switch (schedule.schedule) {
    case "constant":
      return formatRate(schedule.value);
    case "sutskever": {
      const reached = maximumReachedAt(schedule);
      const when = reached < updates ? `reached at update ${formatCount(reached)}` : "not reached in so few updates";
      return `up to ${formatRate(schedule.max)} by Eq. 5 with period ${formatCount(schedule.period)} (${when})`;
    }
    case "nesterov1983":
      return "1 - 3/(t + 5)";
    case "piecewise":
      return describePieces(schedule, (piece) => describeSchedule(piece, updates));
    case "inverse":
      return `min(${formatRate(schedule.max)}, ${formatRate(schedule.numerator)} / (t - ${formatCount(schedule.offset)}))`;
  }
}
