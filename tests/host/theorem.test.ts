import { classicalMomentum, minimize, nesterov, type OptimizerDescription, quadratic, schedules, sgd } from "heavyball";
import { describe, expect, it } from "vitest";
import { createState } from "#internal/optimizers/iteration";
import type { MinimizeUpdate } from "#internal/optimizers/minimize";
import { momentumGradient, momentumUpdate } from "#internal/optimizers/momentum/recurrence";
import { distance, normals, orthonormal, rotated, size, times, timesTransposed } from "../reference/matrices.js";

/** One update of Eq. 1-2 or Eq. 3-4 on p(y) = sum lambda_i y_i^2 / 2 + c_i y_i, from any y and v. */
function update(
  lookAhead: boolean,
  momentum: number,
  learningRate: number,
  eigenvalues: number[],
  linear: number[],
  y: Float64Array,
  v: Float64Array,
) {
  const state = createState(y);
  state.velocity.set(v);
  const step = { lookAhead, momentum, learningRate, weightDecay: 0 };
  momentumGradient(quadratic({ eigenvalues, linear }), state, step);
  momentumUpdate(state, step);
  return { x: state.theta, v: state.velocity };
}

describe("Theorem 2.1", () => {
  // CM acts on each eigendirection alone, and NAG is CM with the momentum mu (1 - lambda_i eps) in direction i.
  const lambda = [100, 30, 7, 1, 0.2, 1e-3];
  const n = lambda.length;
  const c = [...normals(n, 1)];
  const y = normals(n, 2);
  const v = normals(n, 3);

  for (const [mu, eps] of [
    [0.5, 0.01],
    [0.9, 0.002],
    [0.99, 0.05],
    [0.999, 1],
    [0, 0.1],
    [1, 0.3],
  ]) {
    const alone = (momentum: (i: number) => number) =>
      lambda.map((value, i) => update(false, momentum(i), eps, [value], [c[i]], y.slice(i, i + 1), v.slice(i, i + 1)));
    for (const [name, lookAhead, momentum] of [
      ["CM", false, () => mu],
      ["NAG", true, (i: number) => mu * (1 - lambda[i] * eps)],
    ] as const) {
      it(`${name}, mu = ${mu}, eps = ${eps}`, () => {
        const together = update(lookAhead, mu, eps, lambda, c, y, v);
        const separate = alone(momentum);
        const scale = 1 + size(together.v);
        expect(
          distance(
            together.x,
            separate.map(({ x }) => x[0]),
          ),
        ).toBeLessThan(4e-16 * 8 * scale);
        expect(
          distance(
            together.v,
            separate.map((one) => one.v[0]),
          ),
        ).toBeLessThan(4e-16 * 8 * scale);
      });
    }
  }

  it("leaves NAG without momentum where eps lambda = 1", () => {
    const { v: next } = update(true, 0.9, 0.5, [2], [0], Float64Array.of(3), Float64Array.of(7));
    expect(next[0]).toBeCloseTo(-3, 14);
  });
});

describe("Proposition 6.1", () => {
  // q(x) = x'Ax/2 + b'x with A = U'DU, p(y) = q(U'y) = y'Dy/2 + (Ub)'y: from y_0 = U x_0 the trajectories stay rotations of each other.
  const lambda = [20, 6, 1, 0.3, 0.01];
  const n = lambda.length;
  const u = orthonormal(n, 10);
  const b = normals(n, 11);
  const x0 = normals(n, 12);
  const q = quadratic({ matrix: rotated(u, lambda), linear: b });
  const p = quadratic({ eigenvalues: lambda, linear: times(u, b) });
  const rates = {
    learningRate: schedules.piecewise({ values: [0.02, 0.05, 0.01], at: [100, 300] }),
    momentum: schedules.sutskever({ max: 0.95, period: 40 }),
  };

  it("starts from a rotation", () => {
    expect(distance(timesTransposed(u, times(u, x0)), x0)).toBeLessThan(1e-15 * 10);
  });

  for (const optimizer of [sgd({ learningRate: rates.learningRate }), classicalMomentum(rates), nesterov(rates)]) {
    it(`${optimizer.method}: y_i = U x_i and w_i = U v_i for 600 updates with changing mu_i and eps_i`, () => {
      const record = (objective: typeof q, start: Float64Array) => {
        const states: Pick<MinimizeUpdate, "theta" | "velocity" | "value">[] = [];
        minimize(objective, start, optimizer, {
          updates: 600,
          onUpdate: ({ theta, velocity, value }) => states.push({ theta: theta.slice(), velocity: velocity.slice(), value }),
        });
        return states;
      };
      const xs = record(q, x0);
      const ys = record(p, times(u, x0));
      for (const [i, { theta, velocity, value }] of xs.entries()) {
        expect(distance(times(u, theta), ys[i].theta)).toBeLessThan(1e-12 * (1 + size(ys[i].theta)));
        expect(distance(times(u, velocity), ys[i].velocity)).toBeLessThan(1e-12 * (1 + size(ys[i].theta)));
        expect(Math.abs(value - ys[i].value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
      }
    });
  }
});

describe("the square root of the condition number", () => {
  /** Updates until the distance to the minimum (0) is 10^-6 of what it was. */
  function updatesNeeded(condition: number, optimizer: OptimizerDescription): number {
    const stop = new AbortController();
    const { updates } = minimize(quadratic({ eigenvalues: [1, Math.sqrt(1 / condition), 1 / condition] }), [1, 1, 1], optimizer, {
      updates: 200_000,
      signal: stop.signal,
      onUpdate: ({ theta }) => {
        if (size(theta) < 1e-6) stop.abort();
      },
    });
    return updates;
  }

  const descent = (r: number) => sgd({ learningRate: 2 / (1 + 1 / r) });
  // Polyak's optimal pair for heavy ball: rate 4 / (sqrt L + sqrt m)^2, momentum the square of (sqrt R - 1) / (sqrt R + 1).
  const heavyBall = (r: number) => {
    const root = Math.sqrt(r);
    return classicalMomentum({ learningRate: 4 / (1 + 1 / root) ** 2, momentum: ((root - 1) / (root + 1)) ** 2 });
  };
  // The momentum the paper names, which is the constant for NAG with rate 1 / L.
  const accelerated = (r: number) => nesterov({ learningRate: 1, momentum: (Math.sqrt(r) - 1) / (Math.sqrt(r) + 1) });

  it("100 times the condition number costs descent 100 times the updates, momentum 10 times", () => {
    const updates = (optimizer: (r: number) => OptimizerDescription) => [100, 10_000].map((r) => updatesNeeded(r, optimizer(r)));
    const [easy, hard] = updates(descent);
    expect(hard / easy).toBeGreaterThan(90);
    expect(hard / easy).toBeLessThan(110);
    for (const momentum of [heavyBall, accelerated]) {
      const [few, more] = updates(momentum);
      expect(more / few).toBeGreaterThan(7);
      expect(more / few).toBeLessThan(15);
      expect(more).toBeLessThan(hard / 30);
    }
  });
});
