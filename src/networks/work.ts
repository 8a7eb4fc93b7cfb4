/** Work that can be left between any two of its slices, each of some milliseconds: yields how far it has come, returns its result. */
export type Work<Result> = Generator<{ readonly step: number; readonly of: number }, Result, void>;

/** Runs work that nobody watches to its end. */
export function runThrough<Result>(work: Generator<unknown, Result, void>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}
