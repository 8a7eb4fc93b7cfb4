import {
  classicalMomentum,
  DivergedError,
  HeavyballError,
  InvalidOptionError,
  minimize,
  nesterov,
  nesterov1983,
  type Objective,
  quadratic,
  ShapeError,
  schedules,
  sgd,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { thrown } from "../support/failures.js";

const bowl = quadratic({ eigenvalues: [1, 50] });

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
