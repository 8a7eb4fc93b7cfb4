import { minimize, nesterov1983, type Objective, quadratic } from "heavyball";
import { describe, expect, it } from "vitest";
import { distance, inner, normals, orthonormal, rotated, size } from "../reference/matrices.js";

const bowl = quadratic({ eigenvalues: [1, 50] });

describe("nesterov1983", () => {
  const lambda = [1, 0.3, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];
  const n = lambda.length;
  const u = orthonormal(n, 5);

  for (const [L, scaled] of [
    [1, 1],
    [50, 50],
    [0.01, 0.01],
  ] as const) {
    for (const initialRate of ["auto", 1 / L, 100 / L] as const) {
      it(`keeps f(theta_t) - f* within 4 L |theta_{-1} - theta*|^2 / (t + 2)^2 (L = ${L}, first rate ${initialRate})`, () => {
        const values = lambda.map((x) => scaled * x);
        const minimum = normals(n, 6, 3);
        const matrix = rotated(u, values);
        const q = quadratic({ matrix, linear: matrix.map((row) => -inner(row, minimum)) });
        const start = normals(n, 7, 3);
        const off = start.map((x, i) => x - minimum[i]);
        const away = inner(off, off);
        let rate = Infinity;
        let [share, growth] = [0, 0];
        minimize(q, start, nesterov1983({ initialRate }), {
          updates: 3000,
          onUpdate: ({ update, theta, learningRate }) => {
            const d = theta.map((x, i) => x - minimum[i]);
            const gap =
              0.5 *
              inner(
                d,
                matrix.map((row) => inner(row, d)),
              );
            share = Math.max(share, gap / ((4 * L * away) / (update + 2) ** 2));
            growth = Math.max(growth, learningRate / rate);
            rate = learningRate;
          },
        });
        expect(share).toBeLessThanOrEqual(1);
        // The bound is not idle: the run comes within a factor of 100 of it.
        expect(share).toBeGreaterThan(0.01);
        // The rate never grows, and never falls below half of 1/L.
        expect(growth).toBeLessThanOrEqual(1);
        expect(rate).toBeGreaterThanOrEqual((0.5 / L) * (1 - 1e-6));
      });
    }
  }

  it("never halves a rate of 1/L, and halves larger ones only as far as needed", () => {
    const q = quadratic({ eigenvalues: [4, 0.1] });
    const rates = (initialRate: number) => {
      const seen: number[] = [];
      minimize(q, [1, 1], nesterov1983({ initialRate }), { updates: 100, onUpdate: ({ learningRate }) => seen.push(learningRate) });
      return seen;
    };
    expect(new Set(rates(0.25))).toEqual(new Set([0.25]));
    expect(rates(64).at(-1)).toBe(0.25);
  });

  it("has the momentum (a_t - 1) / a_{t+1}, 0 at first and close to 1 - 3/(t + 5) soon", () => {
    const momenta: number[] = [];
    minimize(bowl, [1, 1], nesterov1983(), { updates: 102, onUpdate: ({ momentum }) => momenta.push(momentum) });
    // The update t looks ahead with mu_{t-1}, and there is nothing to look ahead with at t = 0.
    const mu = (t: number) => momenta[t + 1];
    expect(momenta[0]).toBe(0);
    expect(mu(0)).toBe(0);
    expect(mu(1)).toBeCloseTo(0.2818, 4);
    expect(mu(10)).toBeCloseTo(0.7824, 4);
    expect(mu(100)).toBeCloseTo(0.97138, 5);
    expect(mu(100)).toBeCloseTo(1 - 3 / 105, 3);
  });

  it("is Eq. 6-9 as printed: theta_t = y_t - eps grad f(y_t), y_{t+1} = theta_t + (a_t - 1)(theta_t - theta_{t-1}) / a_{t+1}", () => {
    const q = quadratic({ matrix: rotated(u, lambda), linear: normals(n, 8) });
    const start = normals(n, 9);
    let y = start.slice();
    let before = start.slice();
    let a = 1;
    const gradient = new Float64Array(n);
    minimize(q, start, nesterov1983({ initialRate: 1 }), {
      updates: 1000,
      onUpdate: ({ update, theta }) => {
        q.gradient(y, gradient);
        const now = y.map((x, i) => x - gradient[i]);
        const next = (1 + Math.sqrt(4 * a * a + 1)) / 2;
        y = now.map((x, i) => x + ((a - 1) * (x - before[i])) / next);
        expect(distance(theta, now), `update ${update}`).toBeLessThan(1e-11 * (1 + size(now)));
        before = now;
        a = next;
      },
    });
  });

  it("survives a first rate from which the function overflows", () => {
    const steep: Objective = {
      size: 1,
      gradient(theta, out) {
        out[0] = Math.sinh(theta[0]);
        return Math.cosh(theta[0]) - 1;
      },
    };
    const result = minimize(steep, [3], nesterov1983({ initialRate: 1e6 }), { updates: 2000, tolerance: 1e-10 });
    expect(result.reason.code).toBe("tolerance");
    expect(Math.abs(result.theta[0])).toBeLessThan(1e-9);
  });

  it("does not halve its rate away in the rounding noise at the minimum", () => {
    const q = quadratic({ eigenvalues: [1, 0.5], linear: [1, 1] });
    let rate = 0;
    minimize(q, [3, 4], nesterov1983({ initialRate: 1 }), { updates: 5000, onUpdate: ({ learningRate }) => (rate = learningRate) });
    expect(rate).toBe(1);
  });

  it("copes with a linear function, whose gradient tells no curvature", () => {
    const slope = quadratic({ eigenvalues: [0], linear: [1] });
    const { theta, reason } = minimize(slope, [0], nesterov1983(), { updates: 20 });
    expect(theta[0]).toBeLessThan(-20);
    expect(reason.code).toBe("updates");
  });

  it("stays where the gradient is zero", () => {
    const { theta, reason } = minimize(bowl, [0, 0], nesterov1983(), { updates: 5, tolerance: 0 });
    expect(theta).toEqual(new Float64Array(2));
    expect(reason.code).toBe("tolerance");
  });

  it("gives up in a full sentence when the gradient is not that of the value", () => {
    const wrong: Objective = { size: 1, gradient: (theta, out) => ((out[0] = -1), theta[0]) };
    const result = minimize(wrong, [1], nesterov1983({ initialRate: 1, maximumHalvings: 10 }), { updates: 5 });
    expect(result.reason.code).toBe("rateTooSmall");
    expect(result.reason.message).toMatch(/^At update 0 no learning rate .* returns\.$/);
    expect(result.updates).toBe(0);
    expect(result.theta).toEqual(Float64Array.of(1));
  });
});
