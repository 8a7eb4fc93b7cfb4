import { InvalidOptionError } from "../errors.js";
import type { PlanePlot, PlanePoint } from "../report/plot/planePlot.js";
import { formatRate } from "../report/text/format.js";
import { checkNumber, checkPositive } from "../validate.js";
import type { StudyOption } from "./study.js";

/**
 * What figures of the plane have in common: the quadratic (x^2 + R y^2) / 2, whose minimum is 0 at (0, 0), the coefficients that momentum
 * has on it, and how it is drawn.
 */
export interface PlaneQuadratic {
  /** R: the curvature along y; that along x is 1. */
  readonly conditionNumber: number;
  readonly momentum: number;
  readonly learningRate: number;
}

export interface PlaneStandards {
  readonly conditionNumber: number;
  readonly momentum: number;
  readonly learningRate: number;
}

/** Their options, with the standard values of one figure. */
export function planeOptions({ conditionNumber, momentum, learningRate }: PlaneStandards) {
  return {
    /** R, from 1 to 10,000. */
    conditionNumber: {
      flag: "condition-number",
      kind: "number",
      value: "R",
      help: `curvature along the vertical axis, that along the other being 1;\nfrom 1 to 10000 (default ${conditionNumber})`,
      standard: conditionNumber,
      check: (option, value) => checkNumber(option, value, 1, 10_000),
    },
    /** mu, from 0 to 1. */
    momentum: {
      flag: "momentum",
      kind: "number",
      value: "MU",
      help: `momentum of CM and of NAG, from 0 to 1 (default ${momentum})`,
      standard: momentum,
      check: (option, value) => checkNumber(option, value, 0, 1),
    },
    /** eps, below 2 (1 + mu) / R, from where on CM diverges. */
    learningRate: {
      flag: "learning-rate",
      kind: "number",
      value: "EPS",
      help: `learning rate, below 2 (1 + MU) / R, from where on CM diverges\n(default ${learningRate})`,
      standard: learningRate,
      check: (option, value) => checkPositive(option, value),
    },
  } as const satisfies Readonly<Record<string, StudyOption<number>>>;
}

/** The rates from which on each method diverges on a quadratic whose largest eigenvalue is L. */
export const rateLimits = {
  descent: (_mu: number, largest: number): number => 2 / largest,
  classicalMomentum: (mu: number, largest: number): number => (2 * (1 + mu)) / largest,
  nesterov: (mu: number, largest: number): number => (2 * (1 + mu)) / ((1 + 2 * mu) * largest),
} as const;

/** Returns the coefficients, or throws an InvalidOptionError for a rate at which even CM diverges. */
export function checkPlane<Plane extends PlaneQuadratic>(plane: Plane): Plane {
  const { conditionNumber, momentum, learningRate } = plane;
  const limit = rateLimits.classicalMomentum(momentum, conditionNumber);
  if (learningRate < limit) return plane;
  throw new InvalidOptionError(
    "learningRate",
    learningRate,
    `less than 2 (1 + momentum) / (condition number) = ${formatRate(limit)}, from where on CM diverges`,
  );
}

/** So many level sets lie evenly between the minimum and the corner of a picture that is furthest from it. */
const LEVELS = 12;

/** Level sets of the quadratic, for a picture that goes from x[0] to x[1] and from y[0] to y[1]. */
export function levelSets(conditionNumber: number, x: PlanePlot["x"], y: PlanePlot["y"]): PlanePlot["ellipses"] {
  const center: PlanePoint = [0, 0];
  const [across, up] = [x, y].map((ends) => Math.max(...ends.map(Math.abs)));
  const reach = Math.sqrt(across * across + conditionNumber * up * up);
  return Array.from({ length: LEVELS }, (_, at) => {
    const along = (reach * (at + 1)) / LEVELS;
    return { center, semiAxes: [along, along / Math.sqrt(conditionNumber)] };
  });
}
