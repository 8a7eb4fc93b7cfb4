import { choiceAt, type Pieces, pieceAt, type Schedule, scheduleValue } from "../../schedules/index.js";
import type { CaseCount, HessianFreeDescription } from "./hessianFreeDescription.js";

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
export function hessianFreeSettings(
  description: HessianFreeDescription,
  update: number,
  total: number | undefined,
  squares: boolean,
): HessianFreeSettings {
  const {
    learningRate,
    lineSearch,
    backtracking,
    damping,
    structuralDamping,
    conjugateGradient,
    preconditioner,
    gradientCases,
    curvatureCases,
    weightDecay,
  } = description;
  const at = (schedule: Schedule): number => scheduleValue(schedule, update, total);
  const count = <W extends string>(cases: CaseCount<W>): number | W => {
    const now = hasWords(cases) ? pieceAt(cases, update) : cases;
    return typeof now === "string" ? now : Math.floor(at(now as Schedule));
  };
  const maximum = Math.floor(at(conjugateGradient.maximum));
  const automatic = squares ? EXPONENT : undefined;
  return {
    update,
    learningRate: at(learningRate),
    lineSearch: choiceAt(lineSearch, update),
    backtracking: choiceAt(backtracking, update),
    drop: at(damping.drop),
    structuralDamping: at(structuralDamping),
    maximum,
    minimum: Math.min(maximum, Math.floor(at(conjugateGradient.minimum))),
    decay: at(conjugateGradient.decay),
    progress: at(conjugateGradient.progress),
    exponent: preconditioner === "none" ? undefined : preconditioner === "auto" ? automatic : at(preconditioner.exponent),
    gradientCases: count(gradientCases),
    curvatureCases: count(curvatureCases),
    weightDecay: at(weightDecay),
  };
}

/** Whether these are pieces of which some are words. */
export function hasWords<W extends string>(cases: CaseCount<W>): cases is Pieces<Schedule | W> {
  return (
    typeof cases === "object" &&
    cases.schedule === "piecewise" &&
    (cases.values as readonly unknown[]).some((value) => typeof value === "string")
  );
}
