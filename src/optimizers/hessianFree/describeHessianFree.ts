import { describeSchedule } from "../../report/text/describeSchedule.js";
import { formatCountOf, formatRate } from "../../report/text/format.js";
import type { HessianFreeDescription } from "./hessianFreeDescription.js";

/**
 * "damping from 45, at most 250 steps of conjugate gradient an update, decay 0.95, weight decay 0.00002"; where it is the hybrid of section
 * 5, that first.
 */
export function describeHessianFree(description: HessianFreeDescription, updates: number): string {
  const { variant, learningRate, lineSearch, backtracking, damping, structuralDamping, conjugateGradient, weightDecay } = description;
  const { maximum, minimum, decay } = conjugateGradient;
  const isFixed = JSON.stringify(maximum) === JSON.stringify(minimum);
  const steps = typeof maximum === "number" ? formatCountOf(maximum, "step") : `(${describeSchedule(maximum, updates)}) steps`;
  const search = lineSearch === false && backtracking === false ? ", neither line search nor backtracking" : "";
  return [
    variant === "momentum" && `the momentum variant${search}`,
    learningRate !== 1 && `learning rate ${describeSchedule(learningRate, updates)}`,
    `damping from ${formatRate(damping.initial)}`,
    structuralDamping !== 0 && `structural damping ${describeSchedule(structuralDamping, updates)}`,
    `${isFixed ? "" : "at most "}${steps} of conjugate gradient an update`,
    `decay ${describeSchedule(decay, updates)}`,
    `weight decay ${describeSchedule(weightDecay, updates)}`,
  ]
    .filter((part) => part !== false)
    .join(", ");
}
