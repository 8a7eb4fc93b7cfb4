import { DivergedError } from "../errors.js";
import type { Objective } from "../objectives/objective.js";
import type { OptimizerDescription } from "../optimizers/index.js";
import type { minimize } from "../optimizers/minimize.js";

/** theta and v after each update, v = 0 before the first, and the momentum of the update; fewer than asked for where it diverged. */
export interface Trajectory {
  readonly theta: readonly Float64Array[];
  readonly velocity: readonly Float64Array[];
  readonly momentum: readonly number[];
}

export function trajectory(
  run: typeof minimize,
  objective: Objective,
  start: Float64Array,
  optimizer: OptimizerDescription,
  updates: number,
): Trajectory {
  const thetas: Float64Array[] = [];
  const velocities: Float64Array[] = [];
  const momenta: number[] = [];
  unlessDiverged(() =>
    run(objective, start, optimizer, {
      updates,
      onUpdate: ({ theta, velocity, momentum }) => {
        thetas.push(theta.slice());
        velocities.push(velocity.slice());
        momenta.push(momentum);
      },
    }),
  );
  return { theta: thetas, velocity: velocities, momentum: momenta };
}

/** What `work` returns; undefined where it diverges, which is no failure of the study but one of the method that it tests. */
export function unlessDiverged<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DivergedError) return undefined;
    throw error;
  }
}
