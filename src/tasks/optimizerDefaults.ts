import { isRecord } from "../boundary/realm.js";
import { orDefault } from "../validate.js";

/** What an optimizer `hessianFree` takes from its task where a spec leaves it out. */
export interface HessianFreeDefaults {
  readonly gradientCases?: number;
  readonly curvatureCases: number | "gradient";
  readonly damping?: { readonly initial: number };
  readonly structuralDamping?: number;
  readonly conjugateGradient?: { readonly maximum: number; readonly minimum: number };
}

/**
 * The optimizer of a spec with what it leaves out, if it is `hessianFree`; whether it is one is for its own check to say. `defaultsOf`
 * gives the defaults of the standard method, or those of its momentum variant.
 */
export function withHessianFreeDefaults(optimizer: unknown, defaultsOf: (isHybrid: boolean) => HessianFreeDefaults): unknown {
  if (!isRecord(optimizer) || optimizer.method !== "hessianFree") return optimizer;
  const { damping, conjugateGradient, ...defaults } = defaultsOf(optimizer.variant === "momentum");
  const solver = optimizer.conjugateGradient;
  // Where the number of steps is fixed by default, it is so for another number too.
  const isFixed = isRecord(solver) && solver.maximum !== undefined && conjugateGradient !== undefined;
  const steps = isFixed ? { ...conjugateGradient, minimum: solver.maximum } : conjugateGradient;
  const given = Object.fromEntries(Object.entries(optimizer).filter(([, value]) => value !== undefined));
  const gradientCases = orDefault(given.gradientCases, defaults.gradientCases);
  const curvatureCases = defaultCurvature(gradientCases, defaults.curvatureCases);
  return { ...defaults, curvatureCases, ...given, damping: merged(damping, optimizer.damping), conjugateGradient: merged(steps, solver) };
}

/** Curvature is of the gradient's cases: by default not of more than there are, and of all of them where their number changes. */
function defaultCurvature(gradientCases: unknown, standard: unknown): unknown {
  if (typeof gradientCases === "number" && typeof standard === "number") return Math.min(gradientCases, standard);
  return isRecord(gradientCases) ? "gradient" : standard;
}

function merged(defaults: object | undefined, given: unknown): unknown {
  if (defaults === undefined || given === undefined) return orDefault(given, defaults);
  return isRecord(given) ? { ...defaults, ...given } : given;
}
