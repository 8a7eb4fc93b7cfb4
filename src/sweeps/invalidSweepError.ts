import { HeavyballError } from "../errors.js";

/** A mistake in a sweep: where, as in `trial.optimizer.learningRate` or `grid["seed"][2]`, and what is wrong there. */
export interface SweepProblem {
  readonly path: string;
  readonly message: string;
}

/** Where there are so many, no others are looked for. */
export const MOST_PROBLEMS = 100;

/** A sweep with mistakes: all of them that could be found, each with its path; of more than a hundred the first, which is said. */
export class InvalidSweepError extends HeavyballError {
  override readonly name: string = "InvalidSweepError";
  readonly problems: readonly SweepProblem[];
  constructor(problems: readonly SweepProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    const many = `${problems.length} mistakes${problems.length < MOST_PROBLEMS ? "" : ", and no more were looked for"}`;
    super("INVALID_SWEEP", `the sweep has ${problems.length === 1 ? "a mistake" : many}:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** Mistakes as they are found, each once. */
export class Problems {
  private readonly found = new Map<string, SweepProblem>();

  /** Whether there are so many that no others need to be looked for. */
  get isFull(): boolean {
    return this.found.size >= MOST_PROBLEMS;
  }

  add(path: string, message: string): void {
    this.found.set(`${path}\n${message}`, { path, message });
  }

  get list(): SweepProblem[] {
    return [...this.found.values()];
  }

  /** Throws InvalidSweepError where there are any. */
  throwIfAny(): void {
    if (this.found.size > 0) throw new InvalidSweepError(this.list);
  }
}
