import { Bench } from "tinybench";

/** Seconds one call of each function takes. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
}

/** A processor's clock changes, and neighbors come and go, within a second: what is compared is measured in so many rounds. */
export const ROUNDS = 3;

/**
 * Times functions for about `milliseconds` each, in rounds in which they take turns, after a warm-up that lets the engine's optimizing
 * compiler finish. Each one's lowest median of a round counts.
 */
export async function timeEach<Name extends string>(
  tasks: Readonly<Record<Name, () => unknown>>,
  milliseconds: number,
): Promise<Record<Name, Timing>> {
  let least: Record<string, Timing> = {};
  for (let round = 0; round < ROUNDS; round++) least = leastOf(least, await timeRound(tasks, milliseconds / ROUNDS, round === 0));
  return least as Record<Name, Timing>;
}

/** Of timings of the same functions, each one's lowest median and minimum. */
function leastOf(some: Record<string, Timing>, others: Record<string, Timing>): Record<string, Timing> {
  return Object.fromEntries(
    Object.entries(others).map(([name, { median, minimum }]) => [
      name,
      { median: Math.min(median, some[name]?.median ?? Infinity), minimum: Math.min(minimum, some[name]?.minimum ?? Infinity) },
    ]),
  );
}

/** One round, from tinybench. */
async function timeRound(tasks: Readonly<Record<string, () => unknown>>, milliseconds: number, isFirst: boolean) {
  const bench = new Bench({
    time: milliseconds,
    warmupTime: isFirst ? Math.min(200, milliseconds) : 0,
    iterations: 5,
    warmupIterations: 3,
    throws: true,
  });
  for (const [name, run] of Object.entries(tasks)) {
    bench.add(name, () => {
      run();
    });
  }
  await bench.run();
  return Object.fromEntries(
    bench.tasks.map((task) => {
      const { latency } = task.result as unknown as { latency: { p50: number; min: number } };
      return [task.name, { median: latency.p50 / 1e3, minimum: latency.min / 1e3 }];
    }),
  );
}

/**
 * Times functions that take long, turn and turn about for about `milliseconds` and at least three rounds after one that warms up: whatever
 * slows the machine for a while slows them all, so their ratios hold.
 */
export function timeInTurn(tasks: Readonly<Record<string, () => unknown>>, milliseconds: number): Record<string, Timing> {
  const names = Object.keys(tasks);
  const seconds: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (const run of Object.values(tasks)) run();
  const begin = performance.now();
  for (let round = 0; round < 3 || performance.now() - begin < milliseconds; round++) {
    for (const [name, run] of Object.entries(tasks)) {
      const before = performance.now();
      run();
      seconds[name].push((performance.now() - before) / 1e3);
    }
  }
  return Object.fromEntries(
    names.map((name) => {
      const sorted = seconds[name].sort((a, b) => a - b);
      return [name, { median: sorted[Math.floor(sorted.length / 2)], minimum: sorted[0] }];
    }),
  );
}

/** Billions of floating-point operations a second; a multiply-add counts as two. */
export function gigaflops(operations: number, { median }: Timing): number {
  return operations / median / 1e9;
}
