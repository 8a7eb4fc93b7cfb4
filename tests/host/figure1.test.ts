import { InvalidOptionError, runStudy } from "heavyball";
import { describe, expect, it } from "vitest";
import { momentumGradient, momentumUpdate } from "#internal/optimizers/momentum/recurrence";
import { htmlPage } from "#internal/report/page/page";
import { type Figure1Result, type Halves, judge, runFigure1 } from "#internal/studies/figure1/figure1";
import { classicalMomentumPlot, figure1Csv, nesterovPlot } from "#internal/studies/figure1/figure1Page";
import { figure1Spec } from "#internal/studies/figure1/spec";
import { figure1 } from "#internal/studies/figure1/study";
import { refusal } from "../support/failures.js";

function run(options: object = {}, halves?: Partial<Halves>): Figure1Result {
  const work = runFigure1(figure1Spec(options), { gradient: momentumGradient, update: momentumUpdate, ...halves });
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

const failed = ({ statements }: Figure1Result): string[] => statements.filter(({ holds }) => !holds).map(({ name }) => name);

describe("one update of CM and of NAG", () => {
  it("are those of Eq. 1-4, from the state that two updates of CM leave, worked out by hand", () => {
    // x: -4, then v = 1/8 * 4 = 1/2, then v = 0.9 / 2 + 1/8 * 3.5; y: 2, then v = -1/8 * 4 * 2 = -1, then v = -0.9 - 1/8 * 4 * 1.
    const [vx, vy] = [0.45 + 3.5 / 8, -0.9 - 0.5];
    const [x, y] = [-3.5 + vx, 1 + vy];
    const { theta, carried, classicalMomentum: cm, nesterov: nag, value, valueAhead } = run();
    const close = (found: readonly number[], right: readonly number[]) =>
      found.forEach((entry, i) => {
        expect(Math.abs(entry - right[i])).toBeLessThan(1e-14);
      });
    const f = (u: number, v: number) => (u * u + 4 * v * v) / 2;
    close(theta, [x, y]);
    close(carried, [0.9 * vx, 0.9 * vy]);
    const ahead = [x + 0.9 * vx, y + 0.9 * vy];
    close([value, valueAhead], [f(x, y), f(ahead[0], ahead[1])]);
    close(cm.point, theta);
    close(cm.correction, [-x / 8, -y / 2]);
    close(nag.point, ahead);
    close(nag.correction, [-ahead[0] / 8, -ahead[1] / 2]);
    for (const step of [cm, nag]) {
      close(step.velocity, [0.9 * vx + step.correction[0], 0.9 * vy + step.correction[1]]);
      close(step.theta, [x + step.velocity[0], y + step.velocity[1]]);
      close([step.value], [f(step.theta[0], step.theta[1])]);
    }
  });

  it.each([{}, { momentum: 0 }, { conditionNumber: 1, learningRate: 1, momentum: 0 }, { updates: 100 }, { momentum: 1, updates: 40 }])(
    "hold what the figure says with %j",
    (options) => {
      const result = run(options);
      expect(failed(result)).toEqual([]);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    },
  );

  it("are found out where the gradient is taken elsewhere", () => {
    const never = run({}, { gradient: (objective, state, step) => momentumGradient(objective, state, { ...step, lookAhead: false }) });
    expect(failed(never)).toEqual(["nesterov"]);
    const always = run({}, { gradient: (objective, state, step) => momentumGradient(objective, state, { ...step, lookAhead: true }) });
    expect(failed(always)).toEqual(["classicalMomentum"]);
  });

  it("are found out where the velocity is another, and where NAG would push on", () => {
    const update: Halves["update"] = (state, step) => momentumUpdate(state, { ...step, momentum: step.momentum * 0.999 });
    expect(failed(run({}, { update }))).toEqual(["classicalMomentum", "nesterov"]);
    const { statements: _, ...numbers } = run();
    const pushing = { ...numbers, nesterov: { ...numbers.nesterov, correction: numbers.carried } };
    expect(
      judge(pushing)
        .filter(({ holds }) => !holds)
        .map(({ name }) => name),
    ).toEqual(["responsive"]);
  });
});

describe("the study figure1", () => {
  it("refuses rates from which on CM diverges, and says which they are", () => {
    const error = refusal(() => figure1.check({ learningRate: 0.95, momentum: 0.9, conditionNumber: 4 }));
    expect([error.option, error.message.includes("0.95")]).toEqual(["learningRate", true]);
    expect(() => figure1.check({ learningRate: 0.949, momentum: 0.9, conditionNumber: 4 })).not.toThrow();
    for (const options of [{ momentum: 1.1 }, { conditionNumber: 0.5 }, { updates: 0 }, { updates: 101 }])
      expect(() => figure1.check(options)).toThrow(InvalidOptionError);
  });

  it("draws both updates in the same part of the plane, every arrow where its vector is", () => {
    const result = run();
    const [cm, nag] = [classicalMomentumPlot(result), nesterovPlot(result)];
    expect([nag.x, nag.y]).toEqual([cm.x, cm.y]);
    for (const { x, y, arrows = [] } of [cm, nag])
      for (const { from, to } of arrows)
        for (const [u, v] of [from, to]) expect([u > x[0] && u < x[1], v > y[0] && v < y[1]]).toEqual([true, true]);
    // What CM adds begins at theta_t, what NAG adds at the tip of mu v_t.
    const named = (plot: typeof cm, name: string) => plot.arrows!.find((arrow) => arrow.name?.startsWith(name))!;
    expect(named(cm, "−ε").from).toEqual(result.theta);
    expect(named(nag, "−ε").from).toEqual(named(nag, "μ").to);
    for (const plot of [cm, nag]) expect(named(plot, "v").from).toEqual(result.theta);
  });

  it("leaves pictures, all digits of the vectors and a page", async () => {
    const { result, holds } = await runStudy("figure1");
    expect(holds).toBe(true);
    const { page, files, summary } = figure1.render(result, { facts: [], footer: "F" });
    expect(Object.keys(files)).toEqual(["figure1.csv", "statements.csv", "figure1-cm.svg", "figure1-nag.svg"]);
    for (const name of ["figure1-cm.svg", "figure1-nag.svg"] as const) expect(files[name]).toMatch(/^<svg xmlns=/);
    const rows = figure1Csv(result).trim().split("\n");
    expect(rows).toHaveLength(10);
    expect(rows[1]).toBe(`theta_t,${result.theta.join(",")}`);
    expect(htmlPage(page)).not.toMatch(/NaN|undefined|Infinity/);
    expect(summary.join("\n")).toContain("All 3 statements hold.");
  });
});
