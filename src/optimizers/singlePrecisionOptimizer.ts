import { checkSinglePrecision } from "../boundary/singlePrecision.js";
import { InvalidOptionError } from "../errors.js";
import type { Schedule } from "../schedules/index.js";
import type { OptimizerDescription } from "./descriptions.js";

/**
 * lambda times the mu of structural damping is one number to the kernels; lambda lies within these bounds as soon as it moves
 * (dampingRule.ts).
 */
const SMALLEST_STRUCTURAL = 2 ** -63;
const LARGEST_STRUCTURAL = 2 ** 63;

/**
 * Checks that f32, in which networks are trained, holds the numbers of a description that has passed `checkOptimizer`. `minimize`, which
 * computes in f64, takes others.
 *
 * @throws InvalidOptionError naming the option, as in "learningRate.values[1]"
 */
export function checkSinglePrecisionOptimizer(description: OptimizerDescription): void {
  if (description.method === "nesterov1983") return;
  checkSchedule("learningRate", description.learningRate, true);
  checkSchedule("weightDecay", description.weightDecay);
  if (description.method === "classicalMomentum" || description.method === "nesterov") checkSchedule("momentum", description.momentum);
  if (description.method !== "hessianFree") return;
  const { damping, structuralDamping, conjugateGradient, preconditioner } = description;
  checkSinglePrecision("damping.initial", damping.initial);
  checkSchedule("conjugateGradient.decay", conjugateGradient.decay);
  if (typeof preconditioner === "object") checkSchedule("preconditioner.exponent", preconditioner.exponent);
  for (const [option, level] of levels("structuralDamping", structuralDamping)) {
    if (level !== 0 && (level < SMALLEST_STRUCTURAL || level > LARGEST_STRUCTURAL)) {
      throw new InvalidOptionError(option, level, "0 or from 1.1e-19 to 9.2e18: the kernels compute its product with lambda in f32");
    }
  }
}

function checkSchedule(option: string, schedule: Schedule, isPositive = false): void {
  for (const [name, level] of levels(option, schedule)) checkSinglePrecision(name, level, isPositive);
}

/**
 * The numbers that a schedule's values are made of, by name. Those of an inverse schedule are at most `numerator`, which may be as large as
 * it likes.
 */
function levels(option: string, schedule: Schedule): [string, number][] {
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
      return [...schedule.values.flatMap((value, i) => levels(`${option}.values[${i}]`, value)), ...final];
    case "inverse":
      return [[`${option}.max`, schedule.max], [`${option}.numerator`, Math.min(schedule.numerator, 1)], ...final];
  }
}
