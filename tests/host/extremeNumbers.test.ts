import fc from "fast-check";
import {
  adam,
  conjugateGradient,
  createRuntime,
  dense,
  echoState,
  feedForward,
  hessianFree,
  type LinearProduct,
  minimize,
  nesterov,
  nesterov1983,
  type OptimizerDescription,
  quadratic,
  type Runtime,
  schedules,
  sgd,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { norm, ratio, scaledDot, timesPower } from "#internal/math/scaledSums";
import { checkTrialSpec } from "#internal/trials/spec";
import { normals } from "../reference/matrices.js";
import { refusal } from "../support/failures.js";
import { makePair, randomBatch } from "../support/networks.js";

const poisson: LinearProduct = (v, out) => {
  for (let i = 0; i < v.length; i++) out[i] = 2 * v[i] - (v[i - 1] ?? 0) - (v[i + 1] ?? 0);
};

/** Powers of 2 over the range of f64, at which everything has to come out to the same digits. */
const EXPONENTS = [-1000, -700, -664, -530, -401, -400, -330, 330, 400, 401, 530, 700, 900];
const scaled = (v: ArrayLike<number>, exponent: number): Float64Array => Float64Array.from(v, (value) => timesPower(value, exponent));

/** Largest error of x against `expected`, as a share of the largest entry of that. */
function relativeError(x: ArrayLike<number>, expected: ArrayLike<number>): number {
  const size = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(x[i] / size - value / size)));
}

describe("sums of squares that f64 cannot hold", () => {
  it("are those of scaled vectors, and plain sums where these are sound", () => {
    const a = normals(37, 1);
    const b = normals(37, 2);
    for (const exponent of EXPONENTS) {
      for (const other of [0, exponent, -exponent]) {
        const { mantissa, exponent: power } = scaledDot(scaled(a, exponent), scaled(b, other));
        expect(ratio({ mantissa, exponent: power - exponent - other }, scaledDot(a, b))).toBeCloseTo(1, 12);
      }
      expect(norm(scaled(a, exponent)) / timesPower(norm(a), exponent)).toBeCloseTo(1, 12);
    }
    expect(scaledDot(a, b)).toEqual({ mantissa: a.reduce((sum, value, i) => sum + value * b[i], 0), exponent: 0 });
    expect(norm(new Float64Array(3))).toBe(0);
    expect(norm(Float64Array.of(NaN, 1))).toBeNaN();
    expect(norm(Float64Array.of(1, Infinity))).not.toBeLessThan(Infinity);
    expect(norm(Float64Array.of(5e-324, 0))).toBe(5e-324);
  });
});

describe("conjugateGradient", () => {
  it("solves a system of any size: b = [1e-200, 0] as [1, 0]", () => {
    for (const size of [1e-300, 1e-200, 1e-158, 1e-154, 1e-100, 1e100, 1e154, 1e200, 1e300]) {
      const { x, steps, reason } = conjugateGradient((v, out) => out.set(v), [size, 0]);
      expect({ x, steps, code: reason.code }).toEqual({ x: Float64Array.of(size, 0), steps: 1, code: "converged" });
    }
  });

  it.each(EXPONENTS)("takes the same way at 2^%d times the right-hand side, step by step", (exponent) => {
    const b = normals(24, 3);
    const start = normals(24, 4);
    for (const options of [
      {},
      { start },
      { preconditioner: normals(24, 5).map(Math.abs) },
      { tolerance: 0, progress: 5e-4 },
      { tolerance: 1e-12, start },
    ] as { start?: Float64Array }[]) {
      const plain = conjugateGradient(poisson, b, options);
      const far = conjugateGradient(poisson, scaled(b, exponent), {
        ...options,
        ...(options.start ? { start: scaled(options.start, exponent) } : {}),
      });
      expect({ steps: far.steps, code: far.reason.code }).toEqual({ steps: plain.steps, code: plain.reason.code });
      expect(relativeError(scaled(far.x, -exponent), plain.x)).toBeLessThan(1e-9);
      expect(timesPower(far.residual, -exponent) - plain.residual).toBeLessThan(1e-9);
      expect(far.phi).not.toBeNaN();
    }
  });

  it.each(EXPONENTS)("takes the same way at 2^%d times the matrix, the preconditioner, or both", (exponent) => {
    const b = normals(24, 3);
    const plain = conjugateGradient(poisson, b);
    const times: LinearProduct = (v, out) => {
      poisson(v, out);
      for (let i = 0; i < out.length; i++) out[i] = timesPower(out[i], exponent);
    };
    const diagonal = new Float64Array(24).fill(timesPower(1, exponent));
    for (const [product, options, power] of [
      [times, {}, -exponent],
      [poisson, { preconditioner: diagonal }, 0],
      [times, { preconditioner: diagonal }, -exponent],
    ] as const) {
      const far = conjugateGradient(product, b, options);
      expect({ steps: far.steps, code: far.reason.code }).toEqual({ steps: plain.steps, code: plain.reason.code });
      expect(relativeError(scaled(far.x, -power), plain.x)).toBeLessThan(1e-9);
    }
  });

  it.each([1e-200, 1e-100, 1e-30, 1e-12])(
    "comes from a start of about 1 to a solution of about %s, and says nothing untrue of its residual",
    (size) => {
      const b = normals(12, 3).map((value) => value * size);
      const { x, reason, steps } = conjugateGradient(poisson, b, { start: new Float64Array(12).fill(1), maximum: 500 });
      expect(reason.code).toBe("converged");
      expect(steps).toBeLessThan(200);
      const left = new Float64Array(12);
      poisson(x, left);
      expect(norm(left.map((value, i) => value - b[i]))).toBeLessThanOrEqual(1e-5 * norm(b) * (1 + 1e-6));
    },
  );

  it("changes no bit of ordinary solves: the recurrence of its docstring, written out", () => {
    const b = normals(30, 7);
    const x = new Float64Array(30);
    const r = b.map((value) => -value);
    const p = r.map((value) => -value);
    const dot = (u: Float64Array, v: Float64Array): number => u.reduce((sum, value, i) => sum + value * v[i], 0);
    let rr = dot(r, r);
    const { steps, x: found } = conjugateGradient(poisson, b, { tolerance: 1e-10 });
    for (let step = 0; step < steps; step++) {
      const ap = new Float64Array(30);
      poisson(p, ap);
      const alpha = rr / dot(p, ap);
      for (let i = 0; i < 30; i++) {
        x[i] = x[i] + alpha * p[i];
        r[i] = r[i] + alpha * ap[i];
      }
      const next = dot(r, r);
      for (let i = 0; i < 30; i++) p[i] = -r[i] + (next / rr) * p[i];
      rr = next;
    }
    expect(found).toEqual(x);
  });

  it("has 0 for the solution where b is 0: no step, no product, whatever the start", () => {
    for (const b of [[0], [0, -0, 0], new Float32Array(4)]) {
      for (const options of [
        {},
        { start: Float64Array.from(b, () => 3) },
        { maximum: 0 },
        { tolerance: 0, minimum: 2 },
        { preconditioner: Float64Array.from(b, () => 2), keep: [1] },
      ]) {
        const product = (): never => {
          throw new Error("asked for a product");
        };
        expect(conjugateGradient(product, b, options)).toEqual({
          x: new Float64Array(b.length),
          steps: 0,
          residual: 0,
          phi: 0,
          iterates: [],
          reason: { code: "converged", message: "The right-hand side is 0, and so is the solution." },
        });
      }
    }
  });
});

describe("minimize", () => {
  it.each([
    ["nesterov1983", nesterov1983()],
    ["hessianFree", hessianFree()],
    ["adam", adam()],
    ["nesterov", nesterov({ learningRate: 0.01, momentum: 0.9 })],
  ] as const)("stays at a stationary point, and asks for no value elsewhere: %s", (_name, method) => {
    const asked: number[] = [];
    const bowl = quadratic({ eigenvalues: [1, 50] });
    const watched = {
      ...bowl,
      gradient: (theta: Float64Array, out: Float64Array): number => (asked.push(...theta), bowl.gradient(theta, out)),
    };
    expect(minimize(watched, [0, 0], method, { updates: 5 }).theta).toEqual(new Float64Array(2));
    expect(minimize(watched, [0, 0], method, { updates: 5, tolerance: 1e-9 })).toMatchObject({ updates: 1, reason: { code: "tolerance" } });
    expect(asked.every((value) => value === 0)).toBe(true);
  });

  it.each([-1000, -700, -500, 500, 700, 900])(
    "nesterov1983 finds the same way down 2^%d times a bowl, whose gradient's square f64 cannot hold",
    (exponent) => {
      const way = (power: number): Float64Array =>
        minimize(quadratic({ eigenvalues: [timesPower(1, power), timesPower(50, power)] }), [-4, 1], nesterov1983(), { updates: 60 }).theta;
      expect(relativeError(way(exponent), way(0))).toBeLessThan(1e-6);
    },
  );

  it("tells a small gradient from none, and a large one from an infinite", () => {
    for (const size of [1e-200, 1e-170, 1e150]) {
      const { reason } = minimize(quadratic({ eigenvalues: [1, 2] }), [size, size], sgd({ learningRate: 0.1 }), {
        updates: 3,
        tolerance: size * 1e-3,
      });
      expect(reason.code).toBe("updates");
    }
    for (const [curvature, start] of [
      [1, 1e-180],
      [1e160, 1],
      [1e200, 1],
    ] as const) {
      const { theta } = minimize(
        quadratic({ eigenvalues: [curvature, curvature] }),
        [start, start],
        hessianFree({ weightDecay: 0, damping: { initial: 1e-6 } }),
        { updates: 3 },
      );
      expect(Math.abs(theta[0])).toBeLessThan(1e-3 * start);
    }
  });

  it("never asks for a value at NaN, from any start", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1e-320, 1e-160, 1, 1e160),
        (start, curvature) => {
          const bowl = quadratic({ eigenvalues: start.map((_, i) => curvature * (i + 1)) });
          let isAsked = false;
          const watched = {
            ...bowl,
            gradient: (theta: Float64Array, out: Float64Array): number => (
              (isAsked ||= theta.some(Number.isNaN)), bowl.gradient(theta, out)
            ),
          };
          for (const method of [nesterov1983(), hessianFree()]) {
            try {
              minimize(watched, start, method, { updates: 3 });
            } catch (error) {
              expect(error).toMatchObject({ code: "DIVERGED" });
            }
          }
          expect(isAsked).toBe(false);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it("blames the weight decay too", () => {
    expect(() => minimize(quadratic({ eigenvalues: [1] }), [100], sgd({ learningRate: 0.1, weightDecay: 1e308 }), { updates: 5 })).toThrow(
      /lower learningRate or weightDecay/,
    );
  });

  it("computes in f64, and so takes what networks do not", () => {
    const { theta } = minimize(quadratic({ eigenvalues: [1e50] }), [1], sgd({ learningRate: 1e-50 }), { updates: 1 });
    expect(Math.abs(theta[0])).toBeLessThan(1e-15);
  });
});

describe("numbers that f32 cannot hold", () => {
  const SHAPE = feedForward({ sizes: [3, 2] });
  let runtime: Runtime;
  beforeAll(async () => void (runtime = await createRuntime({ threads: 1 })));
  afterAll(() => runtime.dispose());

  const CASES: [string, (value: number) => OptimizerDescription, boolean][] = [
    ["learningRate", (value) => sgd({ learningRate: value }), true],
    ["learningRate.value", (value) => sgd({ learningRate: schedules.constant({ value }) }), true],
    ["learningRate.values[1]", (value) => sgd({ learningRate: schedules.piecewise({ values: [0.1, value], at: [5] }) }), true],
    [
      "learningRate.values[0].values[1]",
      (value) =>
        sgd({ learningRate: schedules.piecewise({ values: [schedules.piecewise({ values: [1, value], at: [2] }), 0.1], at: [5] }) }),
      true,
    ],
    ["learningRate.final.value", (value) => sgd({ learningRate: schedules.constant({ value: 0.1, final: { from: 5, value } }) }), true],
    ["learningRate.max", (value) => sgd({ learningRate: schedules.inverse({ numerator: 1, max: value }) }), true],
    ["weightDecay", (value) => sgd({ learningRate: 0.1, weightDecay: value }), false],
    ["weightDecay", (value) => adam({ weightDecay: value }), false],
    ["weightDecay", (value) => nesterov({ learningRate: 0.1, momentum: 0.9, weightDecay: value }), false],
    ["weightDecay", (value) => hessianFree({ weightDecay: value }), false],
    ["weightDecay.value", (value) => hessianFree({ weightDecay: schedules.constant({ value }) }), false],
    ["learningRate", (value) => hessianFree({ learningRate: value }), true],
  ];
  const SMALL: [string, (value: number) => OptimizerDescription][] = [
    ["beta1", (value) => adam({ beta1: value })],
    ["beta2", (value) => adam({ beta2: value })],
    ["momentum", (value) => nesterov({ learningRate: 0.1, momentum: value })],
    ["momentum.max", (value) => nesterov({ learningRate: 0.1, momentum: schedules.sutskever({ max: value }) })],
    ["momentum.final.value", (value) => nesterov({ learningRate: 0.1, momentum: schedules.nesterov1983({ final: { from: 3, value } }) })],
    ["learningRate.numerator", (value) => sgd({ learningRate: schedules.inverse({ numerator: value, max: 1 }) })],
    ["damping.initial", (value) => hessianFree({ damping: { initial: value } })],
    ["conjugateGradient.decay", (value) => hessianFree({ conjugateGradient: { decay: value } })],
    ["preconditioner.exponent", (value) => hessianFree({ preconditioner: { exponent: value } })],
  ];

  it("are refused by the name of the option where an optimizer is made for a network, and in a trial's spec", () => {
    const { network } = makePair(runtime, SHAPE);
    const spec = (optimizer: OptimizerDescription) => ({
      task: { name: "curves" },
      optimizer: { ...optimizer, ...("damping" in optimizer ? { curvatureCases: "gradient" } : {}) },
      updates: 20,
    });
    for (const [option, describeOptimizer, isPositive] of [
      ...CASES.map(([name, make, positive]) => [name, make, positive, [1e-50, 1e-40, 5e-324, 1e39, 1e300]] as const),
      ...SMALL.map(([name, make]) => [name, make, false, [1e-50, 1e-40, 5e-324]] as const),
    ].flatMap(([name, make, positive, values]) => values.map((value) => [name, () => make(value), positive] as const))) {
      for (const use of [() => runtime.optimizer(network, describeOptimizer()), () => checkTrialSpec(spec(describeOptimizer()))]) {
        const error = refusal(use, option);
        expect(error.option).toBe(option);
        if (isPositive) expect(error.allowed).toBe("from 1.2e-38 to 3.4e38: the kernels compute in f32");
        else expect(error.allowed).toMatch(/from 1.2e-38 to 3.4e38: the kernels compute in f32$/);
      }
    }
    // The ends belong to it, and 0 where it is a choice.
    for (const [, make, isPositive] of CASES)
      for (const value of [2 ** -126, 3.4e38, ...(isPositive ? [] : [0])]) runtime.optimizer(network, make(value)).dispose();
    runtime.optimizer(network, sgd({ learningRate: schedules.inverse({ numerator: 1e300 }) })).dispose();
    expect(
      refusal(() =>
        runtime
          .optimizer(network, hessianFree())
          .setState({ method: "hessianFree", update: 0, lambda: 1e-40, start: new Float32Array(network.parameterCount) }),
      ).option,
    ).toBe("state.lambda");
    expect(
      refusal(() =>
        checkTrialSpec({ task: { name: "addition" }, optimizer: { method: "hessianFree", structuralDamping: 1e30 }, updates: 5 }),
      ).option,
    ).toBe("structuralDamping");
    network.dispose();
  });

  it("are refused of a starting point, where it is described", () => {
    for (const value of [1e-50, 1e-31, 1e31, 1e39, 1e300]) {
      expect(refusal(() => sparse({ scale: value })).option).toBe("sparse.scale");
      expect(refusal(() => dense({ scale: value })).option).toBe("dense.scale");
      expect(refusal(() => dense({ distribution: "glorot", scale: value })).option).toBe("dense.scale");
      for (const biases of [value, -value]) {
        expect(refusal(() => sparse({ biases })).option).toBe("sparse.biases");
        expect(refusal(() => dense({ biases })).option).toBe("dense.biases");
        expect(refusal(() => echoState({ inputScale: 1, outputBiases: [0, biases] })).option).toBe("echoState.outputBiases[1]");
      }
      for (const name of ["inputScale", "outputScale", "spectralRadius"])
        expect(refusal(() => echoState({ inputScale: 1, [name]: value })).option).toBe(`echoState.${name}`);
      expect(
        refusal(() =>
          checkTrialSpec({
            task: { name: "curves" },
            initialization: { method: "sparse", scale: value },
            optimizer: { method: "sgd", learningRate: 0.1 },
            updates: 1,
          }),
        ).option,
      ).toBe("initialization.scale");
    }
    const { network } = makePair(runtime, SHAPE);
    for (const scale of [1e-30, 1e30]) {
      network.initialize(sparse({ scale, biases: scale }));
      expect(network.getParameters().every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
    }
    network.dispose();
  });

  it("come to blame the weight decay where it is what makes a run diverge", () => {
    const { network } = makePair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, sgd({ learningRate: 1, weightDecay: 1e30 }));
    const batch = randomBatch(SHAPE, 4);
    expect(() => {
      for (let t = 0; t < 10; t++) optimizer.step(batch);
    }).toThrow(/or the weight decay \(1e\+30 here\)/);
    network.dispose();
  });
});
