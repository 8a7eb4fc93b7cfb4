import type { Objective } from "../../objectives/objective.js";
import { quadratic } from "../../objectives/quadratic.js";
import { createState, type IterationState } from "../../optimizers/iteration.js";
import { minimize } from "../../optimizers/minimize.js";
import { classicalMomentum } from "../../optimizers/momentum/momentumDescriptions.js";
import { type MomentumStep, momentumGradient, momentumUpdate } from "../../optimizers/momentum/recurrence.js";
import type { PlanePoint } from "../../report/plot/planePlot.js";
import { type Statement, statement } from "../statement.js";
import type { StudyProgress } from "../study.js";
import type { Figure1Spec } from "./spec.js";

/** One update from theta_t and v_t, as the vectors that make it up. */
export interface Figure1Step {
  /** Where the gradient is taken: theta_t of CM, theta_t + mu v_t of NAG. */
  readonly point: PlanePoint;
  /** -eps grad f(point). */
  readonly correction: PlanePoint;
  /** v_{t+1} = mu v_t - eps grad f(point). */
  readonly velocity: PlanePoint;
  /** theta_{t+1} = theta_t + v_{t+1}. */
  readonly theta: PlanePoint;
  /** f(theta_{t+1}). */
  readonly value: number;
}

/** What the study found, as plain data: the same for the same spec on every engine. */
export interface Figure1Result {
  readonly spec: Figure1Spec;
  /** theta_t and f there; mu v_t, and f at theta_t + mu v_t. */
  readonly theta: PlanePoint;
  readonly value: number;
  readonly carried: PlanePoint;
  readonly valueAhead: number;
  readonly classicalMomentum: Figure1Step;
  readonly nesterov: Figure1Step;
  readonly statements: readonly Statement[];
}

/** The halves of an update that the study puts to the test; its tests put wrong ones in their place. */
export interface Halves {
  readonly gradient: typeof momentumGradient;
  readonly update: typeof momentumUpdate;
}

const LIBRARY: Halves = { gradient: momentumGradient, update: momentumUpdate };

/**
 * Takes theta_t and v_t from a run of CM on (x^2 + R y^2) / 2 and makes the next update from there twice, as CM and as NAG, by the
 * library's own halves of an update in f64. Throws DivergedError.
 */
export function* runFigure1(spec: Figure1Spec, halves = LIBRARY): Generator<StudyProgress, Figure1Result, void> {
  const { conditionNumber, momentum, learningRate, updates, start } = spec;
  yield { share: 0, detail: "theta_t and v_t" };
  const objective = quadratic({ eigenvalues: [1, conditionNumber] });
  const { theta, velocity, value } = minimize(objective, start, classicalMomentum({ learningRate, momentum }), { updates });
  yield { share: 0.5, detail: "the next update, twice" };
  const carried = vector((i) => momentum * velocity[i]);
  const ahead = vector((i) => theta[i] + carried[i]);
  const step = (lookAhead: boolean): Figure1Step => {
    const state: IterationState = { ...createState(theta), velocity: velocity.slice() };
    return stepOf(objective, state, { lookAhead, momentum, learningRate, weightDecay: 0 }, halves);
  };
  const found = { theta: vector((i) => theta[i]), value, carried, valueAhead: valueAt(objective, ahead) };
  const steps = { classicalMomentum: step(false), nesterov: step(true) };
  return { spec, ...found, ...steps, statements: judge({ spec, ...found, ...steps }) };
}

function stepOf(objective: Objective, state: IterationState, step: MomentumStep, halves: Halves): Figure1Step {
  halves.gradient(objective, state, step);
  const { point, gradient } = state;
  halves.update(state, step);
  const theta = vector((i) => state.theta[i]);
  return {
    point: vector((i) => point[i]),
    correction: vector((i) => -step.learningRate * gradient[i]),
    velocity: vector((i) => state.velocity[i]),
    theta,
    value: valueAt(objective, theta),
  };
}

function valueAt(objective: Objective, point: PlanePoint): number {
  return objective.gradient(Float64Array.from(point), new Float64Array(2));
}

function vector(entry: (i: number) => number): PlanePoint {
  // Not -0, which JSON does not keep.
  return [entry(0) + 0, entry(1) + 0];
}

/** Two sums that are the same but for the order of their terms may differ by this share of what they are made of. */
const ROUNDING = 2 ** -50;

/** The verdicts, from the vectors alone. */
export function judge({ spec, theta, carried, classicalMomentum: cm, nesterov: nag }: Omit<Figure1Result, "statements">): Statement[] {
  const { conditionNumber, learningRate, start } = spec;
  // No vector of a run that converges is much longer.
  const distance = Math.sqrt(start[0] ** 2 + start[1] ** 2);
  // Of theta_{t+1} from theta_t + mu v_t - eps grad f where the figure takes the gradient; grad f (x, y) = (x, R y).
  const sum = (step: Figure1Step, from: PlanePoint): number =>
    Math.max(
      ...theta.map((start, i) => {
        const slope = (i === 0 ? 1 : conditionNumber) * from[i];
        return Math.abs(step.theta[i] - (start + carried[i] - learningRate * slope)) / distance;
      }),
    );
  const same = "largest deviation of theta_{t+1}, as a share of the start's distance from the minimum";
  const along = (step: Figure1Step): number => step.correction[0] * carried[0] + step.correction[1] * carried[1];
  const ahead = vector((i) => theta[i] + carried[i]);
  return [
    statement("classicalMomentum", "CM: gradient at theta_t", same, sum(cm, theta), ROUNDING),
    statement("nesterov", "NAG: gradient at theta_t + mu v_t", same, sum(nag, ahead), ROUNDING),
    statement(
      "responsive",
      "NAG holds mu v_t back more than CM",
      "product of mu v_t with NAG's correction less that with CM's, as a share of that distance squared",
      (along(nag) - along(cm)) / distance ** 2,
      0,
    ),
  ];
}
