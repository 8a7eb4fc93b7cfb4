import { minimize, type OptimizerDescription, quadratic, runStudy, sgd } from "heavyball";
import { beforeAll, describe, expect, it } from "vitest";
import { fractionalPower } from "#internal/math/fractionalPower";
import { automaticRate } from "#internal/optimizers/nesterov1983/recurrence";
import { htmlPage } from "#internal/report/page/page";
import { bounds } from "#internal/studies/theorem/bound";
import { effectiveMomentum } from "#internal/studies/theorem/effectiveMomentum";
import { drawCoefficients, LARGEST, normals, orthonormal, rotated, spectrum } from "#internal/studies/theorem/problems";
import { asPublished } from "#internal/studies/theorem/published1983";
import { type TheoremSpec, theoremSpec } from "#internal/studies/theorem/spec";
import { slope, speedUp } from "#internal/studies/theorem/speedUp";
import { judge, roundingTolerance } from "#internal/studies/theorem/statements";
import { theorem } from "#internal/studies/theorem/study";
import { runTheorem, type TheoremResult } from "#internal/studies/theorem/theorem";
import { largestDifference, type Methods } from "#internal/studies/theorem/trajectory";
import { distance, inner, times } from "../reference/matrices.js";

const library: Methods = { minimize, published1983: asPublished };
/** Small enough for every wrong recurrence to have its turn. */
const small: TheoremSpec = { ...theoremSpec({ seed: 3, dimensions: 4, updates: 300 }), conditionNumbers: [10, 100, 1000] };

function finish<Result>(work: Generator<unknown, Result, void>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

const judged = (methods: Partial<Methods>): TheoremResult => finish(runTheorem(small, { ...library, ...methods }));
const failed = ({ statements }: TheoremResult): string[] => statements.filter(({ holds }) => !holds).map(({ name }) => name);

describe("problems", () => {
  it("powers by square roots are powers", () => {
    expect([fractionalPower(16, 0), fractionalPower(16, 0.25), fractionalPower(16, 0.75), fractionalPower(16, 1)]).toEqual([1, 2, 8, 16]);
    for (const exponent of [1 / 3, 0.1, 0.9]) expect(Math.abs(fractionalPower(1e5, exponent) / 1e5 ** exponent - 1)).toBeLessThan(1e-14);
  });

  it.each([2, 3, 20])("a spectrum of %i eigenvalues has the condition number, and even factors", (n) => {
    const eigenvalues = spectrum(n, 1000);
    expect([eigenvalues[0], eigenvalues[n - 1]]).toEqual([LARGEST, LARGEST / 1000]);
    for (let i = 1; i < n; i++) expect(eigenvalues[i - 1] / eigenvalues[i]).toBeCloseTo(1000 ** (1 / (n - 1)), 9);
  });

  it.each([2, 3, 20])("rotations of %i dimensions are orthonormal, turn the eigenvectors and mix all coordinates", (n) => {
    const u = orthonormal(n, 7);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) expect(inner(u[i], u[j])).toBeCloseTo(i === j ? 1 : 0, 13);
    const eigenvalues = spectrum(n, 100);
    const matrix = rotated(u, eigenvalues);
    for (let i = 0; i < n; i++) {
      expect(
        distance(
          times(matrix, u[i]),
          u[i].map((entry) => entry * eigenvalues[i]),
        ),
      ).toBeLessThan(1e-13);
    }
    expect(Math.min(...u.flatMap((row) => [...row.map(Math.abs)]))).toBeGreaterThan(0);
    expect(orthonormal(n, 8)).not.toEqual(u);
  });

  it("coefficients change at every update and leave CM a momentum that it can have", () => {
    const { momentum, learningRate } = drawCoefficients(1, 400);
    expect([new Set(momentum).size, new Set(learningRate).size]).toEqual([400, 400]);
    for (const mu of momentum) expect(mu >= 0.5 && mu < 1).toBe(true);
    for (const eps of learningRate) expect(eps * LARGEST >= 0.2 && eps * LARGEST <= 0.9).toBe(true);
  });
});

describe("Eq. 6-9, written out", () => {
  it("are followed step by step", () => {
    // f(x) = x^2 / 2 from 1 with the rate 1/2: y_0 = 1, theta_0 = 1/2 = y_1 (a_0 - 1 = 0), theta_1 = 1/4,
    // y_2 = 1/4 + (a_1 - 1) / a_2 (1/4 - 1/2).
    const { theta, rates, a } = asPublished(quadratic({ eigenvalues: [1] }), Float64Array.of(1), 0.5, 4);
    const a1 = (1 + Math.sqrt(5)) / 2;
    const a2 = (1 + Math.sqrt(4 * a1 * a1 + 1)) / 2;
    expect(a.slice(0, 3)).toEqual([1, a1, a2]);
    expect(theta[0][0]).toBe(0.5);
    expect(theta[1][0]).toBe(0.25);
    expect(theta[2][0]).toBeCloseTo((0.25 + ((a1 - 1) / a2) * -0.25) / 2, 15);
    expect(rates).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it("halve a rate that is too large, as often as it takes and never again", () => {
    // For lambda = 1 the test passes if and only if eps <= 1.
    const { rates, theta } = asPublished(quadratic({ eigenvalues: [1] }), Float64Array.of(1), 7, 5);
    expect(rates).toEqual([0.875, 0.875, 0.875, 0.875, 0.875]);
    expect(theta[0][0]).toBe(0.125);
    // A start at the minimum has nowhere to go.
    expect(asPublished(quadratic({ eigenvalues: [1] }), Float64Array.of(0), 7, 2)).toMatchObject({ rates: [7, 7] });
  });
});

describe("the numbers, against small computations of their own", () => {
  it("Theorem 2.1: what CM without the factor is off by, and the momentum of every direction", () => {
    const { withoutFactor, constant } = finish(effectiveMomentum(small, library));
    const { momentum, learningRate } = drawCoefficients(small.seed, small.updates);
    const [b, start] = [normals(4, small.seed, "linear"), normals(4, small.seed, "start")];
    let worst = 0;
    for (const [i, lambda] of spectrum(4, small.conditionNumber).entries()) {
      let [x, v, y, w, apart, scale] = [start[i], 0, start[i], 0, 0, 0];
      for (const [t, mu] of momentum.entries()) {
        v = mu * v - learningRate[t] * (lambda * (x + mu * v) + b[i]);
        x += v;
        w = mu * w - learningRate[t] * (lambda * y + b[i]);
        y += w;
        [apart, scale] = [Math.max(apart, Math.abs(x - y)), Math.max(scale, Math.abs(x))];
      }
      worst = Math.max(worst, apart / scale);
    }
    expect(worst).toBeGreaterThan(0.1);
    expect(withoutFactor.parameters).toBeCloseTo(worst, 9);
    expect(constant.coordinates.map(({ measured }) => measured)).toEqual(
      [...spectrum(4, small.conditionNumber)].map((lambda) => expect.closeTo(0.9 - 0.9 * 0.12 * lambda, 12)),
    );
  });

  it("the bound: the largest ratio over all updates, where it is, and the ratios that are shown", () => {
    const found = finish(bounds(small, library));
    const start = normals(4, small.seed, "start");
    for (const { conditionNumber, largest, largestAt, ratios } of found) {
      const lambda = spectrum(4, conditionNumber);
      const objective = quadratic({ eigenvalues: lambda });
      const { theta } = asPublished(objective, start, automaticRate(objective, start), small.updates);
      const wanted = theta.map((point, t) => {
        const value = point.reduce((sum, x, i) => sum + 0.5 * lambda[i] * x * x, 0);
        return (value * (t + 2) ** 2) / (4 * LARGEST * inner(start, start));
      });
      expect(largest / Math.max(...wanted)).toBeCloseTo(1, 9);
      expect(largestAt).toBe(wanted.indexOf(Math.max(...wanted)));
      expect(ratios[0][0]).toBe(0);
      expect(ratios.at(-1)![0]).toBe(small.updates - 1);
      for (const [t, ratio] of ratios) expect(Math.abs(ratio - wanted[t])).toBeLessThan(1e-9 * largest);
    }
  });

  it("the iterations of every method, by counting", () => {
    const { iterations } = finish(speedUp(small, library));
    for (const [at, r] of small.conditionNumbers.entries()) {
      const lambda = spectrum(4, r);
      const mu = (Math.sqrt(r) - 1) / (Math.sqrt(r) + 1);
      const least = LARGEST / r;
      const count = (rate: number, momentum: number, isNesterov: boolean): number => {
        const x = [1, 1, 1, 1];
        const v = [0, 0, 0, 0];
        for (let t = 1; ; t++) {
          for (const [i, curvature] of lambda.entries()) {
            v[i] = momentum * v[i] - rate * curvature * (x[i] + (isNesterov ? momentum * v[i] : 0));
            x[i] += v[i];
          }
          if (Math.hypot(...x) <= small.reduction * 2) return t;
        }
      };
      expect({ r, ...Object.fromEntries(Object.entries(iterations).map(([name, counts]) => [name, counts[at]])) }).toEqual({
        r,
        descent: count(2 / (LARGEST + least), 0, false),
        polyak: count(4 / (Math.sqrt(LARGEST) + Math.sqrt(least)) ** 2, mu * mu, false),
        classicalMomentum: count(1 / LARGEST, mu, false),
        nesterov: count(1 / LARGEST, mu, true),
      });
    }
  });

  it("a slope on logarithmic axes", () => {
    expect(slope([10, 100, 1000], [2, 20, 200])).toBeCloseTo(1, 14);
    expect(slope([1, 100, 10_000], [3, 30, 300])).toBeCloseTo(0.5, 14);
    expect(slope([10, 100], [5, 5])).toBe(0);
  });

  it("deviations: the largest as a share of the largest, and none that is no number passes", () => {
    const vectors = (...rows: number[][]) => rows.map((row) => Float64Array.from(row));
    expect(largestDifference(vectors([1, -4], [2, 0]), vectors([1, -4], [2, 1]))).toBe(0.25);
    expect(largestDifference(vectors([0, 0]), vectors([0, 0]))).toBe(0);
    expect(largestDifference(vectors([1, NaN], [1, 2]), vectors([1, 2], [1, 2]))).toBeNaN();
    expect(largestDifference(vectors([1]), vectors([1], [1]))).toBe(Infinity);
  });
});

describe("verdicts on right recurrences", () => {
  let result: TheoremResult;
  beforeAll(() => {
    result = judged({});
  });

  it.each([1, 2, 3, 4])("hold, whatever the quadratics, seed %i", (seed) => {
    const spec = { ...theoremSpec({ seed, dimensions: 2 + 5 * seed, updates: 200 }), conditionNumbers: [10, 100, 1000] };
    expect(failed(finish(runTheorem(spec)))).toEqual([]);
  });

  it("come from numbers that are plain data and the same at every run, on every engine", () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(judged({})).toEqual(result);
    const { rotation, bounds: found, equivalence, effectiveMomentum: effective, speedUp: sped } = result;
    expect({
      rotation: rotation.nesterov,
      bound: found.map(({ largest }) => largest),
      a: equivalence.momenta.at(-1),
      measured: effective.constant.coordinates[1].measured,
      iterations: sped.iterations,
      exponent: sped.exponents.nesterov,
    }).toEqual({
      rotation: { parameters: 4.573492273048967e-15, velocities: 7.85908704465202e-15 },
      bound: [0.058395912846556354, 0.07794622258926356, 0.08753763955070108],
      a: { t: 200, a: 102.15314076323212, momentum: 0.9853759394026456 },
      measured: 0.7919999999999998,
      iterations: {
        descent: [45, 444, 4432],
        polyak: [19, 67, 232],
        classicalMomentum: [28, 86, 323],
        nesterov: [29, 104, 342],
      },
      exponent: 0.5358140540785893,
    });
  });

  it("are computed from the numbers: one that is none, or too large, does not hold", () => {
    const { statements: _, ...numbers } = result;
    expect(judge(numbers)).toEqual(result.statements);
    expect(roundingTolerance(small)).toBe(2 ** -52 * 300 * 1000);
    for (const value of [NaN, Infinity, 1e-9]) {
      const wrong = judge({ ...numbers, rotation: { ...numbers.rotation, nesterov: { parameters: value, velocities: 0 } } });
      expect(wrong.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(["rotatedNag"]);
    }
    const exceeded = judge({ ...numbers, bounds: [...numbers.bounds, { ...numbers.bounds[0], largest: 1.001 }] });
    expect(exceeded.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(["bound"]);
  });
});

/** The library with another optimizer in the place of some. */
const replaced = (change: (optimizer: OptimizerDescription) => OptimizerDescription): Partial<Methods> => ({
  minimize: (objective, start, optimizer, options) => minimize(objective, start, change(optimizer), options),
});

describe("wrong recurrences are found out", () => {
  it("NAG that takes its gradient at theta", () => {
    const wrong = replaced((optimizer) => (optimizer.method === "nesterov" ? { ...optimizer, method: "classicalMomentum" } : optimizer));
    // It turns with the axes and is fast, as CM is.
    expect(failed(judged(wrong))).toEqual(["trajectories", "effectiveMomentum", "asNesterov"]);
  });

  it("CM that looks ahead", () => {
    const wrong = replaced((optimizer) => (optimizer.method === "classicalMomentum" ? { ...optimizer, method: "nesterov" } : optimizer));
    // Polyak's rate is beyond what NAG is stable at: that diverges, and counts as never there.
    expect(failed(judged(wrong))).toEqual(["trajectories", "growth.polyak"]);
  });

  it("CM without momentum", () => {
    const wrong = replaced((optimizer) =>
      optimizer.method === "classicalMomentum" ? sgd({ learningRate: optimizer.learningRate }) : optimizer,
    );
    expect(failed(judged(wrong))).toEqual(["trajectories", "growth.polyak", "growth.classicalMomentum"]);
  });

  it("a gradient descent that is faster than it can be", () => {
    const wrong = replaced((optimizer) =>
      optimizer.method === "sgd"
        ? { method: "nesterov", learningRate: 1 / LARGEST, momentum: { schedule: "nesterov1983" }, weightDecay: 0 }
        : optimizer,
    );
    expect(failed(judged(wrong))).toEqual(["growth.descent"]);
  });

  it("a rate of its own in every coordinate", () => {
    const wrong: Partial<Methods> = {
      minimize: (objective, start, optimizer, options) =>
        minimize(
          {
            size: objective.size,
            gradient(theta, out) {
              const value = objective.gradient(theta, out);
              if (objective.size > 1) for (let i = 0; i < out.length; i++) out[i] *= 1 - 0.01 * i;
              return value;
            },
          },
          start,
          optimizer,
          options,
        ),
    };
    const names = failed(judged(wrong));
    expect(names).toEqual(expect.arrayContaining(["trajectories", "rotatedCm", "rotatedNag", "asNesterov", "asNesterov1983"]));
    expect(names).not.toContain("bound");
  });

  it("a method of 1983 that crawls", () => {
    const wrong = replaced((optimizer) => (optimizer.method === "nesterov1983" ? sgd({ learningRate: 0.001 / LARGEST }) : optimizer));
    expect(failed(judged(wrong))).toEqual(["asNesterov1983", "momentum1983", "bound"]);
  });

  it("momentum that is made of a_t in another way", () => {
    const published1983: Methods["published1983"] = (objective, start, firstRate, updates) => {
      const right = asPublished(objective, start, firstRate, updates);
      return { ...right, a: right.a.map((a, t) => (t === 0 ? a : a + 0.5)) };
    };
    expect(failed(judged({ published1983 }))).toEqual(["asNesterov"]);
  });

  it("the positive i that the paper prints, which halves the rate at every update", () => {
    const published1983: Methods["published1983"] = (objective, start, firstRate, updates) => {
      const n = start.length;
      const found = { theta: [] as Float64Array[], rates: [] as number[], a: [] as number[] };
      let [previous, y, a, rate] = [start, start, 1, firstRate];
      for (let t = 0; t < updates; t++) {
        const gradient = new Float64Array(n);
        objective.gradient(y, gradient);
        rate /= 2;
        const theta = y.map((entry, i) => entry - rate * gradient[i]);
        const next = (1 + Math.sqrt(4 * a * a + 1)) / 2;
        y = theta.map((entry, i) => entry + ((a - 1) / next) * (entry - previous[i]));
        found.theta.push(theta);
        found.rates.push(rate);
        found.a.push(a);
        [previous, a] = [theta, next];
      }
      return found;
    };
    // With the same rates Eq. 3-4 go the same way; a search of its own does not.
    expect(failed(judged({ published1983 }))).toEqual(["asNesterov1983"]);
  });
});

describe("the study", () => {
  it("needs no runtime, and never falls back on its way", async () => {
    const shares: number[] = [];
    const { result, holds } = await runStudy("theorem", { dimensions: 2, updates: 200 }, { onProgress: ({ share }) => shares.push(share) });
    expect(holds).toBe(true);
    expect(result.spec).toEqual(theorem.check({ dimensions: 2, updates: 200 }));
    expect(shares.length).toBeGreaterThan(20);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0] > 0 && shares.at(-1)! <= 1).toBe(true);
  });

  it("says what was found, and every number of it in files", () => {
    const result = judged({});
    const { page, files, summary } = theorem.render(result, { facts: [["Engine", "none"]], footer: "footer" });
    expect(page.title).toBe(theorem.title);
    expect(theorem.holds(result)).toBe(true);
    expect(page.lead).toContain("All 13 statements hold.");
    expect(summary.join("\n")).toContain("All 13 statements hold.");
    const rows = (name: string) =>
      files[name]
        .trim()
        .split("\n")
        .map((line) => line.split(","));
    expect(
      rows("statements.csv")
        .slice(1)
        .map((row) => row.slice(0, 4)),
    ).toEqual(result.statements.map(({ name, value, limit, holds }) => [name, String(value), String(limit), String(holds)]));
    expect(
      rows("speed-up.csv")
        .slice(1)
        .map((row) => row.map(Number)),
    ).toEqual(small.conditionNumbers.map((r, at) => [r, ...Object.values(result.speedUp.iterations).map((counts) => counts[at])]));
    expect(rows("bound.csv")).toHaveLength(1 + result.bounds.reduce((sum, { ratios }) => sum + ratios.length, 0));
    expect(rows("effective-momentum.csv")).toHaveLength(5);
    expect(rows("momentum-1983.csv").at(-1)![0]).toBe("200");
    for (const name of ["effective-momentum.svg", "bound.svg", "speed-up.svg"]) expect(files[name]).toMatch(/^<svg .*<\/svg>\n$/s);
    for (const content of [...Object.values(files), htmlPage(page)]) expect(content).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("says what does not hold, on the page as on the terminal", () => {
    const result = judged(replaced((one) => (one.method === "nesterov" ? { ...one, method: "classicalMomentum" } : one)));
    expect(theorem.holds(result)).toBe(false);
    const { page, summary } = theorem.render(result, { facts: [], footer: "" });
    expect(page.lead).toContain("3 of 13 statements do not hold: Theorem 2.1, trajectories;");
    for (const text of [htmlPage(page), summary.join("\n")]) expect(text.match(/DOES NOT HOLD/g)).toHaveLength(3);
  });

  it.each<[string, object]>([
    ["seed", { seed: -1 }],
    ["dimensions", { dimensions: 1 }],
    ["dimensions", { dimensions: 51 }],
    ["updates", { updates: 199 }],
    ["updates", { updates: 5001 }],
  ])("refuses options by name: %s", (option, options) => {
    expect(() => theoremSpec(options)).toThrow(option);
  });
});
