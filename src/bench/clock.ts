import { Bench } from "tinybench";

/** Seconds one call of each function takes: the median and the quickest, from tinybench. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
}

/** Times functions one after the other, each for about `milliseconds`, after a warm-up that lets the engine's optimising compiler finish. */
export async function timeEach(tasks: Readonly<Record<string, () => unknown>>, milliseconds: number): Promise<Record<string, Timing>> {
  const bench = new Bench({ time: milliseconds, warmupTime: Math.min(200, milliseconds / 2), iterations: 5, warmupIterations: 3, throws: true });
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

/** Billions of floating-point operations a second; a multiply-add counts as two. */
export function gigaflops(operations: number, { median }: Timing): number {
  return operations / median / 1e9;
}
