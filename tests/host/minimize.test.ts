import {
  classicalMomentum,
  DivergedError,
  HeavyballError,
  InvalidOptionError,
  minimize,
  nesterov,
  nesterov1983,
  type Objective,
  type OptimizerDescription,
  quadratic,
  ShapeError,
  schedules,
  sgd,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { distance, inner, normals, orthonormal, rotated, size } from "../reference/matrices.js";
import { momentumTwin, type TwinState } from "../reference/momentumTwin.js";

const bowl = quadratic({ eigenvalues: [1, 50] });

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("optimizer builders", () => {
  it("fill in defaults and return plain data", () => {
    expect(sgd({ learningRate: 0.1 })).toEqual({ method: "sgd", learningRate: 0.1, weightDecay: 0 });
    const momentum = { schedule: "sutskever", max: 0.9, period: 250 };
    expect(classicalMomentum({ learningRate: 0.1, momentum: schedules.sutskever({ max: 0.9 }) })).toEqual({
      method: "classicalMomentum",
      learningRate: 0.1,
      momentum,
      weightDecay: 0,
    });
    expect(nesterov({ learningRate: 0.1, momentum: { schedule: "sutskever", max: 0.9 } as never, weightDecay: 2e-5 })).toEqual({
      method: "nesterov",
      learningRate: 0.1,
      momentum,
      weightDecay: 2e-5,
    });
    expect(nesterov1983()).toEqual({ method: "nesterov1983", initialRate: "auto", maximumHalvings: 60 });
    const description = nesterov({ learningRate: schedules.inverse({ numerator: 500, offset: 4000 }), momentum: 0.9 });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  it("take a description of their own method again, and no other's", () => {
    for (const build of [classicalMomentum, nesterov]) {
      const description = build({ learningRate: 0.1, momentum: 0.9 });
      expect(build(description)).toEqual(description);
    }
    expect(() => nesterov(classicalMomentum({ learningRate: 0.1, momentum: 0.9 }))).toThrow(InvalidOptionError);
  });

  it.each([
    ["learningRate", () => sgd({ learningRate: 0 })],
    ["learningRate", () => sgd({ learningRate: -0.1 })],
    ["learningRate", () => sgd({ learningRate: NaN })],
    ["learningRate", () => sgd({ learningRate: Infinity })],
    ["learningRate", () => sgd({} as never)],
    ["learningRate", () => sgd({ learningRate: "0.1" } as never)],
    ["learningRate.values[1]", () => sgd({ learningRate: schedules.piecewise({ values: [0.1, 0], at: [10] }) })],
    ["learningRate.value", () => sgd({ learningRate: schedules.constant({ value: 0 }) })],
    ["learningRate.final.value", () => sgd({ learningRate: schedules.constant({ value: 0.1, final: { updates: 10, value: 0 } }) })],
    ["learningRate.max", () => sgd({ learningRate: schedules.inverse({ numerator: 1, max: 0 }) })],
    ["weightDecay", () => sgd({ learningRate: 0.1, weightDecay: -1 })],
    ["weightDecay", () => sgd({ learningRate: 0.1, weightDecay: NaN })],
    ["sgd.momentum", () => sgd({ learningRate: 0.1, momentum: 0.9 } as never)],
    ["options of sgd", () => sgd(undefined as never)],
    ["momentum", () => classicalMomentum({ learningRate: 0.1 } as never)],
    ["momentum", () => classicalMomentum({ learningRate: 0.1, momentum: 1.01 })],
    ["momentum", () => nesterov({ learningRate: 0.1, momentum: -0.1 })],
    [
      "momentum.final.value",
      () => nesterov({ learningRate: 0.1, momentum: schedules.sutskever({ max: 0.99, final: { updates: 1, value: 2 } }) }),
    ],
    ["nesterov.dampening", () => nesterov({ learningRate: 0.1, momentum: 0.9, dampening: 0 } as never)],
    ["initialRate", () => nesterov1983({ initialRate: 0 })],
    ["initialRate", () => nesterov1983({ initialRate: "1" as never })],
    ["maximumHalvings", () => nesterov1983({ maximumHalvings: 1.5 })],
    ["nesterov1983.learningRate", () => nesterov1983({ learningRate: 1 } as never)],
    ["optimizer.method", () => minimize(bowl, [1, 1], { method: "rmsprop" } as never, { updates: 1 })],
    ["learningRate", () => minimize(bowl, [1, 1], { method: "nesterov", learningRate: 0, momentum: 0 } as never, { updates: 1 })],
    ["optimizer", () => minimize(bowl, [1, 1], null as never, { updates: 1 })],
  ])("refuse a wrong %s", (option, build) => {
    const error = thrown(build);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
  });
});

describe("minimize", () => {
  const paper = nesterov({ learningRate: 0.015, momentum: 0.95 });

  it("finds the minimum of a quadratic and says why it stopped", () => {
    const q = quadratic({
      matrix: [
        [3, 1],
        [1, 2],
      ],
      linear: [-5, -5],
    });
    const result = minimize(q, [0, 0], nesterov({ learningRate: 0.2, momentum: 0.5 }), { updates: 300 });
    expect(distance(result.theta, [1, 2])).toBeLessThan(1e-12);
    expect(result.value).toBeCloseTo(-7.5, 12);
    expect(result.updates).toBe(300);
    expect(result.reason).toEqual({ code: "updates", message: "All 300 updates were made." });
  });

  it("reproduces the setting of Figure 2: NAG damps the steep direction, CM oscillates in it", () => {
    const steepest = (optimizer: OptimizerDescription) => {
      let largest = 0;
      const { theta } = minimize(bowl, [-4, 1], optimizer, {
        updates: 60,
        onUpdate: ({ update, theta: at }) => {
          if (update >= 5) largest = Math.max(largest, Math.abs(at[1]));
        },
      });
      return { largest, x: theta[0] };
    };
    const cm = steepest(classicalMomentum({ learningRate: 0.015, momentum: 0.95 }));
    const nag = steepest(paper);
    expect(cm.largest).toBeGreaterThan(0.8);
    expect(nag.largest).toBeLessThan(0.014);
    expect(Math.abs(cm.x)).toBeLessThan(1);
    expect(Math.abs(nag.x)).toBeLessThan(1);
  });

  it("stops at the tolerance, at rest near the minimum", () => {
    for (const optimizer of [
      sgd({ learningRate: 0.02 }),
      classicalMomentum({ learningRate: 0.01, momentum: 0.9 }),
      paper,
      nesterov1983(),
    ]) {
      const result = minimize(bowl, [-4, 1], optimizer, { updates: 100_000, tolerance: 1e-8 });
      expect(result.reason.code).toBe("tolerance");
      expect(result.reason.message).toMatch(/^At update \d+ the gradient .*1e-8\.$/);
      expect(result.updates).toBeLessThan(3000);
      expect(size(result.theta)).toBeLessThan(1e-6);
    }
  });

  it("does not take the crossing of a minimum at speed for its end", () => {
    // CM at this momentum passes x = 0 with gradient near 0 many times before it comes to rest.
    const line = quadratic({ eigenvalues: [1] });
    let crossings = 0;
    let before = 1;
    const result = minimize(line, [1], classicalMomentum({ learningRate: 1e-4, momentum: 0.999 }), {
      updates: 100_000,
      tolerance: 1e-3,
      onUpdate: ({ theta }) => {
        if (theta[0] * before < 0) crossings++;
        before = theta[0];
      },
    });
    expect(crossings).toBeGreaterThan(5);
    expect(Math.abs(result.theta[0])).toBeLessThan(2e-3);
  });

  it("reports each update, and gives theta_t rather than the look-ahead point", () => {
    const q = quadratic({ eigenvalues: [2], linear: [1] });
    const momentum = schedules.piecewise({ values: [0.5, 0.8], at: [2] });
    const learningRate = schedules.piecewise({ values: [0.1, 0.05], at: [3] });
    let state: TwinState = { theta: Float64Array.of(3), velocity: Float64Array.of(0) };
    const seen: number[] = [];
    const result = minimize(q, [3], nesterov({ learningRate, momentum, weightDecay: 0.1 }), {
      updates: 6,
      onUpdate: (report) => {
        const mu = report.update < 2 ? 0.5 : 0.8;
        const rate = report.update < 3 ? 0.1 : 0.05;
        const twin = momentumTwin((point) => point.map((x) => 2 * x + 1), state, {
          method: "nesterov",
          momentum: mu,
          learningRate: rate,
          weightDecay: 0.1,
        });
        expect(report.momentum).toBe(mu);
        expect(report.learningRate).toBe(rate);
        expect(report.value).toBeCloseTo(twin.point[0] ** 2 + twin.point[0], 14);
        expect(distance(report.theta, twin.theta)).toBeLessThan(1e-14);
        expect(distance(report.velocity, twin.velocity)).toBeLessThan(1e-14);
        state = twin;
        seen.push(report.update);
      },
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(result.value).toBeCloseTo(result.theta[0] ** 2 + result.theta[0], 14);
  });

  it("counts a schedule's final phase back from the number of updates", () => {
    const momenta: number[] = [];
    const momentum = schedules.sutskever({ max: 0.99, period: 2, final: { updates: 3, value: 0.1 } });
    minimize(bowl, [1, 1], nesterov({ learningRate: 0.001, momentum }), {
      updates: 7,
      onUpdate: (report) => momenta.push(report.momentum),
    });
    expect(momenta).toEqual([0.5, 0.5, 0.75, 0.75, 0.1, 0.1, 0.1]);
  });

  it("adds the weight decay's gradient, not its value", () => {
    const { theta, value } = minimize(quadratic({ eigenvalues: [1], linear: [-3] }), [0], sgd({ learningRate: 0.5, weightDecay: 0.5 }), {
      updates: 100,
    });
    expect(theta[0]).toBeCloseTo(2, 12);
    expect(value).toBeCloseTo(-4, 12);
  });

  it("stops when the signal says so, keeping what it has", () => {
    const stop = new AbortController();
    const result = minimize(bowl, [1, 1], paper, {
      updates: 100,
      signal: stop.signal,
      onUpdate: ({ update }) => {
        if (update === 9) stop.abort();
      },
    });
    expect(result.updates).toBe(10);
    expect(result.reason).toEqual({ code: "aborted", message: "The signal asked to stop before update 10." });
    expect(result.theta).toEqual(minimize(bowl, [1, 1], paper, { updates: 10 }).theta);
  });

  it("makes no update when asked for none, and copies the start", () => {
    const start = Float64Array.of(1, 2);
    const result = minimize(bowl, start, paper, { updates: 0 });
    expect(result.theta).toEqual(start);
    expect(result.theta).not.toBe(start);
    expect(result.velocity).toEqual(new Float64Array(2));
    expect(result.value).toBe(0.5 + 100);
    minimize(bowl, start, paper, { updates: 5 });
    expect(start).toEqual(Float64Array.of(1, 2));
  });

  it("makes the same bits each time", () => {
    const run = () => minimize(bowl, [0.3, -0.7], nesterov1983(), { updates: 200 });
    expect(run()).toEqual(run());
  });

  it("lets an objective add into `out`", () => {
    const adding: Objective = {
      size: 1,
      gradient(theta, out) {
        out[0] += theta[0];
        return theta[0] ** 2 / 2;
      },
    };
    expect(minimize(adding, [1], sgd({ learningRate: 0.5 }), { updates: 3 }).theta[0]).toBe(0.125);
  });

  it("minimizes a function of the user's that is not a quadratic", () => {
    // Softplus of each coordinate and of its negative, shifted: minimum at `minimum`.
    const minimum = [1, -2, 0.5];
    const objective: Objective = {
      size: 3,
      gradient(theta, out) {
        let value = 0;
        for (let i = 0; i < 3; i++) {
          const d = theta[i] - minimum[i];
          value += Math.log(2 * Math.cosh(d));
          out[i] = Math.tanh(d);
        }
        return value;
      },
    };
    for (const optimizer of [
      sgd({ learningRate: 1 }),
      classicalMomentum({ learningRate: 0.1, momentum: 0.8 }),
      nesterov({ learningRate: 0.1, momentum: 0.8 }),
      nesterov1983(),
    ]) {
      const result = minimize(objective, [5, 5, 5], optimizer, { updates: 5000, tolerance: 1e-9 });
      expect(result.reason.code).toBe("tolerance");
      expect(distance(result.theta, minimum)).toBeLessThan(1e-8);
    }
  });
});

describe("minimize refuses", () => {
  const optimizer = sgd({ learningRate: 0.1 });
  const gradient = () => 0;
  it.each([
    ["objective", () => minimize(null as never, [1], optimizer, { updates: 1 })],
    ["objective.size", () => minimize({ size: 0, gradient }, [], optimizer, { updates: 1 })],
    ["objective.size", () => minimize({ size: 1.5, gradient }, [1], optimizer, { updates: 1 })],
    ["objective.gradient", () => minimize({ size: 1 } as never, [1], optimizer, { updates: 1 })],
    ["objective.gaussNewtonProduct", () => minimize({ size: 1, gradient, gaussNewtonProduct: 1 } as never, [1], optimizer, { updates: 1 })],
    [
      "the value returned by objective.gradient",
      () => minimize({ size: 1, gradient: () => undefined as never }, [1], optimizer, { updates: 1 }),
    ],
    ["start", () => minimize(bowl, 1 as never, optimizer, { updates: 1 })],
    ["start[1]", () => minimize(bowl, [1, NaN], optimizer, { updates: 1 })],
    ["start[0]", () => minimize(bowl, ["1", 1] as never, optimizer, { updates: 1 })],
    ["options of minimize", () => minimize(bowl, [1, 1], optimizer, undefined as never)],
    ["updates", () => minimize(bowl, [1, 1], optimizer, {} as never)],
    ["updates", () => minimize(bowl, [1, 1], optimizer, { updates: -1 })],
    ["tolerance", () => minimize(bowl, [1, 1], optimizer, { updates: 1, tolerance: -1 })],
    ["minimize.tolerence", () => minimize(bowl, [1, 1], optimizer, { updates: 1, tolerence: 1 } as never)],
    ["signal", () => minimize(bowl, [1, 1], optimizer, { updates: 1, signal: true as never })],
    ["signal", () => minimize(bowl, [1, 1], optimizer, { updates: 1, signal: null as never })],
    ["onUpdate", () => minimize(bowl, [1, 1], optimizer, { updates: 1, onUpdate: 1 as never })],
  ])("a wrong %s", (option, run) => {
    const error = thrown(run);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
  });

  it("a start of another length", () => {
    expect(() => minimize(bowl, [1, 2, 3], optimizer, { updates: 1 })).toThrow(ShapeError);
  });
});

describe("a diverging run", () => {
  it("stops with DivergedError at the update where a number stopped being finite", () => {
    const error = thrown(() => minimize(bowl, [1, 1], nesterov({ learningRate: 1, momentum: 0.9 }), { updates: 10_000 }));
    expect(error).toBeInstanceOf(DivergedError);
    const { update, lastLoss, message } = error as DivergedError;
    expect(update).toBeGreaterThan(50);
    expect(lastLoss).toBeGreaterThan(1e290);
    expect(message).toContain("lower learningRate or momentum");
  });

  it.each([
    ["a value that is NaN", () => NaN],
    ["a value that is infinite", () => Infinity],
    ["a gradient that is NaN", (out: Float64Array) => ((out[0] = NaN), 1)],
    ["a gradient that is infinite", (out: Float64Array) => ((out[0] = -Infinity), 1)],
  ])("is one with %s", (_, evaluate) => {
    for (const optimizer of [
      sgd({ learningRate: 0.1 }),
      nesterov({ learningRate: 0.1, momentum: 0.5 }),
      nesterov1983({ initialRate: 1 }),
      nesterov1983(),
    ]) {
      const error = thrown(() => minimize({ size: 1, gradient: (_theta, out) => evaluate(out) }, [1], optimizer, { updates: 5 }));
      expect(error).toBeInstanceOf(DivergedError);
      expect(error).toBeInstanceOf(HeavyballError);
      expect((error as DivergedError).update).toBe(0);
      expect((error as DivergedError).lastLoss).toBeUndefined();
    }
  });

  it("is one with parameters that overflow while the value is finite", () => {
    const flat: Objective = { size: 1, gradient: (_theta, out) => ((out[0] = -1e308), 1) };
    const error = thrown(() => minimize(flat, [0], sgd({ learningRate: 10 }), { updates: 5 }));
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as DivergedError).update).toBe(0);
    expect((error as DivergedError).lastLoss).toBe(1);
  });

  it("passes the user's own errors on", () => {
    const mine = new RangeError("mine");
    const failing: Objective = {
      size: 1,
      gradient() {
        throw mine;
      },
    };
    expect(thrown(() => minimize(failing, [1], sgd({ learningRate: 1 }), { updates: 1 }))).toBe(mine);
  });
});

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
