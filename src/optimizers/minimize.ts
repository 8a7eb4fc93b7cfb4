import { isNumberList } from "../boundary/realm.js";
import { DivergedError, InvalidOptionError, ShapeError } from "../errors.js";
import { norm } from "../math/scaledSums.js";
import { checkObjective, type Objective } from "../objectives/objective.js";
import { valueAndGradient } from "../objectives/valueAndGradient.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkSignal } from "../validate.js";
import type { HessianFreeReport } from "./hessianFree/hessianFreeUpdate.js";
import { checkOptimizer, methodOf, type OptimizerDescription } from "./index.js";
import type { Evaluated, IterationStep } from "./iteration.js";
import { iterationOf } from "./iterations.js";

/** What an update reports. `theta` and `velocity` are the live vectors after it: read them, copy what you keep. */
export interface MinimizeUpdate extends IterationStep {
  /** t, from 0. */
  update: number;
  theta: Float64Array;
  /** v_{t+1}; for hessianFree, theta_{t+1} - theta_t. */
  velocity: Float64Array;
  /** What hessianFree has to say besides. */
  hessianFree?: HessianFreeReport;
}

/** Options of `minimize`. */
export interface MinimizeOptions {
  /** How many updates at most; also the total from which a schedule's `final: { updates }` counts back. */
  updates: number;
  /** Stop once |gradient| and |v_{t+1}| / eps_t are both at most this: near a stationary point and no longer moving. Default: never. */
  tolerance?: number;
  /** Looked at before every update. An abort ends the run with what it has, and is not an error. */
  signal?: AbortSignal;
  /** Called after every update. */
  onUpdate?: (report: MinimizeUpdate) => void;
}

/** Why a run ended: `code` for programs, `message` a full sentence for people. */
export interface MinimizeReason {
  code: "updates" | "tolerance" | "aborted" | "rateTooSmall";
  message: string;
}

/** Where `minimize` came to: theta and its velocity, both f64. */
export interface MinimizeResult {
  theta: Float64Array;
  velocity: Float64Array;
  /** f(theta), without weight decay. */
  value: number;
  /** Updates made. */
  updates: number;
  reason: MinimizeReason;
}

/**
 * Minimizes an objective in f64 with `sgd`, `classicalMomentum`, `nesterov` (Eq. 1-4, with mu_t and eps_t from their schedules),
 * `nesterov1983` (Eq. 6-14) or `hessianFree`, which needs `objective.gaussNewtonProduct`, starting from rest: v_0 = 0.
 *
 *     const bowl = quadratic({ eigenvalues: [1, 50] });
 *     minimize(bowl, [-4, 1], nesterov({ learningRate: 0.015, momentum: 0.95 }), { updates: 300 }).theta
 *
 * The objective is evaluated once per update (nesterov1983 and hessianFree: once or more for their searches besides) and once at the end.
 *
 * @throws InvalidOptionError, ShapeError for wrong arguments, before anything is evaluated
 * @throws DivergedError when a value, gradient or parameter is not finite
 */
export function minimize(
  objective: Objective,
  start: ArrayLike<number>,
  optimizer: OptimizerDescription,
  options: MinimizeOptions,
): MinimizeResult {
  checkObjective("objective", objective);
  const description = checkOptimizer("optimizer", optimizer);
  const method = methodOf(description);
  const theta = checkStart(start, objective.size);
  const { updates, tolerance, signal, onUpdate } = checkOptions(options);
  let lastValue: number | undefined;

  const refuseInfinite = (update: number, values: Iterable<number>, what: string): void => {
    for (const value of values) {
      if (!Number.isFinite(value)) throw new DivergedError(update, lastValue, what, method.remedy(description));
    }
  };
  const evaluated: Evaluated = (update, value, gradient, what = "the gradient") => {
    refuseInfinite(update, [value], "the value of the objective");
    refuseInfinite(update, gradient, what);
    lastValue = value;
  };
  const iteration = iterationOf(description)(objective, theta, description, updates, evaluated);
  const { state } = iteration;

  const finish = (made: number, code: MinimizeReason["code"], message: string): MinimizeResult => {
    const value = valueAndGradient(objective, state.theta.slice(), state.gradient);
    refuseInfinite(made, [value], "the value of the objective");
    return { theta: state.theta, velocity: state.velocity, value, updates: made, reason: { code, message } };
  };

  for (let t = 0; t < updates; t++) {
    if (signal?.aborted) return finish(t, "aborted", `The signal asked to stop before update ${t}.`);
    const step = iteration.advance(t);
    if (step === undefined) {
      return finish(
        t,
        "rateTooSmall",
        `At update ${t} no learning rate was small enough to lower the value as far as its gradient promises; check that ` +
          "objective.gradient writes the gradient of the value it returns.",
      );
    }
    refuseInfinite(t, state.theta, "a parameter");
    refuseInfinite(t, state.velocity, "the velocity");
    onUpdate?.({ update: t, ...step, theta: state.theta, velocity: state.velocity });
    const pull = norm(state.gradient);
    const speed = norm(state.velocity) / step.learningRate;
    if (Math.max(pull, speed) <= tolerance) {
      return finish(
        t + 1,
        "tolerance",
        `At update ${t} the gradient and the velocity over the learning rate were within the tolerance of ${tolerance}.`,
      );
    }
  }
  return finish(updates, "updates", `All ${updates} updates were made.`);
}

function checkStart(start: unknown, size: number): Float64Array {
  if (!isNumberList(start)) throw new InvalidOptionError("start", start, "an array of numbers, a Float64Array or a Float32Array");
  if (start.length !== size) throw new ShapeError("the length of start", start.length, `${size}, the size of the objective`);
  return Float64Array.from(start, (value, i) => {
    if (typeof value !== "number" || !Number.isFinite(value)) throw new InvalidOptionError(`start[${i}]`, value, "a finite number");
    return value;
  });
}

function checkOptions(options: unknown): MinimizeOptions & { tolerance: number } {
  const given = checkObject("options of minimize", options);
  checkKnownOptions("minimize", given, ["updates", "tolerance", "signal", "onUpdate"]);
  const { onUpdate } = given;
  if (onUpdate !== undefined && typeof onUpdate !== "function") throw new InvalidOptionError("onUpdate", onUpdate, "a function");
  return {
    updates: checkInteger("updates", given.updates, 0),
    // Norms are never negative, so -1 is a tolerance that nothing meets.
    tolerance: given.tolerance === undefined ? -1 : checkNumber("tolerance", given.tolerance, 0),
    signal: checkSignal("signal", given.signal),
    onUpdate: onUpdate as MinimizeOptions["onUpdate"],
  };
}
