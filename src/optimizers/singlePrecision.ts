import { checkSinglePrecision } from "../boundary/singlePrecision.js";
import type { Schedule } from "../schedules/index.js";

/**
 * Checks that f32, in which networks are trained, holds every number that a schedule's values are made of. `minimize`, which computes in
 * f64, takes others.
 *
 * @throws InvalidOptionError naming the level, as in "learningRate.values[1]"
 */
export function checkSinglePrecisionSchedule(option: string, schedule: Schedule, isPositive = false): void {
  for (const [name, level] of levelsOf(option, schedule)) checkSinglePrecision(name, level, isPositive);
}

/**
 * The numbers that a schedule's values are made of, by name. Those of an inverse schedule are at most `numerator`, which may be as large as
 * it likes.
 */
export function levelsOf(option: string, schedule: Schedule): [string, number][] {
  if (typeof schedule === "number") return [[option, schedule]];
  const final: [string, number][] = schedule.final === undefined ? [] : [[`${option}.final.value`, schedule.final.value]];
  switch (schedule.schedule) {
    case "constant":
      return [[`${option}.value`, schedule.value], ...final];
    case "sutskever":
      return [[`${option}.max`, schedule.max], ...final];
    case "nesterov1983":
      return final;
    case "piecewise":
      return [...schedule.values.flatMap((value, i) => levelsOf(`${option}.values[${i}]`, value)), ...final];
    case "inverse":
      return [[`${option}.max`, schedule.max], [`${option}.numerator`, Math.min(schedule.numerator, 1)], ...final];
  }
}
