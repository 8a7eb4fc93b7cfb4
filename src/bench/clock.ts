import { Bench } from "tinybench";

/** Seconds one call of each function takes: the median and the quickest, from tinybench. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
}

/**
 * Times functions one after the other, each for about `milliseconds`, after a warm-up that lets the engine's optimizing compiler finish.
 */
export async function timeEach(tasks: Readonly<Record<string, () => unknown>>, milliseconds: number): Promise<Record<string, Timing>> {
  const bench = new Bench({
    time: milliseconds,
    warmupTime: Math.min(200, milliseconds / 2),
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
