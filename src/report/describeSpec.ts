import type { Schedule } from "../schedules/index.js";
import { maximumReachedAt } from "../trials/maximumReachedAt.js";
import type { TrialSpec } from "../trials/spec.js";
import { formatCount, formatRate } from "./format.js";

/** A spec in words, for people: the terminal and the report page say the same. */

/** "20,000 training and 10,000 test images, minibatches of 200, 5,000 updates". */
export function describeTask({ task, batchSize, updates }: TrialSpec): string {
  return `${formatCount(task.cases)} training and ${formatCount(task.testCases)} test images, minibatches of ${formatCount(batchSize)}, ${formatCount(updates)} updates`;
}

export function describeInitialization({ initialization, seed }: TrialSpec): string {
  const { method, scale } = initialization as { method: string; scale: number };
  const kind = initialization.method === "sparse" ? `sparse, ${initialization.fanIn} incoming connections a unit` : method;
  return `${kind}, scale ${formatRate(scale)}, seed ${initialization.seed ?? seed}`;
}

/** "learning rate 0.01, momentum up to 0.99 by Eq. 5 with period 51 (reached at update 2,499), 0.9 for the last 500 updates". */
export function describeOptimizer({ optimizer, updates }: TrialSpec): string {
  const rate = `learning rate ${describeSchedule(optimizer.learningRate, updates)}`;
  return optimizer.method === "sgd" ? `${rate}, no momentum` : `${rate}, momentum ${describeSchedule(optimizer.momentum, updates)}`;
}

/** A schedule in words; `updates` is the length of the trial. */
export function describeSchedule(schedule: Schedule, updates: number): string {
  if (typeof schedule === "number") return formatRate(schedule);
  const { final } = schedule;
  if (final === undefined) return describeFormula(schedule, updates);
  const from = "updates" in final ? updates - final.updates : final.from;
  return `${describeFormula(schedule, updates)}, ${formatRate(final.value)} for the last ${formatCount(Math.max(0, updates - from))} updates`;
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
      return `${schedule.values.map(formatRate).join(", then ")}, changing at ${schedule.at.map(formatCount).join(", ")}`;
    case "inverse":
      return `min(${formatRate(schedule.max)}, ${formatRate(schedule.numerator)} / (t - ${formatCount(schedule.offset)}))`;
  }
}
