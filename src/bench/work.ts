import { gigaflops, type Timing, timeEach } from "./clock.js";

/** Something to be measured: what one call of it does nominally, and what it holds until it is disposed of. */
export interface Work {
  readonly run: () => unknown;
  /** Floating-point operations of one call. */
  readonly operations: number;
  dispose(): void;
}

/** What a call of a work takes. */
export interface WorkFigure {
  readonly milliseconds: number;
  readonly gigaflops: number;
}

/** Measures works by turns, each for about `milliseconds`, and disposes of them. */
export async function measureWorks<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  milliseconds: number,
): Promise<Record<Name, WorkFigure>> {
  const entries = Object.entries<Work>(works);
  try {
    const timings = await timeEach(Object.fromEntries(entries.map(([name, { run }]) => [name, run])), milliseconds);
    return Object.fromEntries(entries.map(([name, { operations }]) => [name, figureOf(operations, timings[name])])) as Record<
      Name,
      WorkFigure
    >;
  } finally {
    for (const [, work] of entries) work.dispose();
  }
}

export function figureOf(operations: number, timing: Timing): WorkFigure {
  return { milliseconds: timing.median * 1e3, gigaflops: gigaflops(operations, timing) };
}
