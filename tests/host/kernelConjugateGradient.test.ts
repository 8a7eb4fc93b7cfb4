import {
  type Batch,
  conjugateGradient,
  createRuntime,
  type FeedForwardNetwork,
  InvalidOptionError,
  type RecurrentNetwork,
  type Runtime,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { KernelConjugateGradient, type KernelSystem } from "#internal/optimizers/conjugateGradient/kernelConjugateGradient";
import { inner, normals } from "../reference/matrices.js";
import { finish, SolverBench } from "../support/conjugateGradient.js";
import { COMBINATIONS, layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

type Twin = { gaussNewtonProduct(params: Float64Array, vector: Float64Array, batch: never, structural?: number): Float64Array };

/** |a - b| / |b|. */
function error(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const off = Float64Array.from(b, (value, i) => a[i] - value);
  return Math.sqrt(inner(off, off) / inner(b, b));
}

const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

interface Comparison {
  readonly shift: number;
  readonly structural?: number;
  readonly inverse?: Float64Array;
  readonly start?: Float64Array;
}

/**
 * Solves with the kernels and with the f64 twin over the twin's own product, and compares: the first steps' iterates, in which f32 has not
 * yet lost the conjugacy of the directions, and phi all the way.
 */
function compare(bench: SolverBench, twin: Twin, batch: Batch, { shift, structural = 0, inverse, start }: Comparison): void {
  const { network } = bench;
  const n = network.parameterCount;
  const params = Float64Array.from(network.getParameters());
  const right = Float32Array.from(normals(n, 77, 0.1));
  const scale = Math.fround(0.95);
  const shared = { maximum: 12, keep: steps(11) };
  const solution = bench.solve({
    ...shared,
    right: bench.block(right),
    shift,
    structural,
    progress: 0,
    inverse: inverse && bench.block(inverse),
    start: start && { block: bench.block(start), scale },
  });
  const expected = conjugateGradient(
    (v, out) =>
      out.set(twin.gaussNewtonProduct(params, v, batch as never, structural).map((value, i) => value + Math.fround(shift) * v[i])),
    right,
    {
      ...shared,
      tolerance: 0,
      ...(inverse ? { preconditioner: inverse.map((value) => 1 / Math.fround(value)) } : {}),
      ...(start ? { start: start.map((value) => scale * Math.fround(value)) } : {}),
    },
  );
  expect(solution.steps).toBe(12);
  expect(solution.products).toBe(start ? 13 : 12);
  expect(solution.reason).toEqual(expected.reason);
  expect(solution.iterates.map(({ step }) => step)).toEqual(steps(11));
  solution.iterates.forEach(({ step, block, phi }, i) => {
    if (step <= 5) expect(error(bench.read(block), expected.iterates[i].x)).toBeLessThan(4e-6);
    expect(Math.abs(phi / expected.iterates[i].phi - 1)).toBeLessThan(2e-4);
  });
  expect(Math.abs(solution.phi / expected.phi - 1)).toBeLessThan(2e-4);
}

describe.each(variants)("conjugate gradient in the kernels, %s", (kernels) => {
  let runtime: Runtime;
  const benches: SolverBench[] = [];
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const bench of benches.splice(0)) bench.release();
  });
  afterAll(() => runtime.dispose());

  function makeBench(network: FeedForwardNetwork | RecurrentNetwork, batch: Batch): SolverBench {
    const bench = new SolverBench(network, batch);
    benches.push(bench);
    return bench;
  }

  it.each(COMBINATIONS)("goes the twin's way with the twin's own J'HJ: %s, %s", (hidden, output) => {
    const description = layers([7, 6, 5, 3], hidden, output);
    const { network, twin } = makePair(runtime, description);
    const batch = randomBatch(description, 23);
    // Half of the relu units are idle, which leaves the system worse conditioned.
    compare(makeBench(network, batch), twin, batch, { shift: hidden === "relu" ? 0.1 : 0.05 });
  });

  it("with a preconditioner and a start", () => {
    const { network, twin } = makePair(runtime, ODD_AUTOENCODER);
    const batch = randomBatch(ODD_AUTOENCODER, 41);
    const n = network.parameterCount;
    const inverse = normals(n, 5).map((value) => 1 / (0.5 + value * value));
    const start = normals(n, 6, 0.2);
    const bench = makeBench(network, batch);
    compare(bench, twin, batch, { shift: 0.05, inverse });
    compare(bench, twin, batch, { shift: 0.05, start });
    compare(bench, twin, batch, { shift: 0.05, inverse, start });
  });

  it.each([0, 0.3])("for a recurrent network, structural damping %s", (structural) => {
    const description = shape(3, 7, 2);
    const { network, twin } = makeRecurrentPair(runtime, description);
    const batch = randomSequences(description, 9, 12, MASKS["cases of unequal lengths"]);
    compare(makeBench(network, batch), twin, batch, { shift: 0.5, structural });
  });

  it("for a batch of several chunks, vectors of several blocks of sums", () => {
    const description = layers([3, 9001, 2], "tanh", "linear");
    const { network, twin } = makePair(runtime, description);
    const batch = randomBatch(description, 300);
    const bench = makeBench(network, batch);
    expect(bench.curvature.chunks).toBe(2);
    const right = Float32Array.from(normals(network.parameterCount, 78));
    const { x } = bench.solve({ right: bench.block(right), shift: 5, maximum: 2 });
    const expected = conjugateGradient(
      (v, out) =>
        out.set(twin.gaussNewtonProduct(Float64Array.from(network.getParameters()), v, batch).map((value, i) => value + 5 * v[i])),
      right,
      { maximum: 2, tolerance: 0 },
    );
    expect(error(bench.read(x), expected.x)).toBeLessThan(4e-6);
  });

  describe("its course", () => {
    const batch = randomBatch(ODD_AUTOENCODER, 300);
    let bench: SolverBench;
    let system: KernelSystem;
    const begin = (): void => {
      const { network } = makePair(runtime, ODD_AUTOENCODER);
      bench = makeBench(network, batch);
      system = { right: bench.block(normals(network.parameterCount, 8, 0.1)), shift: 1e-2, maximum: 60 };
    };

    it("is the same to the bit however it is sliced, whatever runs between", () => {
      begin();
      const keep = [5, 7, 9, 11, 15, 19];
      const whole = bench.solve({ ...system, keep });
      const expected = bench.contents(whole);
      // A clock that leaps makes slices of one tick; one that stands still, of ever more.
      for (const leap of [1e9, 0, 13]) {
        let now = 0;
        vi.spyOn(performance, "now").mockImplementation(() => (now += leap));
        const solve = bench.solver.solve({ ...system, keep });
        let slices = 0;
        let next = solve.next();
        for (; !next.done; next = solve.next()) {
          slices++;
          bench.network.evaluate(batch);
          bench.network.gradient(batch);
          bench.network.evaluateAt(batch, whole.x, 0.5);
        }
        if (leap === 1e9) expect(slices).toBe(whole.steps - 1);
        expect(bench.contents(next.value)).toEqual(expected);
        vi.restoreAllMocks();
      }
    });

    it("stops by Martens' rule at the twin's step", () => {
      begin();
      const { reason, steps: made } = bench.solve(system);
      const phis = [0, ...bench.solve({ ...system, progress: 0, keep: steps(60) }).iterates.map(({ phi }) => phi)];
      const meets = (i: number): boolean => {
        const k = Math.max(10, Math.ceil(i / 10));
        return i > k && phis[i] < 0 && (phis[i] - phis[i - k]) / phis[i] < k * 5e-4;
      };
      expect(reason.code).toBe("converged");
      expect(phis.findIndex((_, i) => meets(i))).toBe(made);
      expect(bench.solve({ ...system, minimum: made + 3 }).steps).toBe(made + 3);
    });

    it("ends at the maximum, with room made for more steps and iterates when they are asked for", () => {
      begin();
      expect(bench.solve({ ...system, maximum: 3, keep: [1] })).toMatchObject({
        steps: 3,
        products: 3,
        reason: { code: "maximum" },
        iterates: [{ step: 1 }],
      });
      expect(bench.solve({ ...system, maximum: 9, keep: [1, 2, 5, 9] }).iterates.map(({ step }) => step)).toEqual([1, 2, 5]);
    });

    it("ends where f32 has nothing left to improve", () => {
      begin();
      const { steps: made, products, phi, reason } = bench.solve({ ...system, shift: 10, maximum: 500, progress: 0 });
      expect(reason).toEqual({
        code: "converged",
        message: `After ${made} steps the residual was 0: x solves the system, as far as its numbers can tell.`,
      });
      expect(products - made).toBeLessThanOrEqual(1);
      expect(Math.abs(phi / bench.solve({ ...system, shift: 10 }).phi - 1)).toBeLessThan(1e-3);
    });

    it("starts from the solution before, in place", () => {
      begin();
      const cold = bench.solve({ ...system, maximum: 200 });
      const x = bench.read(cold.x);
      const warm = bench.solve({ ...system, start: { block: cold.x, scale: 1 }, maximum: 20, keep: [1] });
      expect(warm.products).toBe(warm.steps + 1);
      expect(warm.phi).toBeLessThanOrEqual(cold.phi * (1 - 1e-6));
      expect(error(bench.read(warm.iterates[0].block), x)).toBeLessThan(0.05);
    });

    it("ends at negative curvature with the iterate before it", () => {
      begin();
      const { x, steps: made, products, phi, reason, iterates } = bench.solve({ ...system, shift: -0.02, progress: 0, keep: steps(60) });
      expect(reason.code).toBe("negativeCurvature");
      expect(reason.message).toMatch(/curvature .* was -.*; add damping/);
      expect(products).toBe(made + 1);
      if (made > 0) {
        const before = bench.solve({ ...system, shift: -0.02, progress: 0, maximum: made });
        expect(sameBits(bench.read(before.x), bench.read(x))).toBe(true);
      }
      expect(phi).toBeLessThanOrEqual(iterates.at(-1)?.phi ?? 0);
    });

    it("does not make a step that overflows", () => {
      begin();
      const huge = bench.block(normals(bench.network.parameterCount, 8, 1e37));
      const { steps: made, x, reason } = bench.solve({ ...system, right: huge, shift: 1e-8, maximum: 200, progress: 0 });
      expect(reason.code).toBe("nonFinite");
      expect(reason.message).toMatch(/was not finite, so that step was not made/);
      expect(made).toBeLessThan(200);
      expect(bench.read(x).every(Number.isFinite)).toBe(true);
    });

    it("can be left and begun again", () => {
      begin();
      const whole = bench.solve(system);
      const x = bench.read(whole.x);
      vi.spyOn(performance, "now").mockImplementation(
        (() => {
          let now = 0;
          return () => (now += 1e9);
        })(),
      );
      const left = bench.solver.solve(system);
      for (let i = 0; i < 5; i++) expect(left.next().value).toEqual({ step: i + 1, of: 60 });
      left.return(undefined as never);
      vi.restoreAllMocks();
      expect(sameBits(bench.read(bench.solve(system).x), x)).toBe(true);
    });

    it("refuses a right-hand side that is 0 or not finite", () => {
      begin();
      expect(() => bench.solve({ ...system, right: bench.block(new Float32Array(bench.network.parameterCount)) })).toThrow(
        InvalidOptionError,
      );
      expect(() => bench.solve({ ...system, right: bench.block(new Float32Array(bench.network.parameterCount)) })).toThrow(
        /the right-hand side is "0 in every entry".*there is nothing to solve/,
      );
      const bad = bench.block(new Float32Array(bench.network.parameterCount));
      runtime.memory.f32[bad / 4 + 1] = NaN;
      expect(() => bench.solve({ ...system, right: bad })).toThrow(/the right-hand side is "not finite"/);
    });

    it("gives its memory back", () => {
      begin();
      // @ts-expect-error: the allocator's own books
      const free = (): string => JSON.stringify([runtime.memory.free, runtime.memory.top]);
      bench.solve({ ...system, keep: [5, 7] });
      const first = new KernelConjugateGradient(bench.network, bench.curvature);
      finish(first.solve({ ...system, keep: [5, 7], maximum: 100 }));
      first.release();
      const before = free();
      const second = new KernelConjugateGradient(bench.network, bench.curvature);
      finish(second.solve({ ...system, keep: [5, 7], maximum: 100 }));
      finish(second.solve({ ...system, keep: [5], maximum: 120 }));
      second.release();
      expect(JSON.parse(before)[0]).toEqual(JSON.parse(free())[0]);
    });
  });
});
