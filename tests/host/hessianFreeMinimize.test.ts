import {
  DivergedError,
  type HessianFreeReport,
  hessianFree,
  InvalidOptionError,
  minimize,
  nesterov,
  type Objective,
  quadratic,
  schedules,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { hessianFreeSettings } from "#internal/optimizers/hessianFree/hessianFreeSettings";
import { distance, inner, normals, orthonormal, rotated, size, times } from "../reference/matrices.js";
import { thrown } from "../support/failures.js";

describe("hessianFree", () => {
  const defaults = {
    method: "hessianFree",
    variant: "standard",
    learningRate: 1,
    lineSearch: true,
    backtracking: true,
    damping: { initial: 45, drop: 2 / 3 },
    structuralDamping: 0,
    conjugateGradient: { maximum: 250, minimum: 1, decay: 0.95, progress: 5e-4 },
    preconditioner: "auto",
    gradientCases: "all",
    curvatureCases: "gradient",
    weightDecay: 2e-5,
  };

  it("fills in defaults and returns plain data", () => {
    expect(hessianFree()).toEqual(defaults);
    expect(hessianFree({ variant: "momentum" })).toEqual({
      ...defaults,
      variant: "momentum",
      lineSearch: false,
      backtracking: false,
      conjugateGradient: { ...defaults.conjugateGradient, maximum: 50, minimum: 50 },
    });
    expect(hessianFree({ variant: "momentum", conjugateGradient: { maximum: 7 } }).conjugateGradient).toMatchObject({
      maximum: 7,
      minimum: 7,
    });
    expect(hessianFree({ variant: "momentum", lineSearch: true })).toMatchObject({ lineSearch: true, backtracking: false });
    expect(hessianFree({ damping: { initial: 1 }, conjugateGradient: { maximum: 50 } })).toEqual({
      ...defaults,
      damping: { initial: 1, drop: 2 / 3 },
      conjugateGradient: { ...defaults.conjugateGradient, maximum: 50 },
    });
  });

  it("takes a schedule for everything that changes in time, and its own description again", () => {
    const description = hessianFree({
      variant: "momentum",
      learningRate: schedules.inverse({ numerator: 500, offset: 4000 }),
      conjugateGradient: {
        maximum: schedules.piecewise({ values: [50, 200], at: [5000] }),
        minimum: schedules.constant({ value: 2.5 }),
        decay: schedules.piecewise({ values: [0.95, 0.999], at: [5000] }),
      },
      gradientCases: schedules.piecewise({ values: [1250, 20_000], at: [10_000] }),
      curvatureCases: schedules.constant({ value: 1250, final: { updates: 10, value: 5000 } }),
      weightDecay: schedules.piecewise({ values: [2e-5, 0], at: [9000] }),
      preconditioner: { exponent: schedules.piecewise({ values: [0.5, 0.75], at: [10] }) },
      damping: { initial: 1, drop: schedules.piecewise({ values: [0.5, 1], at: [10] }) },
      structuralDamping: schedules.constant({ value: 0.1 }),
      lineSearch: { schedule: "piecewise", values: [false, true], at: [9000] },
    });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(hessianFree(description)).toEqual(description);
  });

  it("evaluates each of them at an update", () => {
    const description = hessianFree({
      learningRate: schedules.piecewise({ values: [1, schedules.inverse({ numerator: 5, offset: 4 }), 1], at: [9, 20] }),
      lineSearch: { schedule: "piecewise", values: [false, true], at: [9] },
      backtracking: { schedule: "piecewise", values: [true, false], at: [9] },
      damping: { drop: schedules.piecewise({ values: [0.5, 1], at: [9] }) },
      structuralDamping: schedules.piecewise({ values: [0.25, 0], at: [9] }),
      conjugateGradient: { progress: schedules.piecewise({ values: [0, 1e-3], at: [9] }) },
      preconditioner: { exponent: schedules.piecewise({ values: [0.5, 0.75], at: [9] }) },
      gradientCases: { schedule: "piecewise", values: [12, "all"], at: [9] },
      curvatureCases: { schedule: "piecewise", values: ["gradient", schedules.piecewise({ values: [33.5, 5], at: [12] })], at: [9] },
    });
    expect(hessianFree(JSON.parse(JSON.stringify(description)))).toEqual(description);
    expect(hessianFreeSettings(description, 8, undefined, true)).toMatchObject({
      learningRate: 1,
      lineSearch: false,
      backtracking: true,
      drop: 0.5,
      structuralDamping: 0.25,
      progress: 0,
      exponent: 0.5,
      gradientCases: 12,
      curvatureCases: "gradient",
    });
    expect(hessianFreeSettings(description, 9, undefined, true)).toMatchObject({
      learningRate: 1,
      lineSearch: true,
      backtracking: false,
      drop: 1,
      structuralDamping: 0,
      progress: 1e-3,
      exponent: 0.75,
      gradientCases: "all",
      curvatureCases: 33,
    });
    expect([14, 19, 20].map((t) => hessianFreeSettings(description, t, undefined, true).learningRate)).toEqual([0.5, 5 / 15, 1]);
  });

  it.each<[string, unknown]>([
    ["variant", { variant: "fast" }],
    ["learningRate", { learningRate: 0 }],
    ["learningRate", { learningRate: NaN }],
    ["lineSearch", { lineSearch: 1 }],
    ["backtracking", { backtracking: "yes" }],
    ["damping", { damping: 45 }],
    ["damping.initial", { damping: { initial: -1 } }],
    ["damping.initial", { damping: { initial: Infinity } }],
    ["damping.initial", { damping: { initial: 1e30 } }],
    ["damping.initial", { damping: { initial: 0 } }],
    ["damping.drop.values[1]", { damping: { drop: { schedule: "piecewise", values: [1, 0], at: [3] } } }],
    ["lineSearch.values[1]", { lineSearch: { schedule: "piecewise", values: [false, 1], at: [3] } }],
    ["lineSearch.final", { lineSearch: { schedule: "piecewise", values: [false, true], at: [3], final: { from: 5, value: 1 } } }],
    ["gradientCases.values[0]", { gradientCases: { schedule: "piecewise", values: ["gradient", "all"], at: [3] } }],
    ["gradientCases.at[1]", { gradientCases: { schedule: "piecewise", values: [10, 20, "all"], at: [3, 3] } }],
    [
      "learningRate.values[1].max",
      { learningRate: { schedule: "piecewise", values: [1, { schedule: "inverse", numerator: 5, max: 0 }], at: [3] } },
    ],
    [
      "learningRate.values[1].final",
      { learningRate: { schedule: "piecewise", values: [1, { schedule: "constant", value: 5, final: { from: 4, value: 1 } }], at: [3] } },
    ],
    ["conjugateGradient.maximum", { conjugateGradient: { maximum: 1e12 } }],
    ["damping.drop", { damping: { drop: 0 } }],
    ["damping.drop", { damping: { drop: 1.5 } }],
    ["damping.lambda", { damping: { lambda: 45 } }],
    ["structuralDamping", { structuralDamping: -0.1 }],
    ["conjugateGradient", { conjugateGradient: 250 }],
    ["conjugateGradient.maximum", { conjugateGradient: { maximum: 0 } }],
    ["conjugateGradient.maximum", { conjugateGradient: { maximum: 2.5 } }],
    ["conjugateGradient.maximum.values[1]", { conjugateGradient: { maximum: { schedule: "piecewise", values: [10, 0], at: [3] } } }],
    ["conjugateGradient.minimum", { conjugateGradient: { maximum: 10, minimum: 11 } }],
    ["conjugateGradient.decay", { conjugateGradient: { decay: 1.01 } }],
    ["conjugateGradient.decay", { conjugateGradient: { decay: -0.1 } }],
    ["conjugateGradient.decay.value", { conjugateGradient: { decay: { schedule: "constant", value: 2 } } }],
    ["conjugateGradient.progress", { conjugateGradient: { progress: -1 } }],
    ["conjugateGradient.tolerance", { conjugateGradient: { tolerance: 1 } }],
    ["preconditioner", { preconditioner: true }],
    ["preconditioner", { preconditioner: null }],
    ["preconditioner.exponent", { preconditioner: {} }],
    ["preconditioner.exponent", { preconditioner: { exponent: 1.5 } }],
    ["gradientCases", { gradientCases: "some" }],
    ["gradientCases", { gradientCases: 0 }],
    ["curvatureCases", { curvatureCases: "all" }],
    ["curvatureCases", { curvatureCases: 12.5 }],
    ["weightDecay", { weightDecay: -1 }],
    ["hessianFree.momentum", { momentum: 0.9 }],
    ["hessianFree.method", { method: "nesterov" }],
    ["options of hessianFree", null],
  ])("refuses a wrong %s", (option, options) => {
    const error = thrown(() => hessianFree(options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
  });
});

const exact = { damping: { initial: 0, drop: 1 }, weightDecay: 0, preconditioner: "none" as const };

/** Collects what Hessian-free reports. */
function reportsOf(objective: Objective, start: ArrayLike<number>, options: Parameters<typeof hessianFree>[0], updates: number) {
  const reports: (HessianFreeReport & { value: number; momentum: number })[] = [];
  const result = minimize(objective, start, hessianFree(options), {
    updates,
    onUpdate: ({ value, momentum, hessianFree: report }) => void reports.push({ value, momentum, ...report! }),
  });
  return { ...result, reports };
}

/**
 * Weighted least squares: cases (x, y), f the mean of half the squared residuals of a small nonlinear model, with everything Hessian-free
 * can use.
 */
function leastSquares(seed: number, cases = 12): Objective {
  const x = normals(cases, seed);
  const y = x.map((value) => Math.sin(2 * value));
  // y = c tanh(a x + b).
  const jacobian = ([a, b, c]: Float64Array, i: number): [number, number, number] => {
    const h = Math.tanh(a * x[i] + b);
    return [c * (1 - h * h) * x[i], c * (1 - h * h), h];
  };
  const residual = ([a, b, c]: Float64Array, i: number): number => c * Math.tanh(a * x[i] + b) - y[i];
  return {
    size: 3,
    gradient(theta, out) {
      let value = 0;
      for (let i = 0; i < cases; i++) {
        const r = residual(theta, i);
        value += (0.5 * r * r) / cases;
        jacobian(theta, i).forEach((j, k) => (out[k] += (r * j) / cases));
      }
      return value;
    },
    gaussNewtonProduct(theta, vector, out) {
      for (let i = 0; i < cases; i++) {
        const row = jacobian(theta, i);
        const jv = inner(row, vector);
        row.forEach((j, k) => (out[k] += (jv * j) / cases));
      }
    },
    squaredGradient(theta, out) {
      for (let i = 0; i < cases; i++) {
        const r = residual(theta, i);
        jacobian(theta, i).forEach((j, k) => (out[k] += (r * j) ** 2 / cases));
      }
    },
  };
}

describe("hessianFree in minimize", () => {
  it("solves a quadratic in one update where nothing is damped: Newton's step", () => {
    const n = 12;
    const u = orthonormal(n, 3);
    const lambda = Float64Array.from({ length: n }, (_, i) => 1 + i * i);
    const q = quadratic({ matrix: rotated(u, lambda), linear: normals(n, 5) });
    const { theta, reports } = reportsOf(q, normals(n, 7), { ...exact, conjugateGradient: { progress: 0, maximum: 60 } }, 1);
    const gradient = new Float64Array(n);
    q.gradient(theta, gradient);
    expect(size(gradient)).toBeLessThan(1e-12);
    expect(reports[0].rho).toBeCloseTo(1, 9);
    expect(reports[0].lineSearchRate).toBe(1);
    // With a little damping it is nearly so.
    const { theta: damped } = reportsOf(q, normals(n, 7), { ...exact, damping: { initial: 1e-6 }, conjugateGradient: { progress: 0 } }, 1);
    expect(distance(damped, theta)).toBeLessThan(1e-5);
  });

  it("rests at the minimum", () => {
    const q = quadratic({ eigenvalues: [1, 50] });
    const { theta, reports } = reportsOf(q, [0, 0], {}, 2);
    expect(Array.from(theta)).toEqual([0, 0]);
    expect(reports[1].reason.message).toMatch(/The gradient is 0/);
    expect(minimize(q, [-4, 1], hessianFree(exact), { updates: 50, tolerance: 1e-9 }).reason.code).toBe("tolerance");
  });

  it("stays at the minimum, lambda within bounds, long after f has stopped changing", () => {
    for (const variant of ["standard", "momentum"] as const) {
      const { theta, reports } = reportsOf(
        quadratic({ eigenvalues: [1, 50], linear: [1, -2] }),
        [-4, 1],
        { variant, damping: { initial: 1 }, weightDecay: 0 },
        3000,
      );
      expect(distance(theta, Float64Array.from([-1, 2 / 50]))).toBeLessThan(1e-7);
      for (const { lambda } of reports) expect(lambda).toBeLessThanOrEqual(1);
    }
  });

  describe.each([
    ["without a preconditioner", false],
    ["with one", true],
  ])("stopped after one CG step, %s", (_what, preconditioned) => {
    it("is NAG with mu = decay and the rate that the curvature gives, along whole trajectories", () => {
      const n = 8;
      const matrix = rotated(orthonormal(n, 11), [0.1, 0.3, 1, 2, 3, 5, 8, 20]);
      const q = quadratic({ matrix, linear: normals(n, 13) });
      const squares = normals(n, 17).map((value) => value * value);
      const objective: Objective = {
        ...q,
        ...(preconditioned ? { squaredGradient: (_theta: Float64Array, out: Float64Array) => out.set(squares) } : {}),
      };
      const inverse = squares.map((value) => (preconditioned ? 1 / Math.sqrt(Math.sqrt(value)) ** 3 : 1));
      const decay = schedules.piecewise({ values: [0.5, 0.9, 0.99], at: [5, 20] });

      let theta = normals(n, 19);
      let velocity = new Float64Array(n);
      let worst = 0;
      minimize(
        objective,
        theta,
        hessianFree({ ...exact, variant: "momentum", preconditioner: "auto", conjugateGradient: { maximum: 1, decay } }),
        {
          updates: 60,
          onUpdate: ({ update, theta: seen, velocity: moved }) => {
            // NAG, Eq. 3-4, alpha = r'M^-1 r / (M^-1 r)'B (M^-1 r) from r = -grad f(theta + mu v).
            const mu = update < 5 ? 0.5 : update < 20 ? 0.9 : 0.99;
            const gradient = new Float64Array(n);
            q.gradient(
              theta.map((x, i) => x + mu * velocity[i]),
              gradient,
            );
            const y = gradient.map((g, i) => inverse[i] * g);
            const alpha = inner(gradient, y) / inner(y, times(matrix, y));
            velocity = velocity.map((v, i) => mu * v - alpha * y[i]);
            theta = theta.map((x, i) => x + velocity[i]);
            worst = Math.max(worst, distance(seen, theta), distance(moved, velocity));
          },
        },
      );
      expect(worst).toBeLessThan(1e-11);
      expect(size(velocity)).toBeGreaterThan(1e-6);
    });
  });

  it("is NAG itself where the rate that the curvature gives is constant", () => {
    // On a multiple of the identity it always is 1 / lambda_max.
    const q = quadratic({ eigenvalues: [4, 4, 4], linear: [1, -2, 3] });
    const decay = schedules.sutskever({ max: 0.95, period: 3 });
    const nag = minimize(q, [3, 2, 1], nesterov({ learningRate: 0.25, momentum: decay, weightDecay: 0 }), { updates: 20 });
    const hf = minimize(q, [3, 2, 1], hessianFree({ ...exact, variant: "momentum", conjugateGradient: { maximum: 1, decay } }), {
      updates: 20,
    });
    expect(distance(hf.theta, nag.theta)).toBeLessThan(1e-12);
  });

  it("never lets the objective rise with a line search, and gets to the minimum of a nonlinear least-squares problem", () => {
    for (const preconditioner of ["none", "auto", { exponent: 0.75 }] as const) {
      for (const seed of [1, 2, 3]) {
        const weightDecay = 1e-3;
        const objective = leastSquares(seed);
        let last = Infinity;
        let least = Infinity;
        const { theta } = minimize(
          objective,
          [0.3, -0.2, 0.5],
          hessianFree({ damping: { initial: 1 }, weightDecay, preconditioner, conjugateGradient: { progress: 0 } }),
          {
            updates: 60,
            onUpdate: ({ theta: at, hessianFree: report }) => {
              const f = objective.gradient(at.slice(), new Float64Array(3)) + 0.5 * weightDecay * inner(at, at);
              expect(f).toBeLessThanOrEqual(last + 1e-15);
              last = f;
              least = Math.min(least, report!.lambda);
            },
          },
        );
        const gradient = new Float64Array(3);
        objective.gradient(theta, gradient);
        expect(size(gradient.map((g, i) => g + weightDecay * theta[i]))).toBeLessThan(1e-6);
        expect(least).toBeLessThan(0.1);
      }
    }
  });

  it("has schedules for rate, decay, steps and weight decay", () => {
    const q = quadratic({ eigenvalues: [1, 2, 3, 4, 5, 6, 7, 8] });
    const at = [2];
    const options = {
      variant: "momentum" as const,
      learningRate: schedules.piecewise({ values: [1, 0.5], at }),
      conjugateGradient: {
        maximum: schedules.piecewise({ values: [2.7, 4.2], at }),
        minimum: 4,
        decay: schedules.piecewise({ values: [0.5, 0.25], at }),
        progress: 0,
      },
      weightDecay: schedules.piecewise({ values: [0, 3], at }),
      damping: { initial: 1, drop: 1 },
    };
    const { reports } = reportsOf(q, new Float64Array(8).fill(1), options, 4);
    expect(reports.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.5]);
    expect(reports.map(({ conjugateGradientSteps }) => conjugateGradientSteps)).toEqual([2, 2, 4, 4]);
    expect(reports.map(({ momentum }) => momentum)).toEqual([0.5, 0.5, 0.25, 0.25]);
    expect(reports.map(({ nextLambda }) => nextLambda)).toEqual([1, 1, 1, 1]);
    // Where the loss alone is a line's, the weight decay is all the curvature there is: from 0 the step is -slope / w.
    const line = quadratic({ eigenvalues: [0], linear: [1] });
    const one = {
      ...options,
      damping: { initial: 0, drop: 1 },
      learningRate: 1,
      weightDecay: schedules.piecewise({ values: [4, 8], at: [1] }),
    };
    expect(minimize(line, [0], hessianFree(one), { updates: 1 }).theta[0]).toBeCloseTo(-0.25, 14);
    expect(minimize(line, [0], hessianFree(one), { updates: 2 }).theta[0]).toBeCloseTo(-0.125, 14);
    // A final phase counts back from the updates asked for.
    const final = { ...options, learningRate: schedules.constant({ value: 1, final: { updates: 1, value: 0.125 } }) };
    expect(reportsOf(q, new Float64Array(8).fill(1), final, 3).reports.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.125]);
  });

  it("raises the power of the preconditioner as Math.pow does", () => {
    const n = 5;
    const q = quadratic({ eigenvalues: [1, 2, 3, 4, 5] });
    const squares = Float64Array.of(0, 1e-4, 0.3, 7, 1e6);
    for (const exponent of [0, 0.3, 0.5, 0.75, 1]) {
      const objective: Objective = { ...q, squaredGradient: (_theta, out) => out.set(squares) };
      const start = new Float64Array(n).fill(1);
      const { theta } = minimize(
        objective,
        start,
        hessianFree({
          ...exact,
          variant: "momentum",
          damping: { initial: 0.5, drop: 1 },
          preconditioner: { exponent },
          conjugateGradient: { maximum: 1 },
        }),
        { updates: 1 },
      );
      const y = squares.map((value, i) => (i + 1) / (value + 0.5) ** exponent);
      const alpha = y.reduce((sum, value, i) => sum + value * (i + 1), 0) / y.reduce((sum, value, i) => sum + value * value * (i + 1.5), 0);
      expect(
        distance(
          theta,
          y.map((value) => 1 - alpha * value),
        ),
      ).toBeLessThan(1e-12);
    }
  });

  it.each<[string, Partial<Objective>, object]>([
    ["objective.gaussNewtonProduct", { gaussNewtonProduct: undefined }, {}],
    ["objective.gaussNewtonProduct", { gaussNewtonProduct: 1 as never }, {}],
    ["objective.squaredGradient", { squaredGradient: 1 as never }, {}],
    ["objective.squaredGradient's entry 1", { squaredGradient: (_theta, out) => void (out[1] = -1) }, {}],
    ["preconditioner", {}, { preconditioner: { exponent: 0.75 } }],
    ["structuralDamping", {}, { structuralDamping: 0.03 }],
    ["gradientCases", {}, { gradientCases: 10 }],
    ["curvatureCases", {}, { curvatureCases: 10 }],
  ])("refuses a wrong %s", (option, change, options) => {
    const error = thrown(() =>
      minimize({ ...quadratic({ eigenvalues: [1, 2] }), ...change }, [1, 1], hessianFree(options), { updates: 1 }),
    );
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
  });

  it("says what an objective without curvature lacks", () => {
    const { size: n, gradient } = quadratic({ eigenvalues: [1, 2] });
    expect(() => minimize({ size: n, gradient }, [1, 1], hessianFree(), { updates: 1 })).toThrow(
      /objective.gaussNewtonProduct is undefined.*\(theta, vector, out\) that writes G\(theta\) vector into out.*hessianFree needs it/,
    );
  });

  it.each(["standard", "momentum"] as const)("converges without damping on singular curvature, and stays there: %s", (variant) => {
    for (const n of [4, 9, 30]) {
      // Two residuals tanh(J x) - t of n unknowns: a curvature of rank 2.
      const [rows, targets] = [
        [normals(n, n), normals(n, n + 1)],
        [0.3, -0.2],
      ];
      const outputs = (x: Float64Array): number[] => rows.map((row) => Math.tanh(0.3 * inner(row, x)));
      const along = (y: number): number => 0.3 * (1 - y * y);
      const objective: Objective = {
        size: n,
        gradient(x, out) {
          const y = outputs(x);
          y.forEach((value, k) => out.forEach((_, i) => (out[i] += (value - targets[k]) * along(value) * rows[k][i])));
          return y.reduce((sum, value, k) => sum + 0.5 * (value - targets[k]) ** 2, 0);
        },
        gaussNewtonProduct(x, vector, out) {
          outputs(x).forEach((value, k) => out.forEach((_, i) => (out[i] += along(value) ** 2 * inner(rows[k], vector) * rows[k][i])));
        },
      };
      const values: number[] = [];
      const options = hessianFree({ variant, damping: { initial: 0, drop: 1 }, weightDecay: 0, preconditioner: "none" });
      minimize(objective, normals(n, n + 2, 0.1), options, { updates: 30, onUpdate: ({ value }) => values.push(value) });
      for (const value of values.slice(12)) expect(value).toBeLessThan(1e-20);
    }
  });

  it("throws DivergedError for values and gradients that are not finite, and walks around trial points that are not", () => {
    const of = (gradient: Objective["gradient"]): Objective => ({
      size: 1,
      gradient,
      gaussNewtonProduct: (_theta, vector, out) => out.set(vector),
    });
    expect(() =>
      minimize(
        of(() => NaN),
        [1],
        hessianFree(),
        { updates: 1 },
      ),
    ).toThrow(DivergedError);
    expect(() =>
      minimize(
        of((_theta, out) => ((out[0] = Infinity), 1)),
        [1],
        hessianFree(),
        { updates: 1 },
      ),
    ).toThrow(/at update 0: the gradient is not finite.*damping.initial/);
    // -log x, whose Newton step from 3 leads to where there is nothing.
    const barrier: Objective = {
      size: 1,
      gradient: ([x], out) => ((out[0] = 1 - 1 / x), x - Math.log(x)),
      gaussNewtonProduct: ([x], [v], out) => void (out[0] = v / (x * x)),
    };
    const { theta, reports } = reportsOf(barrier, [3], exact, 20);
    expect(theta[0]).toBeCloseTo(1, 9);
    expect(reports[0].lineSearchRate).toBeLessThan(0.6);
    expect(reports[0].rho).toBe(-Infinity);
  });
});
