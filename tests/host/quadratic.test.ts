import { classicalMomentum, InvalidOptionError, minimize, nesterov, type Objective, quadratic, ShapeError, schedules } from "heavyball";
import { describe, expect, it } from "vitest";
import { distance, inner, normals, orthonormal, rotated, size, times, timesTransposed } from "../reference/matrices.js";

describe("quadratic", () => {
  const out = new Float64Array(2);

  it("is x'Ax/2 + b'x, with gradient Ax + b and curvature A", () => {
    const q = quadratic({
      matrix: [
        [2, 1],
        [1, 4],
      ],
      linear: [-1, 3],
    });
    const x = Float64Array.of(1, 2);
    expect(q.size).toBe(2);
    expect(q.gradient(x, out)).toBe(0.5 * (2 + 4 + 16) + 5);
    expect(out).toEqual(Float64Array.of(3, 12));
    q.gaussNewtonProduct(x, Float64Array.of(1, -1), out);
    expect(out).toEqual(Float64Array.of(1, -3));
  });

  it("is the same from eigenvalues as from the diagonal matrix", () => {
    const q = quadratic({ eigenvalues: [3, 0.5], linear: [1, -1] });
    const dense = quadratic({
      matrix: [
        [3, 0],
        [0, 0.5],
      ],
      linear: [1, -1],
    });
    const x = Float64Array.of(0.3, -2);
    const other = new Float64Array(2);
    expect(q.gradient(x, out)).toBe(dense.gradient(x, other));
    expect(out).toEqual(other);
    q.gaussNewtonProduct(x, x, out);
    dense.gaussNewtonProduct(x, x, other);
    expect(out).toEqual(other);
  });

  it("keeps the symmetric part of a matrix that is symmetric to rounding, and copies what it is given", () => {
    const rows = [
      [1, 1e-12],
      [0, 1],
    ];
    const q = quadratic({ matrix: rows });
    rows[0][0] = 100;
    q.gradient(Float64Array.of(0, 1), out);
    expect(out).toEqual(Float64Array.of(5e-13, 1));
  });

  it.each([
    [{}, "quadratic.matrix"],
    [{ matrix: [[1]], eigenvalues: [1] }, "quadratic.matrix"],
    [{ matrix: [] }, "quadratic.matrix"],
    [{ matrix: 3 }, "quadratic.matrix"],
    [
      {
        matrix: [
          [1, 2],
          [3, 1],
        ],
      },
      "quadratic.matrix[1][0]",
    ],
    [
      {
        matrix: [
          [1, NaN],
          [NaN, 1],
        ],
      },
      "quadratic.matrix[0][1]",
    ],
    [{ eigenvalues: [] }, "quadratic.eigenvalues"],
    [{ eigenvalues: [1, "2"] }, "quadratic.eigenvalues[1]"],
    [{ eigenvalues: [1, Infinity] }, "quadratic.eigenvalues[1]"],
    [{ eigenvalues: new DataView(new ArrayBuffer(8)) }, "quadratic.eigenvalues"],
    [{ eigenvalues: [1], linear: [NaN] }, "quadratic.linear[0]"],
    [{ eigenvalues: [1], offset: [1] }, "quadratic.offset"],
    [null, "options of quadratic"],
  ])("refuses %j", (options, option) => {
    let caught: unknown;
    try {
      quadratic(options as never);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    expect((caught as InvalidOptionError).option).toBe(option);
  });

  it("refuses lengths that do not fit", () => {
    expect(() => quadratic({ matrix: [[1, 2]] })).toThrow(ShapeError);
    expect(() => quadratic({ eigenvalues: [1, 2], linear: [1] })).toThrow(ShapeError);
  });
});

/**
 * 1,500 updates from rest with Eq. 5, whose momentum steps at 250, 500, 750, 1000 and 1250 (0.5, 0.75, 0.8333, 0.875, 0.9, 0.9167): the
 * trajectory of minimize against two formulations that share no code with it.
 */
describe("momentum on quadratics over 1,500 updates of Eq. 5", () => {
  const UPDATES = 1500;
  const RATE = 0.02;
  const lambda = [40, 11, 3, 0.8, 0.05, 0.01];
  const n = lambda.length;
  const u = orthonormal(n, 1);
  const minimum = normals(n, 2);
  const start = normals(n, 3, 2);
  /** Eq. 5 as the paper prints it; the tests may use the engine's log2. */
  const mu = (t: number) => Math.min(1 - 2 ** (-1 - Math.log2(Math.floor(t / 250) + 1)), 0.99);
  /** q with its minimum at `minimum`: b = -A minimum. */
  const matrix = rotated(u, lambda);
  const q = quadratic({ matrix, linear: matrix.map((row) => -inner(row, minimum)) });

  function trajectory(optimizer: typeof classicalMomentum | typeof nesterov): { theta: Float64Array; velocity: Float64Array }[] {
    const states: { theta: Float64Array; velocity: Float64Array }[] = [];
    minimize(q, start, optimizer({ learningRate: RATE, momentum: schedules.sutskever() }), {
      updates: UPDATES,
      onUpdate: ({ theta, velocity }) => states.push({ theta: theta.slice(), velocity: velocity.slice() }),
    });
    return states;
  }

  for (const [name, optimizer] of [
    ["classicalMomentum", classicalMomentum],
    ["nesterov", nesterov],
  ] as const) {
    it(`${name}: each eigenmode is a product of 2 x 2 matrices`, () => {
      const states = trajectory(optimizer);
      expect(states.length).toBe(UPDATES);
      // Per mode i, with z = [U (theta - minimum)]_i and w = [U v]_i:
      //   w' = m w - h z,  z' = z + w',  h = eps lambda_i,  m = mu (CM) or mu (1 - h) (NAG).
      // The 2 x 2 matrices are multiplied together first and applied to the start last.
      const z0 = times(
        u,
        start.map((x, i) => x - minimum[i]),
      );
      const products = lambda.map(() => [1, 0, 0, 1]);
      let worst = 0;
      for (let t = 0; t < UPDATES; t++) {
        const z = new Float64Array(n);
        const w = new Float64Array(n);
        for (let i = 0; i < n; i++) {
          const h = RATE * lambda[i];
          const m = optimizer === nesterov ? mu(t) * (1 - h) : mu(t);
          const [zz, zw, wz, ww] = products[i];
          products[i] = [(1 - h) * zz + m * wz, (1 - h) * zw + m * ww, -h * zz + m * wz, -h * zw + m * ww];
          z[i] = products[i][0] * z0[i];
          w[i] = products[i][2] * z0[i];
        }
        const theta = timesTransposed(u, z).map((x, i) => x + minimum[i]);
        worst = Math.max(worst, distance(states[t].theta, theta), distance(states[t].velocity, timesTransposed(u, w)));
      }
      expect(worst).toBeLessThan(1e-12);
      expect(distance(states[UPDATES - 1].theta, start)).toBeGreaterThan(0.1);
    });
  }

  it("nesterov: storing the look-ahead point phi_t = theta_t + mu_t v_t instead gives the same theta_t", () => {
    // v_{t+1} = mu_t v_t - eps g(phi_t);  phi_{t+1} = phi_t + mu_{t+1} v_{t+1} - eps g(phi_t);  theta_t = phi_t - mu_t v_t.
    const states = trajectory(nesterov);
    let phi = start.slice();
    let v = new Float64Array(n);
    let worst = 0;
    for (let t = 0; t < UPDATES; t++) {
      const g = times(
        u,
        phi.map((x, i) => x - minimum[i]),
      ).map((x, i) => lambda[i] * x);
      const gradient = timesTransposed(u, g);
      v = v.map((x, i) => mu(t) * x - RATE * gradient[i]);
      phi = phi.map((x, i) => x + mu(t + 1) * v[i] - RATE * gradient[i]);
      const theta = phi.map((x, i) => x - mu(t + 1) * v[i]);
      worst = Math.max(worst, distance(states[t].theta, theta), distance(states[t].velocity, v));
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it("a schedule given as another with the same values makes the same bits", () => {
    const final = (momentum: Parameters<typeof nesterov>[0]["momentum"]) =>
      minimize(q, start, nesterov({ learningRate: RATE, momentum }), { updates: 600 }).theta;
    expect(final(schedules.sutskever())).toEqual(final(schedules.piecewise({ values: [0.5, 0.75, 1 - 1 / 6], at: [250, 500] })));
  });
});

/**
 * With h = eps lambda, a single mode converges from any start inside these limits and grows outside (both from the roots of its 2 x 2
 * matrix).
 */
describe("stability limits", () => {
  const modes: Objective = quadratic({ eigenvalues: [1] });
  const grows = (optimizer: typeof classicalMomentum | typeof nesterov, mu: number, h: number): boolean => {
    const { theta, velocity } = minimize(modes, [1], optimizer({ learningRate: h, momentum: mu }), { updates: 3000 });
    const reached = Math.max(size(theta), size(velocity));
    // Nothing ends in between: each run has either decayed or blown up.
    expect(reached < 1e-3 || reached > 1e3).toBe(true);
    return reached > 1e3;
  };

  for (const mu of [0, 0.3, 0.5, 0.9, 0.99]) {
    it(`mu = ${mu}: CM up to h = 2 (1 + mu), NAG up to h = 2 (1 + mu) / (1 + 2 mu)`, () => {
      const cm = 2 * (1 + mu);
      const nag = (2 * (1 + mu)) / (1 + 2 * mu);
      // 0.3 % to either side; just outside, the growing root has a modulus of 1.006 or more, which is 1,000-fold within 1,200 updates.
      expect(grows(classicalMomentum, mu, cm * 0.997)).toBe(false);
      expect(grows(classicalMomentum, mu, cm * 1.003)).toBe(true);
      expect(grows(nesterov, mu, nag * 0.997)).toBe(false);
      expect(grows(nesterov, mu, nag * 1.003)).toBe(true);
    });
  }

  it("a mode of h <= 0 does not converge either", () => {
    const hill = quadratic({ eigenvalues: [-1] });
    for (const optimizer of [classicalMomentum, nesterov]) {
      expect(size(minimize(hill, [1], optimizer({ learningRate: 0.01, momentum: 0.5 }), { updates: 1000 }).theta)).toBeGreaterThan(1e3);
    }
  });
});
