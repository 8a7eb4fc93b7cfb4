import {
  classicalMomentum,
  minimize,
  nesterov,
  nesterov1983,
  type Objective,
  type OptimizerDescription,
  quadratic,
  schedules,
  sgd,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { distance, size } from "../reference/matrices.js";
import { momentumTwin, type TwinState } from "../reference/momentumTwin.js";

const bowl = quadratic({ eigenvalues: [1, 50] });

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
