import { classicalMomentum, DivergedError, minimize, quadratic, runStudy, sgd } from "heavyball";
import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import {
  contestantNames,
  contestants,
  type Figure2Contestant,
  type Figure2Result,
  judge,
  runFigure2,
} from "#internal/studies/figure2/figure2";
import { figure2Csv, figure2Plot } from "#internal/studies/figure2/figure2Page";
import { figure2Spec } from "#internal/studies/figure2/spec";
import { figure2 } from "#internal/studies/figure2/study";
import { rateLimits } from "#internal/studies/planeQuadratic";

type Minimize = typeof minimize;

function run(options: object = {}, library: Minimize = minimize): Figure2Result {
  const work = runFigure2(figure2Spec(options), library);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

const failed = ({ statements }: Figure2Result): string[] => statements.filter(({ holds }) => !holds).map(({ name }) => name);

/** Eq. 1-4 in one coordinate, written out again. */
function coordinate(lambda: number, start: number, eps: number, mu: number, lookAhead: boolean, updates: number): number[] {
  const met = [start];
  let [x, v] = [start, 0];
  for (let t = 0; t < updates; t++) {
    v = mu * v - eps * lambda * (x + (lookAhead ? mu * v : 0));
    x += v;
    met.push(x);
  }
  return met;
}

describe("three ways over an oblong quadratic", () => {
  it.each([0.015, 0.02])("are those of the recurrences, at a rate of %d", (learningRate) => {
    const { ways } = run({ learningRate });
    for (const [name, mu, lookAhead] of [
      ["descent", 0, false],
      ["classicalMomentum", 0.95, false],
      ["nesterov", 0.95, true],
    ] as const) {
      const x = coordinate(1, -4, learningRate, mu, lookAhead, 60);
      const y = coordinate(50, 1, learningRate, mu, lookAhead, 60);
      expect(ways[name].points).toHaveLength(61);
      ways[name].points.forEach((point, t) => {
        expect(Math.abs(point[0] - x[t])).toBeLessThan(1e-13);
        expect(Math.abs(point[1] - y[t])).toBeLessThan(1e-13);
      });
      expect(ways[name].swing).toBeCloseTo(Math.max(...y.slice(6).map(Math.abs)), 13);
      expect(ways[name].last.value).toBeCloseTo((x[60] ** 2 + 50 * y[60] ** 2) / 2, 12);
    }
  });

  it.each([0.015, 0.0175, 0.02])("are as in the paper's figure, at a rate of %d", (learningRate) => {
    const result = run({ learningRate });
    expect(failed(result)).toEqual([]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it("have the numbers that follow from these constants", () => {
    const { classicalMomentum: cm, nesterov: nag, descent } = run().ways;
    const rounded = (value: number) => Number(value.toPrecision(4));
    expect([cm, nag].map(({ swing }) => rounded(swing))).toEqual([0.8642, 0.0134]);
    expect([cm, nag, descent].map(({ last }) => rounded(last.x))).toEqual([-0.5685, -0.422, -1.615]);
  });
});

describe("verdicts", () => {
  const replaced =
    (change: (method: Parameters<Minimize>[2]) => Parameters<Minimize>[2]): Minimize =>
    (objective, start, method, options) =>
      minimize(objective, start, change(method), options);

  it("fail where NAG is CM", () => {
    const wrong = replaced((method) =>
      method.method === "nesterov" ? classicalMomentum({ learningRate: method.learningRate, momentum: method.momentum }) : method,
    );
    expect(failed(run({}, wrong))).toEqual(["nesterov.steady"]);
  });

  it("fail where there is no momentum", () => {
    expect(failed(run({ momentum: 0 }))).toEqual(["classicalMomentum.swings", "nesterov.steady"]);
    const slower = replaced((method) => (method.method === "sgd" ? method : sgd({ learningRate: 0.001 })));
    expect(failed(run({}, slower))).toContain("nesterov.ahead");
  });

  it("come from the ways alone, and a number that is none does not hold", () => {
    const { spec, ways, statements } = run();
    expect(judge(spec, ways)).toEqual(statements);
    const broken = judge(spec, { ...ways, nesterov: { ...ways.nesterov, swing: NaN } });
    expect(broken.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(["nesterov.steady"]);
  });
});

describe("the rates from which on a method diverges", () => {
  /** Largest distance from the minimum in the last of many updates; infinite where it is no number any more. */
  const distance = (name: Figure2Contestant, momentum: number, share: number): number => {
    const largest = 7;
    const learningRate = share * rateLimits[name](momentum, largest);
    const met: number[] = [];
    try {
      minimize(quadratic({ eigenvalues: [largest] }), [1], contestants[name].optimizer({ ...figure2Spec(), momentum, learningRate }), {
        updates: 4000,
        onUpdate: ({ theta }) => met.push(Math.abs(theta[0])),
      });
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      return Infinity;
    }
    return Math.max(...met.slice(-50));
  };

  it.each(contestantNames.flatMap((name) => [0, 0.5, 0.95].map((momentum) => [name, momentum] as const)))(
    "are those of the page: %s, momentum %d",
    (name, momentum) => {
      expect(distance(name, momentum, 0.99)).toBeLessThan(1e-6);
      expect(distance(name, momentum, 1.01)).toBeGreaterThan(1e6);
    },
  );

  it("are lower for NAG than for CM", () => {
    for (const momentum of [0.1, 0.5, 0.99])
      expect(rateLimits.nesterov(momentum, 1)).toBeLessThan(rateLimits.classicalMomentum(momentum, 1));
  });
});

describe("the study figure2", () => {
  it("draws all three ways from one start, with level sets of the quadratic", () => {
    const { paths = [], points, ellipses = [], x, y } = figure2Plot(run());
    expect(paths.map(({ name, points: [start] }) => [name, start])).toEqual(["GD", "CM", "NAG"].map((name) => [name, [-4, 1]]));
    expect(points).toEqual([{ at: [-4, 1], name: "start" }]);
    for (const { semiAxes } of ellipses) expect(semiAxes[0] / semiAxes[1]).toBeCloseTo(Math.sqrt(50), 12);
    // They fill the picture: the outermost reaches its corners.
    const [a, b] = ellipses.at(-1)!.semiAxes;
    expect((x[1] / a) ** 2 + (y[1] / b) ** 2).toBeCloseTo(1, 12);
  });

  it("stays plain and legible where a method diverges, at the largest numbers that there can be", () => {
    const result = run({ momentum: 1, learningRate: 0.000399, conditionNumber: 10_000, updates: 150 });
    expect(result.ways.nesterov.swing).toBeGreaterThan(1e50);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(htmlPage(figure2.render(result, { facts: [], footer: "F" }).page)).not.toMatch(/NaN|undefined|Infinity|not finite/);
  });

  it("leaves a picture, every point and a page", async () => {
    const { result, holds } = await runStudy("figure2", { updates: 30 });
    expect(holds).toBe(true);
    const { page, files, summary } = figure2.render(result, { facts: [], footer: "F" });
    expect(Object.keys(files)).toEqual(["figure2.csv", "statements.csv", "figure2.svg"]);
    const rows = figure2Csv(result).trim().split("\n");
    expect([rows.length, rows[0], rows[1]]).toEqual([
      32,
      "update,descent.x,descent.y,classicalMomentum.x,classicalMomentum.y,nesterov.x,nesterov.y",
      "0,-4,1,-4,1,-4,1",
    ]);
    expect(rows.at(-1)).toBe(`30,${contestantNames.flatMap((name) => result.ways[name].points[30]).join(",")}`);
    expect(htmlPage(page)).not.toMatch(/NaN|undefined|Infinity/);
    expect(summary.join("\n")).toContain("All 4 statements hold.");
  });
});
