import { scheduleValue } from "../schedules/index.js";
import type { HessianFreeDescription } from "./hessianFreeDescription.js";

/** Exponent of Martens' preconditioner. */
const EXPONENT = 0.75;

/** What one update uses of a description: its schedules at that update, whole numbers rounded down. */
export interface HessianFreeSettings {
  readonly update: number;
  readonly learningRate: number;
  readonly lineSearch: boolean;
  readonly backtracking: boolean;
  readonly drop: number;
  /** mu of structural damping. */
  readonly structuralDamping: number;
  readonly maximum: number;
  readonly minimum: number;
  readonly decay: number;
  readonly progress: number;
  /** Undefined: no preconditioner. */
  readonly exponent: number | undefined;
  readonly gradientCases: number | "all";
  readonly curvatureCases: number | "gradient";
  readonly weightDecay: number;
}

/**
 * The settings of update t. `squares` says whether squared per-case gradients can be had, which the preconditioner "auto" depends on.
 *
 * Throws InvalidOptionError where a schedule counts its final phase from an end that is not known.
 */
export function hessianFreeSettings(description: HessianFreeDescription, update: number, total: number | undefined, squares: boolean): HessianFreeSettings {
  const { learningRate, lineSearch, backtracking, damping, structuralDamping, conjugateGradient, preconditioner, gradientCases, curvatureCases, weightDecay } = description;
  const at = (schedule: Parameters<typeof scheduleValue>[0]): number => scheduleValue(schedule, update, total);
  const maximum = Math.floor(at(conjugateGradient.maximum));
  const automatic = squares ? EXPONENT : undefined;
  return {
    update,
    learningRate: at(learningRate),
    lineSearch,
    backtracking,
    drop: damping.drop,
    structuralDamping,
    maximum,
    minimum: Math.min(maximum, Math.floor(at(conjugateGradient.minimum))),
    decay: at(conjugateGradient.decay),
    progress: conjugateGradient.progress,
    exponent: preconditioner === "none" ? undefined : preconditioner === "auto" ? automatic : preconditioner.exponent,
    gradientCases: gradientCases === "all" ? gradientCases : Math.floor(at(gradientCases)),
    curvatureCases: curvatureCases === "gradient" ? curvatureCases : Math.floor(at(curvatureCases)),
    weightDecay: at(weightDecay),
  };
}
