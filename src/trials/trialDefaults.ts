import type { TaskName } from "./taskSpec.js";

/** What a trial of a task needs beyond the defaults of `checkTrialSpec`, as an unchecked spec. */
export interface TrialDefaults {
  readonly task: { readonly name: TaskName };
  readonly optimizer: { readonly method: "nesterov"; readonly learningRate: number; readonly momentum: object };
  readonly updates: number;
  readonly seed: number;
}

/** The same with `hessianFree`, whose own defaults, by task, checkTrialSpec fills in. */
export interface HessianFreeTrialDefaults {
  readonly task: { readonly name: TaskName };
  readonly optimizer: { readonly method: "hessianFree" };
  readonly updates: number;
  readonly seed: number;
}

/** Learning rates, and seeds since not every starting point learns: those of full trials that did, see docs/long-term-dependencies.md. */
const sequenceTrials: Readonly<Record<Exclude<TaskName, "curves">, { readonly learningRate: number; readonly seed: number }>> = {
  addition: { learningRate: 1e-3, seed: 3 },
  multiplication: { learningRate: 3e-4, seed: 8 },
  memory5: { learningRate: 3e-7, seed: 8 },
  memory20: { learningRate: 1e-6, seed: 2 },
};

/** Updates of the paper's recurrent trials, and of the first phase, whose momentum is 0.9 whatever mu_0. */
const sequenceUpdates = 50_000;
const firstPhase = { updates: 1000, momentum: 0.9 };

/** The momentum of the paper's recurrent trials: 0.9 for the first 1,000 updates, then mu_0, by default the largest it tries. */
export function sequenceMomentum(mu0 = 0.995): { schedule: "piecewise"; values: number[]; at: number[] } {
  return { schedule: "piecewise", values: [firstPhase.momentum, mu0], at: [firstPhase.updates] };
}

/** The trial that `heavyball train <task>` makes when no option is given: Nesterov momentum at a rate that suits the task. */
export function trialDefaults(name: TaskName): TrialDefaults {
  if (name === "curves")
    return {
      task: { name },
      optimizer: { method: "nesterov", learningRate: 0.01, momentum: { schedule: "sutskever" } },
      updates: 2000,
      seed: 1,
    };
  const { learningRate, seed } = sequenceTrials[name];
  return { task: { name }, optimizer: { method: "nesterov", learningRate, momentum: sequenceMomentum() }, updates: sequenceUpdates, seed };
}

/**
 * Updates of a Hessian-free trial: of curves as many as Martens' run takes to an error of 0.4, of a recurrent problem 30,000 steps of
 * conjugate gradient.
 */
const hessianFreeUpdates = 100;

/** The trial that `heavyball train <task> --optimizer hessianFree` makes when no other option is given. */
export function hessianFreeTrialDefaults(name: TaskName): HessianFreeTrialDefaults {
  const { seed } = trialDefaults(name);
  return { task: { name }, optimizer: { method: "hessianFree" }, updates: hessianFreeUpdates, seed };
}
