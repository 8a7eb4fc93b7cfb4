import { maximumReachedAt } from "#internal/schedules/maximumReachedAt";

/** What the controls say. */
export interface RaceSetting {
  readonly task: { readonly name: string; readonly cases: number; readonly testCases: number };
  readonly updates: number;
  readonly momentumMaximum: number;
  /** Learning rates by the method. */
  readonly rates: Readonly<Record<Racing, number>>;
}

/** The methods that race here, and what each starts with: the rates are those of the demonstration, `heavyball start`. */
export const racing = {
  sgd: { name: "SGD", style: 0, rate: 0.05 },
  classicalMomentum: { name: "CM", style: 1, rate: 0.01 },
  nesterov: { name: "NAG", style: 2, rate: 0.01 },
  adam: { name: "Adam", style: 4, rate: 0.001 },
} as const;

export type Racing = keyof typeof racing;

/** Share of the updates after which the momentum is at its largest, and the share that is left to the final phase at 0.9. */
const RISING = 0.5;
const FINAL = 0.1;

/** Cases of a minibatch, where there are as many. */
const BATCH = 200;

/** The trial of one method, unchecked: all start at the same point and see the same minibatches in the same order. */
export function raceSpec(method: Racing, { task, updates, momentumMaximum: max, rates }: RaceSetting): object {
  const period = Math.max(1, Math.floor((updates * RISING) / maximumReachedAt({ max, period: 1 })));
  const final = { updates: Math.floor(updates * FINAL), value: 0.9 };
  const hasMomentum = method === "classicalMomentum" || method === "nesterov";
  const momentum = hasMomentum ? { momentum: { schedule: "sutskever", max, period, final } } : {};
  const batchSize = Math.min(BATCH, task.cases);
  return { task, optimizer: { method, learningRate: rates[method], ...momentum }, batchSize, updates, seed: 1 };
}
