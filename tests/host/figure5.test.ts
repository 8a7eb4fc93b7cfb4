import {
  conjugateGradient,
  createRuntime,
  InvalidOptionError,
  type LinearProduct,
  minimize,
  nesterov1983,
  quadratic,
  type Runtime,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { logPlot } from "#internal/report/plot/logPlot";
import { DampedQuadratic } from "#internal/studies/figure5/dampedQuadratic";
import { type Figure5Progress, type Figure5Result, runFigure5 } from "#internal/studies/figure5/figure5";
import { figure5Csv, figure5Outcome, figure5Page, figure5Plot, figure5Table } from "#internal/studies/figure5/figure5Page";
import { compareSolvers, firstAtMost, largestEigenvalue, type SolverComparison } from "#internal/studies/figure5/solverComparison";
import { type Figure5Spec, figure5Spec } from "#internal/studies/figure5/spec";
import { inner, normals, orthonormal, rotated, times, timesTransposed } from "../reference/matrices.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";

function finish<Result>(work: Generator<unknown, Result, void>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/** A quadratic of which everything is known: A = U' diag(lambda) U. */
function known(eigenvalues: readonly number[], seed: number) {
  const n = eigenvalues.length;
  const u = orthonormal(n, seed);
  const matrix = rotated(u, eigenvalues);
  const product: LinearProduct = (vector, out) => out.set(times(matrix, vector));
  const b = normals(n, seed + 1);
  const solution = timesTransposed(
    u,
    times(u, b).map((value, i) => value / eigenvalues[i]),
  );
  return { product, b, solution, matrix, least: -0.5 * inner(b, solution) };
}

const spread = (n: number, condition: number): number[] => Array.from({ length: n }, (_, i) => condition ** (i / (n - 1)));
const ITERATIONS = 40;

describe.each([
  ["condition 3", spread(30, 3)],
  ["condition 100", spread(60, 100)],
  ["condition 10,000", spread(50, 1e4)],
  ["a few large eigenvalues above damping, as in Hessian-free", [...Array(50).fill(0.1), 3, 8, 30, 90, 200]],
])("conjugate gradient and NAG on a known quadratic: %s", (_, eigenvalues) => {
  const { product, b, solution, matrix, least } = known(eigenvalues, 3);
  const comparison = finish(compareSolvers(product, b, ITERATIONS));
  const { conjugateGradient: cg, nesterov: nag, largestEigenvalue: bound } = comparison;
  const rounding = 1e-12 * -least;

  it("begin at 0 and are followed for as many iterations as asked", () => {
    expect([cg.length, nag.length]).toEqual([ITERATIONS + 1, ITERATIONS + 1]);
    expect([cg[0], nag[0]]).toEqual([0, 0]);
  });

  it("conjugate gradient falls at every iteration, is never above NAG and never below the minimum", () => {
    for (let i = 1; i <= ITERATIONS; i++) {
      expect(cg[i]).toBeLessThanOrEqual(cg[i - 1] + rounding);
      expect(cg[i]).toBeLessThanOrEqual(nag[i] + rounding);
      expect(cg[i]).toBeGreaterThanOrEqual(least - rounding);
    }
  });

  it("NAG keeps its bound, 2 L |x*|^2 / (t + 1)^2 above the minimum", () => {
    for (let t = 1; t <= ITERATIONS; t++)
      expect(nag[t] - least).toBeLessThanOrEqual((2 * bound * inner(solution, solution)) / (t + 1) ** 2 + rounding);
  });

  it("the largest eigenvalue is bounded from above, closely", () => {
    const largest = Math.max(...eigenvalues);
    expect(bound).toBeGreaterThanOrEqual(largest * (1 - 1e-12));
    expect(bound).toBeLessThanOrEqual(1.02 * largest);
  });

  it("they are the methods that the library has elsewhere", () => {
    const solved = conjugateGradient(product, b, { maximum: 10, tolerance: 0 });
    expect(solved.phi).toBe(cg[10]);
    const objective = quadratic({ matrix, linear: b.map((value) => -value) });
    const { value } = minimize(objective, new Float64Array(b.length), nesterov1983({ initialRate: 1 / bound }), { updates: 25 });
    expect(Math.abs(value - nag[25])).toBeLessThan(1e-9 * -least);
  });
});

describe("comparing solvers", () => {
  it("an eigenvector that has no part in b does not count", () => {
    const lambda = [1000, 4, 1];
    const product: LinearProduct = (vector, out) => vector.forEach((value, i) => (out[i] = lambda[i] * value));
    expect(finish(largestEigenvalue(product, Float64Array.of(0, 1, 1)))).toBeCloseTo(4, 1);
  });

  it("a system that is solved stays so", () => {
    const { conjugateGradient: cg, nesterov: nag } = finish(
      compareSolvers((vector, out) => out.set(vector.map((value) => 2 * value)), Float64Array.of(2, 0), 5),
    );
    expect(cg).toEqual([0, -1, -1, -1, -1, -1]);
    expect(nag).toEqual(cg);
  });

  it("finds when one is where the other ends", () => {
    expect(firstAtMost([0, -1, -3, -4], -2)).toBe(2);
    expect(firstAtMost([0, -1], -2)).toBeUndefined();
  });
});

describe("the damped quadratic of a network", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels: "simd" });
  });
  afterAll(() => runtime.dispose());

  const [lambda, weightDecay, cases] = [0.3, 0.01, 37];

  it.each([
    ["an autoencoder", ODD_AUTOENCODER],
    ["tanh layers", layers([7, 11, 5], "tanh", "linear")],
  ])("is the twin's: %s", (_, description) => {
    const { network, twin } = makePair(runtime, description);
    const batch = randomBatch(description, cases);
    const theta = Float64Array.from(network.getParameters());
    const quadratic = new DampedQuadratic(network, batch, lambda, weightDecay);
    const wanted = twin.lossAndGradient(theta, batch).gradient.map((g, i) => -(g + weightDecay * theta[i]));
    const error = (a: Float64Array, b: Float64Array) =>
      Math.sqrt(
        inner(
          a.map((x, i) => x - b[i]),
          a.map((x, i) => x - b[i]),
        ) / inner(b, b),
      );
    expect(error(quadratic.b, wanted)).toBeLessThan(1e-5);
    const vector = normals(theta.length, 5);
    const product = new Float64Array(theta.length);
    for (let again = 0; again < 2; again++) {
      quadratic.product(vector, product);
      expect(
        error(
          product,
          twin.gaussNewtonProduct(theta, vector, batch).map((g, i) => g + (lambda + weightDecay) * vector[i]),
        ),
      ).toBeLessThan(1e-5);
    }
    const { conjugateGradient: cg, nesterov: nag } = finish(compareSolvers(quadratic.product, quadratic.b, 15));
    for (let i = 1; i <= 15; i++) {
      expect(cg[i]).toBeLessThanOrEqual(cg[i - 1] + 1e-6 * -cg[15]);
      expect(cg[i]).toBeLessThanOrEqual(nag[i] + 1e-6 * -cg[15]);
    }
    expect(nag[15]).toBeLessThan(0.5 * nag[1]);
    quadratic.release();
    network.dispose();
  });
});

describe("the study", () => {
  const { trial, ...rest } = figure5Spec({ fraction: 0.001, error: 250, iterations: 6, seed: 2 });
  // A quarter of the cases by turns, as in runs that have more of them than give the curvature.
  const spec: Figure5Spec = { ...rest, trial: { ...trial, optimizer: { ...trial.optimizer, curvatureCases: 5 } } };
  const study = async (threads: number): Promise<{ result: Figure5Result; progress: Figure5Progress[] }> => {
    const runtime = await createRuntime({ threads: teamOf(threads), kernels: "simd" });
    const progress: Figure5Progress[] = [];
    try {
      const work = runFigure5(runtime, spec);
      for (;;) {
        const next = work.next();
        if (next.done) return { result: next.value, progress };
        progress.push(next.value);
      }
    } finally {
      await runtime.dispose();
    }
  };
  let result: Figure5Result;
  let progress: Figure5Progress[];
  beforeAll(async () => {
    ({ result, progress } = await study(1));
  });

  it("takes the quadratic where the error is first as low as asked", () => {
    const errors = result.training.map(({ trainingError }) => trainingError!);
    const { update, trainingError, cases, lambda, weightDecay } = result.quadratic;
    expect(errors.findIndex((error) => error <= spec.error)).toBe(update);
    expect(update).toBeGreaterThan(0);
    expect(errors).toHaveLength(update + 1);
    expect(errors[update]).toBe(trainingError);
    expect([cases, weightDecay]).toEqual([5, 2e-5]);
    // Not the first quarter but the one whose turn it is.
    expect(result.quadratic.firstCase).toBe(5 * (update % 4));
    expect(update % 4).not.toBe(0);
    // The next update's.
    expect(lambda).toBeCloseTo(45 * (2 / 3) ** update, 12);
  });

  it("lowers phi both ways, conjugate gradient ahead", () => {
    const { conjugateGradient: cg, nesterov: nag }: SolverComparison = result.phi;
    for (let i = 1; i <= 6; i++) {
      expect(cg[i]).toBeLessThan(cg[i - 1]);
      expect(cg[i]).toBeLessThanOrEqual(nag[i] * (1 - 1e-9));
      expect(nag[i]).toBeLessThan(0);
    }
    expect(cg[result.overtaken!]).toBeLessThanOrEqual(nag[6]);
    expect(cg[result.overtaken! - 1]).toBeGreaterThan(nag[6]);
  });

  it("says how far it is", () => {
    const reports = progress.flatMap((one) => (one.part === "run" && one.report !== undefined ? [one.report.update] : []));
    expect(reports).toEqual(result.training.map(({ update }) => update));
    const solvers = progress.flatMap((one) => (one.part === "comparison" ? [one.solver] : []));
    expect([...new Set(solvers)]).toEqual(["conjugateGradient", "powerIteration", "nesterov"]);
    for (const one of progress) if (one.part === "run") expect(one.share >= 0 && one.share <= 1).toBe(true);
  });

  it("is plain data, and the same for any team", async () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect((await study(2)).result).toEqual(result);
  });

  it("is told as table, picture, page and numbers", () => {
    const { rows } = figure5Table(result);
    expect(rows.map(([iterations]) => iterations)).toEqual(["1", "2", "5", "6"]);
    const lines = figure5Csv(result).trim().split("\n");
    expect(lines[0]).toBe("iteration,conjugateGradient,nesterov");
    expect(lines.slice(1).map((line) => line.split(",").map(Number))).toEqual(
      result.phi.conjugateGradient.map((cg, i) => [i, cg, result.phi.nesterov[i]]),
    );
    const { markup } = logPlot(figure5Plot(result));
    expect(markup).toContain("both axes linear");
    // From iteration 0 on.
    expect(markup.match(/<path class="line\d" d="M[^"]*(L[^"]*){6}"/g)).toHaveLength(2);
    const page = htmlPage(figure5Page(result, { facts: [["Engine", "none"]], footer: "footer" }));
    for (const sentence of figure5Outcome(result)) expect(page).toContain(sentence);
  });
});

describe("the study's options", () => {
  it("have defaults, and are plain data", () => {
    const spec = figure5Spec();
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(spec).toMatchObject({
      study: "figure5",
      iterations: 120,
      trial: { optimizer: { damping: { initial: 45 }, conjugateGradient: { maximum: 250, decay: 0.95 }, weightDecay: 2e-5 }, seed: 1 },
    });
    expect(figure5Spec({ fraction: 1 }).trial).toMatchObject({
      task: { cases: 20_000 },
      optimizer: { gradientCases: "all", curvatureCases: 5000 },
    });
    expect(spec.trial).toMatchObject({ task: { cases: 100 }, optimizer: { gradientCases: "all", curvatureCases: 100 } });
  });

  it.each<[string, object]>([
    ["fraction", { fraction: 0 }],
    ["fraction", { fraction: 1.5 }],
    ["error", { error: 0 }],
    ["iterations", { iterations: 0 }],
    ["updates", { updates: 2.5 }],
    ["seed", { seed: -1 }],
  ])("are refused by name: %s", (option, options) => {
    expect(() => figure5Spec(options)).toThrow(InvalidOptionError);
    expect(() => figure5Spec(options)).toThrow(option);
  });

  it("that nobody reads are refused", () => {
    expect(() => figure5Spec({ cases: 5 } as object)).toThrow("figure5.cases");
  });
});
